import { notFound } from "@superbatch/rpc";
import type { Event, Store, Study, Trial } from "@superbatch/store";

/** An event with its study and the trial that it is about, as they are now. */
export interface WatchedEvent {
  readonly event: Event;
  readonly study?: Study;
  readonly trial?: Trial;
}

/** Events read at once. */
const pageSize = 500;

/**
 * What happened in a study after an event, and then what happens. Ends when the study is deleted, also if another one now has its name, or the signal aborts.
 *
 * @throws NOT_FOUND if there is no such study at first.
 */
export async function* watchStudy(
  store: Store,
  name: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<WatchedEvent> {
  const watched = await store.getStudy(name);
  if (!watched) throw notFound("study", name);
  let sequence = after;
  while (!signal.aborted) {
    const events = await store.listEvents(name, { after: sequence, limit: pageSize });
    const study = await store.getStudy(name);
    if (study?.createdAt !== watched.createdAt) return;
    const trials = new Map<number, Trial>();
    for (const event of events) {
      sequence = event.sequence;
      yield await withSubject(store, event, study, trials);
      if (signal.aborted) return;
    }
    if (events.length === pageSize) continue;
    await store.waitForEvents(name, sequence, signal);
  }
}

/** @param trials - read already for this page. */
async function withSubject(
  store: Store,
  event: Event,
  study: Study,
  trials: Map<number, Trial>,
): Promise<WatchedEvent> {
  if (event.trial === null) return { event, study };
  const trial = trials.get(event.trial) ?? (await store.getTrial(event.study, event.trial));
  if (!trial) return { event, study };
  trials.set(event.trial, trial);
  return { event, study, trial };
}
