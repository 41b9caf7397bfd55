import { create, type DescMessage, fromJson, type JsonValue, toBinary } from "@bufbuild/protobuf";
import type { Rng } from "@superbatch/random";
import type { FuzzedMethod } from "./contracts.ts";
import { generate } from "./mutate.ts";
import type { Names } from "./names.ts";
import { pick } from "./values.ts";
import { encodeWire } from "./wire.ts";

const algorithms: JsonValue[] = [
  { random: {} },
  { sobol: {} },
  { tpe: { initialPoints: 2 } },
  { asha: { fidelity: "epochs" } },
  { asha: { reductionFactor: 2, brackets: 3 } },
  { entropySearch: { representers: 8, model: { hyperparameterSamples: 2, initialPoints: 2 } } },
  { maxValueEntropy: { representers: 8, verification: 0.5, model: { hyperparameterSamples: 2, initialPoints: 2 } } },
  { knowledgeGradient: { initialFidelities: 1, model: { hyperparameterSamples: 2, initialPoints: 2 } } },
  { expectedImprovement: { model: { hyperparameterSamples: 2, initialPoints: 2 } } },
  {
    entropySearch: {
      model: {
        initialPoints: 2,
        inference: "INFERENCE_MAP",
        gaussianProcess: {
          fidelityNoise: true,
          inputWarping: true,
          fidelityKernel: "FIDELITY_KERNEL_TASK",
        },
      },
    },
  },
];

const space: JsonValue = {
  parameters: [
    { name: "rate", float: { min: 0.001, max: 1, scale: "SCALE_LOG" } },
    { name: "layers", integer: { min: 1, max: 8 } },
    { name: "size", discrete: { values: [16, 32, 64] } },
    { name: "kind", categorical: { categories: ["a", "b"] } },
    { name: "flag", boolean: {} },
    { name: "momentum", float: { min: 0, max: 1 }, condition: { parent: "kind", values: [{ text: "a" }] } },
    {
      name: "epochs",
      integer: { min: 1, max: 16, scale: "SCALE_LOG" },
      fidelity: { target: 16, effect: "FIDELITY_EFFECT_SMALL" },
    },
  ],
  constraints: [{ coefficients: { layers: 1 }, bound: 8 }],
};

const point: JsonValue = {
  rate: { number: 0.1 },
  layers: { number: 2 },
  size: { number: 32 },
  kind: { text: "b" },
  flag: { flag: true },
  epochs: { number: 16 },
};

const cost: JsonValue = { total: 1, gradient: 0.5, scoring: 0.5 };
const measurement: JsonValue = { value: 0.5, metrics: { accuracy: 0.5 }, cost };

/** Bytes of numbers in protobuf's JSON. */
const doubles = (...values: number[]) => Buffer.from(Float64Array.from(values).buffer).toString("base64");
const matrix = (rows: number, columns: number, ...values: number[]) => ({ rows, columns, data: doubles(...values) });

/** A request that the service would grant, of names that exist. */
type Template = (names: Names, rng: Rng) => JsonValue;

function nameOf(names: Names, rng: Rng, field: string, pattern: RegExp): string {
  const fitting = names.of(field).filter((name) => pattern.test(name));
  return fitting.length === 0 ? "projects/default/studies/none" : pick(rng, fitting);
}
const study = (names: Names, rng: Rng) => nameOf(names, rng, "study", /^projects\/[^/]+\/studies\/[^/]+$/);
const trial = (names: Names, rng: Rng) => nameOf(names, rng, "trial", /\/trials\/\d+$/);
const any = (names: Names, rng: Rng, field: string) => names.any(field, rng) ?? "";

const templates: Readonly<Record<string, Template>> = {
  CreateStudy: (_, rng) => ({
    study: {
      spec: {
        space,
        objective: { metric: "error" },
        algorithm: pick(rng, algorithms),
        seed: "1",
        budget: pick<JsonValue>(rng, [
          {},
          { maxTrials: "50" },
          { maxCost: 100, convergence: { tolerance: 0.1, window: 3 } },
        ]),
        lease: { leaseSeconds: 60, maxAttempts: 3 },
        earlyStopping: pick<JsonValue>(rng, [{ median: {} }, { curve: {} }]),
        labels: { team: "a" },
      },
    },
  }),
  GetStudy: (names, rng) => ({ name: study(names, rng) }),
  ListStudies: (names, rng) => ({
    parent: pick(rng, ["", "projects/-"]),
    pageSize: 3,
    pageToken: any(names, rng, "page_token"),
  }),
  UpdateStudy: (names, rng) => ({
    name: study(names, rng),
    ...pick<{ [key: string]: JsonValue }>(rng, [
      { state: "STUDY_STATE_PAUSED" },
      { state: "STUDY_STATE_ACTIVE" },
      { budget: { maxTrials: "60" } },
      { space },
      { etag: "3" },
    ]),
  }),
  DeleteStudy: (names, rng) => ({ name: pick(rng, [study(names, rng), "projects/default/studies/gone"]) }),
  ExportStudy: (names, rng) => ({
    name: study(names, rng),
    format: pick(rng, ["EXPORT_FORMAT_JSON", "EXPORT_FORMAT_CSV"]),
  }),
  ImportStudy: (names, rng) => ({
    name: `projects/imported/studies/s${rng.integer(1000)}`,
    chunk: Buffer.from(names.bytes("chunk", rng) ?? []).toString("base64"),
  }),
  LeaseTrials: (names, rng) => ({
    study: pick(rng, [study(names, rng), "projects/default/studies/-"]),
    worker: "w",
    count: 1 + rng.integer(3),
  }),
  ReportProgress: (names, rng) => ({
    trial: trial(names, rng),
    leaseId: any(names, rng, "lease_id"),
    points: [{ step: "1", metrics: { error: 0.7 }, cost }],
    cost,
    finalStep: "10",
  }),
  CompleteTrial: (names, rng) => ({ trial: trial(names, rng), leaseId: any(names, rng, "lease_id"), measurement }),
  FailTrial: (names, rng) => ({
    trial: trial(names, rng),
    leaseId: any(names, rng, "lease_id"),
    kind: pick(rng, [
      "FAILURE_KIND_FAILED",
      "FAILURE_KIND_INFEASIBLE",
      "FAILURE_KIND_RETURNED",
      "FAILURE_KIND_ABANDONED",
    ]),
    reason: "no reason",
    cost,
  }),
  AddTrials: (names, rng) => ({
    study: study(names, rng),
    trials: [
      { parameters: point, measurement },
      { parameters: point, labels: { a: "b" } },
    ],
  }),
  GetTrial: (names, rng) => ({ name: trial(names, rng) }),
  UpdateTrial: (names, rng) => ({ name: trial(names, rng), labels: { starred: "yes" } }),
  ListTrials: (names, rng) => ({
    study: study(names, rng),
    pageSize: 5,
    states: ["TRIAL_STATE_COMPLETED"],
    includeProgress: true,
    includeAttempts: true,
  }),
  WatchStudy: (names, rng) => ({ study: study(names, rng), afterSequence: "3" }),
  GetRecommendation: (names, rng) => ({ study: study(names, rng) }),
  QueryPosterior: (names, rng) => ({ study: study(names, rng), points: [{ parameters: point }] }),
  "surrogate-model/Describe": () => ({}),
  Fit: (_, rng) => ({
    dimensions: [
      { name: "rate", numeric: {} },
      { name: "kind", categorical: { categories: 2 } },
      { name: "epochs", fidelity: {} },
    ],
    x: matrix(3, 3, 0.1, 0, 1, 0.5, 1, 0.5, 0.9, 0, 1),
    y: matrix(3, 1, 0.5, 0.4, 0.7),
    cost: matrix(3, 1, 1, 2, 3),
    inference: pick(rng, ["INFERENCE_MCMC", "INFERENCE_MAP"]),
    samples: 2,
    gaussianProcess: {
      fidelityNoise: rng.integer(2) === 0,
      fidelityKernel: pick(rng, ["FIDELITY_KERNEL_TASK", "FIDELITY_KERNEL_DISTANCE"]),
    },
    seed: String(rng.integer(50)),
    ...(rng.integer(3) === 0 && { inferFrom: 1 + rng.integer(3), leaveOneOut: true }),
  }),
  Posterior: (names, rng) => ({
    model: any(names, rng, "model"),
    output: pick(rng, ["OUTPUT_OBJECTIVE", "OUTPUT_LOG_COST"]),
    anchors: matrix(1, 3, 0.2, 1, 1),
    points: matrix(2, 3, 0.3, 0, 1, 0.4, 1, 0.5),
  }),
  Release: (names, rng) => ({ model: pick(rng, [any(names, rng, "model"), "none"]) }),
  OpenSession: (_, rng) => ({
    spec: {
      examples: "200",
      batchSize: 8,
      superBatchSize: 32,
      scheme: pick(rng, ["SCHEME_UNIFORM", "SCHEME_UPPER_BOUND", "SCHEME_LOSS", "SCHEME_LOSS_HISTORY"]),
      seed: "1",
      workers: 1 + rng.integer(2),
    },
  }),
  Sample: (names, rng) =>
    pick<JsonValue>(rng, [
      { start: { session: any(names, rng, "session"), worker: pick(rng, ["", "0", "1"]) } },
      { start: { session: any(names, rng, "session"), reports: [] } },
      {
        scores: {
          values: Buffer.from(Float32Array.from({ length: 32 }, () => rng.uniform()).buffer).toString("base64"),
        },
      },
      { history: {} },
    ]),
  GetSession: (names, rng) => ({ session: any(names, rng, "session") }),
  CloseSession: (names, rng) => ({ session: pick(rng, [any(names, rng, "session"), "none"]) }),
  "trainer/Describe": () => ({}),
  Train: () => ({
    parameters: { dataset: { text: "digits" }, architecture: { text: "mlp" }, epochs: { number: 1 } },
    seed: "1",
  }),
};

/** A request to start from: mostly one that would be granted, else one made up from its type. */
export function seedRequest({ service, method }: FuzzedMethod, names: Names, rng: Rng): Uint8Array {
  const template = templates[method.name] ?? templates[`${service}/${method.name}`];
  if (!template) throw new Error(`${method.name} has no request to start from: add one to corpus.ts`);
  if (rng.integer(8) === 0) return encodeWire(generate(rng, method.input, names));
  return bytesOf(method.input, template(names, rng));
}

/** The request as the template has it. */
export function granted({ service, method }: FuzzedMethod, names: Names, rng: Rng): Uint8Array {
  return bytesOf(method.input, (templates[method.name] ?? templates[`${service}/${method.name}`])!(names, rng));
}

function bytesOf(type: DescMessage, json: JsonValue): Uint8Array {
  return toBinary(type, json === null ? create(type) : fromJson(type, json, { ignoreUnknownFields: false }));
}
