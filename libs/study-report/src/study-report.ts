import { constraintInWords, keepsConstraints, type optimizer, pointFromProto } from "@superbatch/contracts";
import { figureStyle, numberText } from "@superbatch/figures";
import { factsOf, rowOf, type ViewContext } from "@superbatch/study-views";
import { createCanvas } from "./canvas.ts";
import { escapeHtml, pageHtml, type Section, tableHtml } from "./html.ts";
import { modelSections, parameterSections, progressSections, trainingSections } from "./sections.ts";

type Recommendation = Pick<
  optimizer.GetRecommendationResponse,
  "parameters" | "mean" | "sd" | "trial" | "observedValue"
> &
  Partial<Pick<optimizer.GetRecommendationResponse, "feasibility" | "constraintsUnmet">>;

/** Trials in the table of the best. */
const listed = 25;

/**
 * A study as one HTML page that needs no server, no network and no script: the dashboard's figures with what they say in words.
 *
 * @param recommendation - absent before the first result
 * @param onSection - called with the number of sections done and their total, for a progress bar
 */
export async function studyReport(
  context: ViewContext,
  recommendation: Recommendation | undefined,
  onSection: (done: number, total: number) => void = () => {},
): Promise<string> {
  const canvas = createCanvas();
  const groups = [progressSections, parameterSections, trainingSections, modelSections];
  const sections: Section[] = [];
  for (const [done, group] of groups.entries()) {
    onSection(done, groups.length);
    sections.push(...(await group(context, canvas)));
  }
  sections.push(bestTrials(context));
  onSection(groups.length, groups.length);
  const title = context.study.name.replace(/^projects\/([^/]+)\/studies\//, "$1/");
  return pageHtml(`${title} · Superbatch`, headHtml(title, context, recommendation), sections, figureStyle);
}

function headHtml(title: string, { study, now }: ViewContext, recommendation: Recommendation | undefined): string {
  const { state, stateReason, progress, spec } = study;
  const { metric, costUnit } = factsOf(study);
  const limit = (value: number | undefined) => (value ? ` of ${numberText(value)}` : "");
  const facts: [string, string][] = [
    ["State", state.replace("STUDY_STATE_", "").toLowerCase()],
    ["Completed trials", `${progress?.completed ?? 0}${limit(spec?.budget?.maxTrials)}`],
    ["Running", String(progress?.running ?? 0)],
    ["Failed", String((progress?.failed ?? 0) + (progress?.infeasible ?? 0))],
    ["Cost", `${numberText(progress?.cost?.total ?? 0)}${limit(spec?.budget?.maxCost)} ${costUnit}`],
    ["Written", new Date(now).toISOString().slice(0, 16).replace("T", " ").concat(" UTC")],
  ];
  if (recommendation)
    facts.push([
      `Recommended ${metric}`,
      `${numberText(recommendation.mean)}${recommendation.sd === undefined ? "" : ` ± ${numberText(1.96 * recommendation.sd)}`}`,
    ]);
  if (recommendation?.feasibility !== undefined)
    facts.push([
      "Constraints hold",
      `with probability ${numberText(recommendation.feasibility)}${recommendation.constraintsUnmet ? ": no point is likely to keep them" : ""}`,
    ]);
  const list = facts.map(([name, value]) => `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`);
  const chips = Object.entries(pointFromProto(recommendation?.parameters ?? {})).map(
    ([name, value]) =>
      `<span class="chip">${escapeHtml(name)} <strong>${escapeHtml(typeof value === "number" ? numberText(value) : String(value))}</strong></span>`,
  );
  return [
    `<h1>${escapeHtml(title)}</h1>`,
    stateReason === "" ? "" : `<p class="note">${escapeHtml(stateReason)}</p>`,
    `<dl class="facts">${list.join("")}</dl>`,
    chips.length === 0
      ? ""
      : `<p>Recommended, from trial ${escapeHtml(recommendation!.trial.split("/").at(-1)!)}: ${chips.join("")}</p>`,
  ].join("\n");
}

function bestTrials({ study, trials }: ViewContext): Section {
  const { metric, minimize, costUnit, parameters } = factsOf(study);
  const constraints = study.spec?.outcomeConstraints ?? [];
  const completed = trials.filter(({ measurement }) => measurement);
  const rows = completed.filter(({ measurement }) => keepsConstraints(constraints, measurement!.metrics)).map(rowOf);
  rows.sort((a, b) => (minimize ? 1 : -1) * (a.value! - b.value!));
  const shown = rows.slice(0, listed);
  const body = tableHtml(
    ["trial", metric, `cost (${costUnit})`, "trainer", "attempts", ...parameters.map(({ name }) => name)],
    shown.map((row) => [
      row.number,
      numberText(row.value!),
      numberText(row.cost.total),
      row.worker,
      row.attempts,
      ...parameters.map(({ name }) => {
        const value = row.parameters[name];
        return typeof value === "number" ? numberText(value) : value === undefined ? "" : String(value);
      }),
    ]),
  );
  return {
    title: "Best trials",
    note:
      constraints.length === 0
        ? `${shown.length} of ${rows.length} trials with a result.`
        : `${shown.length} of ${rows.length} trials that keep ${constraints.map(constraintInWords).join(" and ")}, of ${completed.length} with a result.`,
    body: shown.length === 0 ? "" : body,
    wide: true,
  };
}
