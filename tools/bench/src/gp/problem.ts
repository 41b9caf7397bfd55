import {
  createLikelihood,
  type GpData,
  hyperparameterLayout,
  inputLayout,
  type Likelihood,
  toInputs,
} from "@superbatch/gp";
import { createMatrix } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import type { Dimension } from "@superbatch/search-space";

export interface Problem {
  readonly x: number[][];
  readonly y: Float64Array;
  /** log ℓ (d), log a², log σ², mean. */
  readonly theta: Float64Array;
  readonly likelihood: Likelihood;
}

/** n points of a smooth function of d parameters with noise. */
export function createProblem(n: number, d: number): Problem {
  const { dimensions, x, y } = createData(n, d, false);
  const layout = inputLayout(dimensions);
  const rows = Array.from({ length: n }, (_, i) => Array.from(x.data.subarray(i * d, (i + 1) * d)));
  const theta = Float64Array.of(...Array.from({ length: d }, (_, k) => -0.4 + 0.2 * k), 0.3, -4, 0.1);
  const hyperparameters = hyperparameterLayout(layout, { output: "objective", inference: "map" }, undefined);
  return { x: rows, y, theta, likelihood: createLikelihood(hyperparameters, toInputs(layout, x, "x"), y) };
}

/** n observations of a smooth function of d columns with noise of sd 0.1; the last one is a fidelity if asked for. */
export function createData(n: number, d: number, fidelity: boolean): GpData {
  const rng = createRng(`gp ${n}`);
  const x = createMatrix(
    n,
    d,
    new Float64Array(n * d).map(() => rng.uniform()),
  );
  const y = new Float64Array(n).map((_, i) => {
    const at = (k: number) => x.data[i * d + (k % d)]!;
    let value = (1 - at(d - 1)) ** 2 + 0.1 * rng.normal();
    for (let k = 0; k < d - 1; k++) value += Math.sin(3 * at(k) + k) * (1 + 0.3 * at(k + 1));
    return value;
  });
  const dimensions = Array.from(
    { length: d },
    (_, k): Dimension =>
      fidelity && k === d - 1 ? { name: "s", kind: "fidelity", basis: "fabolas" } : { name: `x${k}`, kind: "numeric" },
  );
  return { dimensions, x, y };
}
