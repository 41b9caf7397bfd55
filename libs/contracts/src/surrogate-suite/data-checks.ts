import { matrixFromRows } from "@superbatch/linalg";
import { matrixToProto, vectorToProto } from "../convert/matrix.ts";
import { Output } from "../generated/superbatch/surrogate/v1/surrogate_service.ts";
import { demand } from "./breach.ts";
import { type FitRequest, fitRequest, nothing, smoothData } from "./requests.ts";
import { averageAt, fitAndProbe, posterior, type Subject } from "./subject.ts";
import type { SurrogateCheck } from "./suite.ts";

async function describesItself({ client }: Subject): Promise<void> {
  const { name, defaultSamples } = await client.describe({});
  demand(name !== "", "Describe must say a name");
  demand(defaultSamples > 0, "Describe must say default_samples, at least 1");
}

const duplicates = { rows: 8, columns: 2, data: new Float64Array(16).fill(0.5) };

async function bearsDuplicates(subject: Subject): Promise<void> {
  // Different values at one place: noise, and no reason to fail.
  await fitAndProbe(subject, fitRequest(8, { x: matrixToProto(duplicates) }));
  // Equal values at one place: a singular covariance matrix without noise.
  const { cost } = smoothData(8);
  const y = vectorToProto(cost.map(() => 3));
  await fitAndProbe(subject, fitRequest(8, { x: matrixToProto(duplicates), y, cost: y }));
}

async function bearsAnyScale(subject: Subject): Promise<void> {
  const values = (value: (i: number) => number) => vectorToProto(Float64Array.from({ length: 8 }, (_, i) => value(i)));
  await fitAndProbe(subject, fitRequest(8, { y: values(() => 3) }));
  await fitAndProbe(subject, fitRequest(8, { y: values((i) => 1e-9 * i) }));
  await fitAndProbe(subject, fitRequest(8, { y: values((i) => 1e9 * i) }));
}

async function bearsCategories(subject: Subject): Promise<void> {
  const dimensions: FitRequest["dimensions"] = [
    { name: "kind", kind: { $case: "categorical", value: { categories: 3 } } },
    { name: "rate", kind: { $case: "numeric", value: {} }, condition: { parent: 0, values: [1] } },
  ];
  const x = matrixFromRows([0, 1, 2, 1, 0, 1].map((kind, i) => [kind, kind === 1 ? i / 6 : Number.NaN]));
  await fitAndProbe(subject, fitRequest(6, { dimensions, x: matrixToProto(x) }), x);
}

/** Observations beyond those that hyperparameters are inferred from must be seen too. */
async function takesInAdded(subject: Subject): Promise<void> {
  const { x, y } = smoothData(15);
  const last = { rows: 1, columns: 2, data: x.data.slice(28) };
  const { model } = await subject.client.fit(fitRequest(15, { inferFrom: 14 }));
  const away = Math.abs(averageAt(await posterior(subject, model, Output.OBJECTIVE, nothing, last), 0) - y[14]!);
  demand(
    away < 4,
    `an observation beyond infer_from must be learned: the mean there is ${away.toPrecision(3)} away, of a standard deviation of 6`,
  );
}

export const dataChecks: readonly SurrogateCheck[] = [
  { group: "data", name: "describes itself", run: describesItself },
  {
    group: "data",
    name: "gives the prior without observations, and learns from a single one",
    async run(subject) {
      await fitAndProbe(subject, fitRequest(0));
      await fitAndProbe(subject, fitRequest(1));
    },
  },
  { group: "data", name: "bears duplicated observations", run: bearsDuplicates },
  { group: "data", name: "bears constant, tiny and huge values", run: bearsAnyScale },
  { group: "data", name: "bears categories and inactive columns", run: bearsCategories },
  { group: "data", name: "takes in observations beyond infer_from", run: takesInAdded },
];
