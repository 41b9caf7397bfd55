import Table from "cli-table3";
import type { Figures, Latency } from "./figures.ts";

/** Breaches shown; the rest is counted. */
const shown = 20;

/** @returns the figures and the verdict as text. */
export function reportOf(figures: Figures, breaches: readonly string[]): string {
  const { seconds, leases, completed, late, leasesPerSecond, latencies, recoveries, longestSilence } = figures;
  const calls = new Table({ head: ["call", "p50, ms", "p99, ms", "max, ms"], style: { head: [], border: [] } });
  for (const [name, latency] of Object.entries(latencies)) calls.push([name, ...cells(latency)]);
  const faults = new Table({
    head: ["fault", "count", "next answer, ms: p50", "max", "ready again, ms: p50", "max"],
    style: { head: [], border: [] },
  });
  for (const { kind, count, answered, ready } of recoveries)
    faults.push([kind, count, ...medianAndMax(answered), ...(ready ? medianAndMax(ready) : ["", ""])]);
  return [
    `${leases} leases in ${seconds.toFixed(0)} s: ${leasesPerSecond.toFixed(1)} a second; ${completed} results acknowledged, ${late} of them late`,
    calls.toString(),
    ...(recoveries.length > 0 ? [faults.toString()] : []),
    `longest time without any answer: ${Math.round(longestSilence)} ms`,
    ...breaches.slice(0, shown),
    ...(breaches.length > shown ? [`… and ${breaches.length - shown} more`] : []),
    breaches.length === 0 ? "PASS: nothing was lost, doubled or overspent" : `FAIL: ${breaches.length} breaches`,
  ].join("\n");
}

function cells({ p50, p99, max }: Latency): string[] {
  return [p50, p99, max].map((value) => value.toFixed(1));
}

function medianAndMax({ p50, max }: Latency): string[] {
  return [p50, max].map((value) => value.toFixed(0));
}
