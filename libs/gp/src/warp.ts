import type { Group } from "./inputs.ts";
import { normalPrior, type Prior } from "./prior.ts";

/** Encoded values are kept this far from 0 and 1, where the warping's slope can be infinite. */
const margin = 1e-7;

/** Priors of log a and log b: identity (a = b = 1) is the most probable warping (Snoek, Swersky, Zemel & Adams 2014, section 3.2). */
export const warpPrior: Prior = normalPrior(0, 0.5);

/** Whether a group can be warped: one plain numeric column, since the arc of a conditional one is warped enough. */
export function isWarpable({ metric, columns }: Group): boolean {
  return metric === "euclidean" && columns === 1;
}

/** Kumaraswamy's distribution function, 1 − (1 − xᵃ)ᵇ: a monotone map of [0, 1] onto itself. */
export function warp(x: number, logA: number, logB: number): number {
  const power = clamp(x) ** Math.exp(logA);
  return -Math.expm1(Math.exp(logB) * Math.log1p(-power));
}

/** Derivatives of {@link warp} by log a and log b. */
export function warpGradient(x: number, logA: number, logB: number): { byA: number; byB: number } {
  const inside = clamp(x);
  const a = Math.exp(logA);
  const b = Math.exp(logB);
  const power = inside ** a;
  const logRest = Math.log1p(-power);
  return {
    byA: a * b * Math.exp((b - 1) * logRest) * power * Math.log(inside),
    byB: -b * Math.exp(b * logRest) * logRest,
  };
}

function clamp(x: number): number {
  return Math.min(Math.max(x, margin), 1 - margin);
}
