/** Work that several callers may wait for under one key. */
export interface SharedWork<Result> {
  /**
   * Joins the work under `key`, or starts it. It goes on while one caller still waits; when the last one has left by `signal`, the
   * signal that `start` got is aborted.
   *
   * @throws an AbortError as soon as `signal` is aborted; whatever the work throws.
   */
  join(key: string, signal: AbortSignal, start: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
}

interface Running<Result> {
  readonly result: Promise<Result>;
  readonly controller: AbortController;
  waiting: number;
}

export function createSharedWork<Result>(): SharedWork<Result> {
  const running = new Map<string, Running<Result>>();

  function begin(key: string, start: (signal: AbortSignal) => Promise<Result>): Running<Result> {
    const controller = new AbortController();
    const work: Running<Result> = { result: start(controller.signal), controller, waiting: 0 };
    running.set(key, work);
    const forget = () => {
      if (running.get(key) === work) running.delete(key);
    };
    work.result.then(forget, forget);
    return work;
  }

  return {
    async join(key, signal, start) {
      signal.throwIfAborted();
      const work = running.get(key) ?? begin(key, start);
      work.waiting++;
      const left = Promise.withResolvers<never>();
      const leave = () => left.reject(new DOMException("the caller left", "AbortError"));
      signal.addEventListener("abort", leave);
      try {
        return await Promise.race([work.result, left.promise]);
      } finally {
        signal.removeEventListener("abort", leave);
        work.waiting--;
        if (work.waiting === 0) {
          // Who comes now starts afresh instead of joining what is being called off.
          if (running.get(key) === work) running.delete(key);
          work.controller.abort();
        }
      }
    },
  };
}
