import { atLeast, type Benchmark } from "../benchmark.ts";
import { startProcess } from "../sampler/processes.ts";
import { startContender } from "../telemetry/contender.ts";
import { median } from "../timing.ts";

/** Median of the ratios of rounds that lie next to each other, so that a machine's ups and downs cancel. */
interface Comparison {
  readonly without: number;
  readonly with: number;
  readonly ratio: number;
}

const benchmark: Benchmark = {
  name: "telemetry",
  description: "Throughput of training and of lease and complete, with and without traces and metrics.",
  async run({ quick, log }) {
    const rounds = quick ? 3 : 11;
    const seconds = quick ? 1 : 1.5;
    const sink = await startProcess("tools/bench/src/telemetry/sink.ts");
    const off = await startContender(undefined);
    const on = await startContender(`http://${sink.address}`);

    async function compare(what: string, measure: (contender: typeof on) => Promise<number>): Promise<Comparison> {
      for (const contender of [off, on]) await measure(contender);
      const pairs: [number, number][] = [];
      for (let round = 0; round < rounds; round++) {
        // Neither is always the first.
        const order = round % 2 === 0 ? [off, on] : [on, off];
        const found = new Map<typeof on, number>();
        for (const contender of order) found.set(contender, await measure(contender));
        pairs.push([found.get(off)!, found.get(on)!]);
        log(`${what}: ${found.get(off)!.toFixed(1)} without, ${found.get(on)!.toFixed(1)} with`);
      }
      return {
        without: median(pairs.map(([without]) => without)),
        with: median(pairs.map(([, traced]) => traced)),
        ratio: median(pairs.map(([without, traced]) => traced / without)),
      };
    }

    try {
      const training = await compare("training, steps/s", (contender) => contender.train());
      const leasing = await compare("lease and complete, trials/s", (contender) => contender.lease(seconds));
      return {
        columns: ["", "without", "with", "ratio"],
        rows: [
          ["training, steps/s", training.without, training.with, training.ratio],
          ["lease and complete, trials/s", leasing.without, leasing.with, leasing.ratio],
        ],
        bars: [
          atLeast("training with telemetry, of the steps/s without", training.ratio, 0.97),
          atLeast("lease and complete with telemetry, of the trials/s without", leasing.ratio, 0.9),
        ],
        notes: [
          `The suite as npm start has it, twice; ${rounds} rounds, each of both in turn; the ratio is the median of the rounds' ratios.`,
          "Training: a small CNN on digits by importance sampling through the sampler's stream, an evaluation and a span each epoch. Lease and complete: eight clients that do not train, SQLite on the disk.",
          "All that is recorded is sent, to a receiver that forgets it, in a process of its own.",
        ],
      };
    } finally {
      await Promise.all([off.stop(), on.stop()]);
      sink.stop();
    }
  },
};

export default benchmark;
