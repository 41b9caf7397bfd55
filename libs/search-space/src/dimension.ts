import type { FidelityBasis, FidelityEffect } from "./parameter.ts";

/**
 * One column of an encoded point: what a surrogate sees of a parameter. Fixed parameters have no column.
 *
 * Encoded values: numeric parameters in [0, 1] after their scale; a fidelity from 0 at its minimum to 1 at its **target**;
 * categories and truth values as the index 0 … categories − 1; NaN where the parameter is inactive.
 */
export type Dimension =
  /** `levels`: number of distinct values, absent for a float. */
  | {
      readonly name: string;
      readonly kind: "numeric";
      readonly levels?: number;
      readonly condition?: DimensionCondition;
    }
  | {
      readonly name: string;
      readonly kind: "categorical";
      readonly categories: number;
      readonly condition?: DimensionCondition;
    }
  | {
      readonly name: string;
      readonly kind: "fidelity";
      readonly basis: FidelityBasis;
      /** @default "open" */
      readonly effect?: FidelityEffect;
      readonly levels?: number;
    };

/** Active only where the column `parent` has one of the encoded `values`. */
export interface DimensionCondition {
  readonly parent: number;
  readonly values: readonly number[];
}
