import * as Plot from "@observablehq/plot";

/** How and where a figure is drawn. */
export interface DrawOptions {
  /** Pixels. @default 640 */
  readonly width?: number;
  /** Pixels. @default chosen by the figure */
  readonly height?: number;
  /** The DOM to draw with; absent: the browser's. */
  readonly document?: Plot.PlotOptions["document"];
}

/** The drawn figure: an SVG element, or an HTML figure with a legend around it. */
export type Drawing = ReturnType<typeof Plot.plot>;

/**
 * Colors with one meaning each throughout, chosen to be told apart by people with color-vision deficiency (after Okabe & Ito; the blue is lighter, for at least
 * 3:1 on dark ground too).
 */
export const color = {
  best: "#d55e00",
  point: "#2489c5",
  muted: "#999999",
  good: "#009e73",
  warning: "#e69f00",
  accent: "#cc79a7",
} as const;

/** One color for each phase of a trial's cost. */
export const phaseColors = {
  gradient: color.point,
  scoring: color.best,
  evaluation: color.good,
  data: color.accent,
  other: color.muted,
} as const;

/** One color for each state of a trial. */
export const stateColors = {
  completed: color.point,
  "stopped early": color.accent,
  running: color.good,
  leased: color.good,
  suggested: color.muted,
  failed: color.best,
  infeasible: color.warning,
  abandoned: color.muted,
  /** Of an attempt: its trainer was gone. */
  lost: color.muted,
} as const;

/** From best to worst; its legend with room for the texts of ticks at its ends. */
export const valueScheme = { scheme: "viridis", reverse: true, width: 260, marginLeft: 14, marginRight: 14 } as const;

/**
 * Plot with what all figures share. `className` is fixed and the element's own style sheet is taken out, so that a page with a strict content security
 * policy can show it; the page has the rules instead (figureStyle).
 */
export function draw(
  options: Plot.PlotOptions & { ariaLabel: string },
  { width = 640, height, document }: DrawOptions,
): Drawing {
  const drawing = Plot.plot({
    width,
    marginLeft: 60,
    // The topmost tick stays below the axis' label.
    marginTop: 30,
    marginBottom: 44,
    className: "figure",
    style: { fontSize: "12px" },
    ...(height === undefined ? {} : { height }),
    ...(document ? { document } : {}),
    ...options,
    // Within the drawing with its descenders, which a saved figure would lose.
    ...(options.x ? { x: { labelOffset: 38, ...options.x } } : {}),
  });
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", options.ariaLabel);
  for (const sheet of drawing.querySelectorAll("style")) sheet.remove();
  // The figure is one image to a screen reader; the names that Plot gives to its parts ("line") say nothing, and groups may have none.
  for (const part of drawing.querySelectorAll("g[aria-label], g[aria-description]")) {
    part.removeAttribute("aria-label");
    part.removeAttribute("aria-description");
  }
  return drawing;
}

/** What Plot's own style sheets would say; part of any page that shows figures. */
export const figureStyle = `
svg.figure { --plot-background: transparent; display: block; height: auto; height: intrinsic; max-width: 100%; overflow: visible; background: transparent; }
.figure text, .figure tspan { white-space: pre; }
.figure-swatches { display: flex; flex-wrap: wrap; gap: 0.25em 1em; align-items: center; margin-bottom: 0.5em; font: 12px system-ui, sans-serif; }
.figure-swatch { display: inline-flex; align-items: center; }
.figure-swatch > svg { margin-right: 0.4em; overflow: visible; }
.figure-swatch > svg > rect { rx: 3px; }
figure.figure-figure { margin: 0; }
`;

/**
 * Scale of an axis with ticks that people read at a glance: on a logarithmic one powers of ten; where it spans less, powers of two for whole
 * numbers and 1, 2, 5 for others.
 */
export function numberAxis(log: boolean, values: readonly number[], whole = false): Plot.ScaleOptions {
  const min = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const max = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  if (!log || !(min > 0))
    return { type: "linear", ...(whole && max - min <= 10 ? { ticks: range(min, max, 1), tickFormat: "d" } : {}) };
  const tens = powers(10, min, max);
  const finer = Number.isInteger(min) && Number.isInteger(max) ? powers(2, min, max) : oneTwoFive(min, max);
  const ticks = tens.length >= 3 ? tens : finer;
  // Of a scale of base 10 the texts of some ticks would be left out.
  return { type: "log", base: 2, ticks: every(ticks, 8), tickFormat: (value: number) => numberText(value) };
}

function powers(base: number, min: number, max: number): number[] {
  const first = Math.ceil(Math.log(min) / Math.log(base) - 1e-9);
  const last = Math.floor(Math.log(max) / Math.log(base) + 1e-9);
  return range(first, last, 1).map((exponent) => base ** exponent);
}

/** 1, 2 and 5 times powers of ten. */
function oneTwoFive(min: number, max: number): number[] {
  const exponents = range(Math.floor(Math.log10(min)), Math.ceil(Math.log10(max)), 1);
  const all = exponents.flatMap((exponent) => [1, 2, 5].map((digit) => Number(`${digit}e${exponent}`)));
  return all.filter((value) => value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9));
}

function range(first: number, last: number, step: number): number[] {
  return Array.from({ length: Math.max(0, Math.floor((last - first) / step) + 1) }, (_, i) => first + i * step);
}

/** At most `most` of the items, evenly spaced, the last among them. */
function every(items: readonly number[], most: number): number[] {
  const step = Math.ceil(items.length / most) || 1;
  return items.filter((_, i) => (items.length - 1 - i) % step === 0);
}

/** Pixels that names at the left of a figure need. */
export function marginFor(names: readonly string[]): number {
  const longest = names.reduce((most, name) => Math.max(most, name.length), 0);
  return Math.min(260, Math.max(60, 20 + 7 * longest));
}

/** A short text of a number for labels and tips. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-4 || magnitude >= 1e6)) return String(Number(value.toPrecision(3)));
  return String(Number(value.toPrecision(4)));
}
