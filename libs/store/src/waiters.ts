/** Wakes those who wait for a key. A wake-up before {@link Waiters.wait} is not remembered: register first, then look. */
export interface Waiters {
  /**
   * Resolves at the next wake-up of the key, or when the signal aborts.
   *
   * @param after - sequence that the waiting one has seen.
   */
  wait(key: string, signal: AbortSignal, after?: number): Promise<void>;
  wake(key: string): void;
  wakeAll(): void;
  /** What is waited for: the lowest sequence that anybody has seen of each key. */
  seen(): ReadonlyMap<string, number>;
}

export function createWaiters(): Waiters {
  const waiting = new Map<string, Map<() => void, number>>();

  function wake(key: string): void {
    const all = waiting.get(key);
    waiting.delete(key);
    for (const resolve of all?.keys() ?? []) resolve();
  }

  return {
    wait(key, signal, after = 0) {
      if (signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const all = waiting.get(key) ?? new Map<() => void, number>();
        waiting.set(key, all);
        const done = () => {
          signal.removeEventListener("abort", done);
          all.delete(done);
          if (all.size === 0 && waiting.get(key) === all) waiting.delete(key);
          resolve();
        };
        all.set(done, after);
        signal.addEventListener("abort", done, { once: true });
      });
    },
    wake,
    wakeAll() {
      for (const key of [...waiting.keys()]) wake(key);
    },
    seen: () => new Map([...waiting].map(([key, all]) => [key, Math.min(...all.values())])),
  };
}

/**
 * Looks now and then, while anybody waits, for what other processes have done, and wakes whom that concerns.
 *
 * @param interval - milliseconds between the end of one look and the next.
 * @param newsOf - of what is waited for, what has news. If it fails everybody is woken, to find out for themselves.
 */
export function pollWhileWaiting(
  waiters: Waiters,
  interval: number,
  newsOf: (seen: ReadonlyMap<string, number>) => Promise<readonly string[]>,
): { stop(): void } {
  let timer = setTimeout(look, interval).unref();
  let stopped = false;

  async function look(): Promise<void> {
    const seen = waiters.seen();
    try {
      if (seen.size > 0) for (const key of await newsOf(seen)) waiters.wake(key);
    } catch {
      waiters.wakeAll();
    }
    if (!stopped) timer = setTimeout(look, interval).unref();
  }

  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
