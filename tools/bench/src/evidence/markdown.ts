/** A table of Markdown. Numbers are written with three significant digits, whole ones in full. */
export function markdownTable(columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(columns), line(columns.map(() => "---")), ...rows.map((row) => line(row.map(cell)))].join("\n");
}

function cell(value: string | number): string {
  if (typeof value === "string") return value;
  if (!Number.isFinite(value)) return "–";
  return Number.isInteger(value) ? value.toLocaleString("en") : String(Number(value.toPrecision(3)));
}

/** Whether an error is so small that it takes two decimal places as a percentage, and differences from it as well, where others take one. */
export function isSmall(error: number): boolean {
  return error < 0.02;
}

/** Decimal places of an error as a percentage, and of differences from it in points. */
export function decimalsOf(error: number): number {
  return isSmall(error) ? 2 : 1;
}

/** An error as a percentage. @param digits - decimal places */
export function percent(share: number, digits = decimalsOf(share)): string {
  return Number.isFinite(share) ? `${(100 * share).toFixed(digits)}%` : "–";
}

/** A difference of errors in percentage points. @param signed - with a + where it is above 0 */
export function points(share: number, { digits = 1, signed = false } = {}): string {
  if (!Number.isFinite(share)) return "–";
  const text = (100 * share).toFixed(digits);
  return signed && share > 0 ? `+${text}` : text;
}

/**
 * Puts text between a page's marks `<!-- NAME: … -->` and `<!-- end -->`. What is outside of marks is written by people.
 *
 * @throws {Error} if the page has no such marks
 */
export function replaceBlock(page: string, name: string, text: string): string {
  const start = page.search(new RegExp(`<!-- ${name}: [^\\n]*-->\\n`));
  const end = page.indexOf("<!-- end -->", start);
  if (start === -1 || end === -1) throw new Error(`the page has no marks for ${name}`);
  const body = page.indexOf("\n", start) + 1;
  return `${page.slice(0, body)}\n${text}\n\n${page.slice(end)}`;
}

/** A page without what people wrote: its headings and figures, and those of its marked blocks that have a name in the list. */
export function headingsAndBlocks(page: string, names: readonly string[]): string {
  const wanted = new Set(names);
  const kept: string[] = [];
  let inside: "wanted" | "unwanted" | undefined;
  for (const line of page.split("\n")) {
    const name = /^<!-- ([\w-]+): .*-->$/.exec(line)?.[1];
    if (name !== undefined) inside = wanted.has(name) ? "wanted" : "unwanted";
    if (inside === "wanted" || (inside === undefined && /^(#|!\[)/.test(line)))
      kept.push(line, ...(inside ? [] : [""]));
    if (line === "<!-- end -->") {
      if (inside === "wanted") kept.push("");
      inside = undefined;
    }
  }
  return kept.join("\n");
}
