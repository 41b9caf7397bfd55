// What the tests of this service share: a training slot on a local sampler, and an optimizer that records what it is told.
import { optimizer, pointToProto } from "@superbatch/contracts";
import { createLocalSampler } from "@superbatch/is-sgd";
import { createLogger } from "@superbatch/rpc";
import type { ParameterValues } from "@superbatch/training";
import type { Client } from "./optimizer-client.ts";
import { createTrainingSlot, type TrainingSlot } from "./training-slot.ts";
import { createWorkloadRegistry, type WorkloadRegistry } from "./workload-registry.ts";

export const silent = createLogger({ name: "test", level: "silent" });

export function registryOf(): WorkloadRegistry {
  return createWorkloadRegistry({ dataDir: undefined, cacheDir: undefined, own: [] });
}

/** Trains for real, with the sampler in process. */
export function slotOf(registry = registryOf(), clock = () => performance.now() / 1000): TrainingSlot {
  return createTrainingSlot({
    registry,
    clock,
    sampler: async (spec) => createLocalSampler(spec),
  });
}

/** Parameters of a training of a moment. */
export const quick: ParameterValues = { dataset: "digits", architecture: "mlp", width: 0.1, epochs: 1 };

export function leaseOf(values: ParameterValues, changes: Partial<optimizer.TrialLease> = {}): optimizer.TrialLease {
  return optimizer.TrialLease.fromPartial({
    trial: { name: "projects/default/studies/s/trials/1", number: 1, parameters: pointToProto(values) },
    leaseId: "lease-1",
    leaseSeconds: 60,
    metric: "validation_error",
    seed: 7,
    ...changes,
  });
}

/** Calls that were made, in order, and what answers them. */
export interface RecordingOptimizer {
  readonly client: Client;
  readonly progress: optimizer.ReportProgressRequest[];
  readonly completed: optimizer.CompleteTrialRequest[];
  readonly failed: optimizer.FailTrialRequest[];
}

/** @param command - answers each heartbeat; may throw. */
export function recordingOptimizer(
  command: (call: number) => optimizer.Command = () => "COMMAND_CONTINUE",
): RecordingOptimizer {
  const progress: optimizer.ReportProgressRequest[] = [];
  const completed: optimizer.CompleteTrialRequest[] = [];
  const failed: optimizer.FailTrialRequest[] = [];
  const client = {
    async reportProgress(request: optimizer.ReportProgressRequest) {
      progress.push(request);
      return { command: command(progress.length), reason: "told so", expireTime: undefined };
    },
    async completeTrial(request: optimizer.CompleteTrialRequest) {
      completed.push(request);
      return { trial: undefined, late: false, duplicate: false };
    },
    async failTrial(request: optimizer.FailTrialRequest) {
      failed.push(request);
      return { trial: undefined, retry: false };
    },
  };
  return { client: client as unknown as Client, progress, completed, failed };
}
