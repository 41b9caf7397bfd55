import type { Call } from "./check/calls.ts";
import type { Fault } from "./faults.ts";

export interface Figures {
  readonly seconds: number;
  readonly leases: number;
  readonly completed: number;
  readonly late: number;
  readonly leasesPerSecond: number;
  /** Calls that were answered at once, in milliseconds: of leases those that gave a trial. Repeats through faults included. */
  readonly latencies: Readonly<Record<"lease" | "report" | "complete", Latency>>;
  /** By kind of fault. */
  readonly recoveries: readonly Recovery[];
  /** Longest time without any answer, in milliseconds. */
  readonly longestSilence: number;
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface Recovery {
  readonly kind: string;
  readonly count: number;
  /** Milliseconds from the fault until a call that was sent after it was answered. */
  readonly answered: Latency;
  /** Milliseconds until what was killed was ready again; absent if nothing was. */
  readonly ready?: Latency;
}

export function figuresOf(calls: readonly Call[], faults: readonly Fault[]): Figures {
  const answered = calls.filter((call) => call.answer).sort((a, b) => a.answer!.time - b.answer!.time);
  const seconds = (answered.at(-1)!.answer!.time - calls[0]!.sent) / 1000;
  const time = ({ sent, answer }: Call) => answer!.time - sent;
  const leased = answered.filter(({ answer }) => answer!.method === "lease" && answer!.leases.length > 0);
  const completes = answered.filter(({ method }) => method === "complete");
  const silences = answered.slice(1).map((call, i) => call.answer!.time - answered[i]!.answer!.time);
  return {
    seconds,
    leases: leased.length,
    completed: completes.length,
    late: completes.filter(({ answer }) => answer!.method === "complete" && answer!.late).length,
    leasesPerSecond: leased.length / seconds,
    latencies: {
      lease: latencyOf(leased.map(time)),
      report: latencyOf(answered.filter(({ method }) => method === "report").map(time)),
      complete: latencyOf(completes.map(time)),
    },
    recoveries: recoveriesOf(answered, faults),
    longestSilence: silences.reduce((a, b) => Math.max(a, b), 0),
  };
}

function recoveriesOf(answered: readonly Call[], faults: readonly Fault[]): Recovery[] {
  const kinds = [...new Set(faults.map(({ kind }) => kind))].sort();
  return kinds.map((kind) => {
    const own = faults.filter((fault) => fault.kind === kind);
    const first = own.flatMap((fault) => {
      const times = answered.filter(({ sent }) => sent >= fault.time).map((call) => call.answer!.time - fault.time);
      return times.length > 0 ? [times.reduce((a, b) => Math.min(a, b))] : [];
    });
    const ready = own.flatMap((fault) => fault.ready ?? []);
    return {
      kind,
      count: own.length,
      answered: latencyOf(first),
      ...(ready.length > 0 && { ready: latencyOf(ready) }),
    };
  });
}

function latencyOf(values: readonly number[]): Latency {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? Number.NaN };
}
