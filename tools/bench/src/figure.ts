import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** What a color stands for. */
export type LegendEntry = readonly [title: string, color: string];

const [width, height] = [720, 400];
const [across, row] = [2, 20];

/**
 * One panel with a legend above it.
 *
 * @param legend - whose titles are the domain of the panel's color scale
 * @param options - marks and axes
 * @returns an SVG document
 */
export function drawPanel(legend: readonly LegendEntry[], options: Plot.PlotOptions): string {
  const { document } = parseHTML("<html><body></body></html>");
  const panel = Plot.plot({
    document,
    width,
    height,
    marginLeft: 50,
    style: { background: "white", color: "black" },
    color: { domain: legend.map(([title]) => title), range: legend.map(([, color]) => color) },
    ...options,
  });
  const legendHeight = row * (Math.ceil(legend.length / across) + 1);
  panel.setAttribute("y", String(legendHeight));
  const entries = legend.map(([title, color], i) => {
    const [x, y] = [16 + (i % across) * 340, row * Math.floor(i / across) + 18];
    return `<rect x="${x}" y="${y - 9}" width="14" height="10" fill="${color}"/><text x="${x + 20}" y="${y}" font-size="12">${title}</text>`;
  });
  const total = height + legendHeight;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${total}" width="${width}" height="${total}" font-family="system-ui, sans-serif">`,
    '<rect width="100%" height="100%" fill="white"/>',
    ...entries,
    panel.outerHTML,
    "</svg>\n",
  ].join("\n");
}
