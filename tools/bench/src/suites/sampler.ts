import { createLocalSampler } from "@superbatch/is-sgd";
import { encodeAnswer, encodeWorkerMessage } from "@superbatch/sampler-client";
import { atLeast, atMost, type Bar, type Benchmark } from "../benchmark.ts";
import { measureHistory } from "../sampler/history.ts";
import { type Measurement, measure, medianOf } from "../sampler/measure.ts";
import { startProcess } from "../sampler/processes.ts";
import { echoStepper, localStepper, remoteStepper, type Stepper, specOf } from "../sampler/steppers.ts";

/** Bytes of a step's message and of its answer on the wire. */
async function bytesOfStep(superBatchSize: number): Promise<{ up: number; down: number }> {
  const sampler = createLocalSampler(specOf(superBatchSize, 1));
  const first = await sampler.next();
  await sampler.next(new Float32Array(first.indices.length).fill(1));
  const train = await sampler.next(new Float32Array(superBatchSize).fill(1));
  const score = await sampler.next();
  const answer = { tasks: [train, score], status: sampler.status()!, token: sampler.token()! };
  const report = { round: 100, part: 0, scores: new Float32Array(superBatchSize) };
  return { up: encodeWorkerMessage({ $case: "report", report }).length, down: encodeAnswer(answer).length };
}

const benchmark: Benchmark = {
  name: "sampler",
  description:
    "Steps per second of the importance sampler, next to its maths in process and to a bare echo of as many bytes.",
  async run({ quick, log }) {
    const seconds = quick ? 0.5 : 0.8;
    const repetitions = quick ? 1 : 5;
    // Until the code that a step runs through is compiled, on both sides.
    const warmUp = quick ? 0.5 : 1.2;
    const service = await startProcess("services/importance-sampler/src/main.ts", [
      "--listen",
      "127.0.0.1:0",
      "--log-level",
      "error",
    ]);
    const echo = await startProcess("tools/bench/src/sampler/echo-server.ts");
    const rows: (string | number)[][] = [];
    const bars: Bar[] = [];
    try {
      for (const superBatchSize of [512, 4096, 50_000])
        for (const streams of [1, 64]) {
          const { up, down } = await bytesOfStep(superBatchSize);
          const seeds = Array.from({ length: streams }, (_, k) => k);
          const kinds: Record<string, Stepper[]> = {
            "in process": await Promise.all(seeds.map((seed) => localStepper(superBatchSize, seed))),
            service: await Promise.all(seeds.map((seed) => remoteStepper(service.address, superBatchSize, seed, 0))),
            prefetching: await Promise.all(
              seeds.map((seed) => remoteStepper(service.address, superBatchSize, seed, 1)),
            ),
            echo: await Promise.all(seeds.map(() => echoStepper(echo.address, up, down))),
          };
          const found: Record<string, Measurement[]> = { "in process": [], service: [], prefetching: [], echo: [] };
          for (const steppers of Object.values(kinds)) await measure(steppers, warmUp);
          for (let k = 0; k < repetitions; k++)
            for (const [kind, steppers] of Object.entries(kinds)) found[kind].push(await measure(steppers, seconds));
          for (const steppers of Object.values(kinds)) await Promise.all(steppers.map((stepper) => stepper.close()));
          const echoed = medianOf(found.echo).stepsPerSecond;
          for (const [kind, measurements] of Object.entries(found)) {
            const { stepsPerSecond, p50, p99 } = medianOf(measurements);
            rows.push([superBatchSize, streams, kind, Math.round(stepsPerSecond), p50, p99, stepsPerSecond / echoed]);
            log(`B ${superBatchSize}, ${streams} streams, ${kind}: ${Math.round(stepsPerSecond)} steps/s`);
            if (kind === "service" && superBatchSize === 512 && streams === 1)
              bars.push(atLeast("rate of one stream at B = 512, in units of the echo's", stepsPerSecond / echoed, 0.5));
          }
        }
    } finally {
      service.stop();
      echo.stop();
    }
    const sizes = quick ? [1e4, 1e5, 1e6] : [1e4, 1e5, 1e6, 1e7, 5e7];
    const notes = [
      "N = 50,000, b = 128. The echo is grpc-js without encoding: as many bytes up and down as the sampler's step, in as many streams.",
      "service: one message under way, as with the echo. prefetching: the next super-batch's scores are sent before the mini-batch of this one is awaited, as a training loop does.",
      "Client and server share the machine's cores; with 64 streams both are saturated.",
    ];
    const histories = sizes.map((examples) => measureHistory(examples, quick ? 500 : 3000));
    for (const { examples, mebibytes, bytesPerExample, draw, record } of histories) {
      const time = `draw ${draw.toFixed(2)} µs, record ${record.toFixed(2)} µs per example`;
      notes.push(
        `loss history, N = ${examples}: ${mebibytes.toFixed(1)} MiB (${bytesPerExample.toFixed(1)} B each), ${time}`,
      );
    }
    const [small, large] = [histories[0], histories.at(-1)!];
    const growth = (large.draw + large.record) / (small.draw + small.record);
    const logarithmic = Math.log2(large.examples) / Math.log2(small.examples);
    notes.push(
      `draw + record grew ${growth.toFixed(2)}-fold for ${large.examples / small.examples} times the examples; log N grew ${logarithmic.toFixed(2)}-fold`,
    );
    bars.push(
      atMost(
        "bytes per example of the loss history",
        Math.max(...histories.slice(1).map((h) => h.bytesPerExample)),
        12,
      ),
    );
    // Far below the growth of N (a thousandfold and more); above that of log N by what larger memory costs the caches.
    bars.push(atMost("growth of draw + record, in units of log N's growth", growth / logarithmic, 3));
    return { columns: ["B", "streams", "", "steps/s", "p50 ms", "p99 ms", "of echo"], rows, bars, notes };
  },
};

export default benchmark;
