import { optimizer, pointFromProto } from "@superbatch/contracts";
import type { OptimizerClient } from "../services.ts";
import { xorshift } from "./xorshift.ts";

export const metric = "validation_error";

/** A study with all kinds of parameters; the super-batch size is its fidelity. */
export function exampleSpec(maxTrials: number): unknown {
  return {
    space: {
      parameters: [
        { name: "learning_rate", float: { min: 0.0001, max: 1, scale: "SCALE_LOG" } },
        { name: "momentum", float: { min: 0, max: 0.99 } },
        { name: "layers", integer: { min: 1, max: 4 } },
        { name: "activation", categorical: { categories: ["relu", "tanh", "gelu"] } },
        { name: "super_batch", integer: { min: 128, max: 4096, scale: "SCALE_LOG" }, fidelity: { target: 4096 } },
      ],
    },
    objective: { metric, goal: "GOAL_MINIMIZE" },
    budget: { maxTrials },
    lease: { leaseSeconds: 3 },
    seed: 7,
    costUnit: "s",
  };
}

export async function createStudy(client: OptimizerClient, studyId: string, spec: unknown): Promise<string> {
  const study = optimizer.Study.fromJSON({ spec });
  return (await client.createStudy({ parent: "", studyId, study })).study!.name;
}

type Point = Readonly<Record<string, number | string | boolean>>;

/** Error and cost of a training that never was: smooth, noisy, better and dearer with a larger super-batch. */
function train(point: Point, noise: number) {
  const rate = Math.log10(Number(point.learning_rate)) + 1.3;
  const share = Math.log2(Number(point.super_batch) / 128) / 5;
  const activation = { relu: 0, tanh: 0.02, gelu: 0.008 }[String(point.activation)] ?? 0;
  const value =
    0.04 +
    0.035 * rate ** 2 +
    0.09 * (Number(point.momentum) - 0.85) ** 2 +
    0.006 * (Number(point.layers) - 3) ** 2 +
    activation +
    0.03 * (1 - share) ** 2 +
    0.004 * noise;
  const scoring = 0.4 + 2.6 * share;
  const cost = { scoring, gradient: 4 + 0.5 * Number(point.layers), evaluation: 0.7, data: 0.3, total: 0 };
  cost.total = cost.scoring + cost.gradient + cost.evaluation + cost.data + 0.1;
  return { value, cost };
}

function curve(value: number, cost: optimizer.Trial["cost"], upTo = 12): optimizer.ProgressPoint[] {
  return Array.from({ length: upTo }, (_, i) => {
    const done = (i + 1) / 12;
    const tau = 1 + 1.8 * done ** 1.5;
    const spent = Object.fromEntries(Object.entries(cost!).map(([phase, amount]) => [phase, amount * done]));
    return {
      step: 50 * (i + 1),
      metrics: { [metric]: value + 0.5 * Math.exp(-4 * done), tau, importance_sampling: tau > 1.6 ? 1 : 0 },
      cost: spent as unknown as optimizer.Trial["cost"],
      time: undefined,
    };
  });
}

export interface Play {
  /** Trials to complete. */
  readonly trials: number;
  /** Number of the trial whose trainer is lost in its first attempt, and of the one that fails for good. */
  readonly lost?: number;
  readonly failed?: number;
  /** Milliseconds that a trial takes. @default 0 */
  readonly pause?: number;
}

/** Two trainers, taking turns, lease and complete trials of the study. */
export async function playStudy(client: OptimizerClient, study: string, play: Play): Promise<void> {
  const random = xorshift(11);
  const lost = new Set(play.lost === undefined ? [] : [play.lost]);
  for (let completed = 0, turn = 0; completed < play.trials; turn++) {
    const worker = `trainer-${(turn % 2) + 1}`;
    const { leases } = await client.leaseTrials({ study, worker, count: 1, waitSeconds: 10 });
    const [lease] = leases;
    if (!lease) continue;
    const { trial, leaseId } = lease;
    const { value, cost } = train(pointFromProto(trial!.parameters), random() - 0.5);
    if (lost.delete(trial!.number)) continue;
    if (trial!.number === play.failed) {
      await client.failTrial({
        trial: trial!.name,
        leaseId,
        kind: optimizer.FailureKind.INFEASIBLE,
        reason: "out of memory\nTraceback (most recent call last):\n  train.py:41 in step\nMemoryError: 12.4 GB",
        cost: { total: 0.8 },
      });
      continue;
    }
    await client.reportProgress({ trial: trial!.name, leaseId, points: curve(value, cost as never), cost });
    if (play.pause) await new Promise((resolve) => setTimeout(resolve, play.pause! * (0.5 + random())));
    await client.completeTrial({
      trial: trial!.name,
      leaseId,
      measurement: { value, metrics: { [metric]: value, steps: 600, train_loss: value * 2.3 }, cost },
    });
    completed++;
  }
}

/** Leases a trial and reports part of its curve; it stays running as long as the lease is extended. */
export async function beginTrial(client: OptimizerClient, study: string): Promise<{ trial: string; leaseId: string }> {
  const { leases } = await client.leaseTrials({ study, worker: "trainer-1", count: 1, waitSeconds: 20 });
  const { trial, leaseId } = leases[0]!;
  const { value, cost } = train(pointFromProto(trial!.parameters), 0);
  await client.reportProgress({ trial: trial!.name, leaseId, points: curve(value, cost as never, 6), cost });
  return { trial: trial!.name, leaseId };
}
