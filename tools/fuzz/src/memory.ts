import { existsSync, readFileSync } from "node:fs";
import type { ServiceName } from "./contracts.ts";
import type { System } from "./system.ts";

/** Resident memory of a process through a run. */
export interface MemoryUse {
  readonly service: ServiceName;
  /** MiB: medians of the run's second and last quarter. */
  readonly early: number;
  readonly late: number;
  readonly peak: number;
  /** Whether it does not grow: the caches are full after a quarter of the run. */
  readonly flat: boolean;
}

export interface MemoryWatch {
  /** @param progress - share of the run that is done, from 0 to 1. */
  look(progress: number): void;
  /** Empty where the system does not tell (no /proc). */
  result(): MemoryUse[];
}

export function watchMemory({ children }: System): MemoryWatch {
  const looks = new Map<ServiceName, { progress: number; mebibytes: number }[]>();
  return {
    look(progress) {
      for (const [service, { pid }] of Object.entries(children) as [ServiceName, { pid: number | undefined }][]) {
        const mebibytes = pid === undefined ? undefined : residentMebibytes(pid);
        if (mebibytes !== undefined) looks.set(service, [...(looks.get(service) ?? []), { progress, mebibytes }]);
      }
    },
    result: () =>
      [...looks].map(([service, all]) => {
        const between = (from: number, to: number) =>
          median(all.filter(({ progress }) => progress >= from && progress <= to).map(({ mebibytes }) => mebibytes));
        const [early, late] = [between(0.25, 0.5), between(0.75, 1)];
        const peak = Math.max(...all.map(({ mebibytes }) => mebibytes));
        // A heap that the collector lets grow for a while is no leak: what leaks by a request grows without end.
        // A run that was over before it was looked at often enough (NaN) tells nothing.
        return { service, early, late, peak, flat: !(late > 1.25 * early + 32) };
      }),
  };
}

function residentMebibytes(pid: number): number | undefined {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return undefined;
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(file, "utf8"))?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
