import { optimizer, spaceToProto, trainer } from "@superbatch/contracts";
import { ClientError, type ClientHandle, createClient, Status } from "@superbatch/rpc";
import type { LauncherOptions } from "./options.ts";
import { type Preset, spaceOf } from "./preset.ts";

export type OptimizerClient = ClientHandle<typeof optimizer.OptimizerServiceDefinition>["client"];

/** What a trainer says of the data set, if it can be trained on. @throws {Error} with what to do if it cannot. */
export async function describeTraining(
  address: string,
  dataset: string,
): Promise<{ examples: number; backend: string }> {
  const { client, close } = createClient(trainer.TrainerServiceDefinition, address);
  try {
    const description = await client.describe({});
    const found = description.datasets.find(({ name }) => name === dataset);
    if (!found?.available)
      throw new Error(`the data set ${dataset} was not found: ${found?.detail ?? "trainers do not know it"}`);
    const backend = description.backends.find(({ selected }) => selected);
    return { examples: found.trainingExamples, backend: backend ? `${backend.name} (${backend.detail})` : "unknown" };
  } finally {
    close();
  }
}

/** Id of the study of these options, so that the same options find the same study. */
export function studyIdOf({ study, dataset, architecture, algorithm, seed }: LauncherOptions, preset: Preset): string {
  return study ?? `${dataset}-${architecture ?? preset.architecture}-${algorithm}-${seed}`.replaceAll("_", "-");
}

/** The study with the id, created if there is none. */
export async function openStudy(
  client: OptimizerClient,
  id: string,
  options: LauncherOptions,
  preset: Preset,
  examples: number,
): Promise<{ study: optimizer.Study; resumed: boolean }> {
  const budget = {
    maxTrials: options.trials ?? (options.costBudget === undefined ? preset.trials : 0),
    maxCost: options.costBudget ?? 0,
    maxSeconds: 0,
    convergence: undefined,
  };
  const name = `projects/default/studies/${id}`;
  const existing = options.fresh ? undefined : await find(client, name);
  const labels = labelsOf(options, preset);
  if (existing) return { study: await resume(client, existing, options, labels, budget), resumed: true };
  const space = spaceOf(options.dataset, options.architecture ?? preset.architecture, preset, examples);
  const spec = optimizer.StudySpec.fromPartial({
    space: spaceToProto(space),
    objective: {
      metric: "validation_error",
      goal: optimizer.Goal.MINIMIZE,
      transform: optimizer.ObjectiveTransform.LOG,
    },
    algorithm: algorithmOf(options.algorithm),
    budget,
    // Short, so that what a killed run held is soon tried again.
    lease: { leaseSeconds: 20 },
    seed: options.seed,
    requirements: { [`dataset/${options.dataset}`]: "true" },
    labels,
  });
  const studyId = options.fresh ? await freeId(client, id) : id;
  const { study } = await client.createStudy({
    parent: "",
    studyId,
    study: optimizer.Study.fromPartial({ spec }),
    requestId: "",
  });
  return { study: study!, resumed: false };
}

/** What a study is about, in its labels: a study that is resumed must be about the same. */
function labelsOf({ dataset, architecture, algorithm }: LauncherOptions, preset: Preset): Record<string, string> {
  return { dataset, architecture: architecture ?? preset.architecture, algorithm };
}

/**
 * Makes an existing study go on: with more budget if the options ask for other than it had, and active if it was paused.
 *
 * @throws {Error} if the study is about something else than the options.
 */
async function resume(
  client: OptimizerClient,
  existing: optimizer.Study,
  options: LauncherOptions,
  labels: Readonly<Record<string, string>>,
  budget: optimizer.Budget,
): Promise<optimizer.Study> {
  for (const [name, wanted] of Object.entries(labels)) {
    const found = existing.spec!.labels[name];
    if (found === wanted) continue;
    throw new Error(
      `${existing.name} has ${name} ${found}, not ${wanted}; name another study with --study, or begin one with --fresh`,
    );
  }
  const asked = options.trials !== undefined || options.costBudget !== undefined;
  const had = existing.spec!.budget;
  const more = asked && (had?.maxTrials !== budget.maxTrials || had.maxCost !== budget.maxCost);
  const paused = existing.state === optimizer.StudyState.PAUSED;
  if (!more && !paused) return existing;
  const change = { ...(more && { budget }), ...(paused && { state: optimizer.StudyState.ACTIVE }) };
  const { study } = await client.updateStudy(
    optimizer.UpdateStudyRequest.fromPartial({ name: existing.name, ...change }),
  );
  return study!;
}

async function find(client: OptimizerClient, name: string): Promise<optimizer.Study | undefined> {
  try {
    return (await client.getStudy({ name })).study;
  } catch (error) {
    if (error instanceof ClientError && error.code === Status.NOT_FOUND) return undefined;
    throw error;
  }
}

/** The id, or the id with the first number behind it that no study has. */
async function freeId(client: OptimizerClient, id: string): Promise<string> {
  for (let suffix = 1; ; suffix++) {
    const candidate = suffix === 1 ? id : `${id}-run${suffix}`;
    if (!(await find(client, `projects/default/studies/${candidate}`))) return candidate;
  }
}

/** The algorithm with its defaults. */
function algorithmOf(name: LauncherOptions["algorithm"]): optimizer.Algorithm {
  return optimizer.Algorithm.fromJSON({ [name.replaceAll("-", "_")]: {} });
}
