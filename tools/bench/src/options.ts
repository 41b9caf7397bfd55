import { InvalidArgumentError } from "commander";

/** Reads an option of one or several of these names, with commas between. */
export function someOf(names: readonly string[]): (given: string) => string[] {
  return (given) => {
    const chosen = given.split(",");
    const unknown = chosen.find((name) => !names.includes(name));
    if (unknown !== undefined) throw new InvalidArgumentError(`${unknown} is none of ${names.join(", ")}`);
    return chosen;
  };
}

/** Reads an option of one of these names. */
export function oneOf<Name extends string>(names: readonly Name[]): (given: string) => Name {
  return (given) => {
    const name = names.find((each) => each === given);
    if (name === undefined) throw new InvalidArgumentError(`it must be one of ${names.join(", ")}`);
    return name;
  };
}

/** Reads a whole number of at least 0. */
export function count(given: string): number {
  const value = Number(given);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError("it must be a whole number");
  return value;
}

/** Reads how many seeds, from 0, or which, as 100-119. */
export function seedRange(given: string): number[] {
  const [, from, to] = /^(?:(\d+)-)?(\d+)$/.exec(given) ?? [];
  if (to === undefined) throw new InvalidArgumentError("it must be a count, as 20, or a range, as 100-119");
  const first = Number(from ?? 0);
  const last = from === undefined ? Number(to) - 1 : Number(to);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
