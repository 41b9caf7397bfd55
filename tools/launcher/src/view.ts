import Table from "cli-table3";
import { createLogUpdate } from "log-update";
import { percent, type Row, short } from "./row.ts";

/** A trial that a trainer holds now. */
export interface Running {
  readonly trial: number;
  readonly worker: string;
  readonly superBatch: string;
  readonly note: string;
}

export interface Snapshot {
  readonly rows: readonly Row[];
  readonly running: readonly Running[];
  /** Used share of the budget in words, such as "7 of 24 trials, 41 s". */
  readonly budget: string;
}

/** How progress is shown. */
export interface View {
  /** Called on each change; `added` are the rows that are new since the last call. */
  update(snapshot: Snapshot, added: readonly Row[]): void;
  end(): void;
}

const columns = ["trial", "B", "hyperparameters", "error", "cost", "IS steps", "best", "origin", "budget used"];

/** @param parameters - names of the hyperparameters to show. */
export function createView(parameters: readonly string[], stream: NodeJS.WriteStream = process.stdout): View {
  return stream.isTTY ? liveView(parameters, stream) : plainView(parameters, stream);
}

/** One line for each ended trial: for logs and pipes. */
function plainView(parameters: readonly string[], stream: NodeJS.WritableStream): View {
  return {
    update({ rows, budget }, added) {
      for (const row of added) {
        const upTo = rows.slice(0, rows.indexOf(row) + 1);
        const cells = cellsOf(row, parameters, bestOf(upTo));
        stream.write(
          `${columns
            .slice(0, -1)
            .map((name, i) => `${name} ${cells[i]}`)
            .join("  ")}  budget used ${budget}\n`,
        );
      }
    },
    end() {},
  };
}

/** A table that redraws itself: the last trials, and what runs now. */
function liveView(parameters: readonly string[], stream: NodeJS.WriteStream): View {
  const draw = createLogUpdate(stream);
  return {
    update({ rows, running, budget }) {
      const table = new Table({ head: columns.slice(0, -1), style: { head: [], border: [], compact: true } });
      const height = Math.max(4, (stream.rows ?? 24) - running.length - 8);
      const first = Math.max(0, rows.length - height);
      rows.slice(first).forEach((row, i) => {
        table.push(cellsOf(row, parameters, bestOf(rows.slice(0, first + i + 1))));
      });
      const now = running.map(
        ({ trial, worker, superBatch, note }) => `  ${worker}: trial ${trial}, B ${superBatch}${note}`,
      );
      draw([table.toString(), ...now, `  budget used: ${budget}`].join("\n"));
    },
    end: () => draw.done(),
  };
}

function cellsOf(row: Row, parameters: readonly string[], best: number | undefined): string[] {
  return [
    String(row.trial),
    short(row.parameters.super_batch ?? "-"),
    parameters.map((name) => `${name}=${short(row.parameters[name] ?? "-")}`).join(" "),
    row.value === undefined ? row.state : percent(row.value),
    `${row.cost.total.toFixed(1)}s`,
    row.importanceShare === undefined ? "-" : percent(row.importanceShare),
    best === undefined ? "-" : percent(best),
    row.origin.replace("_", " "),
  ];
}

function bestOf(rows: readonly Row[]): number | undefined {
  const values = rows.flatMap(({ value }) => (value === undefined ? [] : [value]));
  return values.length === 0 ? undefined : Math.min(...values);
}
