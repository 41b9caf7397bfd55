import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeStanding, standingOf, sumOf } from "../confirmed.ts";
import { type Effect, effectOfImportance } from "../emulator/effect.ts";
import { createEmulator, type Emulator } from "../emulator/emulator.ts";
import type { Table } from "../emulator/table.ts";
import { type LeftOut, predictLeftOut } from "../emulator/validate.ts";
import { digestOfRuns, recordsFile } from "../recorded/records.ts";
import { median } from "../timing.ts";
import { batchNormTable } from "./batch-norm.ts";
import { breakEvenTable } from "./break-even.ts";
import { drawErrors, drawPredictions, drawSuperBatches } from "./figures.ts";
import { readLive } from "./live-studies.ts";
import { liveTable } from "./live-table.ts";
import { headingsAndBlocks, percent, replaceBlock } from "./markdown.ts";
import { type Method, methods } from "./methods.ts";
import { overheadTable } from "./overhead.ts";
import {
  digestOfFile,
  digestOfMethod,
  type Replayed,
  readStudies,
  type Studies,
  studiesFile,
  studiesFolder,
} from "./records.ts";
import { describeRepeats } from "./repeats.ts";
import { describeRetrained, judgedByTraining, readRetrained } from "./retrained.ts";
import { checkpoints, tableOf } from "./run-studies.ts";
import { reachTable, retrainedTable, standingsTable } from "./standings-table.ts";
import { effectTable, emulatorTable, floorMargin, type LeftOutOf, recordedTable } from "./tables.ts";
import { verdictTable } from "./verdict.ts";

const docs = fileURLToPath(new URL("../../../../docs/", import.meta.url));
/** Ours. */
const reference = "entropy-search";
const yardstick = "random";
/** Seeds from which on means are quoted without a warning. */
const enoughSeeds = 30;

export interface ReportOptions {
  /** File of the recorded trainings. */
  readonly records: string;
  /** Of the studies. @default the repository's */
  readonly studies?: string | undefined;
  /** Where the page and its figures go: one of tables and headings alone. @default docs/, into the text that people wrote there */
  readonly folder?: string | undefined;
  log(line: string): void;
}

/** Writes the figures and what is between the marks of docs/evidence.md anew, from what is recorded. */
export function writeReport({ records, studies, folder, log }: ReportOptions): void {
  const started = performance.now();
  const table = tableOf(records);
  const emulator = createEmulator(table);
  const images = join(folder ?? docs, "images");
  mkdirSync(images, { recursive: true });
  const figure = (name: string, svg: string) => writeFileSync(join(images, name), svg);

  log("cross-validating the emulators");
  const leftOut = leftOutOf(table);
  const effects = effectOfImportance(table);
  const standard = standardStudies(studies);
  const digits = folder === undefined ? standardStudies(studiesFolder("digits")) : undefined;
  const blocks = {
    ...trainingBlocks(emulator, effects, leftOut),
    ...studyBlocks({ emulator, effects, standard, data: digestOfFile(records), folder: studies }),
    ...furtherBlocks(emulator, standard, studies),
    // The repository's page tells of the digits as well.
    ...(digits ? digitsBlocks(table, digits) : {}),
  };
  const { predicted } = leftOut("gp", { kind: "final" });
  figure("evidence-emulator.svg", drawPredictions(table, predicted));
  figure("evidence-error.svg", drawErrors(standard, checkpoints, "uniform"));
  figure("evidence-error-target.svg", drawErrors(standard, checkpoints, "target"));
  figure("evidence-super-batch.svg", drawSuperBatches(standard, checkpoints, table.problem));
  if (digits) figure("evidence-digits-error.svg", drawErrors(digits, checkpoints, "uniform"));

  const page = readFileSync(join(docs, "evidence.md"), "utf8");
  // What people wrote there is of the repository's records.
  const text = folder === undefined ? page : headingsAndBlocks(page, Object.keys(blocks));
  const file = join(folder ?? docs, "evidence.md");
  writeFileSync(
    file,
    Object.entries(blocks).reduce((whole, [name, block]) => replaceBlock(whole, name, block), text),
  );
  log(`wrote ${file} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
}

/** What the recorded trainings tell by themselves. */
function trainingBlocks(emulator: Emulator, effects: readonly Effect[], leftOut: LeftOutOf): Record<string, string> {
  const { table } = emulator;
  return {
    trainings: `${recordedTable(table)}\n\n${olderTrainings(table)}`,
    effect: effectTable(effects),
    "break-even": breakEvenTable([[titleOf(table), table]]),
    emulator: `${emulatorTable(table, leftOut)}\n\n${bestOf(emulator)}`,
  };
}

function digitsBlocks(table: Table, standard: Studies): Record<string, string> {
  const records = recordsFile("digits");
  const folder = studiesFolder("digits");
  const digits = tableOf(records);
  const effects = effectOfImportance(digits);
  const emulator = createEmulator(digits);
  const blocks = studyBlocks({ emulator, effects, standard, data: digestOfFile(records), folder });
  return {
    ...Object.fromEntries(Object.entries(blocks).map(([name, block]) => [`${name}-digits`, block])),
    digits: `${recordedTable(digits)}\n\n${olderTrainings(digits)}\n\n${emulatorTable(digits, leftOutOf(digits))}`,
    "effect-digits": effectTable(effects),
    "batch-norm": batchNormTable(digits),
    "break-even": breakEvenTable([
      [titleOf(table), table],
      [titleOf(digits), digits],
    ]),
  };
}

interface StudyBlocksInput {
  readonly emulator: Emulator;
  readonly effects: readonly Effect[];
  readonly standard: Studies;
  /** Digest of the recorded trainings. */
  readonly data: string;
  readonly folder: string | undefined;
}

/** Of studies on a recorded benchmark. */
function studyBlocks({ emulator, effects, standard, data, folder }: StudyBlocksInput): Record<string, string> {
  const { table } = emulator;
  const level = table.problem.levels.at(-1)!;
  const always = studiesOf({ importance: "always" }, folder);
  const variants = always.filter(([{ role, name }]) => role === "variant" || name === reference || name === yardstick);
  const suggestionSeconds = suggestionSecondsOf(standard);
  const title = methods.find(({ name }) => name === yardstick)!.title;
  const reachOf = (studies: Studies) => reachTable(studies, checkpoints, "uniform", { name: yardstick, title });
  return {
    state: `${state(table, standard)}\n\n${verdictTable({ studies: standard, checkpoints, reference, yardstick, effects, suggestionSeconds })}`,
    studies: `${standingsTable(standard, reference, level, checkpoints)}\n\n${older(always, data)}`,
    retrained: [
      retrainedTable(judgedByTraining(standard, readRetrained(folder)), standard, reference),
      describeRetrained(emulator, folder),
    ]
      .filter(Boolean)
      .join("\n\n"),
    reach: reachOf(standard),
    variants: standingsOf(variants, "variant", level, `\n\n${reachOf(variants)}`),
  };
}

/** Of what confirms them, and of the optimizer's time. */
function furtherBlocks(emulator: Emulator, standard: Studies, folder: string | undefined): Record<string, string> {
  const level = emulator.table.problem.levels.at(-1)!;
  return {
    live: liveTable(
      methods.map((method) => [method, readLive(method.name, folder)] as const),
      emulator,
    ),
    published: standingsOf(studiesOf({ importance: "published" }, folder), "ours", level),
    forest: standingsOf(studiesOf({ importance: "always", emulator: "forest" }, folder), "ours", level),
    overhead: overheadTable(suggestionSecondsOf(standard)),
  };
}

/** A table, if a method of that role is among the studies. @param more - what follows on it */
function standingsOf(studies: Studies, role: Method["role"], level: number, more = ""): string {
  return studies.some(([method, own]) => method.role === role && own.length > 0)
    ? `${standingsTable(studies, reference, level, checkpoints)}${more}`
    : "None is recorded yet.";
}

/** Of ours, in the median; NaN without any. */
function suggestionSecondsOf(studies: Studies): number {
  const waits = studies.find(([{ name }]) => name === reference)![1].map(({ suggestionSeconds }) => suggestionSeconds);
  return waits.length > 0 ? median(waits) : Number.NaN;
}

/** Of all methods, one trial at a time. */
function studiesOf(replayed: Replayed, folder: string | undefined): Studies {
  return methods.map((method) => [
    method,
    readStudies(studiesFile(replayed, method.name, folder)).filter(({ workers }) => workers === 1),
  ]);
}

/** Each is made once: the page and a figure tell of the same. */
function leftOutOf(table: Table): LeftOutOf {
  const known = new Map<string, LeftOut>();
  return (name, output) => {
    const key = JSON.stringify([name, output]);
    const left = known.get(key) ?? predictLeftOut(table, name, output);
    known.set(key, left);
    return left;
  };
}

/** Of all but variants, importance sampling in every step. */
export function standardStudies(folder: string | undefined): Studies {
  return studiesOf({ importance: "always" }, folder).filter(([{ role }]) => role !== "variant");
}

const titles = { cifar10: "CIFAR-10", cifar100: "CIFAR-100", digits: "digits" } as const;

function titleOf({ problem: { dataset } }: Table): string {
  return dataset in titles ? titles[dataset as keyof typeof titles] : dataset;
}

/** Whether the trainers' sources are still those that trained. */
function olderTrainings({ problem, runs }: Table): string {
  const current = digestOfRuns(problem);
  const count = runs.filter(({ digest }) => digest !== current).length;
  return count === 0
    ? "All were trained by the sources as they are."
    : `${count} of ${runs.length} were trained by earlier sources.`;
}

/** How much there is, in words, for the page's beginning. */
function state(table: Table, studies: Studies): string {
  const { runs, problem } = table;
  const most = Math.max(0, ...studies.map(([, own]) => own.length));
  const whole = studies.filter(([, own]) => own.length === most && most > 0);
  const fewer = studies.filter(([, own]) => own.length > 0 && own.length < most);
  const absent = studies.filter(([, own]) => own.length === 0).map(([{ title }]) => title);
  const trainings = `${runs.length} recorded trainings on ${problem.trainExamples} images of ${titleOf(table)}`;
  return [
    `So far there are ${trainings} and ${most} seeds of ${whole.length} methods on them.`,
    fewer.length > 0
      ? `Of fewer seeds: ${fewer.map(([{ title }, own]) => `${title} (${own.length})`).join(", ")}.`
      : "",
    most < enoughSeeds
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
    `${describeRepeats(emulator, uniform.mean, floorMargin)} ` +
    `Of the recorded hyperparameters the best has an emulated mean test error of ${percent(uniform.mean)} (standard deviation ${percent(uniform.sd)}) trained by uniform sampling ` +
    `and of ${percent(target.mean)} (${percent(target.sd)}) at B = ${level}b with importance sampling in every step; at the same hyperparameters the second differs from the first by ${percent(median(differences))} in the median.`
  );
}

function older(studies: Studies, data: string): string {
  const all = studies.flatMap(([, own]) => own);
  const byData = all.filter((study) => study.data !== data).length;
  const standings = studies.map(([method, own]) => standingOf(own, digestOfMethod(method)));
  const notes = [
    describeStanding(sumOf(standings)),
    byData > 0 ? `${byData} of ${all.length} replayed fewer recorded trainings than there are now.` : "",
  ];
  return notes.filter(Boolean).join(" ") || "All studies are of the sources and the recorded trainings as they are.";
}
