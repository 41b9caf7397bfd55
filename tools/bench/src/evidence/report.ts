import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createEmulator, type Emulator } from "../emulator/emulator.ts";
import type { Table } from "../emulator/table.ts";
import { predictLeftOut } from "../emulator/validate.ts";
import { recordsFile } from "../recorded/records.ts";
import { meanOf } from "../regret/summary.ts";
import { median } from "../timing.ts";
import { batchNormTable } from "./batch-norm.ts";
import { breakEvenTable } from "./break-even.ts";
import { drawErrors, drawPredictions, drawSuperBatches } from "./figures.ts";
import { readLive } from "./live-studies.ts";
import { liveTable } from "./live-table.ts";
import { percent, replaceBlock } from "./markdown.ts";
import { type Method, methods } from "./methods.ts";
import { digestOfFile, digestOfMethod, type Replayed, readStudies, type StudyRecord, studiesFile } from "./records.ts";
import { checkpoints, tableOf } from "./run-studies.ts";
import { effectTable, emulatorTable, overheadTable, recordedTable, standingsTable } from "./tables.ts";

const docs = fileURLToPath(new URL("../../../../docs/", import.meta.url));
const reference = "entropy-search";
/** Seeds from which on means are quoted without a warning. */
const enoughSeeds = 30;

type Studies = readonly (readonly [Method, readonly StudyRecord[]])[];

export interface ReportOptions {
  /** File of the recorded trainings. */
  readonly records: string;
  /** Of the studies. @default the repository's */
  readonly studies?: string | undefined;
  /** Where the page and its figures go; its text is always that of docs/. @default docs/ */
  readonly folder?: string | undefined;
  log(line: string): void;
}

/** Writes the figures and what is between the marks of docs/evidence.md anew, from what is recorded. */
export function writeReport({ records, studies, folder = docs, log }: ReportOptions): void {
  const table = tableOf(records);
  const data = digestOfFile(records);
  let page = readFileSync(join(docs, "evidence.md"), "utf8");
  const images = join(folder, "images");
  mkdirSync(images, { recursive: true });
  const figure = (name: string, svg: string) => writeFileSync(join(images, name), svg);

  page = replaceBlock(page, "trainings", recordedTable(table));
  const digits = tableOf(recordsFile("digits"));
  page = replaceBlock(page, "digits", `${recordedTable(digits)}\n\n${emulatorTable(digits)}`);
  page = replaceBlock(page, "effect", effectTable(table));
  page = replaceBlock(page, "effect-digits", effectTable(digits));
  page = replaceBlock(page, "batch-norm", batchNormTable(digits.problem, digits.runs));
  const recorded = [["CIFAR-10", table.runs] as const, ["digits", digits.runs] as const];
  page = replaceBlock(page, "break-even", breakEvenTable(table.problem, recorded));
  const emulator = createEmulator(table);
  log("cross-validating the emulators");
  page = replaceBlock(page, "emulator", `${emulatorTable(table)}\n\n${bestOf(emulator)}`);
  const { predicted } = predictLeftOut(table, "gp", { kind: "error", at: table.points - 1 });
  figure("evidence-emulator.svg", drawPredictions(table, predicted));

  const studiesOf = (replayed: Replayed): Studies =>
    methods.map((method) => [
      method,
      readStudies(studiesFile(replayed, method.name, studies)).filter(({ workers }) => workers === 1),
    ]);
  const always = studiesOf({ importance: "always" });
  const standard = always.filter(([{ role }]) => role !== "variant");
  page = replaceBlock(page, "state", state(table, standard));
  page = replaceBlock(page, "studies", `${standingsTable(standard, checkpoints, reference)}\n\n${older(always, data)}`);
  const variants = always.filter(([{ role, name }]) => role === "variant" || name === reference || name === "random");
  page = replaceBlock(page, "variants", someTable(variants, "variant"));
  const lives = methods.map((method) => [method, readLive(method.name, studies)] as const);
  page = replaceBlock(page, "live", liveTable(lives, emulator));
  page = replaceBlock(page, "published", someTable(studiesOf({ importance: "published" }), "ours"));
  page = replaceBlock(page, "forest", someTable(studiesOf({ importance: "always", emulator: "forest" }), "ours"));
  figure("evidence-error.svg", drawErrors(standard, checkpoints, "uniform"));
  figure("evidence-error-target.svg", drawErrors(standard, checkpoints, "target"));
  figure("evidence-super-batch.svg", drawSuperBatches(standard, checkpoints, table.problem.batchSize));
  const waits = always.find(([{ name }]) => name === reference)![1].map(({ suggestionSeconds }) => suggestionSeconds);
  page = replaceBlock(page, "overhead", overheadTable(waits.length > 0 ? median(waits) : Number.NaN));
  writeFileSync(join(folder, "evidence.md"), page);
  log(`wrote ${join(folder, "evidence.md")}`);
}

/** How much there is, in words, for the page's beginning. */
function state({ runs, problem }: Table, studies: Studies): string {
  const counts = studies.filter(([, own]) => own.length > 0).map(([, own]) => own.length);
  const seeds = counts.length > 0 ? [Math.min(...counts), Math.max(...counts)] : [0, 0];
  const range = seeds[0] === seeds[1] ? `${seeds[0]}` : `${seeds[0]} to ${seeds[1]}`;
  const absent = studies.filter(([, own]) => own.length === 0).map(([{ title }]) => title);
  const trainings = `${runs.length} recorded trainings on ${problem.trainExamples} images of CIFAR-10`;
  return [
    `So far there are ${trainings} and ${range} seeds of ${counts.length} methods on them.`,
    seeds[0]! < enoughSeeds
      ? `**That is too few to rank methods**: ${enoughSeeds} seeds of each are wanted, and the figures below show that the machinery works, not who wins.`
      : "",
    absent.length > 0 ? `Without any study: ${absent.join(", ")}.` : "",
  ]
    .filter(Boolean)
    .join(" ");
}

/** What the recorded runs let one hope for. */
function bestOf(emulator: Emulator): string {
  const { table } = emulator;
  const level = table.problem.levels.at(-1)!;
  const judged = table.runs.map(({ x }) => ({
    uniform: emulator.truth({ family: "uniform", level: 1, x }),
    target: emulator.truth({ family: "always", level, x }),
  }));
  const best = (judge: "uniform" | "target") =>
    judged.map((each) => each[judge]).reduce((a, b) => (b.mean < a.mean ? b : a));
  const [uniform, target] = [best("uniform"), best("target")];
  const differences = judged.map((each) => each.target.mean - each.uniform.mean);
  return (
    `${deviations(emulator)} ` +
    `Of the recorded hyperparameters the best has an emulated mean test error of ${percent(uniform.mean)} (standard deviation ${percent(uniform.sd)}) trained by uniform sampling ` +
    `and of ${percent(target.mean)} (${percent(target.sd)}) at B = ${level}b with importance sampling in every step; at the same hyperparameters the second differs from the first by ${percent(median(differences))} in the median.`
  );
}

/** Whether emulated trainings differ by their seeds as real ones do. */
function deviations(emulator: Emulator): string {
  const { runs, points } = emulator.table;
  const variances = runs.slice(0, 40).map((run) => {
    const errors = Array.from({ length: 8 }, (_, seed) => emulator.run(run, `report ${seed}`).error[points - 1]!);
    const mean = meanOf(errors);
    return errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / (errors.length - 1);
  });
  return `Emulated trainings of one place differ by their seeds with a standard deviation of ${percent(Math.sqrt(meanOf(variances)), 2)} in the validation error at the end, to be compared with the noise from repeats.`;
}

function someTable(studies: Studies, role: Method["role"]): string {
  const recorded = studies.filter(([, own]) => own.length > 0);
  return recorded.some(([method]) => method.role === role)
    ? standingsTable(recorded, checkpoints, reference)
    : "None is recorded yet.";
}

function older(studies: Studies, data: string): string {
  const all = studies.flatMap(([method, own]) => own.map((study) => ({ study, digest: digestOfMethod(method) })));
  const byCode = all.filter(({ study, digest }) => study.digest !== digest).length;
  const byData = all.filter(({ study }) => study.data !== data).length;
  const notes = [
    byCode > 0 ? `${byCode} of ${all.length} studies are of earlier sources.` : "",
    byData > 0 ? `${byData} of ${all.length} replayed fewer recorded trainings than there are now.` : "",
  ];
  return notes.filter(Boolean).join(" ") || "All studies are of the sources and the recorded trainings as they are.";
}
