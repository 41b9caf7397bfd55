import { createLocalSampler, type SessionSpec } from "@superbatch/is-sgd";
import { createRng } from "@superbatch/random";
import { expect, it } from "vitest";
import { type ParameterValues, parseConfiguration } from "../configuration.ts";
import { createCostMeter } from "./cost.ts";
import type { Model } from "./model.ts";
import { createRun } from "./run.ts";
import { prepareRunData } from "./run-data.ts";
import { schemeOf } from "./score.ts";
import { quadrants, tickingClock } from "./testing.ts";

/** What a run does, in order, on a device that finishes a step only when nothing else is left to do: `launch`, `read`, `finish`. */
async function eventsOf(values: ParameterValues, session: Partial<SessionSpec>): Promise<string[]> {
  const configuration = parseConfiguration(values, { batch_size: 20, steps: 6 });
  const data = prepareRunData(quadrants(), configuration);
  const events: string[] = [];
  const logits = (size: number) => new Float32Array(4 * size).map((_, i) => (i % 7) / 7);
  const model: Pick<Model, "step" | "logits" | "scoringLogits"> = {
    async step({ size }) {
      events.push("launch");
      await new Promise((done) => setTimeout(done, 5));
      events.push("finish");
      return logits(size);
    },
    logits: async ({ size }) => logits(size),
    scoringLogits: async ({ size }) => logits(size),
  };
  const trainReader: typeof data.trainReader = {
    ...data.trainReader,
    read(indices, inputs, labels, rng) {
      // Validation examples are read without augmentation, super-batches in chunks of their own size.
      if (indices.length !== data.validation.length) events.push("read");
      data.trainReader.read(indices, inputs, labels, rng);
    },
  };
  const clock = tickingClock();
  const run = createRun({
    configuration,
    options: { clock, rng: createRng("run") } as Parameters<typeof createRun>[0]["options"],
    meter: createCostMeter(clock),
    data: { ...data, trainReader },
    batchSize: 20,
    model: model as Model,
    sampler: createLocalSampler({
      examples: data.training.length,
      batchSize: 20,
      superBatchSize: 60,
      scheme: schemeOf(configuration.score),
      seed: 1,
      ...session,
    }),
    fingerprint: "",
    resumed: undefined,
  });
  await run();
  return events;
}

const overlapped = /^read (launch read finish ){6}$/;

it("reads the next mini-batch while the device works on a step that it does not depend on", async () => {
  const events = await eventsOf({ score: "uniform" }, { prefetch: 1 });
  expect(`${events.join(" ")} `).toMatch(overlapped);
});

it("reads the next super-batch while the device works on an importance-sampled step", async () => {
  const events = await eventsOf({ score: "upper_bound" }, { threshold: 0 });
  // Until τ is known a step's scores decide on the next one.
  expect(events.slice(0, 4)).toEqual(["read", "launch", "finish", "read"]);
  // Then each iteration reads the mini-batch that was drawn, and a super-batch ahead.
  expect(events.slice(4, 12)).toEqual(["read", "launch", "read", "finish", "read", "launch", "read", "finish"]);
});

it("waits for the scores that decide on the next mini-batch", async () => {
  const events = await eventsOf({ score: "upper_bound" }, { threshold: 1e9 });
  expect(`${events.join(" ")} `).toMatch(/^(read launch finish ){6}$/);
});
