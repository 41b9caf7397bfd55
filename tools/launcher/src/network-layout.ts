import { percent, type Row, short } from "./row.ts";
import type { Layout } from "./view.ts";

/** What `npm start` shows: errors of networks, and what importance sampling has to do with them. @param parameters - names to show. */
export function networkLayout(parameters: readonly string[]): Layout {
  return {
    columns: ["trial", "B", "hyperparameters", "error", "cost", "IS steps", "best", "origin"],
    cells(row, upTo) {
      const best = lowest(upTo);
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
    },
    running: ({ trial, worker, parameters: point, spent }) =>
      `${worker}: trial ${trial}, B ${point.super_batch ?? "-"}${spent > 0 ? `, ${spent.toFixed(1)} s` : ""}`,
  };
}

function lowest(rows: readonly Row[]): number | undefined {
  const values = rows.flatMap(({ value }) => (value === undefined ? [] : [value]));
  return values.length === 0 ? undefined : Math.min(...values);
}
