import type { optimizer } from "@superbatch/contracts";
import type { ClientHandle } from "@superbatch/rpc";
import { type Answer, type Journal, now, type Request } from "./journal.ts";

export type OptimizerClient = ClientHandle<typeof optimizer.OptimizerServiceDefinition>["client"];

/** An optimizer's calls, written down before they are sent and after they were answered. */
export interface Recorder {
  /**
   * @param summarize - what the journal keeps of the answer.
   * @returns the answer; undefined if the call failed for good, which is in the journal.
   */
  record<Response>(
    worker: string,
    request: Request,
    send: (requestId: string) => Promise<Response>,
    summarize: (response: Response) => Answer,
  ): Promise<Response | undefined>;
}

/** @param name - unique among all processes that ever write journals of the same run. */
export function createRecorder(journal: Journal, name: string): Recorder {
  let calls = 0;
  return {
    async record(worker, request, send, summarize) {
      const call = `${name}-${++calls}`;
      journal.write({ kind: "call", call, time: now(), worker, ...request });
      try {
        const response = await send(call);
        journal.write({ kind: "answer", call, time: now(), ...summarize(response) });
        return response;
      } catch (error) {
        const code = String((error as { code?: unknown }).code ?? "none");
        journal.write({ kind: "error", call, time: now(), code, message: (error as Error).message });
        return undefined;
      }
    },
  };
}
