import { parseTraceparent, spanName, startTelemetry } from "@superbatch/telemetry";
import { startOtlpReceiver, unexpectedAttributes } from "@superbatch/telemetry/testing";
import { expect, it } from "vitest";
import { complete, createTestStudy, leaseOne, type SpecParts, startTestOptimizer } from "./testing/test-optimizer.ts";

it("a suggestion leads to the trials that its model conditions on, in the order in which they ended, and tells how it was fitted", async () => {
  await using receiver = await startOtlpReceiver();
  const telemetry = startTelemetry({ service: "optimizer", env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint } });
  await using test = await startTestOptimizer();
  async function run(kind: NonNullable<NonNullable<SpecParts["algorithm"]>["kind"]>) {
    const study = await createTestStudy(test.client, { algorithm: { kind } }, kind.$case.toLowerCase());
    const [first, second] = [await leaseOne(test.client, study), await leaseOne(test.client, study)];
    await complete(test.client, second);
    test.now += 1_000;
    await complete(test.client, first);
    // Suggestions that were made before the results are gone after a few more.
    for (let i = 0; i < 4; i++) await complete(test.client, await leaseOne(test.client, study));
    const ended = [second, first].map(({ trial }) => parseTraceparent(trial!.traceparent)!);
    return { study, ended: ended.map(({ traceId, spanId }) => ({ traceId, spanId })) };
  }
  const modelled = await run({ $case: "entropySearch", value: {} });
  const drawn = await run({ $case: "random", value: {} });
  const draw = test.engine.suggest;
  const fit = { observations: 400, results: 6_000, approximation: "subset", jitter: 1e-8 };
  test.engine.suggest = async (...request) => (await draw(...request)).map((each) => ({ ...each, fit }));
  const fitted = await createTestStudy(test.client, {}, "fitted");
  await leaseOne(test.client, fitted);
  await telemetry.shutdown();

  const linksOf = (study: string) =>
    receiver.spans
      .filter(({ name, attributes }) => name === spanName.suggest && attributes["superbatch.study"] === study)
      .map(({ links }) => links);
  expect(linksOf(modelled.study).at(0)).toEqual([]);
  expect(linksOf(modelled.study).at(-1)!.slice(0, 2)).toEqual(modelled.ended);
  expect(linksOf(drawn.study).flat()).toEqual([]);
  const { attributes } = receiver.spans.findLast(({ attributes }) => attributes["superbatch.study"] === fitted)!;
  expect(attributes).toMatchObject({
    "superbatch.observation.count": 400,
    "superbatch.result.count": 0,
    "superbatch.surrogate.approximation": "subset",
    "superbatch.surrogate.jitter": 1e-8,
  });
  expect(unexpectedAttributes(receiver.spans)).toEqual([]);
});
