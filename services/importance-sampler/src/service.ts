import { type Attributes, trace } from "@opentelemetry/api";
import type { Answer } from "@superbatch/is-sgd";
import {
  type HandlerContext,
  implement,
  invalidArgument,
  notFound,
  type OpenStream,
  requestIdReused,
  rpcError,
  type ServerStream,
  type ServiceEntry,
  type StreamHandler,
} from "@superbatch/rpc";
import {
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

  const sample: OpenStream<WorkerMessage, Answer> = (stream) => openWorkerStream(registry, stream);
  return implement(
    samplerDefinition,
    {
      async openSession(request, context) {
        if (!request.spec) throw invalidArgument([{ path: "spec", message: "is required" }]);
        const { spec, token, requestId } = request;
        if (requestId.length > 128)
          throw invalidArgument([{ path: "request_id", message: "must be at most 128 characters long" }]);
        const tenant = tenantOf(context);
        const body = JSON.stringify([spec, token.toString("base64")]);
        const memory = JSON.stringify([tenant, requestId]);
        const earlier = requestId === "" ? undefined : remembered.get(memory);
        if (earlier && earlier.body !== body) throw requestIdReused(requestId);
        const live =
          (earlier && registry.find(tenant, earlier.session)) ??
          openChecked(registry, { tenant, spec: specFromProto(spec), token }, "");
        if (requestId !== "") remembered.set(memory, { body, session: live.name });
        return { session: live.name, token: Buffer.from(live.session.token()) };
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
    },
    { sample },
  );
}

/** A worker's stream. A refused message ends it with the reason. */
function openWorkerStream(registry: SessionRegistry, call: ServerStream<Answer>): StreamHandler<WorkerMessage> {
  const stream = createWorkerStream(registry, tenantOf(call), { push: call.send, fail: call.end });
  const stop = () => call.end(rpcError("SERVICE_STOPPING", { service: "importance-sampler" }));
  if (call.draining.aborted) stop();
  call.draining.addEventListener("abort", stop, { once: true });
  const span = trace.getTracer("@superbatch/importance-sampler").startSpan(spanName.samplerSession);
  return {
    receive: stream.receive,
    halfClose() {
      stream.finish();
      call.end();
    },
    over() {
      call.draining.removeEventListener("abort", stop);
      stream.lose();
      span.setAttributes(totals(stream.session()));
      span.end();
    },
  };
}

/** Sessions belong to the principal that opened them, however often it renews its token; without access control all belong to all. */
function tenantOf({ principal }: Pick<HandlerContext, "principal">): string {
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
