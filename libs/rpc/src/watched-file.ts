import { readFileSync, statSync } from "node:fs";

/** A file whose contents are taken anew when it changes. */
export interface WatchedFile<Content> {
  /** What the file holds now; after a change that cannot be read, what it held before. */
  current(): Content;
}

export interface WatchOptions<Content> {
  readonly parse: (text: string) => Content;
  /** Told of a change that cannot be read or parsed; once for each state of the file. */
  readonly onError: (error: unknown) => void;
  /** Milliseconds for which the file is taken to be unchanged. @default 1000 */
  readonly trustMilliseconds?: number;
}

/**
 * Reads a file now, and again when somebody asks after it was changed; also if it was replaced by renaming, as Kubernetes does with
 * mounted secrets. There is no timer: a file that nobody asks for is not looked at.
 *
 * @throws what reading or parsing throws the first time.
 */
export function watchFile<Content>(path: string, options: WatchOptions<Content>): WatchedFile<Content> {
  const { parse, onError, trustMilliseconds = 1_000 } = options;
  let state = stateOf(path);
  let content = parse(readFileSync(path, "utf8"));
  let looked = performance.now();
  return {
    current() {
      if (performance.now() - looked < trustMilliseconds) return content;
      looked = performance.now();
      const now = stateOf(path);
      if (now === state) return content;
      state = now;
      try {
        content = parse(readFileSync(path, "utf8"));
      } catch (error) {
        onError(error);
      }
      return content;
    },
  };
}

/** Changes whenever the file does. */
function stateOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` : "missing";
}
