import { plot } from "simple-ascii-chart";
import { figure } from "../output/words.ts";

const height = 6;

/** A step line of at most `width` characters, its title above it; nothing for fewer than 3 points or a narrow terminal. */
export function plotLines(
  title: string,
  series: readonly (readonly [x: number, y: number])[],
  width: number,
): string[] {
  if (series.length < 3 || width < 40) return [];
  const columns = Math.min(width - 16, 72);
  const first = series[0]![0];
  const last = series.at(-1)![0];
  if (!(last > first)) return [];
  // One value for each column: what was the best when that much had been spent.
  const points = Array.from({ length: columns }, (_, i): [number, number] => {
    const x = first + ((last - first) * i) / (columns - 1);
    return [i, series.findLast(([spent]) => spent <= x * (1 + 1e-12))?.[1] ?? series[0]![1]];
  });
  const text = plot(points, {
    width: columns,
    height,
    hideXAxisTicks: true,
    formatter: (value, { axis }) => (axis === "y" ? figure(value) : ""),
  });
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return [`  ${title}`, ...lines, `  from ${figure(first)} to ${figure(last)}`];
}
