import { keepsConstraints, type optimizer, spaceFromProto } from "@superbatch/contracts";
import { type Layout, type Row, short } from "@superbatch/launcher";
import { figure, variedParameters } from "../output/words.ts";
import { plotLines } from "./plot.ts";

/** What `superbatch tune` shows: any metric, all parameters that vary, and a small plot of the best value against cost. */
export function studyLayout(study: optimizer.Study): Layout {
  const { metric = "value", goal } = study.spec?.objective ?? {};
  const sign = goal === "GOAL_MAXIMIZE" ? -1 : 1;
  const names = variedParameters(study);
  const fidelities = spaceFromProto(study.spec?.space).parameters.flatMap(({ name, fidelity }) =>
    fidelity ? [name] : [],
  );
  const bestOf = (rows: readonly Row[]) => {
    const values = rows.flatMap(({ value, metrics }) =>
      value !== undefined && keepsConstraints(study.spec?.outcomeConstraints, metrics) ? [sign * value] : [],
    );
    return values.length === 0 ? undefined : sign * Math.min(...values);
  };
  const inWords = (parameters: Row["parameters"], shown: readonly string[]) =>
    shown
      .filter((name) => name in parameters)
      .map((name) => `${name}=${short(parameters[name]!)}`)
      .join(" ");
  return {
    columns: ["trial", "parameters", metric, "cost", "best", "origin"],
    cells: (row, upTo) => [
      String(row.trial),
      inWords(row.parameters, names),
      row.value === undefined ? row.state : figure(row.value),
      figure(row.cost.total),
      figure(bestOf(upTo)),
      row.origin.replace("_", " "),
    ],
    running: ({ trial, worker, parameters, spent }) =>
      `${worker}: trial ${trial} ${inWords(parameters, fidelities)}${spent > 0 ? `, cost ${figure(spent)}` : ""}`,
    below(rows, width) {
      let spent = 0;
      const series = rows.flatMap((row, i) => {
        spent += row.cost.total;
        const best = bestOf(rows.slice(0, i + 1));
        return best === undefined ? [] : [[spent, best] as const];
      });
      return plotLines(`best ${metric} against cost (${study.spec?.costUnit})`, series, width);
    },
  };
}
