import { type AcquisitionName, pointMatrix, type SurrogatePosterior, suggest } from "@superbatch/acquisition";
import { fitGp, type GpModel } from "@superbatch/gp";
import type { Matrix } from "@superbatch/linalg";
import { inferenceSize } from "@superbatch/optimizer/model-fit";
import { createRng } from "@superbatch/random";
import { createCandidateSpace, decode } from "@superbatch/search-space";
import { type Command, InvalidArgumentError } from "commander";
import { atMost, type Bar, type Benchmark } from "../benchmark.ts";
import { someOf } from "../options.ts";
import { installPython, installVizier, type PythonPeer, startPython } from "../python.ts";
import { trialCost } from "../regret/problem.ts";
import { problems } from "../regret/problems.ts";

/** Fantasies of BoTorch's knowledge gradient. */
const fantasies = 64;

const peers = ["botorch-mes", "botorch-kg", "optuna-gp", "vizier-gp-ucb-pe", "vizier-gp-bandit"] as const;
const isVizier = (name: string) => name.startsWith("vizier-");

/** What a peer answers: seconds of processor time. */
type PeerAnswer = { readonly fit: number; readonly acquisition: number } | { readonly error: string };

const benchmark: Benchmark = {
  name: "suggest",
  description:
    "Time of one suggestion (two fits by MCMC, acquisition maximized over x and the fidelity), by observations.",
  configure(command: Command) {
    command
      .option("--sizes <counts>", "numbers of observations", counts)
      .option("--peers <names>", `of ${peers.join(", ")}`, someOf(peers));
  },
  async run({ quick, given, log }) {
    const options = given as { readonly sizes?: number[]; readonly peers?: readonly string[] };
    const problem = problems.find(({ name }) => name === "hartmann6")!;
    const space = createCandidateSpace(problem.space);
    const sizes = options.sizes ?? (quick ? [20, 100] : [20, 100, 300, 1000]);
    const wanted = options.peers ?? (quick ? ["botorch-mes", "optuna-gp"] : peers);
    installPython(["numpy", "scipy", "torch", "botorch", "optuna"], log);
    const vizier = wanted.some(isVizier) && tryInstallVizier(log);
    const rows: (string | number)[][] = [];
    const bars: Bar[] = [];
    const failed = new Map<string, string>();
    const peer = startPython("suggest/peer.py");
    const vizierPeer = vizier ? startPython("suggest/peer.py", "vizier") : undefined;
    const peerOf = (contender: string): PythonPeer => (isVizier(contender) ? vizierPeer! : peer);
    for (const n of sizes) {
      const rng = createRng(`suggest ${n}`);
      const evaluated = Array.from({ length: n }, () => Float64Array.from(space.dimensions, () => rng.uniform()));
      const inferFrom = inferenceSize(n);
      const [first, others] = [evaluated.slice(0, inferFrom), evaluated.slice(inferFrom)].map((rows) =>
        pointMatrix(rows, space.dimensions.length),
      ) as [Matrix, Matrix];
      const y = Float64Array.from(evaluated, (point) => problem.value(decode(problem.space, point)));
      const cost = Float64Array.from(evaluated, (point) => trialCost(decode(problem.space, point)));
      const logCost = cost.map(Math.log);
      const contenders = wanted.filter((name) =>
        name === "botorch-kg" ? n === 100 : !isVizier(name) || (vizier && n <= 100),
      );
      const times = new Map<string, Times[]>();
      const record = (name: string, time: Times) => {
        times.set(name, [...(times.get(name) ?? []), time]);
        log(
          `n = ${n}, ${name}: fits ${time.fit.toFixed(3)} s, acquisition ${time.maximize.toFixed(3)} s, processor ${time.processor.toFixed(3)} s`,
        );
      };
      for (let repetition = 0; repetition < (quick ? 1 : 3); repetition++) {
        for (const acquisition of ["entropy-search", "knowledge-gradient", "max-value-entropy"] as const) {
          record(`ours: ${acquisition}`, await once(acquisition, repetition));
        }
        for (const contender of contenders) {
          // What takes a minute is run once.
          if (repetition > 0 && (contender === "botorch-kg" || n >= 1000)) continue;
          if (failed.has(contender)) continue;
          const time = await askPeer(contender, repetition);
          if (time) record(contender, time);
        }
      }
      const middle = (name: string) =>
        times.get(name)!.toSorted((a, b) => a.processor - b.processor)[times.get(name)!.length >> 1]!;
      for (const name of times.keys()) {
        const { fit, maximize, processor } = middle(name);
        rows.push([n, name, times.get(name)!.length, fit, maximize, processor]);
      }
      const ours = middle("ours: entropy-search").processor;
      const ratio = (name: string) => ours / middle(name).processor;
      if (times.has("botorch-mes"))
        bars.push(
          atMost(
            `n = ${n}: time relative to BoTorch's two fits and max-value entropy per cost`,
            ratio("botorch-mes"),
            1,
          ),
        );
      if (times.has("botorch-kg"))
        bars.push(atMost(`n = ${n}: time relative to BoTorch's knowledge gradient`, ratio("botorch-kg"), 1 / 50));
      if (times.has("vizier-gp-ucb-pe") && n === 100)
        bars.push(atMost(`n = ${n}: time relative to Vizier's default, GP-UCB-PE`, ratio("vizier-gp-ucb-pe"), 1 / 10));
      if (n === 100) bars.push(atMost(`n = ${n}: seconds`, ours, 1));

      async function askPeer(contender: string, seed: number): Promise<Times | undefined> {
        const x = evaluated.map((point) => Array.from(point));
        const question = { contender, seed, fantasies, x, y: Array.from(y), cost: Array.from(cost) };
        const answer = await peerOf(contender).request<PeerAnswer>(question);
        if ("error" in answer) {
          failed.set(contender, answer.error);
          log(`${contender}: ${answer.error}`);
          return undefined;
        }
        return { fit: answer.fit, maximize: answer.acquisition, processor: answer.fit + answer.acquisition };
      }

      /** As the surrogate service does for a study of n results whose hyperparameters are due: inferred cold, from the first results; the others are added. */
      function fitBoth(): GpModel[] {
        return (["objective", "log-cost"] as const).map((output) => {
          const values = output === "objective" ? y : logCost;
          const data = { dimensions: space.dimensions, x: first, y: values.slice(0, inferFrom) };
          const model = fitGp(data, { output, inference: "mcmc" }, rng.fork(output));
          return others.rows === 0 ? model : model.append(others, values.slice(inferFrom));
        });
      }

      async function once(acquisition: AcquisitionName, repetition: number): Promise<Times> {
        const before = process.cpuUsage();
        const start = performance.now();
        const [objective, cost] = fitBoth();
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
    peer.close();
    vizierPeer?.close();
    return {
      columns: ["n", "contender", "runs", "fits, s", "acquisition, s", "processor time, s"],
      rows,
      bars,
      notes: [
        "Hartmann6 with a fidelity (6 + 1 columns). Ours: cold fits of as many of the first observations as a study infers from, the others added, 10 hyperparameter samples (5 at n = 1,000). Medians.",
        "Ours is the slowest suggestion of a study: between two inferences, from n = 32 on, observations are only added.",
        "Processor time of both sides, one thread each, one after the other: on a quiet machine it is the wall time. Ours: fits and acquisition by the wall.",
        "BoTorch: SingleTaskMultiFidelityGP and a log-cost SingleTaskGP by MAP, 5 restarts of 128 raw samples. Optuna's and Vizier's have no fidelity and no cost; Vizier's compilation is not counted.",
        "Not run: RoBO's Fabolas. It is not on PyPI (`robo` there is another program), and its sources pin numpy 1.12 and a fork of george, which today's Python has no builds of.",
        ...[...failed].map(([contender, error]) => `Did not run: ${contender}: ${error}`),
        ...(wanted.some(isVizier) && !vizier ? ["Not run: Vizier, which could not be installed here."] : []),
      ],
    };
  },
};

export default benchmark;

function counts(given: string): number[] {
  const sizes = given.split(",").map(Number);
  if (!sizes.every((n) => Number.isSafeInteger(n) && n > 2))
    throw new InvalidArgumentError("it must be counts above 2, as 20,100");
  return sizes;
}

function tryInstallVizier(log: (line: string) => void): boolean {
  try {
    installVizier(log);
    return true;
  } catch (error) {
    log(String(error));
    return false;
  }
}

interface Times {
  /** Both fits, s. */
  readonly fit: number;
  /** The acquisition's maximization, s. */
  readonly maximize: number;
  /** Processor time of both together, s. */
  readonly processor: number;
}
