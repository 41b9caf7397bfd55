import type { Command } from "commander";

/** A figure that a document claims, with the bound that it must keep. Exactly one of at_least and at_most is given. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly at_least?: number;
  readonly at_most?: number;
  readonly pass: boolean;
}

export interface BenchResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly bars: readonly Bar[];
  /** What a reader must know to trust the figures: versions, what was not run and why. */
  readonly notes?: readonly string[];
}

export interface BenchOptions {
  /** Fewer repetitions and smaller sizes: for trying the benchmark out, not for figures to quote. */
  readonly quick: boolean;
  /** What was given for the benchmark's own options, by name. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Progress, a line at a time, to standard error. */
  log(line: string): void;
}

export interface Benchmark {
  readonly name: string;
  /** One sentence for `--help`. */
  readonly description: string;
  /** Adds the benchmark's own options. @default none */
  configure?(command: Command): void;
  run(options: BenchOptions): Promise<BenchResult>;
}

/** A bar that `value` must reach. */
export function atLeast(name: string, value: number, bound: number): Bar {
  return { name, value, at_least: bound, pass: value >= bound };
}

/** A bar that `value` must not exceed. */
export function atMost(name: string, value: number, bound: number): Bar {
  return { name, value, at_most: bound, pass: value <= bound };
}
