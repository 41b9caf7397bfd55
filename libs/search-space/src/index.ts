export type { Dimension, DimensionCondition } from "./dimension.ts";
export type * from "./parameter.ts";
