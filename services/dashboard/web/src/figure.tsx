import type { Drawing, DrawOptions } from "@superbatch/figures";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "./api.ts";
import { ProblemBox } from "./parts.tsx";

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

/** The figure's SVG as a document of its own: with its colors, on the page's ground. */
function standalone(place: Element): { text: string; width: number; height: number } {
  const drawn = [...place.querySelectorAll("svg")].reduce((a, b) =>
    a.clientWidth * a.clientHeight >= b.clientWidth * b.clientHeight ? a : b,
  );
  const svg = drawn.cloneNode(true) as SVGSVGElement;
  const styles = getComputedStyle(place);
  const { width, height } = drawn.viewBox.baseVal;
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  const surface = getComputedStyle(document.documentElement).getPropertyValue("--surface").trim();
  for (const [key, value] of Object.entries({ width: "100%", height: "100%", fill: surface }))
    ground.setAttribute(key, value);
  svg.prepend(ground);
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("color", styles.color);
  svg.setAttribute("font-family", "system-ui, sans-serif");
  const text = new XMLSerializer()
    .serializeToString(svg)
    .replaceAll("currentColor", styles.color)
    .replaceAll("var(--surface, white)", surface);
  return { text, width, height };
}

function saveSvg(place: Element, name: string): void {
  save(new Blob([standalone(place).text], { type: "image/svg+xml" }), `${name}.svg`);
}

function saveJson(data: unknown, name: string): void {
  save(new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }), `${name}.json`);
}

async function savePng(place: Element, name: string): Promise<void> {
  const { text, width, height } = standalone(place);
  const url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  const image = new Image(width * 2, height * 2);
  image.src = url;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width * 2;
  canvas.height = height * 2;
  canvas.getContext("2d")!.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(url);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob) save(blob, `${name}.png`);
}

function save(blob: Blob, file: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
