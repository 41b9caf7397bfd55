import { continuous, createProblem, type Problem } from "./problem.ts";

/**
 * Branin with a fidelity that bends the valley (Wu, Toscano-Palmerin, Frazier, Wilson 2019, "Practical multi-fidelity Bayesian optimization for
 * hyperparameter tuning"; BoTorch's AugmentedBranin).
 */
const branin = createProblem({
  name: "branin",
  hyperparameters: continuous(2),
  minimum: 0.397887357729739,
  value([u, v, s]) {
    const x = 15 * u! - 5;
    const valley = 15 * v! - (5.1 / (4 * Math.PI ** 2) - 0.1 * (1 - s!)) * x ** 2 + (5 / Math.PI) * x - 6;
    return valley ** 2 + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
  },
});

const hartmannA = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const hartmannP = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];

/** Hartmann in six dimensions with a fidelity that weakens one of its wells (Wu et al. 2019; BoTorch's AugmentedHartmann). */
const hartmann6 = createProblem({
  name: "hartmann6",
  hyperparameters: continuous(6),
  minimum: -3.32236801141551,
  value(point) {
    const weights = [1 - 0.1 * (1 - point[6]!), 1.2, 3, 3.2];
    return -weights.reduce((sum, weight, i) => {
      const exponent = hartmannA[i]!.reduce((e, a, d) => e + a * (point[d]! - hartmannP[i]![d]!) ** 2, 0);
      return sum + weight * Math.exp(-exponent);
    }, 0);
  },
});

/**
 * Currin's exponential function (Currin, Mitchell, Morris, Ylvisaker 1988), to be maximized, with the fidelity of Kandasamy, Dasarathy, Schneider, Póczos
 * 2017 ("Multi-fidelity Bayesian optimization with continuous approximations", BOCA): the exponential's weight falls by a tenth. There the weight is 1 at z = 0;
 * here at s = 1, so that the target is Currin's function itself.
 */
const currin = createProblem({
  name: "currin",
  hyperparameters: continuous(2),
  minimum: -13.798722044728434,
  value([x, y, s]) {
    const decay = y! > 0 ? Math.exp(-1 / (2 * y!)) : 0;
    const ratio = (2300 * x! ** 3 + 1900 * x! ** 2 + 2092 * x! + 60) / (100 * x! ** 3 + 500 * x! ** 2 + 4 * x! + 20);
    return -(1 - (0.9 + 0.1 * s!) * decay) * ratio;
  },
});

/**
 * Water flow through a borehole, to be maximized; the fidelity mixes it with the coarser model of Xiong, Qian, Wu 2013 ("Sequential design and analysis of
 * high-accuracy and low-accuracy computer codes") as BOCA does.
 */
const borehole = createProblem({
  name: "borehole",
  hyperparameters: continuous(8),
  minimum: -309.5755876604,
  value(point) {
    const at = (d: number, low: number, high: number) => low + (high - low) * point[d]!;
    const rw = at(0, 0.05, 0.15);
    const r = at(1, 100, 50000);
    const tu = at(2, 63070, 115600);
    const hu = at(3, 990, 1110);
    const tl = at(4, 63.1, 116);
    const hl = at(5, 700, 820);
    const l = at(6, 1120, 1680);
    const kw = at(7, 9855, 12045);
    const log = Math.log(r / rw);
    const leak = (2 * l * tu) / (log * rw ** 2 * kw) + tu / tl;
    const fine = (2 * Math.PI * tu * (hu - hl)) / (log * (1 + leak));
    const coarse = (5 * tu * (hu - hl)) / (log * (1.5 + leak));
    return -(point[8]! * fine + (1 - point[8]!) * coarse);
  },
});

/** Park's first function, to be maximized; the fidelity mixes it with the coarser one of Xiong et al. (2013). */
const park = createProblem({
  name: "park",
  hyperparameters: continuous(4),
  minimum: -25.589254158606547,
  value([x1, x2, x3, x4, s]) {
    const x = Math.max(x1!, 1e-3);
    const fine =
      (x / 2) * (Math.sqrt(1 + ((x2! + x3! ** 2) * x4!) / x ** 2) - 1) + (x + 3 * x4!) * Math.exp(1 + Math.sin(x3!));
    const coarse = (1 + Math.sin(x) / 10) * fine - 2 * x + x2! ** 2 + x3! ** 2 + 0.5;
    return -(s! * fine + (1 - s!) * coarse);
  },
});

/**
 * Eight hyperparameters of mixed types, made up after tuning a network: five continuous ones whose best values depend on the first category, a
 * width of 8 levels, two categories. Less fidelity adds a bias that favors small learning rates and widths.
 */
const mixed = createProblem({
  name: "mixed",
  hyperparameters: [
    ...continuous(5),
    { name: "width", domain: { kind: "integer", min: 0, max: 7, scale: "linear" } },
    { name: "optimizer", domain: { kind: "categorical", categories: ["a", "b", "c"] } },
    { name: "schedule", domain: { kind: "categorical", categories: ["a", "b", "c", "d"] } },
  ],
  minimum: 0.05,
  value(point) {
    const optimizer = point[6]!;
    const centers = [0.62 - 0.2 * optimizer, 0.3 + 0.15 * optimizer, 0.75, 0.45, 0.2];
    const gaps = centers.map((center, d) => point[d]! - center);
    const width = point[5]! - 5 / 7;
    const bowl =
      1.2 * gaps[0]! ** 2 + 0.6 * gaps[1]! ** 2 + 0.4 * gaps[2]! ** 2 + 0.2 * (gaps[3]! ** 2 + gaps[4]! ** 2);
    const interaction = 0.5 * gaps[0]! * gaps[1]! + 0.2 * gaps[0]! * width;
    const ripple = 0.01 * (1 - Math.cos(6 * Math.PI * gaps[2]!));
    const choice = [0.03, 0, 0.08][optimizer]! + [0.05, 0.02, 0, 0.06][point[7]!]!;
    const bias = (1 - point[8]!) ** 2 * (0.1 + 0.15 * point[0]! + 0.1 * point[5]!);
    return 0.05 + bowl + 0.3 * width ** 2 + interaction + ripple + choice + bias;
  },
});

export const problems: readonly Problem[] = [branin, hartmann6, currin, borehole, park, mixed];
