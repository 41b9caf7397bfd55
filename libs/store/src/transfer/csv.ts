import type { ParameterValue, Point, SearchSpace } from "@superbatch/search-space";
import type { Trial } from "../trial.ts";

/** A known result, read from a table. */
export interface TabledResult {
  readonly point: Point;
  readonly value: number;
  readonly cost: number;
}

const fixedColumns = ["trial", "state", "value", "cost", "scoring", "gradient", "evaluation", "data"] as const;
const lastColumns = ["attempts", "worker", "stopped_early", "started", "finished", "reason"] as const;

/**
 * Trials as a table (RFC 4180, UTF-8, "." as decimal point): a row each, with columns `parameter.NAME` and `metric.NAME`. Numbers keep all of
 * their digits, times are ISO 8601, what is absent is empty.
 */
export function trialsToCsv(trials: readonly Trial[]): string {
  const parameters = namesOf(trials.map(({ point }) => point));
  const metrics = namesOf(trials.map(({ measurement }) => measurement?.metrics ?? {}));
  const header = [
    ...fixedColumns,
    ...parameters.map((name) => `parameter.${name}`),
    ...metrics.map((name) => `metric.${name}`),
    ...lastColumns,
  ];
  const rows = trials.map((trial) => {
    const { measurement, cost } = trial;
    return [
      trial.number,
      trial.state,
      measurement?.value,
      cost.total,
      cost.scoring,
      cost.gradient,
      cost.evaluation,
      cost.data,
      ...parameters.map((name) => trial.point[name]),
      ...metrics.map((name) => measurement?.metrics[name]),
      trial.attempts,
      trial.worker,
      trial.stoppedEarly,
      isoTime(trial.startedAt),
      isoTime(trial.finishedAt),
      trial.reason,
    ];
  });
  return [header, ...rows].map((row) => `${row.map(quote).join(",")}\r\n`).join("");
}

/**
 * Known results of a table with columns `value`, `cost` and `parameter.NAME`, such as {@link trialsToCsv} writes: of every row that has a
 * value. Other columns do not matter.
 *
 * @param space - says which columns are numbers, truth values or text; its points are not validated.
 * @throws {Error} naming the row and column of what cannot be read.
 */
export function resultsFromCsv(text: string, space: SearchSpace): TabledResult[] {
  const [header, ...rows] = parseCsv(text);
  if (!header) throw new Error("the table is empty");
  for (const column of ["value", "cost"]) if (!header.includes(column)) throw new Error(`there is no column ${column}`);
  return rows.flatMap((row, index): TabledResult[] => {
    const cell = (column: string) => row[header.indexOf(column)] ?? "";
    const number = (column: string) => {
      const value = Number(cell(column));
      if (cell(column) === "" || !Number.isFinite(value))
        throw new Error(`row ${index + 2}, column ${column}: ${JSON.stringify(cell(column))} is not a number`);
      return value;
    };
    if (cell("value") === "") return [];
    const point: Record<string, ParameterValue> = {};
    for (const { name, domain } of space.parameters) {
      const column = `parameter.${name}`;
      if (cell(column) === "") continue;
      const kind = domain.kind === "fixed" ? typeof domain.value : domain.kind;
      if (kind === "categorical" || kind === "string") point[name] = cell(column);
      else if (kind === "boolean") point[name] = cell(column) === "true";
      else point[name] = number(column);
    }
    return [{ point, value: number("value"), cost: number("cost") }];
  });
}

/** Rows of cells. A quoted cell may hold commas, line breaks and doubled quotes. */
export function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/gy;
  while (cell.lastIndex < text.length) {
    const at = cell.lastIndex;
    const match = cell.exec(text);
    if (!match)
      throw new Error(`line ${text.slice(0, at).split("\n").length}: a quote is not closed, or stands inside a cell`);
    row.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    if (match[3] === ",") {
      // A line may end in an empty cell.
      if (cell.lastIndex === text.length) row.push("");
      else continue;
    }
    rows.push(row);
    row = [];
  }
  return rows;
}

function quote(value: ParameterValue | undefined): string {
  const text = value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Names in the order in which they appear. */
function namesOf(records: readonly Readonly<Record<string, unknown>>[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))];
}

function isoTime(time: number | null): string | undefined {
  return time === null ? undefined : new Date(time).toISOString();
}
