import { styleText } from "node:util";
import Table from "cli-table3";
import type { Io } from "../io.ts";

type Color = "green" | "yellow" | "red" | "dim" | "bold" | "cyan";

/** Where a command's results go: text for people or JSON for programs on standard output, remarks on standard error. */
export interface Output {
  /** Whether results are JSON. */
  readonly json: boolean;
  /** A line of the result; nothing in JSON. */
  print(text: string): void;
  /** The result for programs; nothing but in JSON. Indented for one document, a line for each of several. */
  data(value: unknown, layout?: "document" | "line"): void;
  /** A table of the result; nothing in JSON. Numbers are aligned to the right. */
  table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void;
  /** Something beside the result, on standard error: what was done, what goes on. */
  note(text: string): void;
  /** Colored where standard output is a terminal that shows colors, and the user wants them. */
  color(name: Color, text: string): string;
}

export function createOutput(io: Io, options: { readonly json: boolean; readonly color: boolean }): Output {
  const { json } = options;
  const colored = options.color && io.stdout.isTTY === true && !io.env.NO_COLOR;
  return {
    json,
    print(text) {
      if (!json) io.stdout.write(`${text}\n`);
    },
    data(value, layout = "document") {
      if (json) io.stdout.write(`${JSON.stringify(value, null, layout === "document" ? 2 : 0)}\n`);
    },
    table(head, rows) {
      if (!json) io.stdout.write(`${formatTable(head, rows)}\n`);
    },
    note(text) {
      io.stderr.write(`${text}\n`);
    },
    color: (name, text) => (colored ? styleText(name, text, { validateStream: false }) : text),
  };
}

/** Columns under their heads, without lines: easy to read, to cut and to grep. */
export function formatTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const none = Object.fromEntries(
    [
      "top",
      "top-mid",
      "top-left",
      "top-right",
      "bottom",
      "bottom-mid",
      "bottom-left",
      "bottom-right",
      "left",
      "left-mid",
      "mid",
      "mid-mid",
      "right",
      "right-mid",
    ].map((name) => [name, ""]),
  );
  const table = new Table({
    head: head.map((name) => name.toUpperCase()),
    chars: { ...none, middle: "  " },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
    colAligns: head.map((_, column) =>
      rows.length > 0 && rows.every((row) => isNumber(row[column]!)) ? "right" : "left",
    ),
  });
  table.push(...rows.map((row) => row.map(String)));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

function isNumber(cell: string | number): boolean {
  return typeof cell === "number" || /^(-|-?\d[\d.]*(e[-+]?\d+)?%?)$/.test(cell);
}
