/** Columns as the engines hold them: JSON as text, truth values as 0 and 1, times as milliseconds since the epoch. */
export interface Schema {
  readonly studies: StudyTable;
  readonly trials: TrialTable;
  readonly attempts: AttemptTable;
  readonly progress: ProgressTable;
  readonly events: EventTable;
  readonly responses: ResponseTable;
  readonly suggestions: SuggestionTable;
  readonly computations: ComputationTable;
}

export interface StudyTable {
  name: string;
  project: string;
  state: string;
  reason: string;
  spec: string;
  space_version: number;
  version: number;
  trial_count: number;
  counts: string;
  last_event: number;
  cost: string;
  best_trial: number | null;
  created_at: number;
  updated_at: number;
  ends_at: number | null;
}

export interface TrialTable {
  study: string;
  number: number;
  state: string;
  point: string;
  space_version: number;
  leases: number;
  attempts: number;
  attempt: number;
  lease_id: string | null;
  lease_granted_at: number | null;
  lease_expires_at: number | null;
  worker: string;
  measurement: string | null;
  cost: string;
  stopped_early: number;
  reason: string;
  explanation: string;
  labels: string;
  traceparent: string;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
}

export interface AttemptTable {
  lease_id: string;
  study: string;
  trial: number;
  number: number;
  worker: string;
  outcome: string;
  reason: string;
  measurement: string | null;
  cost: string;
  late: number;
  granted_at: number;
  ended_at: number | null;
}

export interface ProgressTable {
  study: string;
  trial: number;
  attempt: number;
  step: number;
  metrics: string;
  cost: string;
  time: number;
}

export interface EventTable {
  study: string;
  sequence: number;
  kind: string;
  time: number;
  trial: number | null;
  message: string;
}

export interface ResponseTable {
  key: string;
  method: string;
  fingerprint: string;
  body: Uint8Array;
  created_at: number;
}

export interface SuggestionTable {
  study: string;
  number: number;
  body: string;
}

export interface ComputationTable {
  study: string;
  holder: string;
  until: number;
}
