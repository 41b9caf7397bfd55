export type { JointGaussian } from "./joint-gaussian.ts";
export type { Matrix } from "./matrix.ts";
