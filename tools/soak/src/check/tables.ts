import { DatabaseSync } from "node:sqlite";
import pg from "pg";

/** Rows as the database holds them, read with SQL of the checker's own: it shall not trust the code that it checks. */
export interface Tables {
  readonly studies: readonly StudyRow[];
  readonly trials: readonly TrialRow[];
  readonly attempts: readonly AttemptRow[];
  readonly events: readonly EventRow[];
  readonly progress: readonly ProgressRow[];
}

export interface ProgressRow {
  readonly study: string;
  readonly trial: number;
  readonly step: number;
  /** JSON. */
  readonly metrics: string;
}

export interface StudyRow {
  readonly name: string;
  readonly state: string;
  /** JSON. */
  readonly spec: string;
  readonly trial_count: number;
  readonly counts: string;
  readonly last_event: number;
  readonly cost: string;
}

export interface TrialRow {
  readonly study: string;
  readonly number: number;
  readonly state: string;
  readonly leases: number;
  readonly lease_id: string | null;
  readonly lease_expires_at: number | null;
  readonly measurement: string | null;
  readonly cost: string;
}

export interface AttemptRow {
  readonly lease_id: string;
  readonly study: string;
  readonly trial: number;
  readonly number: number;
  readonly worker: string;
  readonly outcome: string;
  readonly measurement: string | null;
  readonly cost: string;
  readonly late: number;
  readonly granted_at: number;
}

export interface EventRow {
  readonly study: string;
  readonly sequence: number;
  readonly kind: string;
  readonly trial: number | null;
}

const queries: Readonly<Record<keyof Tables, string>> = {
  studies: "select name, state, spec, trial_count, counts, last_event, cost from studies order by name",
  trials:
    "select study, number, state, leases, lease_id, lease_expires_at, measurement, cost from trials order by study, number",
  attempts:
    "select lease_id, study, trial, number, worker, outcome, measurement, cost, late, granted_at from attempts order by study, trial, number",
  progress: "select study, trial, step, metrics from progress order by study, trial, attempt, step",
  events: "select study, sequence, kind, trial from events order by study, sequence",
};

/** @param url - as the optimizer takes it. */
export async function readTables(url: string): Promise<Tables> {
  const { query, close } = url.startsWith("sqlite:")
    ? openSqlite(url.slice("sqlite:".length))
    : await openPostgres(url);
  try {
    const tables: Record<string, unknown[]> = {};
    for (const [name, sql] of Object.entries(queries)) tables[name] = await query(sql);
    return tables as unknown as Tables;
  } finally {
    await close();
  }
}

interface Database {
  query(sql: string): Promise<unknown[]>;
  close(): Promise<void>;
}

function openSqlite(path: string): Database {
  const database = new DatabaseSync(path, { readOnly: true });
  return { query: async (sql) => database.prepare(sql).all(), close: async () => database.close() };
}

async function openPostgres(url: string): Promise<Database> {
  const bigint = 20;
  const client = new pg.Client({
    connectionString: url,
    types: { getTypeParser: (id, format) => (id === bigint ? Number : pg.types.getTypeParser(id, format as "text")) },
  });
  await client.connect();
  return { query: async (sql) => (await client.query(sql)).rows, close: () => client.end() };
}
