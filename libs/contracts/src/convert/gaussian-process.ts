import {
  type GaussianProcess as GaussianProcessMessage,
  Inference as InferenceMessage,
  FidelityKernel as KernelMessage,
} from "../generated/superbatch/common/v1/gaussian_process.ts";

/** How hyperparameters of a model are inferred. */
export type Inference = "mcmc" | "map";

/** What a Gaussian process assumes; absent options stand for their defaults. Field by field as in the contract. */
export interface GaussianProcessOptions {
  /** Lets the logarithm of the noise variance be linear in each fidelity. @default false */
  readonly fidelityNoise?: boolean;
  /** Maps each numeric hyperparameter through a learned monotone function. @default false */
  readonly inputWarping?: boolean;
  /** How results at different fidelities are related. @default "task-and-distance" */
  readonly fidelityKernel?: "task-and-distance" | "task" | "distance";
}

const kernels = [
  ["task-and-distance", KernelMessage.TASK_AND_DISTANCE],
  ["task", KernelMessage.TASK],
  ["distance", KernelMessage.DISTANCE],
] as const;

/** @returns undefined for the default */
export function inferenceFromProto(inference: InferenceMessage): Inference | undefined {
  if (inference === InferenceMessage.MAP) return "map";
  return inference === InferenceMessage.MCMC ? "mcmc" : undefined;
}

export function inferenceToProto(inference: Inference | undefined): InferenceMessage {
  if (inference === undefined) return InferenceMessage.UNSPECIFIED;
  return inference === "map" ? InferenceMessage.MAP : InferenceMessage.MCMC;
}

/** Options that are set, defaults left out, so that equal models have equal options. */
export function gaussianProcessFromProto(message: GaussianProcessMessage | undefined): GaussianProcessOptions {
  const kernel = kernels.find(([, value]) => value === message?.fidelityKernel)?.[0];
  return {
    ...(message?.fidelityNoise && { fidelityNoise: true }),
    ...(message?.inputWarping && { inputWarping: true }),
    ...(kernel && kernel !== kernels[0][0] && { fidelityKernel: kernel }),
  };
}

/** @returns undefined if none is set */
export function gaussianProcessToProto(options: GaussianProcessOptions = {}): GaussianProcessMessage | undefined {
  if (Object.values(options).every((value) => value === undefined)) return undefined;
  const kernel = kernels.find(([name]) => name === options.fidelityKernel)?.[1];
  return {
    fidelityNoise: options.fidelityNoise ?? false,
    inputWarping: options.inputWarping ?? false,
    fidelityKernel: kernel ?? KernelMessage.UNSPECIFIED,
  };
}
