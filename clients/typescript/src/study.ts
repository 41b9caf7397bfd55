import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { optimizer } from "@superbatch/contracts";
import type { Api } from "./client.ts";
import { StudyCompleted } from "./signals.ts";
import { createTrial, type Result, type Trial } from "./trial.ts";

export interface AskOptions {
  /** Who asks, unique among the workers. @default host, process and a count */
  readonly worker?: string;
  /** Compared with the study's requirements. */
  readonly capabilities?: Readonly<Record<string, string>>;
  /** Ends the wait with an AbortError. */
  readonly signal?: AbortSignal;
}

/** Evaluates a trial; its signal is aborted, with {@link StopEarly} or {@link TrialCancelled} as the reason, when the trial shall stop. */
export type Objective = (trial: Trial) => Promise<number | Result>;

export interface RunOptions extends AskOptions {
  /** Trials at the same time. @default 1 */
  readonly parallel?: number;
  /** Most trials to take. @default no limit: until the study is completed */
  readonly trials?: number;
  /** Whether the loop goes on after a trial whose objective threw this. @default it does not */
  readonly keepGoing?: (error: unknown) => boolean;
}

/** A study of an optimizer. */
export interface Study {
  /** `projects/{project}/studies/{study}`. */
  readonly name: string;
  /** Leases a trial, waiting for one. @throws {StudyCompleted} if there will be none. */
  ask(options?: AskOptions): Promise<Trial>;
  /** Takes trials and evaluates them until the study is completed. The first error that is not gone on from ends the loop; what is being evaluated then is given back. */
  run(objective: Objective, options?: RunOptions): Promise<void>;
  /** What the study recommends. */
  recommendation(): Promise<optimizer.GetRecommendationResponse>;
}

const longPollSeconds = 20;
/** Between two polls that came back empty. */
const waitSeconds = { least: 0.2, most: 5 };
let workers = 0;

export function createStudyHandle(api: Api, name: string): Study {
  const study: Study = {
    name,
    async ask({ worker = `${hostname()}:${process.pid}:${++workers}`, capabilities = {}, signal } = {}) {
      for (;;) {
        const request = { study: name, worker, count: 1, waitSeconds: longPollSeconds, capabilities };
        const deadline = new Date(Date.now() + (longPollSeconds + 60) * 1000);
        const response = await api.leaseTrials(
          { ...request, requestId: randomUUID() },
          { deadline, ...(signal && { signal }) },
        );
        if (response.leases[0]) return createTrial(api, response.leases[0]);
        if (response.studyCompleted) throw new StudyCompleted(`${name} is completed`);
        const seconds = Math.min(waitSeconds.most, Math.max(waitSeconds.least, response.retryAfterSeconds));
        await sleep(seconds * 1000, undefined, signal && { signal });
      }
    },
    async run(objective, { parallel = 1, trials = Number.POSITIVE_INFINITY, keepGoing = () => false, ...ask } = {}) {
      const stopping = new AbortController();
      const signal = ask.signal ? AbortSignal.any([ask.signal, stopping.signal]) : stopping.signal;
      let left = trials;
      const work = async () => {
        while (left-- > 0 && !signal.aborted) {
          const trial = await study.ask({ ...ask, signal });
          try {
            await trial.evaluate(objective, signal);
          } catch (error) {
            if (signal.aborted || !keepGoing(error)) throw error;
          }
        }
      };
      const loops = Array.from({ length: parallel }, () =>
        work().catch((error: unknown) => {
          if (error instanceof StudyCompleted) return;
          stopping.abort(error);
          throw error;
        }),
      );
      await Promise.allSettled(loops);
      if (signal.aborted) throw signal.reason;
    },
    recommendation: () => api.getRecommendation({ study: name }),
  };
  return study;
}
