const namespace = "http://www.w3.org/2000/svg";

/** The figure in `place` as a document of its own: its legend above it, with its colors, on the page's ground. */
function standalone(place: Element): { text: string; width: number; height: number } {
  const drawn = largest(place.querySelectorAll("svg"));
  const styles = getComputedStyle(place);
  const surface = getComputedStyle(document.documentElement).getPropertyValue("--surface").trim();
  const { width, height: below } = drawn.viewBox.baseVal;
  const legends = [
    ...place.querySelectorAll<SVGSVGElement>("svg.figure-ramp"),
    ...place.querySelectorAll(".figure-swatches"),
  ];
  const parts: SVGElement[] = [];
  let above = 0;
  for (const legend of legends) {
    const part = legend instanceof SVGSVGElement ? legend.cloneNode(true) : swatches(legend, width);
    const { height } = (part as SVGSVGElement).viewBox.baseVal;
    parts.push(at(part as SVGSVGElement, above));
    above += height + 6;
  }
  parts.push(at(drawn.cloneNode(true) as SVGSVGElement, above));
  const height = above + below;
  const ground = element("rect", { width: "100%", height: "100%", fill: surface });
  const svg = element("svg", {
    xmlns: namespace,
    width: String(width),
    height: String(height),
    viewBox: `0 0 ${width} ${height}`,
    color: styles.color,
    "font-family": "system-ui, sans-serif",
  });
  svg.append(ground, ...parts);
  const text = new XMLSerializer()
    .serializeToString(svg)
    .replaceAll("currentColor", styles.color)
    .replaceAll("var(--surface, white)", surface);
  return { text, width, height };
}

function largest(drawings: Iterable<SVGSVGElement>): SVGSVGElement {
  return [...drawings].reduce((a, b) => (a.clientWidth * a.clientHeight >= b.clientWidth * b.clientHeight ? a : b));
}

function element(name: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const made = document.createElementNS(namespace, name) as SVGElement;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function at(part: SVGSVGElement, y: number): SVGSVGElement {
  part.setAttribute("y", String(y));
  part.setAttribute("overflow", "visible");
  return part;
}

/** A legend of swatches, which the page has as HTML, with its lines as they are there. */
function swatches(legend: Element, width: number): SVGSVGElement {
  const origin = legend.getBoundingClientRect();
  const height = Math.ceil(origin.height);
  const svg = element("svg", { width: String(width), height: String(height), viewBox: `0 0 ${width} ${height}` });
  for (const swatch of legend.querySelectorAll(".figure-swatch")) {
    const box = swatch.getBoundingClientRect();
    const [x, middle] = [box.left - origin.left, box.top - origin.top + box.height / 2];
    const fill = swatch.querySelector("svg")?.getAttribute("fill") ?? "currentColor";
    const label = element("text", {
      x: String(x + 20),
      y: String(middle + 4),
      "font-size": "12",
      fill: "currentColor",
    });
    label.textContent = swatch.textContent;
    svg.append(
      element("rect", { x: String(x), y: String(middle - 7), width: "14", height: "14", rx: "3", fill }),
      label,
    );
  }
  return svg as SVGSVGElement;
}

export function saveSvg(place: Element, name: string): void {
  save(new Blob([standalone(place).text], { type: "image/svg+xml" }), `${name}.svg`);
}

export function saveJson(data: unknown, name: string): void {
  save(new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }), `${name}.json`);
}

export async function savePng(place: Element, name: string): Promise<void> {
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
