import {
  blockDepth,
  cholesky,
  copyFactor,
  copyIn,
  createMatrix,
  type Matrix,
  multiply,
  padded,
  reserve,
  solveLower,
  wasm,
} from "@superbatch/linalg";

import { createRng } from "@superbatch/random";
import { CholeskyDecomposition, Matrix as MlMatrix } from "ml-matrix";
import { atLeast, type Bar, type Benchmark } from "../benchmark.ts";
import { installPython, startPython } from "../python.ts";
import { elapsed, interleave } from "../timing.ts";

const benchmark: Benchmark = {
  name: "linalg",
  description: "Cholesky, triangular solve and product in float64 against LAPACK (one thread) and ml-matrix.",
  async run({ quick, log }) {
    installPython(["numpy", "scipy"], log);
    const peer = startPython("linalg/peer.py");
    const rows: (string | number)[][] = [];
    const bars: Bar[] = [];
    try {
      const versions = await peer.request<string>({ operation: "versions" });
      for (const n of quick ? [100, 500] : [100, 300, 500, 1000, 2000]) {
        log(`n = ${n}`);
        const rounds = quick ? 3 : Math.max(7, Math.min(60, Math.round(3e9 / n ** 3)));
        const remote = (operation: string) => () => peer.request<number>({ operation, n });
        const { a, positive, factor } = data(n);
        const ours = await interleave(
          {
            "Cholesky, in memory": residentCholesky(positive),
            "Cholesky, in memory: LAPACK": remote("potrf"),
            Cholesky: () => elapsed(() => cholesky(positive)),
            "Cholesky: LAPACK": remote("cholesky"),
            "solve, in memory": residentSolve(factor, a),
            "solve, in memory: LAPACK": remote("solve"),
            solve: () => elapsed(() => solveLower(factor, a)),
            "solve: LAPACK": remote("solve"),
            product: () => elapsed(() => multiply(a, positive)),
            "product: LAPACK": remote("product"),
          },
          rounds,
        );
        const work = { Cholesky: n ** 3 / 3, solve: n ** 3, product: 2 * n ** 3 };
        for (const name of ["Cholesky, in memory", "Cholesky", "solve, in memory", "solve", "product"] as const) {
          const mine = ours[name];
          const theirs = ours[`${name}: LAPACK`];
          const flops = work[name.split(",")[0] as keyof typeof work];
          const ratio = theirs.best / mine.best;
          rows.push([n, name, mine.best, theirs.best, flops / mine.best / 1e6, ratio, theirs.median / mine.median]);
          if (name.startsWith("Cholesky") && (n === 500 || n === 1000)) {
            bars.push(atLeast(`${name}, n = ${n}: share of LAPACK's speed`, ratio, 0.6));
          }
        }
        if (n === 500 || n === 1000) bars.push(await againstMlMatrix(positive, quick ? 1 : 7, rows));
      }
      return {
        columns: ["n", "operation", "ours, ms", "peer, ms", "ours, GFLOP/s", "speed ratio (best)", "(median)"],
        rows,
        bars,
        notes: [
          versions,
          "in memory: data lies where the code works on it (LAPACK: column-major, overwritten), as in a likelihood evaluation; else with checks and copies (scipy.linalg.cholesky).",
        ],
      };
    } finally {
      peer.close();
    }
  },
};

export default benchmark;

function data(n: number): { a: Matrix; positive: Matrix; factor: Matrix } {
  const rng = createRng(n);
  const a = createMatrix(
    n,
    n,
    new Float64Array(n * n).map(() => rng.normal()),
  );
  const positive = createMatrix(
    n,
    n,
    new Float64Array(n * n).map(() => 0.5 + 0.01 * rng.normal()),
  );
  for (let i = 0; i < n; i++) {
    positive.data[i * n + i] = 2;
    for (let j = 0; j < i; j++) positive.data[j * n + i] = positive.data[i * n + j]!;
  }
  return { a, positive, factor: cholesky(positive).factor };
}

function residentCholesky(positive: Matrix): () => number {
  const n = positive.rows;
  const width = padded(n);
  return () => {
    const { addresses, numbers } = reserve([width * width, width * blockDepth]);
    const [address, work] = addresses as [number, number];
    copyIn(numbers, address, positive.data, n, n);
    for (let i = n; i < width; i++) numbers[address / 8 + i * (width + 1)] = 1;
    return elapsed(() => wasm.cholesky(address, width, width * 8, 1e-16, work));
  };
}

function residentSolve(factor: Matrix, b: Matrix): () => number {
  const n = factor.rows;
  const width = padded(n);
  return () => {
    const { addresses, numbers } = reserve([width * width, width * width, 2 * width * blockDepth]);
    const [l, x, work] = addresses as [number, number, number];
    copyFactor(numbers, l, factor);
    copyIn(numbers, x, b.data, n, n);
    return elapsed(() => wasm.solveLower(l, width * 8, width, x, width * 8, width, 0, work));
  };
}

async function againstMlMatrix(positive: Matrix, rounds: number, rows: (string | number)[][]): Promise<Bar> {
  const n = positive.rows;
  const same = MlMatrix.from1DArray(n, n, Array.from(positive.data));
  const { ours, theirs } = await interleave(
    {
      ours: () => elapsed(() => cholesky(positive)),
      theirs: () => elapsed(() => new CholeskyDecomposition(same)),
    },
    rounds,
  );
  const ratio = theirs.best / ours.best;
  rows.push([
    n,
    "Cholesky: ml-matrix",
    ours.best,
    theirs.best,
    n ** 3 / 3 / ours.best / 1e6,
    ratio,
    theirs.median / ours.median,
  ]);
  return atLeast(`Cholesky, n = ${n}: times ml-matrix' speed`, ratio, 10);
}
