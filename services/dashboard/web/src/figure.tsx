import type { Drawing, DrawOptions } from "@superbatch/figures";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "./api.ts";
import { ProblemBox } from "./parts.tsx";
import { saveJson, savePng, saveSvg } from "./save-figure.ts";

interface FigureProps<T> {
  readonly name: string;
  readonly data: T | undefined;
  readonly problem?: Problem | undefined;
  /** The data takes longer. */
  readonly pending?: boolean | undefined;
  readonly draw: (data: T, options: DrawOptions) => Drawing;
  /** Redrawn when one of these changes, besides data and width. */
  readonly depends?: readonly unknown[];
  /** Shown where the data holds nothing to draw. */
  readonly empty?: string | undefined;
  /** What a click on a mark that belongs to a trial does. */
  readonly onTrial?: (number: number) => void;
}

/** A figure as wide as its place, that can be saved. */
export function Figure<T>({ name, data, problem, pending, draw, depends = [], empty, onTrial }: FigureProps<T>) {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(place.current!);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (!place.current || data === undefined || width === 0 || empty !== undefined) return;
    place.current.replaceChildren(draw(data, { width }));
  }, [data, width, empty, ...depends]);
  // Marks that belong to a trial say so in their title.
  const click = (event: MouseEvent) => {
    const title = (event.target as Element).querySelector?.("title")?.textContent ?? "";
    const number = /^trial (\d+)\b/.exec(title)?.[1];
    if (number !== undefined) onTrial?.(Number(number));
  };
  return (
    <div class="figure-frame">
      {problem && <ProblemBox problem={problem} />}
      {empty !== undefined && <p class="note">{empty}</p>}
      {data === undefined && !problem && (
        <p class="note" aria-live="polite">
          Loading …{pending && " The model is being fitted, which takes a while with many trials."}
        </p>
      )}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: with the keyboard, trials are reached by their table */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: marks are a short way to what the table links to */}
      <div ref={place} class={onTrial ? "figure-place clickable" : "figure-place"} onClick={click} />
      {data !== undefined && empty === undefined && (
        <div class="figure-tools">
          <button
            type="button"
            class="quiet"
            aria-label={`Save ${name} as SVG`}
            onClick={() => saveSvg(place.current!, name)}
          >
            SVG
          </button>
          <button
            type="button"
            class="quiet"
            aria-label={`Save ${name} as PNG`}
            onClick={() => void savePng(place.current!, name)}
          >
            PNG
          </button>
          <button
            type="button"
            class="quiet"
            aria-label={`Save the data of ${name} as JSON`}
            onClick={() => saveJson(data, name)}
          >
            JSON
          </button>
        </div>
      )}
    </div>
  );
}
