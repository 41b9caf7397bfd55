import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createLocalSampler, type SessionSpec } from "@superbatch/is-sgd";
import { drive, type Step } from "@superbatch/is-sgd/testing";
import { openRemoteSampler } from "@superbatch/sampler-client";
import { afterEach, describe, expect, it } from "vitest";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));
const replicas: ChildProcess[] = [];

/** Starts a replica in a process of its own; the address once it is ready. */
async function startReplica(): Promise<{ process: ChildProcess; address: string }> {
  const replica = spawn(process.execPath, [main, "--listen", "127.0.0.1:0", "--log-level", "error"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  replicas.push(replica);
  const [line] = await once(createInterface({ input: replica.stdout! }), "line");
  return { process: replica, address: (JSON.parse(line) as { address: string }).address };
}

afterEach(() => {
  for (const replica of replicas.splice(0)) replica.kill("SIGKILL");
});

const spec: SessionSpec = { examples: 500, batchSize: 8, superBatchSize: 40, threshold: 1.1, seed: 3 };
const scoreOf = (index: number, round: number) => ((index * 7 + round) % 11) ** 2;

/** Each round's examples and weights, over all workers. */
function byRound(steps: readonly Step[]): Map<number, string[]> {
  const rounds = new Map<number, string[]>();
  for (const { round, indices, weights } of steps) {
    const all = rounds.get(round) ?? [];
    all.push(...Array.from(indices, (index, k) => `${index}:${weights[k].toFixed(5)}`));
    rounds.set(round, all.sort());
  }
  return rounds;
}

describe("kill -9 of a replica in the middle of a stream, with a second one up", () => {
  it.each<SessionSpec>([
    spec,
    { ...spec, prefetch: 1 },
    { ...spec, scheme: "loss-history" },
    { ...spec, scheme: "loss-history", prefetch: 1 },
    { ...spec, adaptive: { max: 160 } },
  ])("one worker's sequence equals the undisturbed one (%o)", async (spec) => {
    const undisturbed = await drive(createLocalSampler(spec), scoreOf, 90);
    const [first, second] = [await startReplica(), await startReplica()];
    const sampler = await openRemoteSampler({ spec, addresses: [first.address, second.address] });
    const before = await drive(sampler, scoreOf, 45);
    first.process.kill("SIGKILL");
    const after = await drive(sampler, scoreOf, 45, before.next);
    expect(sampler.reconnects()).toBe(1);
    expect([...before.steps, ...after.steps]).toEqual(undisturbed.steps);
    await sampler.close();
  });

  it.each([
    { ...spec, workers: 3 },
    { ...spec, workers: 3, prefetch: 1 },
    { ...spec, workers: 3, scheme: "loss-history" as const },
  ])("three workers together continue the undisturbed sequence, wherever the kill met them (%o)", async (spec) => {
    const { workers: _, ...alone } = spec;
    const undisturbed = byRound((await drive(createLocalSampler(alone), scoreOf, 150)).steps);
    const [first, second] = [await startReplica(), await startReplica()];
    const addresses = [first.address, second.address];
    const leader = await openRemoteSampler({ spec, addresses, worker: "0" });
    const others = ["1", "2"].map((worker) => openRemoteSampler({ spec, addresses, worker, session: leader.session }));
    const samplers = [leader, ...(await Promise.all(others))];
    let killed = false;
    const done = await Promise.all(
      samplers.map(async (sampler, k) => {
        const steps: Step[] = [];
        let next: Awaited<ReturnType<typeof drive>>["next"] | undefined;
        while (steps.length < 100) {
          const taken = await drive(sampler, scoreOf, 1, next);
          steps.push(...taken.steps);
          next = taken.next;
          if (k === 1 && steps.length === 50 && !killed) killed = first.process.kill("SIGKILL");
        }
        return steps;
      }),
    );
    expect(killed).toBe(true);
    for (const sampler of samplers) expect(sampler.reconnects()).toBe(1);
    const together = byRound(done.flat());
    for (let round = 0; round < 100; round++) expect(together.get(round)).toEqual(undisturbed.get(round));
    await Promise.all(samplers.map((sampler) => sampler.close()));
  });

  it("a stopping replica sends its workers to the next one, without a wrong step", async () => {
    const undisturbed = await drive(createLocalSampler(spec), scoreOf, 60);
    const [first, second] = [await startReplica(), await startReplica()];
    const sampler = await openRemoteSampler({ spec, addresses: [first.address, second.address] });
    const before = await drive(sampler, scoreOf, 30);
    first.process.kill("SIGTERM");
    const after = await drive(sampler, scoreOf, 30, before.next);
    expect([...before.steps, ...after.steps]).toEqual(undisturbed.steps);
    await sampler.close();
  });
});

describe("a replica that comes back empty at the same address", () => {
  it("goes on with the session as if nothing had been", async () => {
    const undisturbed = await drive(createLocalSampler(spec), scoreOf, 60);
    const first = await startReplica();
    const sampler = await openRemoteSampler({ spec, addresses: [first.address] });
    const before = await drive(sampler, scoreOf, 30);
    first.process.kill("SIGKILL");
    await once(first.process, "exit");
    const again = spawn(process.execPath, [main, "--listen", first.address, "--log-level", "error"], {
      stdio: "ignore",
    });
    replicas.push(again);
    const after = await drive(sampler, scoreOf, 30, before.next);
    expect([...before.steps, ...after.steps]).toEqual(undisturbed.steps);
    await sampler.close();
  });
});
