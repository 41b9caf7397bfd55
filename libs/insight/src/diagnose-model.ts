import type { optimizer } from "@superbatch/contracts";
import type { Calibration } from "./calibration.ts";
import type { StudyEvidence } from "./diagnose.ts";
import type { Finding } from "./finding.ts";
import type { Observations } from "./observations.ts";

/** Trials before bounds, importance sampling and the model are judged. */
const least = 8;

/** What the results say about the space, importance sampling and the model. */
export function modelFindings(
  { trials }: StudyEvidence,
  observations: Observations,
  calibration: Calibration,
): Finding[] {
  return [
    ...fallbacks(trials),
    ...atBounds(observations),
    ...importanceSampling(trials),
    ...badlyCalibrated(calibration),
  ];
}

function fallbacks(trials: readonly optimizer.Trial[]): Finding[] {
  const found = trials.filter(({ explanation }) => explanation?.origin === "ORIGIN_FALLBACK");
  if (found.length === 0) return [];
  const latest = found.at(-1)!;
  const note = latest.explanation?.note ?? "";
  return [
    {
      severity: "warning",
      kind: "surrogate-failed",
      finding: `${found.length} trials were chosen without the model, since the surrogate failed; the latest is trial ${latest.number}${note === "" ? "" : `: ${note}`}.`,
      remedy:
        "See that the surrogate that the study names runs and can be reached from the optimizer (superbatch doctor).",
    },
  ];
}

/** Numeric hyperparameters whose best trials lie at an end of their range: the best value may be outside. */
function atBounds({ dimensions, x, y, trials, kept }: Observations): Finding[] {
  if (trials.length < least) return [];
  const keeping = [...y.keys()].filter((i) => kept[i]);
  const best = keeping.sort((i, j) => y[i]! - y[j]!).slice(0, Math.max(3, Math.ceil(trials.length / 10)));
  if (best.length < 3) return [];
  return dimensions.flatMap((dimension, column): Finding[] => {
    if (dimension.kind !== "numeric" || (dimension.levels ?? 3) < 3) return [];
    const values = best.map((i) => x.data[i * x.columns + column]!);
    const end = values.every((value) => value <= 0.02)
      ? "lower"
      : values.every((value) => value >= 0.98)
        ? "upper"
        : undefined;
    if (!end) return [];
    return [
      {
        severity: "warning",
        kind: "at-bound",
        finding: `The ${best.length} best trials all have ${dimension.name} at its ${end} bound: better values may lie beyond.`,
        remedy: "Widen the range if that makes sense: a study's space may change, and what was observed stays.",
      },
    ];
  });
}

function importanceSampling(trials: readonly optimizer.Trial[]): Finding[] {
  const shares = trials.flatMap(({ measurement }) => measurement?.metrics.importance_share ?? []);
  if (shares.length < least || shares.some((share) => share > 0)) return [];
  return [
    {
      severity: "note",
      kind: "importance-sampling-off",
      finding: `Importance sampling came on in none of ${shares.length} trials: τ stayed below its threshold.`,
      remedy: "Train longer, or lower tau_threshold if runs are meant to be short; else super-batches only cost.",
    },
  ];
}

function badlyCalibrated({ verdict, words }: Calibration): Finding[] {
  if (verdict === "good" || verdict === "too-few") return [];
  const remedies = {
    overconfident:
      "More noise than the model believes in, or a space with jumps: repeat a point to see its noise, or try another surrogate.",
    underconfident: "Nothing has to be done; suggestions are more careful than needed.",
    uninformative: "It takes more trials, or the objective is mostly noise: average over more data or seeds per trial.",
  } as const;
  return [
    {
      severity: verdict === "underconfident" ? "note" : "warning",
      kind: `model-${verdict}`,
      finding: words,
      remedy: remedies[verdict],
    },
  ];
}
