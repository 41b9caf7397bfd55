// A contender is a child process that trains one network on random images, whenever it is told to. It prints `ready` after its first steps;
// to `run SECONDS` it answers the samples it trained on and the seconds that took, to `profile` a JSON object of shares, and it ends with its
// standard input.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export interface Contender {
  readonly name: string;
  /** Trains for about so many seconds. @returns samples per second. */
  run(seconds: number): Promise<number>;
  /** Where the time of a step goes, by share; undefined if the contender cannot tell. */
  profile(): Promise<Record<string, number> | undefined>;
  close(): Promise<void>;
}

export interface ContenderOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a contender and waits for its first steps. @throws {Error} with its last words if it dies. */
export async function startContender({ name, command, args, env }: ContenderOptions): Promise<Contender> {
  const child = spawn(command, [...args], { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } });
  let words = "";
  child.stderr.on("data", (chunk: Buffer) => {
    words = (words + chunk.toString()).slice(-2000);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done) {
      if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
      throw new Error(`${name} ended with ${child.signalCode ?? `status ${child.exitCode}`}: ${words.trim()}`);
    }
    return line.value;
  };
  const ask = (question: string): Promise<string> => {
    child.stdin.write(`${question}\n`);
    return next();
  };
  const first = await next();
  if (first !== "ready") throw new Error(`${name} said ${first} instead of ready`);
  return {
    name,
    async run(seconds) {
      const [samples, elapsed] = (await ask(`run ${seconds}`)).split(" ").map(Number);
      return samples / elapsed;
    },
    async profile() {
      const answer = JSON.parse(await ask("profile")) as Record<string, number> | null;
      return answer ?? undefined;
    },
    async close() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, "exit");
    },
  };
}
