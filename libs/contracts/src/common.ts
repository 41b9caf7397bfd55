/** Messages that the contracts share. */
export * from "./generated/superbatch/common/v1/cost.ts";
export * from "./generated/superbatch/common/v1/gaussian_process.ts";
export * from "./generated/superbatch/common/v1/matrix.ts";
export * from "./generated/superbatch/common/v1/space.ts";
export * from "./generated/superbatch/common/v1/value.ts";
