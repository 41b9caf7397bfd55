import { notFound } from "@superbatch/rpc";
import type { Store, Study } from "@superbatch/store";
import { type Knowledge, knowledgeOf } from "./knowledge.ts";
import { createTrialCache } from "./trial-cache.ts";

/** Studies that are kept: those that were asked for last. */
const kept = 8;

/** A study with what is known of it, the same object until something in the study changes. */
export interface KnownStudy {
  readonly study: Study;
  readonly knowledge: Knowledge;
}

/** What is known of studies that are asked about, read once and then brought up to date: questions come again and again, by the dashboard for one. */
export interface KnownStudies {
  /** As of now, or a little later. @throws NOT_FOUND */
  read(name: string): Promise<KnownStudy>;
}

export function createKnownStudies(store: Store): KnownStudies {
  const readers = new Map<string, () => Promise<KnownStudy>>();
  return {
    async read(name) {
      const reader = readers.get(name) ?? readerOf(store, name);
      // Moved to the end: the first is the one that was not asked for longest.
      readers.delete(name);
      readers.set(name, reader);
      if (readers.size > kept) readers.delete(readers.keys().next().value!);
      return reader();
    },
  };
}

/** Reads one study, one after the other: each sees all that happened before it was asked. */
function readerOf(store: Store, name: string): () => Promise<KnownStudy> {
  const cache = createTrialCache();
  let known: KnownStudy | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function read(): Promise<KnownStudy> {
    const study = await store.getStudy(name);
    if (!study) throw notFound("study", name);
    const before = known?.study;
    const changed =
      before?.createdAt !== study.createdAt || before.lastEvent !== study.lastEvent || before.version !== study.version;
    if (changed) known = { study, knowledge: knowledgeOf(study, await cache.refresh(store, study)) };
    return known!;
  }

  return () => {
    const turn = last.then(read);
    last = turn.catch(() => {});
    return turn;
  };
}
