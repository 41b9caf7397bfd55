import { status } from "@grpc/grpc-js";
import type { Outcome } from "./call.ts";
import type { FuzzedMethod } from "./contracts.ts";
import type { MemoryUse } from "./memory.ts";

/** Codes that say that a service is at fault, or gone, or never answered; whatever the request was. */
const faults: ReadonlySet<status> = new Set([
  status.UNKNOWN,
  status.INTERNAL,
  status.DATA_LOSS,
  status.UNIMPLEMENTED,
  status.UNAVAILABLE,
  status.DEADLINE_EXCEEDED,
]);

/** Whether a call ended as no request may end it. */
export function isFault({ code, left }: Pick<Outcome, "code" | "left">): boolean {
  return !left && faults.has(code);
}

export interface Report {
  /** Counts a call. @returns whether it is a failure. */
  add(called: FuzzedMethod, outcome: Outcome): boolean;
  died(name: string, how: number | NodeJS.Signals): void;
  /** Processes that end from now on were told to. */
  stopWatching(): void;
  alive(): boolean;
  print(memory: readonly MemoryUse[]): void;
  failed(memory: readonly MemoryUse[]): boolean;
}

export function createReport(methods: readonly FuzzedMethod[]): Report {
  const counts = new Map(methods.map(({ path }) => [path, new Map<status, number>()]));
  const failures: string[] = [];
  const deaths: string[] = [];
  const started = performance.now();
  let watching = true;
  const slowest = new Map<string, number>();

  return {
    add({ path }, outcome) {
      const { code, details, left, milliseconds } = outcome;
      const codes = counts.get(path)!;
      codes.set(code, (codes.get(code) ?? 0) + 1);
      if (!left) slowest.set(path, Math.max(milliseconds, slowest.get(path) ?? 0));
      if (!isFault(outcome)) return false;
      failures.push(`${path}: ${status[code]} ${details.slice(0, 200)}`);
      return true;
    },
    died(name, how) {
      if (watching) deaths.push(`${name} ended with ${how}`);
    },
    stopWatching() {
      watching = false;
    },
    alive: () => deaths.length === 0,
    print(memory) {
      const total = [...counts.values()].flatMap((codes) => [...codes.values()]).reduce((sum, count) => sum + count, 0);
      const seconds = (performance.now() - started) / 1000;
      console.log(`\n${total} requests in ${seconds.toFixed(0)} s, ${(total / seconds).toFixed(0)} a second`);
      for (const [path, codes] of counts) {
        const sorted = [...codes].sort(([, a], [, b]) => b - a).map(([code, count]) => `${status[code]} ${count}`);
        const longest = `${(slowest.get(path) ?? 0).toFixed(0)} ms`;
        console.log(
          `  ${path.slice(path.lastIndexOf("/") + 1).padEnd(18)} ${longest.padStart(9)}  ${sorted.join(", ")}`,
        );
      }
      for (const { service, early, late, peak, flat } of memory) {
        const sizes = `${early.toFixed(0)} MiB in the second quarter, ${late.toFixed(0)} in the last, at most ${peak.toFixed(0)}`;
        console.log(`memory of ${service}: ${sizes}${flat ? "" : "  GROWS"}`);
      }
      for (const death of deaths) console.log(`CRASH  ${death}`);
      const distinct = Map.groupBy(failures, (failure) => failure.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, "…"));
      for (const [failure, same] of distinct) console.log(`FAILED ${same.length} times: ${failure}`);
      console.log(`${failures.length} answers that no request may cause, ${deaths.length} crashes`);
    },
    failed: (memory) => failures.length > 0 || deaths.length > 0 || memory.some(({ flat }) => !flat),
  };
}
