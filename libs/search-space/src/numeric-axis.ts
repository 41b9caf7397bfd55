import type { Domain } from "./parameter.ts";

/** A domain of numbers. */
export type NumericDomain = Extract<Domain, { kind: "float" | "integer" | "discrete" }>;

export function isNumeric(domain: Domain): domain is NumericDomain {
  return domain.kind === "float" || domain.kind === "integer" || domain.kind === "discrete";
}

/** Smallest and largest value, whether or not the domain is valid; NaN for a discrete domain without values. */
export function bounds(domain: NumericDomain): { min: number; max: number } {
  if (domain.kind !== "discrete") return { min: domain.min, max: domain.max };
  return { min: domain.values[0] ?? Number.NaN, max: domain.values.at(-1) ?? Number.NaN };
}

/**
 * The way between a numeric parameter's values and its coordinate: 0 at the smallest value, 1 at the largest, or for a fidelity at its
 * target, evenly spaced after the scale.
 *
 * How exact is it? Integers and discrete values come back as they went in. Doubles cannot all do so: between the bounds of [−1, 1]
 * lie more of them than between 0 and 1. So decoding gives values of a decimal grid: about 12 significant digits (of the range for a linear
 * scale, of the value for a logarithmic one), coarse enough that no rounding error of the way there and back reaches half a step.
 * - For every value v of the grid, and both bounds: `decode(encode(v)) === v`.
 * - For every other v: the nearest value of the grid, at most 5e-12 of range or value away.
 * - For every coordinate u: `decode(encode(decode(u))) === decode(u)`. What was suggested once can be told again exactly.
 */
export interface NumericAxis {
  readonly min: number;
  readonly max: number;
  /** Coordinate of `max`: 1 unless a fidelity's target is beyond it. */
  readonly top: number;
  /** Number of values; absent for a float. */
  readonly levels?: number;
  /** Coordinate of a value within the bounds. */
  encode(value: number): number;
  /** The value nearest to a coordinate; coordinates beyond the bounds give the bounds. */
  decode(coordinate: number): number;
  /** The value at quantile u in [0, 1) of the uniform distribution: over a float's coordinate, or over levels after their scale. */
  quantile(u: number): number;
  /** Whether the value is one of the domain's. */
  contains(value: number): boolean;
  /** The next value above (1) or below (−1) one of an integer or discrete domain; undefined at its end, and for a float. */
  step(value: number, direction: 1 | -1): number | undefined;
}

/**
 * @param domain - valid, see `validateSpace`
 * @param target - a fidelity's target, which then has the coordinate 1
 */
export function createNumericAxis(domain: NumericDomain, target?: number): NumericAxis {
  const { min, max } = bounds(domain);
  const end = target ?? max;
  const log = domain.scale === "log";
  const span = log ? Math.log(end / min) : end - min;
  const encode = log ? (value: number) => Math.log(value / min) / span : (value: number) => (value - min) / span;
  const invert = log
    ? (coordinate: number) => min * Math.exp(coordinate * span)
    : (coordinate: number) => min + coordinate * span;
  const top = encode(max);

  switch (domain.kind) {
    case "float": {
      const round = log ? roundToDigits : decimalGrid(min, max);
      // A bound off the grid stands for the grid value that is nearest to it, else the two could not be told apart.
      const [first, last] = [round(min), round(max)];
      const decode = (coordinate: number) => {
        if (!(coordinate > 0)) return min;
        if (coordinate >= top) return max;
        const value = round(invert(coordinate));
        if (value <= first) return min;
        return value >= last ? max : value;
      };
      return {
        min,
        max,
        top,
        encode,
        decode,
        quantile: (u) => decode(u * top),
        contains: (value) => value >= min && value <= max,
        step: () => undefined,
      };
    }
    case "integer": {
      const levels = max - min + 1;
      const clamp = (value: number) => Math.min(Math.max(value, min), max);
      return {
        min,
        max,
        top,
        levels,
        encode,
        decode: (coordinate) => clamp(Math.round(invert(coordinate))),
        // Logarithmic: each integer has the logarithmic width of the interval that rounds to it.
        quantile: log
          ? (u) => clamp(Math.round((min - 0.5) * ((max + 0.5) / (min - 0.5)) ** u))
          : (u) => clamp(min + Math.floor(u * levels)),
        contains: (value) => Number.isInteger(value) && value >= min && value <= max,
        step: (value, direction) => {
          const next = value + direction;
          return next < min || next > max ? undefined : next;
        },
      };
    }
    case "discrete": {
      const values = domain.values;
      const coordinates = Float64Array.from(values, encode);
      return {
        min,
        max,
        top,
        levels: values.length,
        encode,
        decode: (coordinate) => values[nearest(coordinates, coordinate)]!,
        quantile: (u) => values[Math.min(Math.floor(u * values.length), values.length - 1)]!,
        contains: (value) => values.includes(value),
        step: (value, direction) => values[values.indexOf(value) + direction],
      };
    }
  }
}

/** Rounds to 12 significant decimal digits. */
function roundToDigits(value: number): number {
  return Number(value.toPrecision(12));
}

/**
 * Rounds to a fixed number of decimal places, such that the range holds at least 1e12 steps, but no value needs more than 14 digits: the
 * last of them is then over ten times the rounding errors of the coordinate.
 */
function decimalGrid(min: number, max: number): (value: number) => number {
  const magnitude = Math.max(Math.abs(min), Math.abs(max));
  const places = Math.min(12 - Math.floor(Math.log10(max - min)), 13 - Math.floor(Math.log10(magnitude)));
  const factor = 10 ** places;
  return (value) => Number(`${Math.round(value * factor)}e${-places}`);
}

/** Index of the ascending value nearest to `x`; the lower one of two equally near. */
function nearest(ascending: Float64Array, x: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! <= x) low = middle;
    else high = middle;
  }
  return ascending[high]! - x < x - ascending[low]! ? high : low;
}
