import { join } from "node:path";
import { type Child, startChild } from "@superbatch/launcher";

const main = new URL("../../../../services/dashboard/src/main.ts", import.meta.url);

/** A dashboard process over an optimizer. @param args - further options */
export async function startDashboard(
  folder: string,
  optimizerAddress: string,
  args: readonly string[] = [],
): Promise<{ readonly url: string; readonly process: Child }> {
  const process = startChild({
    name: "dashboard",
    main,
    args: ["--listen", "127.0.0.1:0", "--optimizer-address", optimizerAddress, ...args],
    logFile: join(folder, "dashboard.log"),
  });
  return { url: `http://${await process.ready}`, process };
}
