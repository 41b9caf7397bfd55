import {
  common,
  gaussianProcessFromProto,
  inferenceFromProto,
  matrixFromProto,
  surrogate,
} from "@superbatch/contracts";
import { createMatrix, type Matrix } from "@superbatch/linalg";
import { type FieldViolation, rpcError, throwIfInvalid } from "@superbatch/rpc";
import type { Dimension } from "@superbatch/search-space";
import { readColumns } from "./columns.ts";
import type { FitInput } from "./fit-input.ts";
import { checkPoints, checkValues } from "./points.ts";
import type { PosteriorInput } from "./surrogate.ts";

const { FidelityKernel, Inference } = common;
const { Output } = surrogate;

/** Limits of the contract. */
const maxSamples = 100;
const maxAnchors = 1000;
const maxPoints = 100_000;

export interface ReadFitOptions {
  readonly maxObservations: number;
  /** Samples of the hyperparameters when the request does not say; 0: as many as the model takes by itself. */
  readonly samples: number;
}

/**
 * A fit request, checked.
 *
 * @throws {RpcError} INVALID_FIELDS with all paths at once; FIT_LIMIT_EXCEEDED.
 */
export function readFitRequest(request: surrogate.FitRequest, options: ReadFitOptions): FitInput {
  const violations: FieldViolation[] = [];
  const dimensions = readColumns(request.dimensions, violations);
  const x = readMatrix("x", request.x, violations);
  const n = x?.rows ?? 0;
  const y = readColumn("y", request.y, n, violations);
  const cost = readColumn("cost", request.cost, n, violations);
  if (n > options.maxObservations) {
    throw rpcError("FIT_LIMIT_EXCEEDED", { subject: "Observations", actual: n, limit: options.maxObservations });
  }
  // Points can only be checked against columns that are right.
  if (x && dimensions.length === request.dimensions.length) checkPoints("x", x, dimensions, violations);
  if (y) checkValues("y", y, false, violations);
  if (cost) checkValues("cost", cost, true, violations);
  if (request.inference === Inference.UNRECOGNIZED) {
    violations.push({ path: "inference", message: "must be INFERENCE_MCMC or INFERENCE_MAP" });
  }
  if (request.gaussianProcess?.fidelityKernel === FidelityKernel.UNRECOGNIZED) {
    const known = "FIDELITY_KERNEL_TASK_AND_DISTANCE, FIDELITY_KERNEL_TASK or FIDELITY_KERNEL_DISTANCE";
    violations.push({ path: "gaussian_process.fidelity_kernel", message: `must be ${known}` });
  }
  if (request.samples > maxSamples) {
    violations.push({ path: "samples", message: `must be at most ${maxSamples}, not ${request.samples}` });
  }
  if (x && request.inferFrom > n) {
    violations.push({ path: "infer_from", message: `must be at most ${n}, the rows of x, not ${request.inferFrom}` });
  }
  throwIfInvalid(violations);
  const inference = inferenceFromProto(request.inference) ?? "mcmc";
  return {
    dimensions,
    // A matrix without rows may come without columns.
    x: n === 0 ? createMatrix(0, dimensions.length) : x!,
    y: y!,
    cost: cost!,
    inference,
    samples: inference === "map" ? 1 : request.samples || options.samples,
    seed: request.seed,
    inferFrom: request.inferFrom || n,
    gaussianProcess: gaussianProcessFromProto(request.gaussianProcess),
  };
}

/**
 * A posterior request, checked.
 *
 * @param dimensions - of the model that the request names.
 * @throws {RpcError} INVALID_FIELDS with all paths at once.
 */
export function readPosteriorRequest(
  request: surrogate.PosteriorRequest,
  dimensions: readonly Dimension[],
): PosteriorInput {
  const violations: FieldViolation[] = [];
  const { output } = request;
  if (output !== Output.OBJECTIVE && output !== Output.LOG_COST) {
    violations.push({ path: "output", message: "must be OUTPUT_OBJECTIVE or OUTPUT_LOG_COST" });
  }
  const read = (path: "anchors" | "points", limit: number): Matrix => {
    const matrix = readMatrix(path, request[path], violations);
    if (!matrix || matrix.rows === 0) return createMatrix(0, dimensions.length);
    if (matrix.rows > limit) violations.push({ path, message: `must have at most ${limit} rows, not ${matrix.rows}` });
    else checkPoints(path, matrix, dimensions, violations);
    return matrix;
  };
  const anchors = read("anchors", maxAnchors);
  const points = read("points", maxPoints);
  throwIfInvalid(violations);
  return { handle: request.model, output: output === Output.OBJECTIVE ? "objective" : "log-cost", anchors, points };
}

function readMatrix(
  path: string,
  message: common.Matrix | undefined,
  violations: FieldViolation[],
): Matrix | undefined {
  try {
    return matrixFromProto(message);
  } catch (error) {
    violations.push({ path: `${path}.data`, message: (error as Error).message });
    return undefined;
  }
}

function readColumn(
  path: string,
  message: common.Matrix | undefined,
  rows: number,
  violations: FieldViolation[],
): Float64Array | undefined {
  const matrix = readMatrix(path, message, violations);
  if (!matrix) return undefined;
  if (matrix.rows === rows && (rows === 0 || matrix.columns === 1)) return matrix.data;
  violations.push({
    path,
    message: `must be ${rows} × 1, one row for each of x, not ${matrix.rows} × ${matrix.columns}`,
  });
  return undefined;
}
