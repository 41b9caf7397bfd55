import { randomUUID } from "node:crypto";
import type { ParameterValue, Point } from "@superbatch/search-space";
import { InvalidArgumentError } from "commander";
import { usageError } from "./failure.ts";

/** A number of an option, for commander. */
export function number(min: number, max = Number.POSITIVE_INFINITY): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !(value >= min && value <= max))
      throw new InvalidArgumentError(
        `It must be a number ${max === Number.POSITIVE_INFINITY ? `of at least ${min}` : `from ${min} to ${max}`}.`,
      );
    return value;
  };
}

/** A whole number of an option, for commander. */
export function integer(min: number, max: number): (text: string) => number {
  const parse = number(min, max);
  return (text) => {
    const value = parse(text);
    if (!Number.isInteger(value)) throw new InvalidArgumentError("It must be a whole number.");
    return value;
  };
}

/** `name=value` words as an object. @throws {CommandError} for a word without `=`. */
export function assignments(words: readonly string[]): [name: string, value: string][] {
  return words.map((word) => {
    const at = word.indexOf("=");
    if (at < 1) throw usageError(`${word} is not NAME=VALUE`);
    return [word.slice(0, at), word.slice(at + 1)];
  });
}

/** `name=number` words as metrics. */
export function metricsOf(words: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    assignments(words).map(([name, text]) => {
      const value = Number(text);
      if (text.trim() === "" || !Number.isFinite(value)) throw usageError(`${name}=${text}: must be a finite number`);
      return [name, value];
    }),
  );
}

/** `name=value` words as parameter values: numbers and truth values as such, all else as text. */
export function pointOf(words: readonly string[]): Point {
  return Object.fromEntries(assignments(words).map(([name, text]) => [name, parameterValue(text)]));
}

function parameterValue(text: string): ParameterValue {
  if (text === "true" || text === "false") return text === "true";
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** A fresh id for a call that changes something. */
export const requestId = (): string => randomUUID();
