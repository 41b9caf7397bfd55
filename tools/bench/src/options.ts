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
