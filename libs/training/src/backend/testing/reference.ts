// Plain float64 loops that define what the operations must compute: independent of tfjs and of our kernels.

export interface ConvolutionCase {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly outputs: number;
  readonly size: number;
  readonly stride: number;
  readonly pad: "same" | "valid";
}

/** Rows or columns of the result, and zeros before the first input, as TensorFlow defines `same` and `valid`. */
export function outputSize(input: number, size: number, stride: number, pad: "same" | "valid") {
  if (pad === "valid") return { count: Math.floor((input - size) / stride) + 1, before: 0 };
  const count = Math.ceil(input / stride);
  return { count, before: Math.floor(Math.max(0, (count - 1) * stride + size - input) / 2) };
}

/** Convolution and both its gradients; all arrays as the operations lay them out (NHWC, HWIO). */
export function referenceConvolution(
  c: ConvolutionCase,
  x: Float32Array,
  filter: Float32Array,
  dy: Float32Array,
): { y: Float64Array; dx: Float64Array; dFilter: Float64Array } {
  const vertical = outputSize(c.height, c.size, c.stride, c.pad);
  const horizontal = outputSize(c.width, c.size, c.stride, c.pad);
  const y = new Float64Array(c.batch * vertical.count * horizontal.count * c.outputs);
  const dx = new Float64Array(x.length);
  const dFilter = new Float64Array(filter.length);
  for (let n = 0; n < c.batch; n++) {
    for (let i = 0; i < vertical.count; i++) {
      for (let j = 0; j < horizontal.count; j++) {
        const output = ((n * vertical.count + i) * horizontal.count + j) * c.outputs;
        for (let u = 0; u < c.size; u++) {
          for (let v = 0; v < c.size; v++) {
            const row = i * c.stride + u - vertical.before;
            const column = j * c.stride + v - horizontal.before;
            if (row < 0 || column < 0 || row >= c.height || column >= c.width) continue;
            for (let p = 0; p < c.channels; p++) {
              const input = ((n * c.height + row) * c.width + column) * c.channels + p;
              const tap = ((u * c.size + v) * c.channels + p) * c.outputs;
              for (let q = 0; q < c.outputs; q++) {
                y[output + q] += x[input] * filter[tap + q];
                dx[input] += dy[output + q] * filter[tap + q];
                dFilter[tap + q] += dy[output + q] * x[input];
              }
            }
          }
        }
      }
    }
  }
  return { y, dx, dFilter };
}

/** Max pooling and its gradient, which goes to the first maximum in row-major order. */
export function referenceMaxPool(c: Omit<ConvolutionCase, "outputs">, x: Float32Array, dy: Float32Array) {
  const vertical = outputSize(c.height, c.size, c.stride, c.pad);
  const horizontal = outputSize(c.width, c.size, c.stride, c.pad);
  const y = new Float64Array(c.batch * vertical.count * horizontal.count * c.channels);
  const dx = new Float64Array(x.length);
  for (let output = 0; output < y.length; output++) {
    const p = output % c.channels;
    const pixel = (output - p) / c.channels;
    const j = pixel % horizontal.count;
    const i = ((pixel - j) / horizontal.count) % vertical.count;
    const n = Math.floor(pixel / (horizontal.count * vertical.count));
    let best = -1;
    for (let u = 0; u < c.size; u++) {
      for (let v = 0; v < c.size; v++) {
        const row = i * c.stride + u - vertical.before;
        const column = j * c.stride + v - horizontal.before;
        if (row < 0 || column < 0 || row >= c.height || column >= c.width) continue;
        const input = ((n * c.height + row) * c.width + column) * c.channels + p;
        if (best < 0 || x[input] > x[best]) best = input;
      }
    }
    y[output] = x[best];
    dx[best] += dy[output];
  }
  return { y, dx };
}

/** Batch normalization with the batch's own statistics, and its gradients (Ioffe and Szegedy 2015, section 3). */
export function referenceBatchNorm(
  x: Float32Array,
  gamma: Float32Array,
  beta: Float32Array,
  dy: Float32Array,
  epsilon: number,
) {
  const c = gamma.length;
  const count = x.length / c;
  const [y, dx] = [new Float64Array(x.length), new Float64Array(x.length)];
  const [mean, variance, dGamma, dBeta] = [0, 1, 2, 3].map(() => new Float64Array(c));
  for (let i = 0; i < x.length; i++) mean[i % c] += x[i] / count;
  for (let i = 0; i < x.length; i++) variance[i % c] += (x[i] - mean[i % c]) ** 2 / count;
  const normalized = (i: number) => (x[i] - mean[i % c]) / Math.sqrt(variance[i % c] + epsilon);
  for (let i = 0; i < x.length; i++) {
    y[i] = gamma[i % c] * normalized(i) + beta[i % c];
    dGamma[i % c] += dy[i] * normalized(i);
    dBeta[i % c] += dy[i];
  }
  for (let i = 0; i < x.length; i++) {
    const j = i % c;
    const scale = gamma[j] / Math.sqrt(variance[j] + epsilon);
    dx[i] = scale * (dy[i] - (dBeta[j] + normalized(i) * dGamma[j]) / count);
  }
  return { y, dx, dGamma, dBeta, mean, variance };
}

/** a (m × k, or transposed) times b (k × n, or transposed). */
export function referenceProduct(
  a: Float32Array,
  b: Float32Array,
  [m, k, n]: readonly [number, number, number],
  transposeA: boolean,
  transposeB: boolean,
): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      for (let p = 0; p < k; p++) {
        out[i * n + j] += a[transposeA ? p * m + i : i * k + p] * b[transposeB ? j * k + p : p * n + j];
      }
    }
  }
  return out;
}
