import { surrogate } from "@superbatch/contracts";
import { type ClientHandle, createClient, implement, rpcError } from "@superbatch/rpc";
import { type SpawnedService, spawnService, startTestService } from "@superbatch/rpc/testing";
import { RichClientError, RichServerError } from "nice-grpc-error-details";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../program.ts";

type Client = ClientHandle<typeof surrogate.SurrogateServiceDefinition>["client"];
type Handlers = Parameters<typeof implement<typeof surrogate.SurrogateServiceDefinition>>[1];

let real: SpawnedService;
let handle: ClientHandle<typeof surrogate.SurrogateServiceDefinition>;
beforeAll(async () => {
  real = await spawnService(new URL("../../../../services/surrogate-model/src/main.ts", import.meta.url), {
    flags: ["--threads", "2"],
  });
  handle = createClient(surrogate.SurrogateServiceDefinition, real.address, { retry: { calls: "none" } });
});
afterAll(async () => {
  handle.close();
  await real.end("SIGKILL");
});

/** A refusal is handed on as it came. */
function handOn<Answer>(call: Promise<Answer>): Promise<Answer> {
  return call.catch((error: unknown) => {
    throw error instanceof RichClientError ? new RichServerError(error.code, error.details, error.extra) : error;
  });
}

/** A server that hands all calls on to a real one, but for what `broken` does itself. */
function proxy(broken: (client: Client) => Partial<Handlers>) {
  const { client } = handle;
  const handlers = {
    describe: (request) => client.describe(request),
    fit: (request, { signal }) => client.fit(request, { signal }),
    posterior: (request, { signal }) => client.posterior(request, { signal }),
    release: (request) => client.release(request),
    ...broken(client),
  } as Handlers;
  return startTestService([
    implement(surrogate.SurrogateServiceDefinition, {
      describe: (request, context) => handOn(Promise.resolve(handlers.describe(request, context))),
      fit: async (request, context) => handOn(Promise.resolve(handlers.fit(request, context))),
      posterior: async (request, context) => handOn(Promise.resolve(handlers.posterior(request, context))),
      release: (request, context) => handOn(Promise.resolve(handlers.release(request, context))),
    }),
  ]);
}

/** Changes each sample of each answer. */
function tampered(change: (sample: surrogate.PosteriorSample) => surrogate.PosteriorSample) {
  return (client: Client): Partial<Handlers> => ({
    async posterior(request, { signal }) {
      const { samples } = await client.posterior(request, { signal });
      return { samples: samples.map(change) };
    },
  });
}

function floats(matrix: surrogate.PosteriorSample["mean"]): Float64Array {
  return new Float64Array(new Uint8Array(matrix!.data).buffer);
}

function withData(matrix: surrogate.PosteriorSample["mean"], values: Float64Array) {
  return { ...matrix!, data: Buffer.from(values.buffer) };
}

async function check(
  address: string,
  flags = ["surrogate", "check"],
): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const stream = (add: (text: string) => void) => ({ write: add }) as never;
  const io = {
    stdout: stream((text) => {
      out += text;
    }),
    stderr: stream((text) => {
      err += text;
    }),
    env: {},
    signal: new AbortController().signal,
  };
  return { code: await run([...flags, address], io), out, err };
}

let calls = 0;

/** Servers that do one thing wrong, and what they must be told. */
const broken: [name: string, group: string, broken: (client: Client) => Partial<Handlers>, breach: RegExp][] = [
  [
    "covariances are not positive semidefinite",
    "posterior",
    tampered((sample) => {
      const r = sample.anchorCovariance!.rows;
      const flipped = floats(sample.anchorCovariance).map((value, i) =>
        i % (r + 1) === 0 ? value : -2 * Math.abs(value) - 1,
      );
      return { ...sample, anchorCovariance: withData(sample.anchorCovariance, flipped) };
    }),
    /anchor_covariance .* must be positive semidefinite/,
  ],
  [
    "shapes are transposed",
    "posterior",
    tampered((sample) => ({ ...sample, cross: { ...sample.cross!, rows: sample.cross!.columns + 1 } })),
    /cross .* must be \d+ × \d+ for \d+ anchors and \d+ points, not/,
  ],
  [
    "marginal variances include the noise, joint ones do not",
    "posterior",
    tampered((sample) => {
      const noise = floats(sample.noise);
      const variance = floats(sample.variance).map((value, i) => value * 1.01 + noise[i]!);
      return { ...sample, variance: withData(sample.variance, variance) };
    }),
    /joint and marginal disagree at the same place .*: the variance of anchor/,
  ],
  [
    "the seed is ignored",
    "posterior",
    (client) => ({
      fit: (request, { signal }) => client.fit({ ...request, seed: request.seed + calls++ }, { signal }),
    }),
    /the same request with the same seed must give an equivalent model/,
  ],
  [
    "duplicates are a singular matrix",
    "data",
    (client) => ({
      fit(request, { signal }) {
        const x = request.x && floats(request.x);
        if (x && x.length > 2 && x.every((value) => value === x[0])) throw new Error("matrix is singular");
        return client.fit(request, { signal });
      },
    }),
    /bears duplicated observations\n +Fit must succeed here, but failed with INTERNAL/,
  ],
  [
    "a fit goes on after it was cancelled, and others wait",
    "cancellation",
    (client) => {
      let queue: Promise<unknown> = Promise.resolve();
      return {
        fit(request, { signal }) {
          const wait = request.samples === 100 ? 3000 : 0;
          const turn = queue.then(() => new Promise((resolve) => setTimeout(resolve, wait)));
          queue = turn;
          return turn.then(() => client.fit({ ...request, samples: Math.min(request.samples, 3) }, { signal }));
        },
      };
    },
    /cancelling a fit must stop its work: .* not answered within 5 s/,
  ],
  [
    "an unknown model is an internal error",
    "errors",
    () => ({
      async posterior() {
        throw rpcError("INTERNAL_ERROR", { incident: "none" });
      },
    }),
    /Posterior of .* must be refused with NOT_FOUND/,
  ],
  [
    "costs are not logarithms",
    "posterior",
    (client) => ({
      fit(request, { signal }) {
        const cost = request.cost && withData(request.cost, floats(request.cost).map(Math.exp));
        return client.fit({ ...request, ...(cost && { cost }) }, { signal });
      },
    }),
    /log-cost output must predict the natural logarithm of cost/,
  ],
];

describe("superbatch surrogate check", () => {
  it("finds nothing wrong with the exact Gaussian process, here behind a proxy", async () => {
    await using service = await proxy(() => ({}));
    const { code, out } = await check(service.address);
    expect(out).toMatch(/ok {6}posterior: gives valid Gaussians/);
    expect(out).toMatch(/keeps the contract of a surrogate: 19 checks/);
    expect(code).toBe(0);
  });

  it.each(broken)("names the breach where %s", async (_, group, change, breach) => {
    await using service = await proxy(change);
    const { code, out } = await check(service.address, ["surrogate", "check", "--group", group, "--patience", "5"]);
    expect(out).toMatch(breach);
    expect(out).toMatch(/breaches the contract in \d+ of \d+ checks/);
    expect(code).toBe(1);
  });

  it("prints JSON, and says which address does not answer", async () => {
    const nobody = await check("127.0.0.1:1");
    expect([nobody.code, nobody.err]).toEqual([4, expect.stringContaining("Nothing answers at 127.0.0.1:1")]);
    const { code, out } = await check(real.address, ["--json", "surrogate", "check", "--group", "data"]);
    expect(JSON.parse(out)).toMatchObject({
      passed: true,
      checks: expect.arrayContaining([{ group: "data", name: "describes itself" }]),
    });
    expect(code).toBe(0);
  });
});
