// The program of a training thread: a backend, the data, and one training at a time. See training-messages.ts for what it hears and says.
import { performance } from "node:perf_hooks";
import { parentPort, workerData } from "node:worker_threads";
import { openRemoteSampler } from "@superbatch/sampler-client";
import { startTelemetry, withRemoteParent } from "@superbatch/telemetry";
import { checkpointsAt, openBackend, openEnergyMeter } from "@superbatch/training";
import { encodeError, type ThreadCommand, type ThreadEvent, type ThreadSettings } from "./training-messages.ts";
import { createTrainingSlot } from "./training-slot.ts";
import { createWorkloadRegistry, loadWorkloads } from "./workload-registry.ts";

/** Milliseconds between two messages about steps: cost so far need not be known more often. */
const STEP_INTERVAL = 100;

const settings = workerData as ThreadSettings;
const { dataDir, cacheDir, checkpointDir } = settings;
const say = (event: ThreadEvent) => parentPort!.postMessage(event);

// Calls to the sampler belong to the trial's trace.
const telemetry = startTelemetry({ service: "trainer", env: process.env });
const backend = await openBackend(settings.backend);
const slot = createTrainingSlot({
  registry: createWorkloadRegistry({ dataDir, cacheDir, own: await loadWorkloads(settings.workload) }),
  clock: () => performance.now() / 1000,
  energy: await openEnergyMeter({ devices: process.env.CUDA_VISIBLE_DEVICES }),
  sampler: (spec, signal, resume) =>
    openRemoteSampler({
      spec,
      signal,
      addresses: [settings.samplerAddress],
      client: settings.sampler,
      ...resume,
    }),
  checkpoints:
    checkpointDir === undefined
      ? undefined
      : { store: checkpointsAt(checkpointDir), seconds: settings.checkpointSeconds },
});

let abort = new AbortController();
let stopEarly = new AbortController();

async function run({ values, seed, checkpoint, traceparent }: Extract<ThreadCommand, { kind: "run" }>): Promise<void> {
  abort = new AbortController();
  stopEarly = new AbortController();
  let said = Number.NEGATIVE_INFINITY;
  try {
    const training = withRemoteParent(traceparent, () =>
      slot.run({
        values,
        seed,
        checkpoint,
        signal: abort.signal,
        stopEarly: stopEarly.signal,
        onProgress: (point) => say({ kind: "point", point }),
        onStep(progress) {
          const now = performance.now();
          if (now - said < STEP_INTERVAL) return;
          said = now;
          say({ kind: "step", progress });
        },
      }),
    );
    say({ kind: "done", outcome: await training });
  } catch (error) {
    say({ kind: "failed", error: encodeError(error) });
  } finally {
    await telemetry.flush();
  }
}

parentPort!.on("message", (command: ThreadCommand) => {
  switch (command.kind) {
    case "run":
      return void run(command);
    case "abort":
      return abort.abort(new DOMException("the training was called off", "AbortError"));
    case "stop_early":
      return stopEarly.abort();
  }
});
say({ kind: "ready", backend: { name: backend.name, device: backend.device } });
