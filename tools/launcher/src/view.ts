import Table from "cli-table3";
import { createLogUpdate } from "log-update";
import type { Row } from "./row.ts";

/** A trial that a trainer holds now. */
export interface Running {
  readonly trial: number;
  readonly worker: string;
  readonly parameters: Row["parameters"];
  /** Cost so far, in the study's unit. */
  readonly spent: number;
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

/** What is shown of a study. */
export interface Layout {
  /** Heads of the columns. */
  readonly columns: readonly string[];
  /** A cell for each column. @param upTo - the rows that had ended by then, this one included. */
  cells(row: Row, upTo: readonly Row[]): readonly string[];
  /** What a running trial says of itself. */
  running(trial: Running): string;
  /** Lines below the table on a terminal, such as a plot. */
  below?(rows: readonly Row[], width: number): readonly string[];
}

export function createView(layout: Layout, stream: NodeJS.WriteStream = process.stdout): View {
  return stream.isTTY ? liveView(layout, stream) : plainView(layout, stream);
}

/** One line for each ended trial: for logs and pipes. */
function plainView({ columns, cells }: Layout, stream: NodeJS.WritableStream): View {
  return {
    update({ rows, budget }, added) {
      for (const row of added) {
        const shown = cells(row, rows.slice(0, rows.indexOf(row) + 1));
        stream.write(`${columns.map((name, i) => `${name} ${shown[i]}`).join("  ")}  budget used ${budget}\n`);
      }
    },
    end() {},
  };
}

/** A table that redraws itself: the last trials, and what runs now. */
function liveView({ columns, cells, running: inWords, below }: Layout, stream: NodeJS.WriteStream): View {
  const draw = createLogUpdate(stream);
  return {
    update({ rows, running, budget }) {
      const table = new Table({ head: [...columns], style: { head: [], border: [], compact: true } });
      const lines = below?.(rows, stream.columns ?? 80) ?? [];
      const height = Math.max(4, (stream.rows ?? 24) - running.length - lines.length - 8);
      const first = Math.max(0, rows.length - height);
      rows.slice(first).forEach((row, i) => {
        table.push([...cells(row, rows.slice(0, first + i + 1))]);
      });
      const now = running.map((trial) => `  ${inWords(trial)}`);
      draw([table.toString(), ...now, ...lines, `  budget used: ${budget}`].join("\n"));
    },
    end: () => draw.done(),
  };
}
