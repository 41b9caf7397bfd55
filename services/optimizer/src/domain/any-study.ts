import { formatProjectName } from "@superbatch/contracts";
import { RpcError } from "@superbatch/rpc";
import type { Store, Study } from "@superbatch/store";
import type { LeaseRequest } from "./grant.ts";
import type { Commit, LeaseResult, Leases, LeaseWait } from "./leases.ts";
import { meetsRequirements, specOf } from "./spec.ts";

/** Seconds for which one study is asked before the next. */
const turn = 1;

/**
 * Leases trials of any active study of a project whose requirements the worker meets: of the one with the fewest held trials first, so that
 * studies share the workers evenly.
 */
export async function leaseAnywhere<Response>(
  store: Store,
  leases: Leases,
  project: string,
  request: LeaseRequest,
  wait: LeaseWait,
  commit: Commit<Response>,
): Promise<LeaseResult<Response>> {
  const deadline = performance.now() + 1000 * wait.seconds;
  for (;;) {
    const studies = await candidates(store, project, request);
    for (const study of studies) {
      const left = Math.max(0, (deadline - performance.now()) / 1000);
      const asked = { ...wait, seconds: Math.min(turn, left) };
      const result = await leases.lease({ ...request, study }, asked, commit).catch(ignoreDeleted);
      if (result && "response" in result) return result;
    }
    const left = (deadline - performance.now()) / 1000;
    if (left <= 0 || wait.draining.aborted) {
      const reason = studies.length === 0 ? "active study for this worker" : "trial to lease";
      const where = formatProjectName(project);
      return { none: { reason: `there is no ${reason} in ${where}`, retryAfterSeconds: 5, studyCompleted: false } };
    }
    wait.signal.throwIfAborted();
    if (studies.length === 0) await pause(Math.min(turn, left), AbortSignal.any([wait.signal, wait.draining]));
  }
}

/** A study may be deleted after it was listed: then the next one is asked. */
function ignoreDeleted(error: unknown): undefined {
  if (!(error instanceof RpcError && error.reason === "STUDY_NOT_FOUND")) throw error;
}

async function candidates(store: Store, project: string, { capabilities }: LeaseRequest): Promise<string[]> {
  const active = await store.listStudies({ project, states: ["active"] });
  const fitting = active.filter((study) => meetsRequirements(specOf(study), capabilities));
  const held = ({ counts }: Study) => counts.leased + counts.running;
  return fitting.sort((a, b) => held(a) - held(b) || a.createdAt - b.createdAt).map(({ name }) => name);
}

function pause(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, 1000 * seconds);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}
