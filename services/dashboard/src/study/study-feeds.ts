import type { Logger } from "@superbatch/rpc";
import type { OptimizerServiceClient } from "./client.ts";
import { openStudyFeed, type StudyFeed } from "./study-feed.ts";

/** Feeds of the studies that people look at. */
export interface StudyFeeds {
  /** The study's feed, with all trials there. The caller must have been allowed to read the study. @throws what reading throws */
  get(study: string, token: string | undefined): Promise<StudyFeed>;
  close(): void;
}

/** Studies followed at a time: what was not looked at for longest makes room. */
const kept = 16;
/** Milliseconds without a look after which a study is no longer followed. */
const idle = 10 * 60_000;

export function createStudyFeeds(client: OptimizerServiceClient, logger: Logger): StudyFeeds {
  const feeds = new Map<string, { readonly feed: StudyFeed; used: number }>();

  function drop(study: string): void {
    feeds.get(study)?.feed.close();
    feeds.delete(study);
  }

  const sweep = setInterval(() => {
    for (const [study, { used }] of feeds) if (Date.now() - used > idle) drop(study);
  }, idle / 10).unref();

  return {
    async get(study, token) {
      const found = feeds.get(study);
      if (found?.feed.failure() !== undefined) {
        logger.debug({ study, err: found.feed.failure() }, "feed ended; opening another");
        drop(study);
      }
      const entry = feeds.get(study) ?? { feed: openStudyFeed(client, study, token), used: 0 };
      entry.used = Date.now();
      // Moved to the end: the first is the one that was not used for longest.
      feeds.delete(study);
      feeds.set(study, entry);
      if (feeds.size > kept) drop(feeds.keys().next().value!);
      try {
        await entry.feed.ready;
      } catch (error) {
        if (feeds.get(study) === entry) drop(study);
        throw error;
      }
      return entry.feed;
    },
    close() {
      clearInterval(sweep);
      for (const study of [...feeds.keys()]) drop(study);
    },
  };
}
