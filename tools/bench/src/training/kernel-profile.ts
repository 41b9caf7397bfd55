// Where the time of a training step goes on a backend whose kernels run synchronously.
import * as tf from "@tensorflow/tfjs-core";

/** Parts of a step, by what the kernels' names begin with; the first that fits. */
const parts = [
  ["filter gradient", ["Conv2DBackpropFilter"]],
  ["input gradient", ["Conv2DBackpropInput"]],
  ["convolution", ["Conv2D"]],
  ["batch norm", ["SuperbatchBatch"]],
  ["pooling", ["MaxPool", "SuperbatchGlobalAverage"]],
  ["ReLU and addition", ["Relu", "SuperbatchReluGradient", "Add"]],
  ["update", ["SuperbatchMomentumUpdate"]],
] as const;

/** Shares of the wall time of `steps` steps: the parts above, other kernels, and what runs between kernels. */
export async function profileKernels(step: () => Promise<unknown>, steps: number): Promise<Record<string, number>> {
  const spent = new Map<string, number>();
  const originals = tf.getKernelsForBackend(tf.getBackend());
  let depth = 0;
  for (const config of originals) {
    const part =
      parts.find(([, names]) => names.some((name) => config.kernelName.startsWith(name)))?.[0] ?? "other kernels";
    tf.unregisterKernel(config.kernelName, config.backendName);
    tf.registerKernel({
      ...config,
      kernelFunc: (call) => {
        depth++;
        const start = performance.now();
        try {
          return config.kernelFunc(call);
        } finally {
          depth--;
          // A kernel that calls another is charged as a whole.
          if (depth === 0) spent.set(part, (spent.get(part) ?? 0) + performance.now() - start);
        }
      },
    });
  }
  const start = performance.now();
  try {
    for (let i = 0; i < steps; i++) await step();
  } finally {
    for (const config of originals) {
      tf.unregisterKernel(config.kernelName, config.backendName);
      tf.registerKernel(config);
    }
  }
  const total = performance.now() - start;
  const shares = [...spent].map(([part, time]) => [part, time / total] as const);
  const rest = 1 - shares.reduce((sum, [, share]) => sum + share, 0);
  return Object.fromEntries([...shares, ["between kernels", rest] as const].sort((a, b) => b[1] - a[1]));
}
