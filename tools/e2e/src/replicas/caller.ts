/**
 * A process of clients as they are without any options: `node caller.ts TARGET STUDY WORKERS`. Each leases, reports and completes until standard
 * input ends. Ends with one line of JSON, {@link CallerResult}.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { optimizer } from "@superbatch/contracts";
import { createClient } from "@superbatch/rpc";

export interface CallerResult {
  /** Calls that were answered. */
  readonly calls: number;
  /** Trials that were completed. */
  readonly completed: number;
  /** Longest time that a call took, milliseconds; those that wait for a trial not counted. */
  readonly longest: number;
  /** What failed calls failed with. */
  readonly failures: readonly string[];
}

const [target = "", study = "", workers = "1"] = process.argv.slice(2);
const { client, close } = createClient(optimizer.OptimizerServiceDefinition, target);
const failures: string[] = [];
let calls = 0;
let completed = 0;
let stopping = false;
process.stdin.once("end", () => {
  stopping = true;
});
process.stdin.resume();
let longest = 0;

async function timed<T>(name: string, call: Promise<T>): Promise<T | undefined> {
  const began = performance.now();
  try {
    const answer = await call;
    calls++;
    if (name !== "lease") longest = Math.max(longest, performance.now() - began);
    return answer;
  } catch (error) {
    failures.push(`${name} after ${Math.round(performance.now() - began)} ms: ${error}`);
    return undefined;
  }
}

/** Milliseconds from 100 to 300, spread evenly over the numbers, and the same in each run. */
const pause = (number: number) => 100 + 200 * ((0.618 * number) % 1);

async function work(number: number): Promise<void> {
  const worker = `w${number}`;
  for (let i = 0; !stopping; i++) {
    const id = `${worker}-${i}`;
    const asked = client.leaseTrials({ study, worker, waitSeconds: 2, requestId: `lease-${id}` });
    const answer = await timed("lease", asked);
    const lease = answer?.leases[0];
    if (!lease) continue;
    const held = { trial: lease.trial!.name, leaseId: lease.leaseId };
    await sleep(pause(number + 2 * i));
    await timed("report", client.reportProgress({ ...held, requestId: `report-${id}` }));
    await sleep(pause(number + 2 * i + 1));
    const measurement = { value: 0.5, cost: { total: 1, gradient: 1 } };
    const result = await timed("complete", client.completeTrial({ ...held, measurement, requestId: `complete-${id}` }));
    if (result && !result.duplicate && !result.late) completed++;
  }
}

await Promise.all(Array.from({ length: Number(workers) }, (_, i) => work(i)));
close();
process.stdout.write(`${JSON.stringify({ calls, completed, longest, failures } satisfies CallerResult)}\n`);
