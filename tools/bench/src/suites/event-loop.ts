import { atMost, type Bar, type Benchmark } from "../benchmark.ts";
import { startWatched, type WatchedProcess } from "../event-loop/watched-process.ts";
import { startSuperbatch } from "../lease/superbatch.ts";

/** Leases for each number of observations: as many fits, acquisitions and answers. */
const leases = 8;
/** Seconds after which no more are asked for. */
const patience = 90;

const benchmark: Benchmark = {
  name: "event-loop",
  description:
    "How long the services' event loops are held up while suggestions are computed, next to that of a process that does nothing.",
  async run({ quick, log }) {
    const watched = new Map<string, WatchedProcess>();
    const start = async (path: string, args?: readonly string[]) => {
      const process = await startWatched(path, args);
      watched.set(path.split("/")[1]!, process);
      return process;
    };
    const ours = await startSuperbatch(start);
    const idle = await startWatched("tools/bench/src/event-loop/idle.ts");
    watched.set("(idle)", idle);
    const rows: (string | number)[][] = [];
    const bars: Bar[] = [];
    try {
      for (const past of quick ? [20, 100] : [20, 100, 300, 1_000]) {
        const [trainer] = await ours.trainers(1, past, "entropy-search");
        await Promise.all([...watched.values()].map((process) => process.delays()));
        const end = performance.now() + 1000 * patience;
        let done = 0;
        while (done < leases && performance.now() < end) {
          const trial = await trainer!.ask();
          if (trial === undefined) continue;
          await trainer!.tell(trial);
          done++;
        }
        for (const [name, process] of watched) {
          const { p99, max } = await process.delays();
          rows.push([past, name, done, p99, max]);
          log(
            `${past} observations, ${name}: p99 ${p99.toFixed(1)} ms, max ${max.toFixed(1)} ms over ${done} suggestions`,
          );
          if (name !== "(idle)") bars.push(atMost(`${name}, ${past} observations: longest delay, ms`, max, 20));
        }
      }
    } finally {
      idle.stop();
      ours.stop();
    }
    return {
      columns: ["observations", "process", "suggestions", "p99 ms", "longest ms"],
      rows,
      bars,
      notes: [
        "Entropy search per unit cost over four parameters, one trainer that asks again at once; nothing is computed ahead of it. Timers of 1 ms: a quiet loop shows 1 to 2 ms.",
      ],
    };
  },
};

export default benchmark;
