import { type AcquisitionName, type SurrogatePosterior, suggest } from "@superbatch/acquisition";
import { fitGp, type GpModel } from "@superbatch/gp";
import { matrixFromRows } from "@superbatch/linalg";
import { createRng } from "@superbatch/random";
import { createCandidateSpace, decode } from "@superbatch/search-space";
import { atMost, type Bar, type Benchmark } from "../benchmark.ts";
import { trialCost } from "../regret/problem.ts";
import { problems } from "../regret/problems.ts";

/** BoTorch 0.18.1 on a machine of this kind, seconds: both fits and max-value entropy per cost at n = 100; knowledge gradient with 64 fantasies. */
const botorch = { maxValueEntropy: 2.6, knowledgeGradient: 46 } as const;

const benchmark: Benchmark = {
  name: "suggest",
  description:
    "Time of one suggestion (two fits by MCMC, acquisition maximized over x and the fidelity), by observations.",
  async run({ quick, log }) {
    const problem = problems.find(({ name }) => name === "hartmann6")!;
    const space = createCandidateSpace(problem.space);
    const sizes = quick ? [20, 100] : [20, 100, 300, 1000];
    const rows: (string | number)[][] = [];
    const bars: Bar[] = [];
    for (const n of sizes) {
      const rng = createRng(`suggest ${n}`);
      const evaluated = Array.from({ length: n }, () => Float64Array.from(space.dimensions, () => rng.uniform()));
      const data = { dimensions: space.dimensions, x: matrixFromRows(evaluated) };
      const y = Float64Array.from(evaluated, (point) => problem.value(decode(problem.space, point)));
      const logCost = Float64Array.from(evaluated, (point) => Math.log(trialCost(decode(problem.space, point))));
      const cold = fitBoth(undefined);
      for (const acquisition of ["entropy-search", "knowledge-gradient", "max-value-entropy"] as const) {
        const times: Times[] = [];
        for (let repetition = 0; repetition < (quick ? 1 : 3); repetition++)
          times.push(await once(acquisition, repetition));
        times.sort((a, b) => a.processor - b.processor);
        const { fit, maximize, processor } = times[times.length >> 1]!;
        log(`n = ${n}, ${acquisition}: fits ${fit.toFixed(3)} s, acquisition ${maximize.toFixed(3)} s`);
        rows.push([n, acquisition, fit, maximize, fit + maximize, processor]);
        if (acquisition === "entropy-search") {
          bars.push(
            atMost(
              `n = ${n}: seconds, against BoTorch's fits and max-value entropy`,
              processor,
              botorch.maxValueEntropy,
            ),
          );
          if (n === 100) {
            bars.push(
              atMost("n = 100: share of BoTorch's knowledge gradient", processor / botorch.knowledgeGradient, 1 / 50),
            );
          }
        }
      }

      function fitBoth(warm: readonly GpModel[] | undefined): GpModel[] {
        return (["objective", "log-cost"] as const).map((output, i) =>
          fitGp(
            { ...data, y: output === "objective" ? y : logCost },
            { output, inference: "mcmc", ...(warm && { warmStart: warm[i]!.warmStart }) },
            rng.fork(output),
          ),
        );
      }

      /** As within a study: fits start from the last one's hyperparameters. */
      async function once(acquisition: AcquisitionName, repetition: number): Promise<Times> {
        const before = process.cpuUsage();
        const start = performance.now();
        const [objective, cost] = fitBoth(cold);
        const fitted = performance.now();
        const surrogate: SurrogatePosterior = async (output, anchors, points) =>
          (output === "objective" ? objective! : cost!).posterior(anchors, points);
        await suggest({
          surrogate,
          space,
          evaluated,
          pending: [],
          rng: rng.fork(repetition),
          options: { acquisition },
        });
        const { user, system } = process.cpuUsage(before);
        return {
          fit: (fitted - start) / 1000,
          maximize: (performance.now() - fitted) / 1000,
          processor: (user + system) / 1e6,
        };
      }
    }
    return {
      columns: ["n", "acquisition", "two fits, s", "maximization, s", "total, s", "processor time, s"],
      rows,
      bars,
      notes: [
        "Hartmann6 with a fidelity (6 + 1 columns), 10 hyperparameter samples, warm starts, one thread.",
        "The bars take processor time (garbage collection included), which on a quiet machine is the wall time: other work does not count against it.",
        `BoTorch's times are constants measured on a machine of this kind: ${botorch.maxValueEntropy} s and ${botorch.knowledgeGradient} s at n = 100.`,
      ],
    };
  },
};

export default benchmark;

interface Times {
  /** Wall time of both fits, s. */
  readonly fit: number;
  /** Wall time of the acquisition's maximization, s. */
  readonly maximize: number;
  /** Processor time of both together, s. */
  readonly processor: number;
}
