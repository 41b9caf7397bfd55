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
          const { p99, max, busiest } = await process.delays();
          rows.push([past, name, done, busiest, p99, max]);
          log(
            `${past} observations, ${name}: busy for ${busiest.toFixed(1)} ms at most, late by ${p99.toFixed(1)} (p99) to ${max.toFixed(1)} ms, over ${done} suggestions`,
          );
          if (name !== "(idle)") bars.push(atMost(`${name}, ${past} observations: busy at most, ms`, busiest, 20));
        }
      }
    } finally {
      idle.stop();
      ours.stop();
    }
    return {
      columns: ["observations", "process", "suggestions", "busy at most, ms", "late, p99, ms", "late at most, ms"],
      rows,
      bars,
      notes: [
        "Entropy search per unit cost over four parameters, one trainer that asks again at once; nothing is computed ahead of it.",
        "Busy: processor time of the loop's thread between two turns of a timer of 1 ms. Late: that timer's delay, which on a busy machine is mostly the machine's.",
      ],
    };
  },
};

export default benchmark;
