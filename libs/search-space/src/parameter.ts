/** A value of a parameter: a number (float, integer, discrete), a category, or a truth value. */
export type ParameterValue = number | string | boolean;

/** Parameter values by name. An inactive parameter (its condition does not hold) is absent. */
export type Point = Readonly<Record<string, ParameterValue>>;

/** How a numeric parameter is spaced between its bounds. Bounds are always in plain units, never exponents. */
export type Scale = "linear" | "log";

/** What a parameter ranges over. Bounds are inclusive. */
export type Domain =
  | { readonly kind: "float"; readonly min: number; readonly max: number; readonly scale: Scale }
  | { readonly kind: "integer"; readonly min: number; readonly max: number; readonly scale: Scale }
  /** Ordered numbers, strictly ascending; the model sees their order and (transformed) distances. */
  | { readonly kind: "discrete"; readonly values: readonly number[]; readonly scale: Scale }
  | { readonly kind: "categorical"; readonly categories: readonly string[] }
  | { readonly kind: "boolean" }
  /** The same in every trial. Recorded and passed to trainers; invisible to the model. */
  | { readonly kind: "fixed"; readonly value: ParameterValue };

/** The parameter is active only where `parent` is active and has one of `values`. */
export interface Condition {
  readonly parent: string;
  readonly values: readonly ParameterValue[];
}

/**
 * Basis of a fidelity's task kernel (algorithms: section 2): `fabolas` φ(s) = (1, (1 − s)²), `linear` φ(s) = (1, 1 − s),
 * `exponential` the exponential-decay kernel of freeze-thaw optimization.
 */
export type FidelityBasis = "fabolas" | "linear" | "exponential";

/**
 * How much a fidelity is believed to change the objective, before any result: `open`, as much as hyperparameters do; `small`, little or nothing unless
 * results show it, so that from few pairs of its values much is taken to be known of the target.
 */
export type FidelityEffect = "open" | "small";

/** Makes a parameter a fidelity: it trades quality for cost, and quality counts at `target`. */
export interface Fidelity {
  /**
   * The value at which the recommendation is judged, in plain units. At least the domain's max: a space may cap what is evaluated
   * below the target (B below |D|), the target stays.
   */
  readonly target: number;
  readonly basis: FidelityBasis;
  /** @default "open" */
  readonly effect?: FidelityEffect;
}

export interface Parameter {
  /** Unique in its space: a letter or underscore, then letters, digits, `_`, `-` or `.`; at most 128 characters. */
  readonly name: string;
  readonly domain: Domain;
  readonly condition?: Condition;
  /** Present for a fidelity, absent for a hyperparameter. Only numeric domains (float, integer, discrete) can be fidelities. */
  readonly fidelity?: Fidelity;
}

/** Σ coefficients[name] · value(name) ≤ bound, over active numeric hyperparameters in plain units. */
export interface LinearConstraint {
  readonly coefficients: Readonly<Record<string, number>>;
  readonly bound: number;
}

export interface SearchSpace {
  readonly parameters: readonly Parameter[];
  readonly constraints: readonly LinearConstraint[];
}
