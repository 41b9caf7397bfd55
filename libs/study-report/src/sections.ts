import {
  drawCalibration,
  drawContour,
  drawCost,
  drawErrorAgainstCost,
  drawFidelity,
  drawHistory,
  drawImportance,
  drawLearningCurves,
  drawParallel,
  drawSlice,
  drawTimeline,
  drawTradeOff,
  numberText,
} from "@superbatch/figures";
import { factsOf, type ViewContext, views } from "@superbatch/study-views";
import type { Canvas } from "./canvas.ts";
import { escapeHtml, type Section } from "./html.ts";

type Group = (context: ViewContext, canvas: Canvas) => Promise<Section[]>;

/** Widths of figures over one column and over both, pixels. */
const half = 580;
const full = 1210;

const nothing = (text: string) => `<p class="note">${escapeHtml(text)}</p>`;
const noResult = nothing("No trial has completed yet.");

/** A group whose data cannot be had says so, in place of a page that is not written at all. */
async function orReason(title: string, make: () => Promise<Section[]>): Promise<Section[]> {
  try {
    return await make();
  } catch (error) {
    const reason = (error as { details?: string }).details ?? (error as Error).message;
    return [{ title, body: nothing(`Not shown: ${reason}`) }];
  }
}

export const progressSections: Group = async (context, canvas) => {
  const { history, fidelities, cost } = views.overview(context);
  const any = history.completed > 0;
  const { bars, ...rest } = views.timeline(context);
  const history2 = any
    ? canvas.draw(history, (data, options) => drawHistory(data, { ...options, axis: "cost" }), half)
    : noResult;
  return [
    { title: "Value and the best so far against cost", body: history2 },
    {
      title: "Value and the best so far against trials",
      body: any
        ? canvas.draw(history, (data, options) => drawHistory(data, { ...options, axis: "trials" }), half)
        : noResult,
    },
    ...fidelities.map((fidelity) => ({
      title: `Chosen ${fidelity.fidelity}`,
      note: "What each trial was evaluated at: the search decides how much quality is worth its cost.",
      body: fidelity.points.length > 0 ? canvas.draw(fidelity, drawFidelity, half) : noResult,
    })),
    ...(any ? await orReason("What fidelities are worth", () => tradeOffSections(context, canvas)) : []),
    {
      title: "Cost by phase",
      body: cost.bars.length > 0 ? canvas.draw(cost, drawCost, full) : nothing("Nothing has been spent yet."),
      wide: true,
    },
    {
      title: "Who trained what, when",
      note: "One bar for each attempt; crosses mark leases that were lost.",
      body: bars.length > 0 ? canvas.draw({ bars, ...rest }, drawTimeline, full) : nothing("No trial was leased yet."),
      wide: true,
    },
  ];
};

async function tradeOffSections(context: ViewContext, canvas: Canvas): Promise<Section[]> {
  return (await views.tradeoff(context)).map((data) => ({
    title: `What ${data.fidelity} is worth`,
    note: "The model at the recommended configuration: expected value against it, and against what it costs.",
    body: canvas.draw(data, drawTradeOff, half) + canvas.draw(data, drawErrorAgainstCost, half),
  }));
}

export const parameterSections: Group = async (context, canvas) => {
  if (!context.trials.some(({ measurement }) => measurement)) return [];
  const numeric = factsOf(context.study).parameters.filter(
    ({ kind, target }) => kind === "number" && target === undefined,
  );
  return [
    ...(await orReason("Importance", async () => {
      const importance = views.importance(context);
      return [
        {
          title: "Importance",
          note: "How much of the variation over the space each parameter accounts for (Sobol indices of the model's mean at the target fidelity).",
          body:
            importance.parameters.length > 0
              ? canvas.draw(importance, drawImportance, half)
              : nothing("It takes four completed trials."),
        },
      ];
    })),
    ...(numeric.length < 2
      ? []
      : await orReason("Model over two parameters", async () => {
          const contour = await views.contour(context, {});
          return (["mean", "sd"] as const).map((shown) => ({
            title: `${shown === "mean" ? "Expected value" : "Uncertainty"} over ${contour.x.name} and ${contour.y.name}`,
            body: canvas.draw(contour, (data, options) => drawContour(data, { ...options, shown }), half),
          }));
        })),
    ...(await orReason("Slices", async () =>
      (
        await views.slices(context)
      ).map((slice) => ({
        title: slice.parameter.name,
        note: "Trials, and the model along this parameter with the others as recommended.",
        body: canvas.draw(slice, drawSlice, half),
      })),
    )),
    {
      title: "Parallel coordinates",
      note: "The best trials and a sample of the others, one line each.",
      body: canvas.draw(views.parallel(context), drawParallel, full),
      wide: true,
    },
  ];
};

export const trainingSections: Group = (context, canvas) =>
  orReason("Learning curves", async () => {
    const curves = await views.curves(context, {});
    if (curves.curves.every(({ points }) => points.length === 0)) return [];
    const tau = curves.curves.some(({ points }) => points.some((point) => point.tau !== undefined));
    return [
      {
        title: "Learning curves",
        note: "The best and the latest trials. Diamonds mark where importance sampling came on.",
        body: canvas.draw(curves, drawLearningCurves, half),
      },
      ...(tau
        ? [
            {
              title: "Variance reduction τ",
              note: "How many times larger a uniform mini-batch would have to be.",
              body: canvas.draw(
                curves,
                (data, options) => drawLearningCurves(data, { ...options, shown: "tau" }),
                half,
              ),
            },
          ]
        : []),
    ];
  });

export const modelSections: Group = (context, canvas) =>
  orReason("Model", async () => {
    const { calibration, words, findings } = views.model(context);
    const list = findings.map(
      ({ severity, finding, remedy }) =>
        `<li><strong>${escapeHtml(severity)}:</strong> ${escapeHtml(finding)} <span class="note">${escapeHtml(remedy)}</span></li>`,
    );
    return [
      {
        title: "How well the model predicts",
        note: `Each result against what a model of all the others says of it, with 95% intervals (${numberText(calibration.points.length)} results).`,
        body: `<p>${escapeHtml(words)}</p>${calibration.points.length > 0 ? canvas.draw(calibration, drawCalibration, half) : ""}`,
      },
      { title: "What stands out", body: list.length === 0 ? "<p>Nothing.</p>" : `<ul>${list.join("")}</ul>` },
    ];
  });
