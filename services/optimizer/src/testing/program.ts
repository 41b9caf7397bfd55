import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../main.ts", import.meta.url));

/** The optimizer as a process of its own. */
export interface Program {
  readonly address: string;
  /** Sends the signal, unless it has ended already. @returns its exit status, null if the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** @param listen - the address to listen on: for example that of one that has ended. @throws {Error} if it ends before it is ready. */
export async function startProgram(store: string, listen = "127.0.0.1:0"): Promise<Program> {
  const args = ["--listen", listen, "--store", store, "--log-level", "warn"];
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    return {
      address: JSON.parse(line).address,
      async end(signal) {
        if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
        child.kill(signal);
        const [code] = await once(child, "exit");
        return code;
      },
    };
  }
  throw new Error("the optimizer ended before it was ready");
}
