import type { Drawing, DrawOptions } from "@superbatch/figures";
import { parseHTML } from "linkedom";

/** Draws figures as HTML without a browser. */
export interface Canvas {
  /** @param width - pixels; the page scales figures down where there is less room */
  draw<T>(data: T, draw: (data: T, options: DrawOptions) => Drawing, width: number): string;
}

export function createCanvas(): Canvas {
  const document = parseHTML("<!doctype html><html><body></body></html>").document as unknown as NonNullable<
    DrawOptions["document"]
  >;
  return {
    draw: (data, draw, width) => draw(data, { width, document }).outerHTML,
  };
}
