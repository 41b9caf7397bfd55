import { Client, credentials } from "@grpc/grpc-js";
import { createLocalSampler, type Sampler, type SessionSpec, type Task } from "@superbatch/is-sgd";
import { openRemoteSampler } from "@superbatch/sampler-client";
import { echoMethod } from "./echo-method.ts";

/** One worker that can be asked for one gradient step's worth of exchange at a time. */
export interface Stepper {
  /** Sends scores of a super-batch and waits for mini-batch and next super-batch. */
  step(): Promise<void>;
  close(): Promise<void>;
}

export const batchSize = 128;
const examples = 50_000;

export function specOf(superBatchSize: number, seed: number): SessionSpec {
  // A threshold of 0: importance sampling from the second step on.
  return { examples, batchSize, superBatchSize, threshold: 0, seed };
}

async function samplerStepper(sampler: Sampler, superBatchSize: number): Promise<Stepper> {
  const scores = Float32Array.from({ length: superBatchSize }, (_, i) => 1 + (i % 17));
  const next = (task: Task) =>
    sampler.next(task.scores === "none" ? undefined : scores.subarray(0, task.indices.length));
  let task = await sampler.next();
  // The uniform steps at the beginning.
  while (task.action === "train") task = await next(task);
  return {
    async step() {
      do task = await next(task);
      while (task.action !== "train");
      task = await next(task);
    },
    close: () => sampler.close(),
  };
}

export function localStepper(superBatchSize: number, seed: number): Promise<Stepper> {
  return samplerStepper(createLocalSampler(specOf(superBatchSize, seed)), superBatchSize);
}

/** @param prefetch - 1: scores of the next super-batch are sent before the mini-batch of this one is awaited */
export async function remoteStepper(
  address: string,
  superBatchSize: number,
  seed: number,
  prefetch: number,
): Promise<Stepper> {
  const spec = { ...specOf(superBatchSize, seed), prefetch };
  return samplerStepper(await openRemoteSampler({ spec, addresses: [address] }), superBatchSize);
}

/** @param up - bytes of a step's message, at least 4 @param down - bytes of its answer */
export async function echoStepper(address: string, up: number, down: number): Promise<Stepper> {
  const limits = { "grpc.max_receive_message_length": 2 ** 26, "grpc.max_send_message_length": 2 ** 26 };
  const client = new Client(address, credentials.createInsecure(), { ...limits, "grpc.use_local_subchannel_pool": 1 });
  const { path, requestSerialize, responseDeserialize } = echoMethod;
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  const message = Buffer.alloc(up, 3);
  message.writeUInt32LE(down);
  let arrived: () => void = () => {};
  call.on("data", () => arrived());
  call.on("error", () => {});
  return {
    step() {
      return new Promise((resolve) => {
        arrived = resolve;
        call.write(message);
      });
    },
    async close() {
      call.end();
      client.close();
    },
  };
}
