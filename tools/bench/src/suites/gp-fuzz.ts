import { fuzzCase } from "@superbatch/gp/fuzz";
import { atMost, type Benchmark } from "../benchmark.ts";

const benchmark: Benchmark = {
  name: "gp-fuzz",
  description:
    "Fits 10,000 random, often degenerate data sets and asks each model: no failure, no NaN, no negative variance.",
  async run({ quick, log }) {
    const cases = quick ? 500 : 10_000;
    const broken: (string | number)[][] = [];
    for (let seed = 0; seed < cases; seed++) {
      // Every tenth case has up to 300 points, the others up to 60.
      const largest = seed % 10 === 0 ? 300 : 60;
      if (seed % 1000 === 0) log(`case ${seed}`);
      try {
        const problems = fuzzCase(seed, largest);
        if (problems.length > 0) broken.push([seed, problems.join("; ")]);
      } catch (error) {
        broken.push([seed, String(error)]);
      }
    }
    return {
      columns: ["case", "what is wrong"],
      rows: broken.slice(0, 20),
      bars: [atMost(`broken of ${cases} data sets`, broken.length, 0)],
    };
  },
};

export default benchmark;
