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
 * Colors with one meaning each throughout, chosen to be told apart by people with color-vision deficiency (Okabe & Ito) on light and dark ground.
 */
export const color = {
  best: "#d55e00",
  point: "#0072b2",
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
} as const;

/** From best to worst. */
export const valueScheme = { scheme: "viridis", reverse: true } as const;

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
    marginLeft: 56,
    marginBottom: 40,
    className: "figure",
    ...(height === undefined ? {} : { height }),
    ...(document ? { document } : {}),
    ...options,
  });
  drawing.setAttribute("role", "img");
  drawing.setAttribute("aria-label", options.ariaLabel);
  for (const sheet of drawing.querySelectorAll("style")) sheet.remove();
  return drawing;
}

/** What Plot's own style sheets would say; part of any page that shows figures. */
export const figureStyle = `
svg.figure { --plot-background: transparent; display: block; height: auto; height: intrinsic; max-width: 100%; overflow: visible; background: transparent; }
.figure text, .figure tspan { white-space: pre; }
.figure-swatches { display: flex; flex-wrap: wrap; gap: 0.25em 1em; align-items: center; margin-bottom: 0.5em; font: 12px system-ui, sans-serif; }
.figure-swatch { display: inline-flex; align-items: center; }
.figure-swatch > svg { margin-right: 0.4em; overflow: visible; fill: var(--color); }
figure.figure-figure { margin: 0; }
`;

/** A short text of a number for labels and tips. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  const magnitude = Math.abs(value);
  return magnitude !== 0 && (magnitude < 1e-3 || magnitude >= 1e6)
    ? value.toExponential(2)
    : value.toPrecision(4).replace(/\.?0+$/, "");
}
