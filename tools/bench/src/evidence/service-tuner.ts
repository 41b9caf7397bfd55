import { optimizer, pointFromProto, spaceToProto } from "@superbatch/contracts";
import { algorithmToProto } from "@superbatch/optimizer/algorithm";
import type { AlgorithmSpec } from "@superbatch/optimizer/suggest";
import type { Point } from "@superbatch/search-space";
import type { RecordedProblem } from "../recorded/problem.ts";
import type { OptimizerHandle } from "../surrogates/services.ts";
import type { Method } from "./methods.ts";
import { studySpace } from "./space.ts";
import type { Proposal, TrialCost, Tuner } from "./tuner.ts";

/** For one suggestion: as long as the surrogate may take. */
const patienceSeconds = 300;
const leaseSeconds = 86_400;
const metric = "validation_error";

/** The surrogate that {@link openServiceTuner}'s studies name. */
export const surrogateName = "exact-gp";

/** Nothing takes its place if it fails but the Sobol sequence, which would show. Algorithms without a model pass these by. */
const surrogate = {
  surrogate: surrogateName,
  fallbackSurrogate: surrogateName,
  surrogateSeconds: patienceSeconds,
};

interface Lease {
  readonly trial: string;
  readonly leaseId: string;
}

/** A study of the optimizer's service; this process is its trainers. */
export async function openServiceTuner(
  client: OptimizerHandle["client"],
  problem: RecordedProblem,
  method: Pick<Method, "name" | "fidelity" | "effect" | "stopsEarly"> & { readonly search: AlgorithmSpec },
  seed: number,
  workers: number,
): Promise<Tuner> {
  const spec = optimizer.StudySpec.fromPartial({
    space: spaceToProto(studySpace(problem, method.fidelity, method.effect)),
    objective: { metric, goal: optimizer.Goal.MINIMIZE },
    algorithm: algorithmToProto({ ...method.search, ...surrogate }),
    budget: { maxTrials: 100_000 },
    lease: { maxParallel: workers, leaseSeconds },
    ...(method.stopsEarly && { earlyStopping: { rule: { $case: "curve", value: {} } } }),
    seed,
  });
  const { study } = await client.createStudy({
    studyId: `${method.name}-${seed}`.replaceAll(".", "-"),
    study: { spec },
  });
  const name = study!.name;
  const leases = new Map<string, Lease>();
  let results = 0;

  const tuner: Tuner = {
    async suggest() {
      const started = performance.now();
      const deadline = new Date(Date.now() + 1000 * (patienceSeconds + 20));
      const request = { study: name, worker: "evidence", waitSeconds: patienceSeconds };
      const [lease] = (await client.leaseTrials(request, { deadline })).leases;
      if (!lease) throw new Error(`${name}: no trial came within ${patienceSeconds} s`);
      const trial = lease.trial!;
      const { origin, note, surrogateFailure } = trial.explanation!;
      if (origin === optimizer.Origin.FALLBACK || surrogateFailure)
        throw new Error(`${name}: the surrogate failed: ${surrogateFailure || note}`);
      leases.set(trial.name, { trial: trial.name, leaseId: lease.leaseId });
      const point = pointFromProto(trial.parameters);
      return {
        id: trial.name,
        x: xOf(problem, point),
        ...(method.fidelity && { fidelity: point[method.fidelity] as number }),
        seconds: (performance.now() - started) / 1000,
        byModel: origin === optimizer.Origin.MODEL,
      };
    },
    async complete({ id }, { value, cost, priorCost, stoppedEarly }) {
      const measurement = { value, cost: costToProto(cost), priorCost };
      await client.completeTrial({ ...leases.get(id)!, measurement, stoppedEarly });
      leases.delete(id);
      results++;
    },
    async recommend() {
      if (results === 0) return undefined;
      const { parameters } = await client.getRecommendation({ study: name });
      return xOf(problem, pointFromProto(parameters));
    },
    async close() {
      await client.deleteStudy({ name });
    },
  };
  if (!method.stopsEarly) return tuner;
  return {
    ...tuner,
    async report({ id }: Proposal, { epoch, value, cost }, lastEpoch) {
      const points = [{ step: epoch, metrics: { [metric]: value }, cost: costToProto(cost) }];
      const { command } = await client.reportProgress({ ...leases.get(id)!, points, finalStep: lastEpoch });
      return command === optimizer.Command.STOP_EARLY;
    },
  };
}

function xOf({ hyperparameters }: RecordedProblem, point: Point): number[] {
  return hyperparameters.map(({ name }) => point[name] as number);
}

function costToProto({ total, scoring, evaluation }: TrialCost) {
  return { total, scoring, evaluation, gradient: total - scoring - evaluation };
}
