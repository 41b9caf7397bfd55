export { describeStore, type StoreHarness } from "./contract.ts";
export { fixtures } from "./fixtures.ts";
export { type PostgresServer, startPostgres } from "./postgres-server.ts";
export { connectRaw, type RawPostgres } from "./raw-postgres.ts";
