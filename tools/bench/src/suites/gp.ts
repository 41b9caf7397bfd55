import { fitGp, logPrior } from "@superbatch/gp";
import { createRng } from "@superbatch/random";
import { atMost, type Bar, type Benchmark } from "../benchmark.ts";
import { createData, createProblem, type Problem } from "../gp/problem.ts";
import { installPython, type PythonPeer, startPython } from "../python.ts";
import { elapsed, interleave } from "../timing.ts";

const d = 6;

interface Answer {
  readonly milliseconds: number;
  readonly value: number;
  readonly gradient: number[] | null;
}

const benchmark: Benchmark = {
  name: "gp",
  description:
    "Log marginal likelihood with gradient against numpy with LAPACK, GPyTorch and scikit-learn; time of whole fits.",
  async run({ quick, log }) {
    const contenders = ["numpy", "lean numpy", ...(quick ? [] : ["gpytorch"]), "scikit-learn"];
    installPython(["numpy", "scipy", "scikit-learn", ...(quick ? [] : ["torch", "gpytorch"])], log);
    const rows: (string | number)[][] = [];
    const bars: Bar[] = [];
    const peer = startPython("gp/peer.py");
    try {
      for (const n of quick ? [100, 300] : [100, 300, 1000]) {
        log(`likelihood and gradient, n = ${n}`);
        const problem = createProblem(n, d);
        const { x, y, theta } = problem;
        await peer.request({ x, y: Array.from(y), theta: Array.from(theta), contenders });
        await compare(problem, n, contenders, peer, quick ? 5 : n < 1000 ? 40 : 9, rows, bars);
      }
    } finally {
      peer.close();
    }
    for (const n of quick ? [20, 100] : [20, 100, 300, 1000]) {
      log(`fits, n = ${n}`);
      fitTimes(n, quick ? 2 : 5, rows, bars);
    }
    return {
      columns: ["n", "what", "ours, ms", "peer, ms", "ours / peer (best)", "(median)"],
      rows,
      bars,
      notes: [
        `d = ${d}, one thread. Likelihoods and gradients are compared in the same run.`,
        "numpy: written as one would write it; lean numpy: tuned to use no temporary and no avoidable operation, reported without a bar.",
      ],
    };
  },
};

export default benchmark;

async function compare(
  { likelihood, theta }: Problem,
  n: number,
  contenders: readonly string[],
  peer: PythonPeer,
  rounds: number,
  rows: (string | number)[][],
  bars: Bar[],
): Promise<void> {
  const gradient = new Float64Array(theta.length);
  const prior = new Float64Array(theta.length);
  const value = likelihood.logPosterior(theta, gradient) - logPrior(likelihood.layout, theta, prior);
  for (const contender of contenders) {
    const answer = await peer.request<Answer>({ contender });
    const errors = [(answer.value - value) / value];
    answer.gradient?.forEach((peerValue, i) => {
      const own = gradient[i]! - prior[i]!;
      errors.push((peerValue - own) / Math.max(1, Math.abs(own)));
    });
    const worst = Math.max(...errors.map(Math.abs));
    bars.push(atMost(`n = ${n}: relative difference from ${contender}`, worst, 1e-6));
  }
  const times = await interleave(
    {
      ours: () => elapsed(() => likelihood.logPosterior(theta, gradient)),
      ...Object.fromEntries(
        contenders.map((contender) => [
          contender,
          async () => (await peer.request<Answer>({ contender })).milliseconds,
        ]),
      ),
    },
    rounds,
  );
  const bounds: Record<string, number> = { numpy: n === 1000 ? 0.75 : 0.6, gpytorch: 1 / 3 };
  for (const contender of contenders) {
    const ours = times.ours!;
    const theirs = times[contender as "ours"];
    const ratio = ours.best / theirs.best;
    rows.push([n, `likelihood + gradient: ${contender}`, ours.best, theirs.best, ratio, ours.median / theirs.median]);
    if (n >= 300 && bounds[contender])
      bars.push(atMost(`n = ${n}: time relative to ${contender}`, ratio, bounds[contender]));
  }
}

/** Both outputs, from a cold start and from the last fit's hyperparameters. */
function fitTimes(n: number, rounds: number, rows: (string | number)[][], bars: Bar[]): void {
  const data = createData(n, d, true);
  const cost = { ...data, y: data.y.map((value, i) => 0.3 * value + 2 * data.x.data[i * d + d - 1]!) };
  const fit = (inference: "map" | "mcmc", warm: boolean, seed: number) => {
    const rng = createRng(seed);
    const run = (which: typeof data, output: "objective" | "log-cost") => {
      const first = warm ? fitGp(which, { output, inference: "map" }, rng).warmStart : undefined;
      return elapsed(() => fitGp(which, { output, inference, ...(first ? { warmStart: first } : {}) }, rng));
    };
    return run(data, "objective") + run(cost, "log-cost");
  };
  for (const [name, inference, warm] of [
    ["two fits, MAP", "map", false],
    ["two fits, MCMC", "mcmc", false],
    ["two fits, MCMC, warm", "mcmc", true],
  ] as const) {
    const times = Array.from({ length: n < 1000 ? rounds : 1 }, (_, seed) => fit(inference, warm, seed)).sort(
      (a, b) => a - b,
    );
    rows.push([n, `${name} (median of ${times.length})`, times[times.length >> 1]!, "", "", ""]);
    if (n === 100 && inference === "mcmc" && !warm)
      bars.push(atMost("n = 100: both fits with MCMC, ms", times[times.length >> 1]!, 1000));
  }
}
