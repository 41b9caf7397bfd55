import type { Rng } from "@superbatch/random";

/** Latencies of one kind of call, milliseconds. */
export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

export interface LoadResult {
  readonly ask: Latency;
  readonly tell: Latency;
  readonly trials: number;
  /** Trials that were asked for, trained and told, per second. */
  readonly rate: number;
}

/** One trainer's way to a trial and back. */
export interface Asker {
  /** @returns what `tell` needs; undefined if there was no trial in time. */
  ask(): Promise<unknown>;
  tell(trial: unknown): Promise<void>;
}

/** A trainer that holds a trial and says that it lives. */
export interface Holder extends Asker {
  beat(trial: unknown): Promise<void>;
}

export interface Load {
  /** How long, in seconds. */
  readonly seconds: number;
  /** What a trial takes to train, on average, in seconds; from a half to one and a half of it. */
  readonly work: number;
  /** Of the times that trials take. */
  readonly rng: Rng;
}

/** Lets all trainers ask, train and tell for a while, and times every call of the second half of it and of the trials begun in it. */
export async function applyLoad(askers: readonly Asker[], { seconds, work, rng }: Load): Promise<LoadResult> {
  const asks: number[] = [];
  const tells: number[] = [];
  const began = performance.now();
  const warm = began + 500 * seconds;
  const end = began + 1000 * seconds;
  let trials = 0;
  await Promise.all(
    askers.map(async ({ ask, tell }, i) => {
      // Not all at once.
      await sleep((1000 * work * i) / askers.length);
      while (performance.now() < end) {
        const asked = performance.now();
        const trial = await ask();
        if (asked > warm) asks.push(performance.now() - asked);
        if (trial === undefined) continue;
        await sleep(1000 * work * (0.5 + rng.uniform()));
        const told = performance.now();
        await tell(trial);
        if (told <= warm) continue;
        tells.push(performance.now() - told);
        trials++;
      }
    }),
  );
  return { ask: latencyOf(asks), tell: latencyOf(tells), trials, rate: (1000 * trials) / (performance.now() - warm) };
}

/** Lets all trainers hold a trial each and send heartbeats one after the other for a while. @returns their latency, and how many there were per second */
export async function applyHeartbeats(
  holders: readonly Holder[],
  seconds: number,
): Promise<Latency & { readonly rate: number }> {
  const trials: unknown[] = [];
  for (const { ask } of holders) trials.push(await ask());
  const beats: number[] = [];
  const began = performance.now();
  await Promise.all(
    holders.map(async ({ beat }, i) => {
      while (performance.now() < began + 1000 * seconds) {
        const sent = performance.now();
        await beat(trials[i]);
        beats.push(performance.now() - sent);
      }
    }),
  );
  return { ...latencyOf(beats), rate: (1000 * beats.length) / (performance.now() - began) };
}

function latencyOf(values: number[]): Latency {
  const sorted = values.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
