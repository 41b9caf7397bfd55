/** Text as HTML shows it, in content and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

export interface Section {
  readonly title: string;
  readonly note?: string;
  /** HTML. */
  readonly body: string;
  /** Over both columns. */
  readonly wide?: boolean;
}

export function sectionHtml({ title, note, body, wide }: Section): string {
  const under = note === undefined ? "" : `<p class="note">${escapeHtml(note)}</p>`;
  return `<section class="card${wide ? " wide" : ""}"><h2>${escapeHtml(title)}</h2>${under}${body}</section>`;
}

/** Cells are texts; numbers go to the right. */
export function tableHtml(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number) =>
    typeof value === "number" || /^-?[\d.]+(e[-+]?\d+)?$/.test(value)
      ? `<td class="number">${escapeHtml(String(value))}</td>`
      : `<td>${escapeHtml(value)}</td>`;
  const body = rows.map((row) => `<tr>${row.map(cell).join("")}</tr>`).join("\n");
  return `<div class="scroll" tabindex="0"><table><thead><tr>${head.map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("")}</tr></thead><tbody>${body}</tbody></table></div>`;
}

/** The page is one file: no script, nothing from elsewhere, which its own policy enforces. */
export function pageHtml(title: string, head: string, sections: readonly Section[], style: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>
${pageStyle}
${style}
</style>
</head>
<body>
<main>
${head}
<div class="grid">
${sections.map(sectionHtml).join("\n")}
</div>
</main>
</body>
</html>
`;
}

const pageStyle = `:root { color-scheme: light dark; --surface: light-dark(#ffffff, #16181d); --ground: light-dark(#f4f5f7, #0e1013); --text: light-dark(#1d2129, #e6e8ec); --soft: light-dark(#565d6b, #a3abb9); --line: light-dark(#d9dce2, #31363f); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 15px / 1.5 system-ui, sans-serif; }
main { max-width: 1280px; margin: 0 auto; padding: 16px 20px 60px; }
h1 { font-size: 1.5rem; margin: 0.3em 0; overflow-wrap: anywhere; }
h2 { font-size: 1.05rem; margin: 0 0 0.3em; overflow-wrap: anywhere; }
.note { color: var(--soft); font-size: 0.88rem; margin: 0.2em 0 0.6em; }
.facts { display: flex; flex-wrap: wrap; gap: 6px 26px; margin: 8px 0; }
.facts dt { color: var(--soft); font-size: 0.8rem; }
.facts dd { margin: 0; font-size: 1.1rem; font-variant-numeric: tabular-nums; }
.chip { display: inline-block; border: 1px solid var(--line); border-radius: 12px; padding: 1px 10px; margin: 2px 6px 2px 0; background: var(--surface); }
.grid { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px; margin-top: 14px; }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px; min-width: 0; break-inside: avoid; }
.card.wide { grid-column: 1 / -1; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 4px 10px; border-bottom: 1px solid var(--line); white-space: nowrap; }
.number { text-align: right; }
@media (max-width: 820px) { .grid { grid-template-columns: minmax(0, 1fr); } main { padding: 10px; } }
@media print { body { background: white; } .grid { display: block; } .card { margin-bottom: 12px; } }`;
