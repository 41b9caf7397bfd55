export { type Client, type ConnectOptions, connect } from "./client.ts";
export { Infeasible, StopEarly, StudyCompleted, TrialCancelled } from "./signals.ts";
export type { AskOptions, Objective, RunOptions, Study } from "./study.ts";
export type { Result, Trial } from "./trial.ts";
