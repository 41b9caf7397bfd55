import { trainer as contract, optimizer, pointFromProto, valueToProto } from "@superbatch/contracts";
import { implement, invalidArgument, rpcError, type ServiceEntry } from "@superbatch/rpc";
import { createQueue } from "@superbatch/sampler-client";
import {
  architectureNames,
  DataError,
  defaultValidationSize,
  describeBackends,
  ParameterError,
} from "@superbatch/training";
import { failureOf } from "./domain/failure.ts";
import { costToProto, outcomeMetrics, pointMetrics } from "./domain/measurement.ts";
import type { BackendInUse } from "./domain/training-messages.ts";
import type { TrainingSlot } from "./domain/training-slot.ts";
import type { WorkloadRegistry } from "./domain/workload-registry.ts";

export interface TrainerServiceOptions {
  readonly worker: string;
  /** In use. */
  readonly backend: BackendInUse;
  readonly registry: WorkloadRegistry;
  readonly slot: TrainingSlot;
  readonly currentTrial: () => string;
}

/** superbatch.trainer.v1.TrainerService. */
export function trainerService({ worker, backend, registry, slot, currentTrial }: TrainerServiceOptions): ServiceEntry {
  return implement(contract.TrainerServiceDefinition, {
    async describe() {
      const backends = await describeBackends();
      const datasets = await registry.datasets();
      return {
        worker,
        backends: backends.map((described) => ({
          name: described.name,
          available: described.available,
          selected: described.name === backend.name,
          detail: detailOf(described, backend),
        })),
        datasets: datasets.map(({ name, available, detail, trainSize, classes }) => ({
          name,
          available,
          detail,
          // What a trial can train on: validation examples are set aside.
          trainingExamples: available ? trainSize - defaultValidationSize(trainSize) : 0,
          classes: available ? classes : 0,
        })),
        architectures: [...architectureNames],
        parameters: describeParameters(registry),
        currentTrial: currentTrial(),
      };
    },

    async *train({ parameters, seed }, { signal, draining }) {
      if (slot.busy) throw rpcError("TRAINER_BUSY", { limit: 1 }, { retryAfterSeconds: 5 });
      const messages = createQueue<contract.TrainResponse>();
      const training = slot
        .run({
          values: pointFromProto(parameters),
          seed,
          signal: AbortSignal.any([signal, draining]),
          onProgress(point) {
            const { step, epoch } = point;
            const value = { step, epoch, metrics: pointMetrics(point), cost: costToProto(point.cost) };
            messages.push({ event: { $case: "progress", value } });
          },
        })
        .then((outcome) => {
          const { cost, diverged } = outcome.result;
          const value = { metrics: outcomeMetrics(outcome), cost: costToProto(cost), diverged };
          messages.push({ event: { $case: "result", value } });
          messages.end();
        });
      training.catch((error: unknown) => messages.fail(refusal(error, draining)));
      yield* messages;
    },
  });
}

function detailOf(described: Awaited<ReturnType<typeof describeBackends>>[number], backend: BackendInUse): string {
  if (described.name === backend.name) return backend.device;
  return described.available ? described.detail : `${described.reason}; ${described.remedy}`;
}

/** Each parameter once, the built-in workloads' first. */
function describeParameters({ workloads }: WorkloadRegistry): contract.ParameterDescription[] {
  const names = workloads.map(({ name }) => name).join(", ");
  const chosen = [
    { name: "dataset", description: `what to train on, unless workload says so: ${names}`, defaultValue: undefined },
    { name: "workload", description: `what to train, in place of dataset: ${names}`, defaultValue: undefined },
  ];
  const byName = new Map<string, contract.ParameterDescription>(chosen.map((parameter) => [parameter.name, parameter]));
  for (const { name, description, defaultValue } of workloads.flatMap(({ parameters }) => parameters)) {
    if (byName.has(name)) continue;
    byName.set(name, {
      name,
      description,
      defaultValue: defaultValue === undefined ? undefined : valueToProto(defaultValue),
    });
  }
  return [...byName.values()];
}

function refusal(error: unknown, draining: AbortSignal): unknown {
  if (draining.aborted) return rpcError("SERVICE_STOPPING", { service: "trainer" }, { retryAfterSeconds: 1 });
  if (error instanceof ParameterError) {
    return invalidArgument(
      error.problems.map(({ parameter, message }) => ({ path: `parameters["${parameter}"]`, message })),
    );
  }
  if (error instanceof DataError)
    return rpcError("DATASET_UNAVAILABLE", { dataset: error.file, detail: error.message });
  const { kind, reason } = failureOf(error);
  return kind === optimizer.FailureKind.INFEASIBLE ? invalidArgument([{ path: "parameters", message: reason }]) : error;
}
