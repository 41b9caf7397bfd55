// Puts our kernels in the place of TensorFlow.js' own for the wasm backend, and registers the fused ones of fused.ts.
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { fusedKernels } from "../fused.ts";
import { convolution, inputGradient } from "./convolution.ts";
import { add, relu, slice } from "./elementwise.ts";
import { filterGradient } from "./filter-gradient.ts";
import { fusedImplementations } from "./fused.ts";

import { maxPool, maxPoolGradient } from "./pooling.ts";
import { product } from "./product.ts";
import type { Team } from "./team.ts";

type Inputs = Record<string, tf.TensorInfo>;
type Attributes = Record<string, unknown>;
export type Implementation = (
  team: Team,
  backend: BackendWasm,
  inputs: Inputs,
  attributes: Attributes,
) => tf.TensorInfo | tf.TensorInfo[] | undefined;

type Shape4 = [number, number, number, number];
type Pad = Parameters<typeof tf.backend_util.computeConv2DInfo>[4];

/** Sizes and padding of a convolution that our kernels can do; undefined for what they leave to tfjs. */
function convInfo(inputShape: unknown, filterShape: unknown, attributes: Attributes) {
  const { strides, dilations = 1, pad, dimRoundingMode, dataFormat } = attributes;
  const info = tf.backend_util.computeConv2DInfo(
    inputShape as Shape4,
    filterShape as Shape4,
    strides as number | [number, number],
    dilations as number | [number, number],
    pad as Pad,
    dimRoundingMode as "floor" | "round" | "ceil" | undefined,
    false,
    tf.backend_util.convertConv2DDataFormat((dataFormat ?? "NHWC") as "NHWC" | "NCHW"),
  );
  const plain = info.dataFormat === "channelsLast" && info.dilationHeight === 1 && info.dilationWidth === 1;
  return plain && info.strideHeight === info.strideWidth ? info : undefined;
}

const replacements: Record<string, Implementation> = {
  Conv2D: (team, backend, { x, filter }, attributes) => {
    const info = convInfo(x.shape, filter.shape, attributes);
    return info && convolution(team, backend, x, filter, info);
  },
  Conv2DBackpropInput: (team, backend, { dy, filter }, attributes) => {
    const info = convInfo(attributes.inputShape, filter.shape, attributes);
    return info && inputGradient(team, backend, dy, filter, info);
  },
  Conv2DBackpropFilter: (team, backend, { x, dy }, attributes) => {
    const info = convInfo(x.shape, attributes.filterShape, attributes);
    return info && filterGradient(team, backend, x, dy, info);
  },
  BatchMatMul: product,
  // tfjs' own copies the values; tensors are immutable, so a second reference does.
  Identity: (_, backend, { x }) => {
    backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  },
  Add: add,
  Relu: relu,
  Slice: slice,
  MaxPool: maxPool,
  MaxPoolGrad: maxPoolGradient,
};

function register(name: string, implementation: Implementation, team: Team): void {
  const original = tf.getKernel(name, "wasm") as tf.KernelConfig | undefined;
  if (original !== undefined) tf.unregisterKernel(name, "wasm");
  tf.registerKernel({
    kernelName: name,
    backendName: "wasm",
    kernelFunc: (call) => {
      const { inputs, attrs, backend } = call;
      const result = withoutLeak(backend as BackendWasm, (scope) =>
        implementation(team, scope, inputs as Inputs, (attrs ?? {}) as Attributes),
      );
      if (result !== undefined) return result;
      if (original === undefined) throw new Error(`${name}: the wasm backend has no kernel for these attributes`);
      return original.kernelFunc(call);
    },
  });
}

/** Runs a kernel; what it had made is freed if it throws, since tfjs learns of outputs only when a kernel returns them. */
function withoutLeak<T>(backend: BackendWasm, kernel: (scope: BackendWasm) => T): T {
  const made: tf.TensorInfo[] = [];
  const scope = Object.create(backend) as BackendWasm;
  scope.makeOutput = (...details) => {
    const output = backend.makeOutput(...details);
    made.push(output);
    return output;
  };
  try {
    return kernel(scope);
  } catch (error) {
    for (const { dataId } of made) backend.disposeData(dataId, true);
    throw error;
  }
}

/** Registers all kernels. Once per process: tfjs has one registry. */
export function registerKernels(team: Team): void {
  for (const [name, implementation] of Object.entries(replacements)) register(name, implementation, team);
  for (const [name, implementation] of Object.entries(fusedImplementations)) {
    register(fusedKernels[name as keyof typeof fusedKernels], implementation, team);
  }
}
