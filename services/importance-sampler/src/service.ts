import { type Attributes, trace } from "@opentelemetry/api";
import type { Answer } from "@superbatch/is-sgd";
import {
  type HandlerContext,
  implement,
  invalidArgument,
  notFound,
  rpcError,
  type ServiceEntry,
} from "@superbatch/rpc";
import {
  createQueue,
  samplerDefinition,
  specFromProto,
  specToProto,
  statusToProto,
  type WorkerMessage,
} from "@superbatch/sampler-client";
import { attribute, spanName } from "@superbatch/telemetry";
import type { LiveSession } from "./domain/live-session.ts";
import type { SessionRegistry } from "./domain/session-registry.ts";
import { createRequestMemory } from "./request-memory.ts";
import { createWorkerStream, openChecked } from "./worker-stream.ts";

/** superbatch.sampler.v1.SamplerService over a registry of sessions. */
export function samplerService(registry: SessionRegistry): ServiceEntry {
  const remembered = createRequestMemory<{ body: string; session: string }>(10_000);

  function existing(context: HandlerContext, name: string): LiveSession {
    const live = registry.find(tenantOf(context), name);
    if (!live) throw notFound("session", name);
    return live;
  }

  return implement(samplerDefinition, {
    async openSession(request, context) {
      if (!request.spec) throw invalidArgument([{ path: "spec", message: "is required" }]);
      const { spec, token, requestId } = request;
      if (requestId.length > 128)
        throw invalidArgument([{ path: "request_id", message: "must be at most 128 characters long" }]);
      const tenant = tenantOf(context);
      const body = JSON.stringify([spec, token.toString("base64")]);
      const memory = JSON.stringify([tenant, requestId]);
      const earlier = requestId === "" ? undefined : remembered.get(memory);
      if (earlier && earlier.body !== body) throw rpcError("REQUEST_ID_REUSED", { requestId });
      const live =
        (earlier && registry.find(tenant, earlier.session)) ??
        openChecked(registry, { tenant, spec: specFromProto(spec), token }, "");
      if (requestId !== "") remembered.set(memory, { body, session: live.name });
      return { session: live.name, token: Buffer.from(live.session.token()) };
    },

    async *sample(requests, context) {
      const outbox = createQueue<Answer>();
      const stream = createWorkerStream(registry, tenantOf(context), outbox);
      const stop = () => outbox.fail(rpcError("SERVICE_STOPPING", { service: "importance-sampler" }));
      if (context.draining.aborted) stop();
      context.draining.addEventListener("abort", stop, { once: true });
      const span = trace.getTracer("@superbatch/importance-sampler").startSpan(spanName.samplerSession);
      void readAll(requests, stream, outbox);
      try {
        yield* outbox;
      } finally {
        context.draining.removeEventListener("abort", stop);
        stream.lose();
        span.setAttributes(totals(stream.session()));
        span.end();
      }
    },

    async getSession({ session: name }, context) {
      const live = existing(context, name);
      const { session } = live;
      return {
        spec: specToProto(session.spec),
        status: statusToProto(session.status()),
        workers: session.members().map(({ worker }) => worker),
        waitingSeconds: live.waitingSeconds(),
        historyBytes: session.historyBytes,
        token: Buffer.from(session.token()),
      };
    },

    async closeSession({ session: name }, context) {
      registry.close(tenantOf(context), name, (worker) =>
        rpcError("STREAM_ENDED", { worker, name, detail: "the session was closed" }),
      );
      return {};
    },
  });
}

/** Reads a worker's messages until it half-closes or breaks off; a refused message ends its stream with the reason. */
async function readAll(
  requests: AsyncIterable<WorkerMessage>,
  stream: ReturnType<typeof createWorkerStream>,
  outbox: ReturnType<typeof createQueue<Answer>>,
): Promise<void> {
  try {
    for await (const request of requests) stream.receive(request);
    stream.finish();
    outbox.end();
  } catch (error) {
    stream.lose();
    outbox.fail(error);
  }
}

/** Sessions belong to the principal that opened them, however often it renews its token; without access control all belong to all. */
function tenantOf({ principal }: HandlerContext): string {
  return principal.id;
}

function totals(live: LiveSession | undefined): Attributes {
  if (!live) return {};
  const { rounds, importanceRounds, tau } = live.session.status();
  return {
    [attribute.session]: live.name,
    [attribute.step]: rounds,
    [attribute.tau]: tau,
    [attribute.importanceShare]: rounds === 0 ? 0 : importanceRounds / rounds,
  };
}
