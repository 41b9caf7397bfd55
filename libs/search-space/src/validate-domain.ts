import { spaceLimits } from "./limits.ts";
import type { Domain, Scale } from "./parameter.ts";
import type { Violation } from "./violation.ts";

/** Sizes between which the transforms keep their precision. */
const smallest = 1e-100;
const largest = 1e100;
/** A float's range relative to its largest bound, and a discrete domain's gaps relative to its range: below, values fall together. */
const narrowest = 1e-9;
/** Integers: largest number of values on a linear scale, and largest value on a logarithmic one, that are told apart exactly. */
const largestCount = 2 ** 50;
const largestLogInteger = 2 ** 40;

/** @param path - of the parameter that the domain belongs to, such as `parameters[3]` */
export function validateDomain(domain: Domain, path: string): Violation[] {
  const field = `${path}.${domain.kind}`;
  switch (domain.kind) {
    case "float":
    case "integer":
      return validateBounds(domain, field);
    case "discrete":
      return validateValues(domain.values, domain.scale, field);
    case "categorical":
      return validateCategories(domain.categories, field);
    case "boolean":
      return [];
    case "fixed":
      return typeof domain.value === "number" && !Number.isFinite(domain.value)
        ? [{ path: field, message: `must be finite, not ${domain.value}` }]
        : [];
  }
}

function validateBounds(domain: Extract<Domain, { kind: "float" | "integer" }>, path: string): Violation[] {
  const { kind, min, max, scale } = domain;
  const violations = (["min", "max"] as const).flatMap((side): Violation[] => {
    const message = problemOfNumber(domain[side], scale, kind === "integer");
    return message ? [{ path: `${path}.${side}`, message }] : [];
  });
  if (violations.length > 0) return violations;
  const add = (message: string) => violations.push({ path: `${path}.max`, message });
  if (max <= min) add(`must be above min (${min}), not ${max}; for a single value use a fixed parameter`);
  else if (kind === "float" && max - min < narrowest * Math.max(Math.abs(min), Math.abs(max)))
    add(`is too close to min (${min}): the range must be at least ${narrowest} of the larger bound`);
  else if (kind === "integer" && scale === "linear" && max - min > largestCount)
    add("is too far from min: an integer has at most 2^50 values");
  else if (kind === "integer" && scale === "log" && max > largestLogInteger)
    add("must be at most 2^40 on a logarithmic scale");
  return violations;
}

function validateValues(values: readonly number[], scale: Scale, path: string): Violation[] {
  if (values.length < 2) return [{ path: `${path}.values`, message: `needs at least 2 values, not ${values.length}` }];
  if (values.length > spaceLimits.discreteValues)
    return [{ path: `${path}.values`, message: `has more than ${spaceLimits.discreteValues} values` }];
  const violations: Violation[] = [];
  const coordinate = (value: number) => (scale === "log" ? Math.log(value) : value);
  const range = coordinate(values.at(-1)!) - coordinate(values[0]!);
  values.forEach((value, index) => {
    const previous = values[index - 1];
    const add = (message: string) => violations.push({ path: `${path}.values[${index}]`, message });
    const problem = problemOfNumber(value, scale, false);
    if (problem) add(problem);
    else if (previous !== undefined && Number.isFinite(previous)) {
      if (value <= previous) add(`values must be strictly ascending: ${value} follows ${previous}`);
      else if (coordinate(value) - coordinate(previous) < narrowest * range)
        add(`is too close to ${previous}: gaps must be at least ${narrowest} of the range`);
    }
  });
  return violations;
}

function validateCategories(categories: readonly string[], path: string): Violation[] {
  const field = `${path}.categories`;
  if (categories.length < 2) return [{ path: field, message: `needs at least 2 categories, not ${categories.length}` }];
  if (categories.length > spaceLimits.categories)
    return [{ path: field, message: `has more than ${spaceLimits.categories} categories` }];
  return categories.flatMap((category, index): Violation[] => {
    const earlier = categories.indexOf(category);
    const at = `${field}[${index}]`;
    if (category === "") return [{ path: at, message: "must not be empty" }];
    if (category.length > spaceLimits.categoryLength)
      return [{ path: at, message: `has more than ${spaceLimits.categoryLength} characters` }];
    if (earlier < index)
      return [{ path: at, message: `${JSON.stringify(category)} is already categories[${earlier}]` }];
    return [];
  });
}

/** What is wrong with a bound or value of its own, without looking at others. */
function problemOfNumber(value: number, scale: Scale, whole: boolean): string | undefined {
  if (!Number.isFinite(value)) return `must be finite, not ${value}`;
  if (scale === "log" && value <= 0) return `must be above 0 on a logarithmic scale, not ${value}`;
  if (whole && !Number.isSafeInteger(value)) return `must be a whole number within ±2^53, not ${value}`;
  if (value !== 0 && (Math.abs(value) < smallest || Math.abs(value) > largest))
    return `must be 0 or between ${smallest} and ${largest} in size, not ${value}`;
  return undefined;
}
