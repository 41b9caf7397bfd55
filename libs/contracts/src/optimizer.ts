/** Messages of the optimizer, and its service. */
export * from "./generated/superbatch/optimizer/v1/optimizer_service.ts";
export * from "./generated/superbatch/optimizer/v1/study.ts";
export * from "./generated/superbatch/optimizer/v1/trial.ts";
