import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";
import type { Delays } from "./watched-process.ts";

/** Loaded before a program: on any message from its parent it answers with the delays of its event loop since the last one. */
if (isMainThread) {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  let busiest = 0;
  let before = process.threadCpuUsage();
  setInterval(() => {
    const { user, system } = process.threadCpuUsage(before);
    busiest = Math.max(busiest, (user + system) / 1000);
    before = process.threadCpuUsage();
  }, 1).unref();
  process.on("message", () => {
    const delays: Delays = { p99: histogram.percentile(99) / 1e6, max: histogram.max / 1e6, busiest };
    histogram.reset();
    busiest = 0;
    process.send!(delays);
  });
  process.channel!.unref();
}
