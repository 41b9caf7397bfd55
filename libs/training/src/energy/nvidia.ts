// NVIDIA's GPUs: power as nvidia-smi tells it each half second, summed over time.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { EnergyMeter } from "./energy.ts";

const INTERVAL_MS = 500;

/**
 * @param command - nvidia-smi.
 * @param devices - indices or identifiers, separated by commas; undefined: all.
 * @returns undefined where the tool is missing, finds no GPU, or its GPUs do not tell their power.
 */
export async function openNvidia(command: string, devices: string | undefined): Promise<EnergyMeter | undefined> {
  const which = devices === undefined || devices === "" ? [] : [`--id=${devices}`];
  const query = ["--query-gpu=index,power.draw", "--format=csv,noheader,nounits", `--loop-ms=${INTERVAL_MS}`];
  const child = spawn(command, [...which, ...query], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = Promise.race([once(child, "exit"), once(child, "error")]).catch(() => {});
  const lines = createInterface({ input: child.stdout });
  let joules = 0;
  /** Watts of each GPU, and the milliseconds of the clock at which they were told. */
  const last = new Map<string, { watts: number; at: number }>();
  lines.on("line", (line) => {
    const [index = "", text = ""] = line.split(",").map((cell) => cell.trim());
    const watts = Number(text);
    if (text === "" || !Number.isFinite(watts)) return;
    const now = performance.now();
    const before = last.get(index);
    // The trapezoidal rule.
    if (before) joules += ((watts + before.watts) / 2) * ((now - before.at) / 1000);
    last.set(index, { watts, at: now });
  });
  const told = new Promise<void>((resolve) => lines.on("line", () => last.size > 0 && resolve()));
  await Promise.race([told, ended]);
  const close = () => {
    lines.close();
    child.kill();
  };
  if (last.size === 0) {
    close();
    return undefined;
  }
  // A process that has nothing else to do may end.
  child.unref();
  (child.stdout as unknown as { unref(): void }).unref();
  return { source: `nvidia-smi (${last.size} GPU${last.size === 1 ? "" : "s"})`, joules: () => joules, close };
}
