import type { JsonObject, StoreTransaction, Study } from "@superbatch/store";
import type { Suggestion } from "./suggest/engine.ts";

/** A suggestion that waits for a lease. Stored, so that any replica hands out what one has computed. */
export interface ReadySuggestion {
  /** Number of the trial that it is to become. */
  readonly number: number;
  readonly suggestion: Suggestion;
  /** Trace of the trial that it will become: the work of suggesting is its first part. */
  readonly traceparent: string;
  /** Version of the space that it is a point of. */
  readonly spaceVersion: number;
  /** Ended trials that it knows of. */
  readonly known: number;
  /** True if no trial was waiting or running when it was computed. */
  readonly alone: boolean;
}

/** What a study is like when suggestions are computed or handed out. */
export type Basis = Pick<ReadySuggestion, "number" | "spaceVersion" | "known"> & {
  /** Trials that wait or that workers hold. */
  readonly pending: number;
};

export function basisOf({ counts, trialCount, spaceVersion }: Study): Basis {
  return {
    number: trialCount + 1,
    spaceVersion,
    known: counts.completed + counts.infeasible,
    pending: counts.suggested + counts.leased + counts.running,
  };
}

/**
 * Whether a suggestion may become the study's next trial. One that misses results is still handed out while other trials run, as long as
 * it misses no more than there are such trials: it was computed with them pending. Without others, as with a single trainer, it must know
 * everything, so that the same study gives the same trials again.
 */
export function fits(basis: Basis, { number, spaceVersion, known, alone }: ReadySuggestion): boolean {
  if (number !== basis.number || spaceVersion !== basis.spaceVersion) return false;
  const missed = basis.known - known;
  return basis.pending === 0 ? missed === 0 && alone : missed <= basis.pending;
}

/** Suggestions that are ready for a locked study, in their order. Deletes all if they no longer fit: each follows on the one before. */
export async function readySuggestions(tx: StoreTransaction, study: Study): Promise<readonly ReadySuggestion[]> {
  const ready = (await tx.listSuggestions(study.name)).map(fromStore);
  if (ready.length === 0 || fits(basisOf(study), ready[0]!)) return ready;
  await tx.deleteSuggestions(study.name);
  return [];
}

/** What a computation continues. */
export interface Continued {
  /** When the study was created: tells it from a later one of the same name. */
  readonly createdAt: number;
  /** The trials that there will be once all that is ready has been leased. */
  readonly trialCount: number;
  /** The last of what is ready, undefined if nothing is. */
  readonly last: ReadySuggestion | undefined;
}

export function continuing(study: Study, ready: readonly ReadySuggestion[]): Continued {
  return { createdAt: study.createdAt, trialCount: study.trialCount + ready.length, last: ready.at(-1) };
}

/** Appends what was computed to what it continues, which may have become trials since; drops it if that was dropped or the study is gone. */
export async function appendSuggestions(
  tx: StoreTransaction,
  name: string,
  { createdAt, trialCount, last }: Continued,
  computed: readonly ReadySuggestion[],
): Promise<void> {
  const study = await tx.lockStudy(name);
  if (study?.createdAt !== createdAt) return;
  const ready = await readySuggestions(tx, study);
  const follows = ready.length > 0 ? ready.at(-1)!.traceparent === last?.traceparent : study.trialCount === trialCount;
  if (follows) await tx.insertSuggestions(name, computed.map(toStore));
}

function toStore({ number, ...body }: ReadySuggestion) {
  return { number, body: body as unknown as JsonObject };
}

function fromStore({ number, body }: { readonly number: number; readonly body: JsonObject }): ReadySuggestion {
  return { ...(body as unknown as Omit<ReadySuggestion, "number">), number };
}
