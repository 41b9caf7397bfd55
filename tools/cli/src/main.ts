import { run } from "./program.ts";

/** The command line's process: signals, standard streams, exit code. */
const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    // The second one does not wait.
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort();
  });
// A reader that closes the pipe early (head) has what it wanted.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

const { stdout, stderr, env } = process;
process.exitCode = await run(process.argv.slice(2), { stdout, stderr, env, signal: interrupted.signal });
