// The trainer's own model and optimizer on a backend: node tfjs-contender.ts BACKEND NETWORK BATCH THREADS. See protocol.ts.
import { createInterface } from "node:readline";
import { createRng } from "@superbatch/random";
import { architectureByName, type BackendName, openBackend } from "@superbatch/training";
import { createModel } from "@superbatch/training/model";
import { profileKernels } from "./kernel-profile.ts";

const [backendName, network, batchText, threads] = process.argv.slice(2);
const size = Number(batchText);
const backend = await openBackend(backendName as BackendName, { threads: Number(threads) });
const rng = createRng("training benchmark");
const inputShape = [32, 32, 3] as const;
const classes = 10;
const model = createModel({
  architecture: architectureByName(network),
  shape: { inputShape, classes, width: 1 },
  optimizer: { kind: "sgd", momentum: 0.9, weightDecay: 1e-4 },
  dropout: 0,
  labelSmoothing: 0,
  rng,
});
const batch = {
  size,
  inputs: Float32Array.from({ length: size * inputShape[0] * inputShape[1] * inputShape[2] }, () => rng.normal()),
  labels: Int32Array.from({ length: size }, () => rng.integer(classes)),
};
const weights = new Float32Array(size).fill(1);
const step = () => model.step(batch, weights, 0.01);

for (let i = 0; i < 3; i++) await step();
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const [verb, argument] = line.split(" ");
  if (verb === "profile") {
    console.log(JSON.stringify(backend.name === "wasm" ? await profileKernels(step, 4) : null));
    continue;
  }
  const start = performance.now();
  let samples = 0;
  do {
    await step();
    samples += size;
  } while (performance.now() - start < Number(argument) * 1000);
  await backend.synchronize();
  console.log(`${samples} ${(performance.now() - start) / 1000}`);
}
