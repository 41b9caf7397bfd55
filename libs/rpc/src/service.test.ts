import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { descriptorSet, sampler, surrogate } from "@superbatch/contracts";
import { HealthDefinition } from "nice-grpc-server-health";
import { ServerReflectionService } from "nice-grpc-server-reflection";
import { afterEach, describe, expect, it } from "vitest";
import { createClient } from "./client.ts";
import { ConfigError } from "./config-error.ts";
import { fieldViolations, reasonOf, retryAfterSeconds, statusOf } from "./error-details.ts";
import { invalidArgument, rpcError } from "./errors.ts";
import { Status } from "./index.ts";
import { implement, type ServiceEntry } from "./service.ts";
import { startTestService, type TestService, type TestServiceOptions } from "./testing/index.ts";

const { SurrogateServiceDefinition } = surrogate;
const { SamplerServiceDefinition } = sampler;

let running: TestService[] = [];
afterEach(async () => {
  await Promise.all(running.map((service) => service.stop()));
  running = [];
});

type Handlers = Parameters<typeof implement<typeof SurrogateServiceDefinition>>[1];

async function serve(handlers: Partial<Handlers>, options: TestServiceOptions = {}): Promise<TestService> {
  const unused = async () => ({});
  const all = { describe: unused, fit: unused, posterior: unused, release: unused, ...handlers };
  const entries: ServiceEntry[] = [implement(SurrogateServiceDefinition, all)];
  const service = await startTestService(entries, options);
  running.push(service);
  return service;
}

function jwksFile(): string {
  const file = join(mkdtempSync(join(tmpdir(), "superbatch-jwks-")), "jwks.json");
  writeFileSync(file, '{"keys":[]}');
  return file;
}

const caught = (promise: Promise<unknown>) => promise.then(() => undefined).catch((error: unknown) => error);

describe("an address for probes", () => {
  it("serves health alone, to everybody", async () => {
    const oidc = { oidcIssuer: "https://id.example", oidcAudience: "superbatch", oidcJwks: jwksFile() };
    const service = await serve({}, { config: { healthListen: "127.0.0.1:0", ...oidc } });
    const probe = createClient(HealthDefinition, service.service.healthAddress!);
    const wrong = createClient(SurrogateServiceDefinition, service.service.healthAddress!);
    try {
      expect(await probe.client.check({ service: "readiness" })).toEqual({ status: 1 });
      expect(statusOf(await caught(wrong.client.describe({})))).toBe(Status.UNIMPLEMENTED);
      expect(statusOf(await caught(service.client(SurrogateServiceDefinition).describe({})))).toBe(
        Status.UNAUTHENTICATED,
      );
    } finally {
      probe.close();
      wrong.close();
    }
  });
});

describe("errors over the wire", () => {
  it("carry reason, fields and delay", async () => {
    const service = await serve({
      async fit() {
        throw invalidArgument([
          { path: "x", message: "must have 2 columns" },
          { path: "cost.data", message: "must be above 0" },
        ]);
      },
      async posterior() {
        throw rpcError("MODEL_NOT_FOUND", { handle: "abc" }, { retryAfterSeconds: 1.25 });
      },
    });
    const client = service.client(SurrogateServiceDefinition);
    const invalid = await caught(client.fit({}));
    expect(statusOf(invalid)).toBe(Status.INVALID_ARGUMENT);
    expect(fieldViolations(invalid)).toEqual([
      { path: "x", message: "must have 2 columns" },
      { path: "cost.data", message: "must be above 0" },
    ]);
    const missing = await caught(client.posterior({}));
    expect(reasonOf(missing)).toBe("MODEL_NOT_FOUND");
    expect(retryAfterSeconds(missing)).toBe(1.25);
  });

  it("tell nothing of a defect", async () => {
    const service = await serve({
      async fit() {
        throw new TypeError("secret of the implementation");
      },
    });
    const error = await caught(service.client(SurrogateServiceDefinition).fit({}));
    expect(reasonOf(error)).toBe("INTERNAL_ERROR");
    expect(JSON.stringify(error)).not.toContain("secret");
    expect(String(error)).not.toContain("secret");
  });

  it("is CANCELLED in the handler when the caller leaves", async () => {
    const seen = Promise.withResolvers<unknown>();
    const entered = Promise.withResolvers<void>();
    const service = await serve({
      async fit(_, { signal }) {
        entered.resolve();
        await sleep(60_000, undefined, { signal }).catch(seen.resolve);
        throw new Error("unwinding");
      },
    });
    const controller = new AbortController();
    const call = caught(service.client(SurrogateServiceDefinition).fit({}, { signal: controller.signal }));
    await entered.promise;
    controller.abort();
    expect(statusOf(await call)).toBe(Status.CANCELLED);
    expect(await seen.promise).toMatchObject({ name: "AbortError" });
  });
});

describe("stopping", () => {
  it("lets calls in flight finish, says NOT_SERVING first, and happens once", async () => {
    const entered = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const order: string[] = [];
    const service = await serve(
      {
        async fit() {
          entered.resolve();
          await release.promise;
          order.push("answered");
          return { model: "m" };
        },
      },
      { onDrain: () => void order.push("drain"), onStop: () => void order.push("stop") },
    );
    const client = service.client(SurrogateServiceDefinition);
    const health = service.client(HealthDefinition);
    expect(await health.check({ service: "superbatch.surrogate.v1.SurrogateService" })).toEqual({ status: 1 });
    const watched: number[] = [];
    const watchingStarted = Promise.withResolvers<void>();
    const watching = caught(
      (async () => {
        for await (const { status } of health.watch({ service: "" })) {
          watched.push(status);
          if (watched.length === 1) watchingStarted.resolve();
        }
      })(),
    );
    const call = client.fit({});
    await Promise.all([entered.promise, watchingStarted.promise]);

    const stops = [service.service.stop(), service.service.stop()];
    expect(statusOf(await watching)).toBe(Status.UNAVAILABLE);
    expect(watched).toEqual([1, 2]);
    expect(service.service.state).toBe("draining");
    release.resolve();
    expect((await call).model).toBe("m");
    await Promise.all(stops);
    expect(service.service.state).toBe("stopped");
    expect(order).toEqual(["drain", "answered", "stop"]);
    await expect(service.service.start()).resolves.toBeUndefined();
    expect(service.service.state).toBe("stopped");
  });

  it("cancels what outlives the grace period", async () => {
    const entered = Promise.withResolvers<void>();
    const service = await serve(
      {
        async fit(_, { signal }) {
          entered.resolve();
          await sleep(60_000, undefined, { signal });
          return {};
        },
      },
      { config: { graceSeconds: 0.05 } },
    );
    const call = caught(service.client(SurrogateServiceDefinition, { retry: { calls: "none" } }).fit({}));
    await entered.promise;
    await service.service.stop();
    expect([Status.CANCELLED, Status.UNAVAILABLE]).toContain(statusOf(await call));
  });

  it("tells handlers that wait long", async () => {
    const entered = Promise.withResolvers<void>();
    const service = await serve({
      async fit(_, { draining }) {
        entered.resolve();
        await sleep(60_000, undefined, { signal: draining }).catch(() => {});
        throw rpcError("SERVICE_STOPPING", { service: "test" }, { retryAfterSeconds: 1 });
      },
    });
    const call = caught(service.client(SurrogateServiceDefinition, { retry: { calls: "none" } }).fit({}));
    await entered.promise;
    await service.service.stop();
    expect(reasonOf(await call)).toBe("SERVICE_STOPPING");
  });

  it("undoes a start that fails", async () => {
    const order: string[] = [];
    const failing = startTestService([], {
      onStart: () => {
        throw new Error("no disk");
      },
      onStop: () => void order.push("stop"),
    });
    await expect(failing).rejects.toThrow("no disk");
    expect(order).toEqual(["stop"]);
  });
});

describe("security", () => {
  it("refuses to listen beyond loopback in the clear", async () => {
    await expect(startTestService([], { config: { listen: "0.0.0.0:0" } })).rejects.toThrow(ConfigError);
    const allowed = await startTestService([], { config: { listen: "0.0.0.0:0", insecure: true } });
    await allowed.stop();
  });

  it("refuses messages beyond the limit", async () => {
    const service = await serve({}, { config: { maxMessageMebibytes: 1 } });
    const x = { rows: 1, columns: 1, data: Buffer.alloc(2 ** 21) };
    const error = await caught(service.client(SurrogateServiceDefinition).fit({ x }));
    expect(statusOf(error)).toBe(Status.RESOURCE_EXHAUSTED);
  });
});

describe("reflection", () => {
  it("lists the services in both versions", async () => {
    const service = await serve({}, { descriptorSet: descriptorSet() });
    const { serverReflectionInfo } = ServerReflectionService;
    for (const version of ["v1", "v1alpha"]) {
      const path = serverReflectionInfo.path.replace("v1", version) as typeof serverReflectionInfo.path;
      const client = service.client({ info: { ...serverReflectionInfo, path } } as never) as never as {
        info(requests: AsyncIterable<unknown>): AsyncIterable<{ toObject(): unknown }>;
      };
      const { ServerReflectionRequest } = await import(
        "nice-grpc-server-reflection/lib/proto/grpc/reflection/v1/reflection_pb.js"
      );
      const answers: unknown[] = [];
      const requests = (async function* () {
        yield new ServerReflectionRequest().setListServices("");
        yield new ServerReflectionRequest().setFileContainingSymbol("superbatch.surrogate.v1.SurrogateService");
      })();
      for await (const answer of client.info(requests)) answers.push(answer.toObject());
      expect(answers[0]).toMatchObject({
        listServicesResponse: {
          serviceList: [{ name: "superbatch.surrogate.v1.SurrogateService" }, { name: "grpc.health.v1.Health" }],
        },
      });
      expect(answers[1]).toHaveProperty("fileDescriptorResponse.fileDescriptorProtoList");
    }
  });
});

describe("streams", () => {
  it("carry errors with details in the middle", async () => {
    const service = await startTestService([
      implement(SamplerServiceDefinition, {
        openSession: async () => ({}),
        getSession: async () => ({}),
        closeSession: async () => ({}),
        async *sample(requests) {
          let count = 0;
          for await (const _ of requests) {
            yield {};
            if (++count === 2) throw rpcError("SESSION_NOT_FOUND", { name: "s" });
          }
        },
      }),
    ]);
    running.push(service);
    let received = 0;
    const requests = (async function* () {
      for (;;) {
        yield {};
        await sleep(1);
      }
    })();
    const reading = (async () => {
      for await (const _ of service.client(SamplerServiceDefinition).sample(requests)) received++;
    })();
    expect(reasonOf(await caught(reading))).toBe("SESSION_NOT_FOUND");
    expect(received).toBe(2);
  });
});
