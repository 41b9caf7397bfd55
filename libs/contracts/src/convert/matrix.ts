import type { JointGaussian, Matrix } from "@superbatch/linalg";
import type { Matrix as MatrixMessage } from "../generated/superbatch/common/v1/matrix.ts";
import type { PosteriorSample } from "../generated/superbatch/surrogate/v1/surrogate_service.ts";

const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The message may share the matrix's memory: do not change one while the other is in use. */
export function matrixToProto(matrix: Matrix): MatrixMessage {
  return { rows: matrix.rows, columns: matrix.columns, data: bytesOf(matrix.data) };
}

/** A vector travels as a matrix of one column. */
export function vectorToProto(vector: Float64Array): MatrixMessage {
  return { rows: vector.length, columns: 1, data: bytesOf(vector) };
}

/**
 * @param message - absent counts as the empty matrix 0 × 0.
 * @throws {RangeError} if the data's length is not that of the shape.
 */
export function matrixFromProto(message: MatrixMessage | undefined): Matrix {
  if (message === undefined) return { rows: 0, columns: 0, data: new Float64Array(0) };
  const { rows, columns, data } = message;
  const wanted = rows * columns * 8;
  if (data.length !== wanted) {
    throw new RangeError(
      `data must hold ${rows} × ${columns} float64 values = ${wanted} bytes, but has ${data.length}`,
    );
  }
  return { rows, columns, data: floatsOf(data) };
}

/** @throws {RangeError} if the matrix has more than one column, or its data's length is not that of its shape. */
export function vectorFromProto(message: MatrixMessage | undefined): Float64Array {
  const matrix = matrixFromProto(message);
  if (matrix.rows > 0 && matrix.columns !== 1)
    throw new RangeError(`a vector must have 1 column, not ${matrix.columns}`);
  return matrix.data;
}

export function gaussianToProto(gaussian: JointGaussian): PosteriorSample {
  return {
    anchorMean: vectorToProto(gaussian.anchorMean),
    anchorCovariance: matrixToProto(gaussian.anchorCovariance),
    anchorNoise: vectorToProto(gaussian.anchorNoise),
    mean: vectorToProto(gaussian.mean),
    variance: vectorToProto(gaussian.variance),
    noise: vectorToProto(gaussian.noise),
    cross: matrixToProto(gaussian.cross),
  };
}

/** @throws {RangeError} if a part's data does not have its shape's length, or the parts' shapes disagree. */
export function gaussianFromProto(message: PosteriorSample): JointGaussian {
  const gaussian = {
    anchorMean: vectorFromProto(message.anchorMean),
    anchorCovariance: matrixFromProto(message.anchorCovariance),
    anchorNoise: vectorFromProto(message.anchorNoise),
    mean: vectorFromProto(message.mean),
    variance: vectorFromProto(message.variance),
    noise: vectorFromProto(message.noise),
    cross: matrixFromProto(message.cross),
  };
  const r = gaussian.anchorMean.length;
  const q = gaussian.mean.length;
  const shapes: [string, number, number][] = [
    ["anchor_covariance", gaussian.anchorCovariance.data.length, r * r],
    ["anchor_noise", gaussian.anchorNoise.length, r],
    ["variance", gaussian.variance.length, q],
    ["noise", gaussian.noise.length, q],
    ["cross", gaussian.cross.data.length, r * q],
  ];
  for (const [name, actual, wanted] of shapes) {
    if (actual !== wanted)
      throw new RangeError(`${name} must hold ${wanted} values (R = ${r}, Q = ${q}), but has ${actual}`);
  }
  return gaussian;
}

function bytesOf(values: Float64Array): Buffer {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return littleEndian ? bytes : Buffer.from(bytes).swap64();
}

function floatsOf(bytes: Uint8Array): Float64Array {
  // A copy: the bytes are seldom aligned to 8 in the message that they came in.
  const copy = new Uint8Array(bytes);
  if (!littleEndian) Buffer.from(copy.buffer).swap64();
  return new Float64Array(copy.buffer);
}
