import pg from "pg";

/** A connection for SQL of a test's own. */
export interface RawPostgres extends AsyncDisposable {
  query(sql: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
}

export async function connectRaw(url: string): Promise<RawPostgres> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    query: async (sql, values) => (await client.query(sql, values && [...values])).rows,
    [Symbol.asyncDispose]: () => client.end(),
  };
}
