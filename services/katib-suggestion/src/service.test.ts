import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { common, optimizer } from "@superbatch/contracts";
import { type ClientHandle, createClient, fieldViolations, Status } from "@superbatch/rpc";
import { type SpawnedService, spawnService } from "@superbatch/rpc/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Experiment, SuggestionDefinition, Trial } from "./generated/api.ts";

const main = (name: string) => new URL(`../../${name}/src/main.ts`, import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "superbatch-katib-"));
const services: SpawnedService[] = [];
const close: (() => void)[] = [];
let katib: ClientHandle<typeof SuggestionDefinition>["client"];
let studies: ClientHandle<typeof optimizer.OptimizerServiceDefinition>["client"];

async function start(name: string, flags: string[]): Promise<string> {
  const service = await spawnService(main(name), { flags });
  services.push(service);
  return service.address;
}

beforeAll(async () => {
  const surrogate = await start("surrogate-model", []);
  const store = `sqlite:${join(folder, "store.sqlite")}`;
  const address = await start("optimizer", ["--store", store, "--surrogate-address", surrogate]);
  const adapter = await start("katib-suggestion", ["--optimizer-address", address]);
  const suggestion = createClient(SuggestionDefinition, adapter);
  const direct = createClient(optimizer.OptimizerServiceDefinition, address);
  close.push(suggestion.close, direct.close);
  katib = suggestion.client;
  studies = direct.client;
}, 300_000);
afterAll(async () => {
  for (const end of close) end();
  for (const service of services.reverse()) await service.end();
  rmSync(folder, { recursive: true });
});

let count = 0;
const parameters = [
  { name: "rate", parameterType: "DOUBLE", feasibleSpace: { min: "0.001", max: "1", distribution: "LOG_UNIFORM" } },
  { name: "layers", parameterType: "INT", feasibleSpace: { min: "1", max: "5" } },
  { name: "width", parameterType: "DISCRETE", feasibleSpace: { list: ["64.0", "16", "32"] } },
  { name: "optimizer", parameterType: "CATEGORICAL", feasibleSpace: { list: ["sgd", "adam"] } },
  { name: "dropout", parameterType: "DOUBLE", feasibleSpace: { min: "0.1", max: "0.5", step: "0.1" } },
];

function experiment(
  algorithmName = "superbatch-random",
  settings: Record<string, string> = {},
  space: unknown[] = parameters,
) {
  const algorithmSettings = Object.entries(settings).map(([name, value]) => ({ name, value }));
  return Experiment.fromJSON({
    name: `experiment-${++count}`,
    spec: {
      parameterSpecs: { parameters: space },
      objective: { type: "MAXIMIZE", objectiveMetricName: "accuracy" },
      algorithm: { algorithmName, algorithmSettings },
    },
  });
}

const ask = (asked: Experiment, trials: Trial[], currentRequestNumber: number, totalRequestNumber = 0) =>
  katib.getSuggestions({ experiment: asked, trials, currentRequestNumber, totalRequestNumber });

type Assignments = Awaited<ReturnType<typeof ask>>["parameterAssignments"][number];

function trialOf({ assignments, labels }: Assignments, condition: string, value?: number): Trial {
  const metrics = value === undefined ? [] : [{ name: "accuracy", value: String(value) }];
  return Trial.fromJSON({
    name: `trial-${++count}`,
    spec: { parameterAssignments: { assignments }, labels },
    status: {
      condition,
      startTime: "2026-01-01T00:00:00Z",
      completionTime: "2026-01-01T00:01:30Z",
      observation: { metrics },
    },
  });
}

const studyOf = ({ labels }: Assignments) => `projects/default/studies/${labels["superbatch.dev/study"]}`;
const trialsOf = async (study: string) => (await studies.listTrials({ study })).trials;

describe("GetSuggestions", () => {
  it("gives as many points of the space as are wanted, in the texts that Katib gave", async () => {
    const { parameterAssignments } = await ask(experiment(), [], 6);
    expect(parameterAssignments).toHaveLength(6);
    for (const { assignments } of parameterAssignments) {
      const values = Object.fromEntries(assignments.map(({ name, value }) => [name, value]));
      expect(Object.keys(values)).toEqual(["rate", "layers", "width", "optimizer", "dropout"]);
      expect(Number(values.rate)).toBeGreaterThanOrEqual(0.001);
      expect(values.layers).toMatch(/^[1-5]$/);
      expect(["64.0", "16", "32"]).toContain(values.width);
      expect(["sgd", "adam"]).toContain(values.optimizer);
      expect(["0.1", "0.2", "0.3", "0.4", "0.5"]).toContain(values.dropout);
    }
  });

  it("gives a repeated demand the same points", async () => {
    const asked = experiment();
    const [first, again] = [await ask(asked, [], 2, 2), await ask(asked, [], 2, 2)];
    expect(again).toEqual(first);
    const next = await ask(asked, [], 2, 4);
    expect(next.parameterAssignments[0]!.labels).not.toEqual(first.parameterAssignments[0]!.labels);
  });

  it("tells the optimizer how trials ended, once, with the seconds that they ran", async () => {
    const asked = experiment();
    const [best, failed, killed, blind, running] = (await ask(asked, [], 5)).parameterAssignments as [
      Assignments,
      Assignments,
      Assignments,
      Assignments,
      Assignments,
    ];
    const trials = [
      trialOf(best, "SUCCEEDED", 0.9),
      trialOf(failed, "FAILED"),
      trialOf(killed, "KILLED"),
      trialOf(blind, "METRICSUNAVAILABLE"),
      trialOf(running, "RUNNING"),
    ];
    await ask(asked, trials, 1);
    await ask(asked, trials, 1);
    const told = await trialsOf(studyOf(best));
    expect(told.slice(0, 5).map(({ state }) => state.replace("TRIAL_STATE_", ""))).toEqual([
      "COMPLETED",
      "INFEASIBLE",
      "ABANDONED",
      "ABANDONED",
      "RUNNING",
    ]);
    expect(told[0]!.measurement).toMatchObject({ value: 0.9, cost: { total: 90 } });
    expect(told).toHaveLength(7);
    const { study } = await studies.getStudy({ name: studyOf(best) });
    expect(study!.spec!.objective).toMatchObject({ metric: "accuracy", goal: "GOAL_MAXIMIZE" });
    expect(study!.progress!.cost!.total).toBeCloseTo(4 * 90);
  });

  it("takes results of trials that it has not suggested, once", async () => {
    const asked = experiment();
    const [suggested] = (await ask(asked, [], 1)).parameterAssignments;
    const foreign = trialOf({ ...suggested!, labels: {} }, "SUCCEEDED", 0.5);
    await ask(asked, [foreign], 1);
    await ask(asked, [foreign], 1);
    const completed = (await trialsOf(studyOf(suggested!))).filter(({ measurement }) => measurement);
    expect(completed.map(({ measurement }) => measurement!.value)).toEqual([0.5]);
  });

  it("uses the model once it has results", async () => {
    const asked = experiment("superbatch", { random_state: "7", n_initial_points: "3" });
    const trials: Trial[] = [];
    for (let round = 0; round < 5; round++) {
      const [suggestion] = (await ask(asked, trials, 1)).parameterAssignments;
      trials.push(trialOf(suggestion!, "SUCCEEDED", round / 10));
    }
    const [last] = (await ask(asked, trials, 1)).parameterAssignments;
    const told = await trialsOf(studyOf(last!));
    expect(told.at(-1)!.explanation!.origin).toBe("ORIGIN_MODEL");
    const { study } = await studies.getStudy({ name: studyOf(last!) });
    expect(study!.spec!.seed).toBe(7);
  }, 240_000);

  it.each([
    ["width=128", { target: 128, effect: common.FidelityEffect.UNSPECIFIED }],
    ["width = 128:small", { target: 128, effect: common.FidelityEffect.SMALL }],
  ])("makes a parameter a fidelity where a setting says %s", async (fidelities, fidelity) => {
    const asked = experiment("superbatch-random", { fidelities });
    const [suggestion] = (await ask(asked, [], 1)).parameterAssignments;
    const { study } = await studies.getStudy({ name: studyOf(suggestion!) });
    expect(study!.spec!.space!.parameters[2]).toMatchObject({ name: "width", fidelity });
  });

  it.each([
    ["superbatch-mes", {}, { $case: "maxValueEntropy" }],
    ["superbatch", { acq_func: "KG" }, { $case: "knowledgeGradient" }],
    ["superbatch", { acq_func: "EI" }, { $case: "expectedImprovement", value: { model: { ignoreCost: true } } }],
    ["superbatch-asha", { brackets: "2" }, { $case: "asha", value: { brackets: 2 } }],
  ])("makes a study of %s with %o", async (name, settings, kind) => {
    const asked = experiment(name, { fidelities: "width=64", ...settings });
    const [suggestion] = (await ask(asked, [], 1)).parameterAssignments;
    const { study } = await studies.getStudy({ name: studyOf(suggestion!) });
    expect(study!.spec!.algorithm).toMatchObject({ kind });
  });

  it("refuses what only the optimizer knows to be wrong under the path that the user has written", async () => {
    const logarithm = { min: "0", max: "1", distribution: "LOG_UNIFORM" };
    const space = [{ name: "a", parameterType: "DOUBLE", feasibleSpace: logarithm }];
    const twice = { name: "b", parameterType: "CATEGORICAL", feasibleSpace: { list: ["x", "y", "x"] } };
    const settings = "experiment.spec.algorithm.algorithm_settings";
    const refused = async (...of: Parameters<typeof experiment>) => {
      const error = await ask(experiment(...of), [], 1).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ code: Status.INVALID_ARGUMENT });
      return fieldViolations(error).map(({ path }) => path);
    };
    expect(await refused("superbatch", {}, [...space, twice])).toEqual([
      "experiment.spec.parameter_specs.parameters[0].feasible_space.min",
      "experiment.spec.parameter_specs.parameters[1].feasible_space.list[2]",
    ]);
    expect(await refused("superbatch", { random_state: "1", fidelities: "optimizer=1" })).toEqual([
      `${settings}[1].value`,
    ]);
    expect(await refused("superbatch-asha", { fidelities: "width=64", brackets: "9" })).toEqual([
      `${settings}[1].value`,
    ]);
    expect(await refused("superbatch-asha")).toEqual(["experiment.spec.algorithm"]);
  });

  it("refuses a space with the path of every field that is wrong", async () => {
    const wrong = [
      { name: "a", parameterType: "DOUBLE", feasibleSpace: { min: "low", max: "1" } },
      { name: "b", parameterType: "INT", feasibleSpace: { min: "1.5", max: "3", distribution: "NORMAL" } },
      { name: "c", parameterType: "DISCRETE", feasibleSpace: { list: ["1", "x"] } },
      { name: "d" },
    ];
    const error = await ask(experiment("superbatch", {}, wrong), [], 1).catch((caught: unknown) => caught);
    const root = "experiment.spec.parameter_specs.parameters";
    expect(error).toMatchObject({ code: Status.INVALID_ARGUMENT });
    expect(fieldViolations(error).map(({ path }) => path)).toEqual([
      `${root}[0].feasible_space.min`,
      `${root}[1].feasible_space.distribution`,
      `${root}[1].feasible_space.min`,
      `${root}[2].feasible_space.list[1]`,
      `${root}[3].parameter_type`,
    ]);
  });
});

describe("ValidateAlgorithmSettings", () => {
  const validate = (name: string, settings: Record<string, string> = {}) =>
    katib.validateAlgorithmSettings({ experiment: experiment(name, settings) });

  it.each([
    [
      "superbatch",
      { random_state: "10", n_initial_points: "0", base_estimator: "GP", acq_func: "EIps", acq_optimizer: "auto" },
    ],
    ["superbatch", { acq_func: "MES" }],
    ["superbatch-kg", { n_initial_points: "4" }],
    ["superbatch-tpe", { random_state: "10" }],
    ["superbatch-random", {}],
  ])("accepts %s with %o", async (name, settings) => {
    await expect(validate(name, settings)).resolves.toEqual({});
  });

  it.each([
    ["unknown", {}, "unknown algorithm name unknown"],
    ["superbatch", { depth: "1" }, "unknown setting depth for algorithm superbatch"],
    ["superbatch-tpe", { acq_func: "ES" }, "unknown setting acq_func for algorithm superbatch-tpe"],
    ["superbatch", { base_estimator: "RF" }, "base_estimator RF is not supported in Bayesian optimization"],
    ["superbatch", { acq_func: "LCB" }, "acq_func LCB is not supported in Bayesian optimization"],
    ["superbatch", { brackets: "2" }, "unknown setting brackets for algorithm superbatch"],
    ["superbatch-asha", { fidelities: "width=64", brackets: "two" }, "brackets should be a whole number, not two"],
    ["superbatch", { acq_optimizer: "lbfgs" }, "acq_optimizer lbfgs is not supported in Bayesian optimization"],
    ["superbatch", { n_initial_points: "-1" }, "n_initial_points should be great or equal than zero"],
    ["superbatch", { random_state: "-1" }, "random_state should be great or equal than zero"],
    ["superbatch", { random_state: "1.5" }, "random_state should be a whole number, not 1.5"],
    [
      "superbatch",
      { fidelities: "width=64:none" },
      'fidelities: "width=64:none" is not of the form parameter=target or parameter=target:small, such as super_batch=50000:small',
    ],
    [
      "superbatch",
      { fidelities: "width" },
      'fidelities: "width" is not of the form parameter=target or parameter=target:small, such as super_batch=50000:small',
    ],
  ])("refuses %s with %o", async (name, settings, details) => {
    await expect(validate(name, settings as Record<string, string>)).rejects.toMatchObject({
      code: Status.INVALID_ARGUMENT,
      details,
    });
  });
});
