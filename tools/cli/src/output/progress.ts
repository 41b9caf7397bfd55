import cliProgress from "cli-progress";
import type { Io } from "../io.ts";

/** A bar for work that may take longer than a second. */
export interface Progress {
  update(done: number, note?: string): void;
  stop(): void;
}

/** On a terminal's standard error; elsewhere nothing is shown. @param total - 0: not known. */
export function startProgress(io: Io, title: string, total: number): Progress {
  if (io.stderr.isTTY !== true) return { update() {}, stop() {} };
  const bar = new cliProgress.SingleBar(
    {
      format: total > 0 ? `${title} {bar} {value}/{total} {note}` : `${title} {value} {note}`,
      stream: io.stderr,
      hideCursor: true,
      clearOnComplete: true,
      linewrap: false,
      // What ends sooner shows no bar at all.
      fps: 5,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total > 0 ? total : Number.MAX_SAFE_INTEGER, 0, { note: "" });
  return {
    update: (done, note = "") => bar.update(done, { note }),
    stop: () => bar.stop(),
  };
}
