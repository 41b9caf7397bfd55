import { type Directory, emptyDirectory, readDirectory } from "@superbatch/access";
import { parse } from "yaml";
import { ConfigError } from "../config-error.ts";
import type { Logger } from "../logger.ts";
import { watchFile } from "../watched-file.ts";

/**
 * The principals of a YAML or JSON file as it is now.
 *
 * @returns a function, since the file may change while the service runs: new contents count within a second, wrong ones are logged and the
 *   last good ones stay.
 * @throws {ConfigError} if the file is wrong from the start.
 */
export function watchPrincipals(path: string | undefined, logger: Logger): () => Directory {
  if (path === undefined) return () => emptyDirectory;
  try {
    const file = watchFile(path, {
      // The parser's own messages quote the text, tokens and all.
      parse: (text) => readDirectory(parseQuietly(text)),
      onError: (error) =>
        logger.error({ path, problem: (error as Error).message }, "the principals' file is wrong; those before stay"),
    });
    return () => file.current();
  } catch (error) {
    throw new ConfigError((error as Error).message.split("\n").map((line) => `--principals-file: ${path}: ${line}`));
  }
}

function parseQuietly(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const { linePos } = error as { linePos?: readonly { line: number }[] };
    throw new RangeError(`is not YAML${linePos?.[0] ? ` (line ${linePos[0].line})` : ""}`);
  }
}
