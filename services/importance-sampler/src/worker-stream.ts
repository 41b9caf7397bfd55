import type { sampler as contract } from "@superbatch/contracts";
import { checkScores, FieldError, type Report, specProblems } from "@superbatch/is-sgd";
import { invalidArgument, notFound, rpcError, throwIfInvalid } from "@superbatch/rpc";
import {
  type RecordArrays,
  recordsFromProto,
  reportFromProto,
  specFromProto,
  type WorkerMessage,
} from "@superbatch/sampler-client";
import type { LiveSession, Outlet } from "./domain/live-session.ts";
import { LimitExceeded, type OpenOptions, type SessionRegistry } from "./domain/session-registry.ts";
import { violation, withFieldPaths } from "./field-paths.ts";

/** One worker's stream, message by message. */
export interface WorkerStream {
  /** @throws {RpcError} if the message is refused; the stream must then end */
  receive(message: WorkerMessage): void;
  /** The worker has half-closed: it leaves the session. */
  finish(): void;
  /** The stream broke, or was refused: the worker keeps its place for a while. Safe to repeat, also after {@link finish}. */
  lose(): void;
  /** The session, once the worker has started. */
  session(): LiveSession | undefined;
}

export function createWorkerStream(registry: SessionRegistry, tenant: string, outlet: Outlet): WorkerStream {
  const records: RecordArrays[] = [];
  let saidHistory = false;
  let joined: { live: LiveSession; worker: string } | undefined;

  function start(message: contract.SampleStart): void {
    const { session: name, worker: given, shards, token } = message;
    const worker = given === "" ? "0" : given;
    if (worker.length > 128) throw invalid("start.worker", "must be at most 128 characters long");
    const live = registry.find(tenant, name) ?? rebuild(message);
    const reports = message.reports.map((report) => readBytes("start.reports", () => reportFromProto(report)));
    const arrival = { worker, shards, token, reports, ...(saidHistory ? { records } : {}) };
    if (live.needsRecords(arrival)) throw notFound("session", name);
    const superseded = rpcError("STREAM_ENDED", { worker, name, detail: "the worker started another one" });
    withFieldPaths("start", "start.", () => live.attach(arrival, outlet, superseded));
    joined = { live, worker };
  }

  /** Continues a session that another replica had, or that this one has lost. */
  function rebuild({ session: name, spec, token }: contract.SampleStart): LiveSession {
    const historic = spec?.scheme === "SCHEME_LOSS_HISTORY" && token.length > 0;
    if (!spec || name === "" || (historic && !saidHistory)) throw notFound("session", name);
    return openChecked(registry, { tenant, spec: specFromProto(spec), token, name }, "start.");
  }

  function history(message: contract.HistoryRecords): void {
    const chunk = readBytes("history", () => recordsFromProto(message));
    try {
      checkScores(chunk.losses);
    } catch (error) {
      if (error instanceof FieldError)
        throw invalid(error.field.replace("scores", "history.losses"), "must be finite and at least 0");
      throw error;
    }
    saidHistory = true;
    if (chunk.indices.length > 0) records.push(chunk);
  }

  function report(scores: Report): void {
    if (!joined) throw invalid("start", "must come before scores");
    const { live, worker } = joined;
    withFieldPaths("scores", "", () => live.report(worker, scores));
  }

  return {
    receive(message) {
      if (message.$case === "report") return report(message.report);
      const request = message.request.message;
      switch (request?.$case) {
        case "history":
          if (joined) throw invalid("history", "must come before start");
          return history(request.value);
        case "start":
          if (joined) throw invalid("start", "must come once");
          return start(request.value);
        case "scores":
          return report(readBytes("scores.values", () => reportFromProto(request.value)));
        default:
          throw invalid("message", "must hold a start, scores or history");
      }
    },
    finish() {
      joined?.live.leave(joined.worker, outlet);
    },
    lose() {
      joined?.live.detach(joined.worker, outlet);
    },
    session: () => joined?.live,
  };
}

/**
 * Opens a session, with everything wrong about its spec in one status.
 *
 * @param parent - path of the message that holds the spec: empty or `start.`
 * @throws {RpcError} INVALID_FIELDS or SESSION_LIMIT_EXCEEDED
 */
export function openChecked(registry: SessionRegistry, options: OpenOptions, parent: "" | "start."): LiveSession {
  throwIfInvalid(specProblems(options.spec).map((problem) => violation(problem, "spec", parent)));
  try {
    return withFieldPaths("spec", parent, () => registry.open(options));
  } catch (error) {
    if (!(error instanceof LimitExceeded)) throw error;
    const { subject, actual, limit } = error;
    throw rpcError("SESSION_LIMIT_EXCEEDED", { subject, actual, limit });
  }
}

function readBytes<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw invalid(path, error.message);
    throw error;
  }
}

function invalid(path: string, message: string) {
  return invalidArgument([{ path, message }]);
}
