import type { Drawing, DrawOptions } from "@superbatch/figures";
import { parseHTML } from "linkedom";

/** Draws figures as HTML without a browser. */
export interface Canvas {
  /** @param width - pixels; the page scales figures down where there is less room */
  draw<T>(data: T, draw: (data: T, options: DrawOptions) => Drawing, width: number): string;
}

type PageDocument = NonNullable<DrawOptions["document"]>;

export function createCanvas(): Canvas {
  const page = parseHTML("<!doctype html><html><body></body></html>").document as unknown as PageDocument;
  const create = page.createElement.bind(page);
  // The legends of continuous colors are painted on a canvas, column by column.
  page.createElement = ((name: string) =>
    name === "canvas" ? colorRamp() : create(name)) as typeof page.createElement;
  return {
    draw: (data, draw, width) => draw(data, { width, document: page }).outerHTML,
  };
}

/** As much of a canvas as a ramp of colors needs; its picture is an SVG. */
function colorRamp() {
  const columns = new Map<number, string>();
  const context = {
    fillStyle: "",
    fillRect: (x: number) => void columns.set(x, context.fillStyle),
  };
  const ramp = {
    width: 0,
    height: 1,
    getContext: () => context,
    toDataURL() {
      // One column in eight: the eye sees no difference, the page stays small.
      const shown = [...columns].filter(([x]) => x % 8 === 0);
      const rectangles = shown.map(([x, color]) => `<rect x="${x}" width="9" height="1" fill="${color}"/>`).join("");
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${ramp.width} 1" preserveAspectRatio="none">${rectangles}</svg>`;
      return `data:image/svg+xml,${encodeURIComponent(svg)}`;
    },
  };
  return ramp;
}
