import type { AlgorithmSpec, ModelOptions } from "./algorithm-spec.ts";
import type { Surrogate } from "./surrogate.ts";

/** What a study says of its surrogate. */
export type SurrogateChoice = Pick<ModelOptions, "surrogate" | "fallbackSurrogate" | "surrogateSeconds">;

/** A surrogate that a study may use. */
export interface NamedSurrogate {
  /** Empty for the optimizer's own. */
  readonly name: string;
  readonly surrogate: Surrogate;
}

/** The surrogates that an optimizer knows. */
export interface SurrogateDirectory {
  /** Those that a study may use, in the order in which they are to be tried; at least one. */
  choose(choice: SurrogateChoice): readonly NamedSurrogate[];
}

/** A directory of one, whatever studies say. */
export function onlySurrogate(surrogate: Surrogate): SurrogateDirectory {
  return { choose: () => [{ name: "", surrogate }] };
}

/** What took a surrogate's place, and why. */
export interface SurrogateReport {
  readonly surrogate: string;
  /** Absent if it was the first. */
  readonly failure?: string;
}

export function choiceOf(spec: AlgorithmSpec): SurrogateChoice {
  return "surrogate" in spec || "fallbackSurrogate" in spec || "surrogateSeconds" in spec
    ? (spec as SurrogateChoice)
    : {};
}

/**
 * Tries a piece of work with one surrogate after the other.
 *
 * @returns the first result, with a report of what was tried.
 * @throws the last one's error, its message saying why each of them failed; the signal's reason, once it aborts.
 */
export async function tryEach<Result>(
  surrogates: readonly NamedSurrogate[],
  signal: AbortSignal,
  work: (surrogate: Surrogate) => Promise<Result>,
): Promise<{ readonly result: Result; readonly report: SurrogateReport }> {
  const failures: string[] = [];
  let last: unknown;
  for (const { name, surrogate } of surrogates) {
    try {
      const result = await work(surrogate);
      return { result, report: { surrogate: name, ...(failures.length > 0 && { failure: failures.join("; ") }) } };
    } catch (error) {
      signal.throwIfAborted();
      last = error;
      failures.push(`${nameOf(name)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  // A lone surrogate's failure needs no name.
  if (failures.length === 1) throw last;
  throw new Error(failures.join("; "), { cause: last });
}

const nameOf = (name: string) => name || "the optimizer's own surrogate";
