/** Wakes those who wait for a key. A wake-up before {@link Waiters.wait} is not remembered: register first, then look. */
export interface Waiters {
  /** Resolves at the next wake-up of the key, or when the signal aborts. */
  wait(key: string, signal: AbortSignal): Promise<void>;
  wake(key: string): void;
  wakeAll(): void;
}

export function createWaiters(): Waiters {
  const waiting = new Map<string, Set<() => void>>();

  function wake(key: string): void {
    const all = waiting.get(key);
    waiting.delete(key);
    for (const resolve of all ?? []) resolve();
  }

  return {
    wait(key, signal) {
      if (signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const all = waiting.get(key) ?? new Set();
        waiting.set(key, all);
        const done = () => {
          signal.removeEventListener("abort", done);
          all.delete(done);
          if (all.size === 0 && waiting.get(key) === all) waiting.delete(key);
          resolve();
        };
        all.add(done);
        signal.addEventListener("abort", done, { once: true });
      });
    },
    wake,
    wakeAll() {
      for (const key of [...waiting.keys()]) wake(key);
    },
  };
}
