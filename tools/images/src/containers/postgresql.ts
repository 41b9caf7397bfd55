import { connect, createServer } from "node:net";
import { startPostgres } from "@superbatch/store/testing";
import pg from "pg";

/** This machine's PostgreSQL at `host`:5432, with a role and a database of that name; it asks for no password. @throws {Error} if there is none */
export async function startPostgresql(host: string, name: string): Promise<AsyncDisposable> {
  const server = await startPostgres();
  if (!server) throw new Error("this machine has no PostgreSQL; apt-get install postgresql");
  const url = await server.createDatabase();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`create role ${name} login`);
  await client.query(`create database ${name} owner ${name}`);
  await client.end();
  // It listens at a socket of its own folder; the network leads there.
  const socket = `${new URL(url).searchParams.get("host")}/.s.PGSQL.5432`;
  const door = createServer((from) => {
    const to = connect(socket);
    from.pipe(to).pipe(from);
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const)
      one.on("error", () => other.destroy());
  });
  await new Promise<void>((resolve) => door.listen(5432, host, resolve));
  return {
    async [Symbol.asyncDispose]() {
      door.close();
      await server.stop();
    },
  };
}
