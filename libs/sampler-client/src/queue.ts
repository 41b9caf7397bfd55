/** A first-in, first-out queue between one writer and one reader that waits. */
export interface Queue<T> extends AsyncIterable<T> {
  push(value: T): void;
  /** No more values follow: the reader ends after what is queued. */
  end(): void;
  /** The reader fails after what is queued. The first of `end` and `fail` counts. */
  fail(error: unknown): void;
  /** Values that are queued. */
  readonly size: number;
}

export function createQueue<T>(): Queue<T> {
  const values: T[] = [];
  let wake: (() => void) | undefined;
  let ended: { error?: unknown } | undefined;
  const notify = () => {
    wake?.();
    wake = undefined;
  };
  return {
    push(value) {
      if (ended) return;
      values.push(value);
      notify();
    },
    end() {
      ended ??= {};
      notify();
    },
    fail(error) {
      ended ??= { error };
      notify();
    },
    get size() {
      return values.length;
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (values.length > 0) yield values.shift()!;
        if (ended) {
          if ("error" in ended) throw ended.error;
          return;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
