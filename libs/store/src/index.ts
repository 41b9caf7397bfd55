export type { Attempt, AttemptChange, AttemptOutcome, ProgressPoint } from "./attempt.ts";
export { backupStore } from "./backup/backup.ts";
export { restoreStore } from "./backup/restore.ts";
export { addCosts, type Cost, noCost } from "./cost.ts";
export type { Event, NewEvent } from "./event.ts";
export type { JsonObject, JsonValue } from "./json.ts";
export { migrateStore, openStore, type StoreOptions } from "./open.ts";
export type { StoredResponse } from "./request.ts";
export { shareReads } from "./shared-reads.ts";
export {
  type Clock,
  type Page,
  type Store,
  StoreConflict,
  type StoreReader,
  type StoreTransaction,
  StoreUnavailable,
  type StudyKey,
} from "./store.ts";
export type { NewStudy, Study, StudyChange, StudyState, TrialCounts } from "./study.ts";
export type { StoredSuggestion } from "./suggestion.ts";
export { resultsFromCsv, type TabledResult, trialsToCsv } from "./transfer/csv.ts";
export { exportStudy, parseStudy } from "./transfer/json.ts";
export { renameRecord, type StudyRecord } from "./transfer/study-record.ts";
export {
  type Extrapolation,
  finalStates,
  heldStates,
  type Lease,
  type Measurement,
  type NewTrial,
  type Trial,
  type TrialChange,
  type TrialState,
} from "./trial.ts";
