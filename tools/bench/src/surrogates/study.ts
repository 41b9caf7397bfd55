import { optimizer, pointFromProto, spaceToProto } from "@superbatch/contracts";
import { atTarget, type Problem, trialCost } from "../regret/problem.ts";
import { algorithmWith } from "./contenders.ts";
import type { OptimizerHandle } from "./services.ts";

/** Total costs, in full evaluations, after which a study is judged, ascending. */
export const budgets: readonly number[] = [10, 20, 30];

/** For one suggestion: as long as the surrogate may take. */
const patienceSeconds = 300;

/** What a study with one surrogate came to. */
export interface StudyRecord {
  readonly problem: string;
  readonly surrogate: string;
  readonly seed: number;
  /** Whether the algorithm chose the fidelity too. */
  readonly multiFidelity: boolean;
  /** Simple regret at each budget: how far the recommendation's noise-free value at the target is from the minimum. */
  readonly regret: readonly number[];
  readonly trials: number;
  /** Trials chosen by the surrogate; the others are the initial design. */
  readonly modelled: number;
  /** Trials for which the surrogate failed or was late. */
  readonly failures: number;
  /** Median seconds from a lease's request to its answer, of the trials that the surrogate chose. */
  readonly seconds: number;
}

/** A study by the services until the last budget is spent; this process is its trainer. */
export async function runStudy(
  client: OptimizerHandle["client"],
  problem: Problem,
  surrogate: string,
  seed: number,
  multiFidelity: boolean,
): Promise<StudyRecord> {
  const studyId = `${problem.name}-${surrogate}-${seed}`.replaceAll("_", "-");
  const spec = optimizer.StudySpec.fromPartial({
    space: spaceToProto(problem.space),
    objective: { metric: "value", goal: optimizer.Goal.MINIMIZE },
    algorithm: algorithmWith(surrogate, multiFidelity),
    budget: { maxTrials: 10_000 },
    lease: { maxParallel: 1 },
    seed,
  });
  const { study } = await client.createStudy({ studyId, study: { spec } });
  const regret: number[] = [];
  const waits: number[] = [];
  let [spent, trials, modelled, failures] = [0, 0, 0, 0];
  for (;;) {
    const started = performance.now();
    const deadline = new Date(Date.now() + 1000 * (patienceSeconds + 20));
    const request = { study: study!.name, worker: "bench", waitSeconds: patienceSeconds };
    const [lease] = (await client.leaseTrials(request, { deadline })).leases;
    if (!lease) throw new Error(`${studyId}: no trial came within ${patienceSeconds} s`);
    const trial = lease.trial!;
    const byModel = trial.explanation?.origin === optimizer.Origin.MODEL;
    if (byModel) waits.push((performance.now() - started) / 1000);
    modelled += Number(byModel);
    failures += Number(
      trial.explanation?.origin === optimizer.Origin.FALLBACK || Boolean(trial.explanation?.surrogateFailure),
    );
    const point = pointFromProto(trial.parameters);
    const cost = trialCost(point);
    while (spent + cost > budgets[regret.length]! + 1e-9) {
      const { parameters } = await client.getRecommendation({ study: study!.name });
      regret.push(problem.value(atTarget(pointFromProto(parameters))) - problem.minimum);
      if (regret.length === budgets.length) {
        await client.deleteStudy({ name: study!.name });
        const seconds = waits.length === 0 ? 0 : waits.sort((a, b) => a - b)[waits.length >> 1]!;
        return { problem: problem.name, surrogate, seed, multiFidelity, regret, trials, modelled, failures, seconds };
      }
    }
    const measurement = { value: problem.value(point), cost: { total: cost } };
    await client.completeTrial({ trial: trial.name, leaseId: lease.leaseId, measurement });
    spent += cost;
    trials++;
  }
}
