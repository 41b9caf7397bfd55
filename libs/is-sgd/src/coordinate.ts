/**
 * Coordinate of the super-batch size as a fidelity: s(B) = log₂(B/b) / log₂(N/b), so that B = b (uniform sampling) is 0 and B = N, the target, is 1
 * (our choice, after the logarithmic subset size of Klein et al. 2017).
 *
 * @param superBatch - B in [b, N]
 * @param batchSize - b ≥ 1
 * @param examples - N > b
 * @throws {RangeError} if not b ≤ B ≤ N, b < N
 */
export function superBatchCoordinate(superBatch: number, batchSize: number, examples: number): number {
  if (!(batchSize >= 1 && batchSize < examples && superBatch >= batchSize && superBatch <= examples))
    throw new RangeError(`sizes must satisfy b ≤ B ≤ N and b < N, not b ${batchSize}, B ${superBatch}, N ${examples}`);
  return Math.log2(superBatch / batchSize) / Math.log2(examples / batchSize);
}

/** The super-batch size at a coordinate, rounded to a whole number: inverse of {@link superBatchCoordinate}. */
export function superBatchAt(coordinate: number, batchSize: number, examples: number): number {
  if (!(coordinate >= 0 && coordinate <= 1)) throw new RangeError(`coordinate must be in [0, 1], not ${coordinate}`);
  return Math.min(examples, Math.max(batchSize, Math.round(batchSize * (examples / batchSize) ** coordinate)));
}
