import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { optimizer, spaceToProto } from "@superbatch/contracts";
import { startStack } from "@superbatch/launcher";
import { createClient } from "@superbatch/rpc";

/** The suite as `npm start` has it, with one trainer; with its telemetry sent somewhere or not. */
export interface Contender {
  /** Trains a network once, always the same. @returns gradient steps per second of the trainer's own clock */
  train(): Promise<number>;
  /** Leases and completes trials for so many seconds, by eight clients that do not train. @returns trials per second */
  lease(seconds: number): Promise<number>;
  stop(): Promise<void>;
}

const clients = 8;

const network = spaceToProto({
  parameters: [
    // One point, as good as: a space needs something to tune.
    { name: "learning_rate", domain: { kind: "float", min: 0.02, max: 0.020001, scale: "linear" } },
    ...Object.entries({
      dataset: "digits",
      architecture: "small_cnn",
      epochs: 6,
      evaluation_epochs: 1,
      super_batch: 96,
      // Importance sampling from the first step that it can be: every step goes through the sampler's stream, and every other one scores.
      tau_threshold: 1,
    }).map(([name, value]) => ({ name, domain: { kind: "fixed", value } }) as const),
  ],
  constraints: [],
});
const line = spaceToProto({
  parameters: [{ name: "x", domain: { kind: "float", min: 0, max: 1, scale: "linear" } }],
  constraints: [],
});

/** @param endpoint - of an OTLP receiver; undefined: no telemetry */
export async function startContender(endpoint: string | undefined): Promise<Contender> {
  const folder = mkdtempSync(join(tmpdir(), "superbatch-bench-"));
  if (endpoint === undefined) delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  else process.env.OTEL_EXPORTER_OTLP_ENDPOINT = endpoint;
  const stack = await startStack({
    stateDir: folder,
    trainers: 1,
    trainerArgs: ["--no-download", "--backend", "wasm"],
  });
  const handles = Array.from({ length: clients }, () =>
    createClient(optimizer.OptimizerServiceDefinition, stack.optimizerAddress),
  );
  const { client } = handles[0]!;
  let studies = 0;
  let calls = 0;

  /** @param capability - what only workers of this process have; undefined: for the stack's trainer */
  async function createStudy(space: typeof line, maxTrials: number, capability?: string): Promise<string> {
    const spec = optimizer.StudySpec.fromPartial({
      space,
      objective: { metric: "validation_error" },
      algorithm: { kind: { $case: "random", value: {} } },
      budget: { maxTrials },
      requirements: capability === undefined ? {} : { [capability]: "true" },
      seed: 1,
    });
    return (await client.createStudy({ studyId: `bench-${++studies}`, study: { spec } })).study!.name;
  }

  return {
    async train() {
      const name = await createStudy(network, 1);
      for (;;) {
        await Promise.race([new Promise((resolve) => setTimeout(resolve, 100)), stack.failed]);
        const [trial] = (await client.listTrials({ study: name })).trials;
        if (trial?.state === "TRIAL_STATE_COMPLETED") return trial.measurement!.metrics.steps! / trial.cost!.total;
        if (trial?.state === "TRIAL_STATE_FAILED") throw new Error(`the training failed: ${trial.reason}`);
      }
    },
    async lease(seconds) {
      const capability = "bench/lease";
      const study = await createStudy(line, 0, capability);
      const end = performance.now() + 1000 * seconds;
      let trials = 0;
      const work = async (own: typeof client, worker: string) => {
        const capabilities = { [capability]: "true" };
        while (performance.now() < end) {
          const requestId = `lease-${++calls}`;
          const { leases } = await own.leaseTrials({ study, worker, capabilities, waitSeconds: 10, requestId });
          const { trial, leaseId } = leases[0]!;
          const measurement = { value: 0.5, cost: { total: 1, gradient: 1 } };
          await own.completeTrial({ trial: trial!.name, leaseId, measurement, requestId: `complete-${++calls}` });
          trials++;
        }
      };
      const began = performance.now();
      await Promise.all(handles.map(({ client }, i) => work(client, `w${i}`)));
      const rate = (1000 * trials) / (performance.now() - began);
      await client.updateStudy({ name: study, state: optimizer.StudyState.PAUSED });
      return rate;
    },
    async stop() {
      for (const { close } of handles) close();
      await stack.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
