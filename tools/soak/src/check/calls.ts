import type { Answer, Entry, Request } from "../journal.ts";

/** A call as its trainer saw it. */
export type Call = Request & {
  readonly worker: string;
  /** When it was sent; milliseconds since the epoch. */
  readonly sent: number;
  /** Absent if the trainer was killed before it heard, or the call failed. */
  readonly answer?: Answer & { readonly time: number };
  readonly error?: { readonly code: string; readonly message: string };
};

/** Calls by the time they were sent. */
export function callsOf(journal: readonly Entry[]): Call[] {
  const calls = new Map<string, Call>();
  for (const entry of journal) {
    const { kind, call: id, time, ...rest } = entry;
    if (kind === "call") calls.set(id, { ...(rest as Request & { worker: string }), sent: time });
    else if (kind === "answer") calls.set(id, { ...calls.get(id)!, answer: { ...(rest as Answer), time } });
    else calls.set(id, { ...calls.get(id)!, error: rest as { code: string; message: string } });
  }
  return [...calls.values()];
}
