import { notFound } from "@superbatch/rpc";
import { type Store, type Study, shareReads } from "@superbatch/store";
import { type Knowledge, knowledgeOf } from "./knowledge.ts";
import { createTrialCache, type TrialCache } from "./trial-cache.ts";

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
  const studies = new Map<string, { readonly cache: TrialCache; known?: KnownStudy }>();

  async function read(name: string): Promise<KnownStudy> {
    const entry = studies.get(name) ?? { cache: createTrialCache() };
    // Moved to the end: the first is the one that was not asked for longest.
    studies.delete(name);
    studies.set(name, entry);
    if (studies.size > kept) studies.delete(studies.keys().next().value!);
    const study = await store.getStudy(name);
    if (!study) throw notFound("study", name);
    const { known } = entry;
    const changed =
      known?.study.createdAt !== study.createdAt ||
      known.study.lastEvent !== study.lastEvent ||
      known.study.version !== study.version;
    if (!changed) return known;
    entry.known = { study, knowledge: knowledgeOf(study, await entry.cache.refresh(store, study)) };
    return entry.known;
  }

  return { read: shareReads(read) };
}
