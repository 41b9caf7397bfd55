import {
  type AcquisitionName,
  type CandidateSpace,
  initialDesign,
  recommend,
  type SurrogatePosterior,
  suggest,
} from "@superbatch/acquisition";
import { fitGp, type HyperparameterState } from "@superbatch/gp";
import { matrixFromRows } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import type { Dimension } from "@superbatch/search-space";

function space(d: number): CandidateSpace {
  const dimensions: Dimension[] = Array.from({ length: d }, (_, i) => ({ name: `x${i}`, kind: "numeric" as const }));
  dimensions.push({ name: "s", kind: "fidelity", basis: "fabolas" });
  const clamp = (p: Float64Array) => p.map((v) => Math.min(1, Math.max(0, v)));
  return {
    dimensions,
    fidelityColumns: [d],
    sample: (u) => u.slice(),
    repair: clamp,
    target: (p) => {
      const r = p.slice();
      r[d] = 1;
      return r;
    },
  };
}
function branin(u: Float64Array): number {
  const x1 = u[0] * 15 - 5,
    x2 = u[1] * 15,
    s = u[2];
  const t1 = x2 - (5.1 / (4 * Math.PI ** 2) - 0.1 * (1 - s)) * x1 ** 2 + (5 / Math.PI) * x1 - 6;
  return t1 ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x1) + 10;
}
const A = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const P = [
  [1312, 1696, 5569, 124, 8283, 5886],
  [2329, 4135, 8307, 3736, 1004, 9991],
  [2348, 1451, 3522, 2883, 3047, 6650],
  [4047, 8828, 8732, 5743, 1091, 381],
];
function hartmann(u: Float64Array): number {
  const al = [1 - 0.1 * (1 - u[6]), 1.2, 3, 3.2];
  let r = 0;
  for (let i = 0; i < 4; i++) {
    let e = 0;
    for (let j = 0; j < 6; j++) e += A[i][j] * (u[j] - P[i][j] * 1e-4) ** 2;
    r -= al[i] * Math.exp(-e);
  }
  return r;
}
const problems = { branin: { d: 2, f: branin, min: 0.397887 }, hartmann: { d: 6, f: hartmann, min: -3.32237 } };
const cost = (s: number) => 0.05 + 0.95 * s;
const [name, seedsText, acq = "entropy-search", budgetText = "30", perCost = "1"] = process.argv.slice(2);
const problem = problems[name as "branin"];
const sp = space(problem.d);
const verbose = process.env.V;
const all: number[][] = [];
for (let seed = 0; seed < Number(seedsText); seed++) {
  const rng = createRng(`${name} ${seed}`);
  const points: Float64Array[] = [],
    y: number[] = [],
    lc: number[] = [];
  let spent = 0;
  const evaluate = (p: Float64Array) => {
    points.push(p);
    y.push(problem.f(p));
    const c = cost(p[problem.d]);
    lc.push(Math.log(c));
    spent += c;
  };
  for (const p of initialDesign(sp, rng.fork("init"))) evaluate(p);
  const budgets = [15, 30, 60].filter((b) => b <= Number(budgetText));
  const regrets: number[] = [];
  let warm: HyperparameterState | undefined, warmCost: HyperparameterState | undefined;
  let tFit = 0,
    tAcq = 0,
    iter = 0;
  while (budgets.length > 0) {
    const x = matrixFromRows(points);
    const t0 = performance.now();
    const r = rng.fork(`step ${iter}`);
    const obj = fitGp(
      { dimensions: sp.dimensions, x, y: Float64Array.from(y) },
      { output: "objective", inference: "mcmc", ...(warm && { warmStart: warm }) },
      r.fork("o"),
    );
    const cst = fitGp(
      { dimensions: sp.dimensions, x, y: Float64Array.from(lc) },
      { output: "log-cost", inference: "mcmc", ...(warmCost && { warmStart: warmCost }) },
      r.fork("c"),
    );
    warm = obj.warmStart;
    warmCost = cst.warmStart;
    const t1 = performance.now();
    const surrogate: SurrogatePosterior = async (o, a, p) => (o === "objective" ? obj : cst).posterior(a, p);
    while (budgets.length > 0 && spent >= budgets[0]) {
      const rec = await recommend({ surrogate, space: sp, evaluated: points });
      regrets.push(problem.f(rec.point) - problem.min);
      budgets.shift();
    }
    if (budgets.length === 0) break;
    const t2 = performance.now();
    const s = await suggest({
      surrogate,
      space: sp,
      evaluated: points,
      pending: [],
      rng: r.fork("s"),
      options: { acquisition: acq as AcquisitionName, perCost: perCost === "1" },
    });
    const t3 = performance.now();
    tFit += t1 - t0;
    tAcq += t3 - t2;
    iter++;
    evaluate(s.point);
    if (verbose)
      console.log(
        points.length,
        spent.toFixed(2),
        Array.from(s.point, (v) => v.toFixed(3)).join(" "),
        "y",
        y.at(-1)!.toFixed(3),
        "gain",
        s.gain.toExponential(2),
        "cost",
        s.expectedCost?.toFixed(3),
        "H",
        s.entropy.toFixed(3),
        s.replicate ? "REP" : "",
        "best",
        (problem.f(s.incumbent!) - problem.min).toFixed(4),
      );
  }
  all.push(regrets);
  console.log(
    name,
    acq,
    "seed",
    seed,
    regrets.map((v) => v.toFixed(4)).join(" "),
    "n",
    points.length,
    "fit ms",
    (tFit / iter).toFixed(0),
    "acq ms",
    (tAcq / iter).toFixed(0),
  );
}
const k = all[0].length;
for (let b = 0; b < k; b++) {
  const v = all.map((r) => r[b]);
  console.log(
    "budget",
    b,
    "mean",
    (v.reduce((a, c) => a + c) / v.length).toFixed(4),
    "worst",
    Math.max(...v).toFixed(4),
  );
}
