import { installPython, startPython } from "../python.ts";
import { fromUnit, type RecordedProblem, toUnit } from "../recorded/problem.ts";
import { createBotorchSearch } from "../regret/botorch-search.ts";
import { continuous, createProblem } from "../regret/problem.ts";
import type { Observation } from "../regret/search.ts";
import type { PeerSpec } from "./methods.ts";
import { fidelityLevels } from "./space.ts";
import type { Tuner } from "./tuner.ts";

/** Installs what a peer needs. */
export function installPeer({ kind }: PeerSpec, log: (line: string) => void): void {
  installPython(kind === "optuna" ? ["optuna", "torch", "scipy"] : ["botorch"], log);
}

/** Other software at work, one trial at a time. */
export function openPeerTuner(problem: RecordedProblem, spec: PeerSpec, seed: number): Tuner {
  return spec.kind === "optuna" ? openOptuna(problem, spec.sampler, seed) : openBotorch(problem, spec, seed);
}

/** Optuna proposes places in the unit cube, and recommends its best trial. */
function openOptuna(problem: RecordedProblem, sampler: "tpe" | "gp", seed: number): Tuner {
  const peer = startPython("evidence/optuna-peer.py");
  let results = 0;
  return {
    async suggest() {
      const started = performance.now();
      const { number, place } = await peer.request<{ number: number; place: number[] }>({
        ask: { sampler, seed, dimensions: problem.hyperparameters.length },
      });
      const seconds = (performance.now() - started) / 1000;
      return { id: String(number), x: fromUnit(problem, place), seconds, byModel: results >= 10 };
    },
    async complete({ id }, { value }) {
      await peer.request({ tell: { number: Number(id), value } });
      results++;
    },
    async recommend() {
      return results === 0 ? undefined : fromUnit(problem, await peer.request<number[]>({ best: true }));
    },
    close: async () => peer.close(),
  };
}

/**
 * BoTorch over the unit cube and s = (B − b) / (|D| − b), in which the cost of a training is affine; the nearest recorded B is trained.
 */
function openBotorch(problem: RecordedProblem, spec: Extract<PeerSpec, { kind: "botorch" }>, seed: number): Tuner {
  const levels = fidelityLevels(problem, "super_batch");
  const [lowest, target] = [levels[0]!, levels.at(-1)!];
  const share = (level: number) => (level - lowest) / (target - lowest);
  const { kind: _, ...settings } = spec;
  const { space } = createProblem({
    name: "recorded",
    hyperparameters: continuous(problem.hyperparameters.length),
    minimum: 0,
    value: () => 0,
  });
  const search = createBotorchSearch(space, settings, `recorded ${seed}`, seed);
  const observations: Observation[] = [];
  const placeOf = (point: Observation["point"]) => problem.hyperparameters.map((_, d) => point[`x${d}`] as number);
  let count = 0;
  return {
    async suggest() {
      const started = performance.now();
      const point = await search.suggest(observations);
      const s = point.s as number;
      const fidelity = levels.reduce((a, b) => (Math.abs(share(b) - s) < Math.abs(share(a) - s) ? b : a));
      const byModel = observations.length >= 5 * settings.levels.length;
      return {
        id: String(count++),
        x: fromUnit(problem, placeOf(point)),
        fidelity,
        seconds: (performance.now() - started) / 1000,
        byModel,
      };
    },
    async complete({ x, fidelity }, { value, cost }) {
      const place = toUnit(problem, x).map((at, d) => [`x${d}`, Math.min(Math.max(at, 0), 1)] as const);
      observations.push({ point: { ...Object.fromEntries(place), s: share(fidelity!) }, value, cost: cost.total });
    },
    async recommend() {
      return observations.length === 0 ? undefined : fromUnit(problem, placeOf(await search.recommend(observations)));
    },
    close: async () => search.close(),
  };
}
