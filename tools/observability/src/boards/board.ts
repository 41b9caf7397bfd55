/** A question to Prometheus, and how its answers are named. */
export interface Query {
  readonly expr: string;
  /** Grafana's format of a legend, such as `{{superbatch_study}}`. */
  readonly legend: string;
  /** Whether the graph shows exemplars, which lead to traces. */
  readonly exemplars?: boolean;
}

export interface Panel {
  readonly title: string;
  /** What a reader learns from it. */
  readonly description: string;
  /** Grafana's id of a unit: s, short, percentunit, reqps. */
  readonly unit: string;
  readonly kind?: "timeseries" | "stat" | "bargauge";
  /** Whether lines lie upon each other. */
  readonly stacked?: boolean;
  readonly queries: readonly Query[];
}

export interface Board {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  /** Label that the board's variable `$study` is a value of, if it has one. */
  readonly study?: boolean;
  readonly rows: readonly { readonly title: string; readonly panels: readonly Panel[] }[];
}

const source = { type: "prometheus", uid: "$datasource" };
const width = 24;
const height = 8;

/** A board's file, as Grafana imports it. */
export function renderText(board: Board): string {
  return `${JSON.stringify(renderBoard(board), null, 2)}\n`;
}

/** Each row's panels are side by side. */
function renderBoard({ uid, title, description, study, rows }: Board): object {
  let y = 0;
  let id = 0;
  const panels = rows.flatMap((row) => {
    const header = {
      id: ++id,
      type: "row",
      title: row.title,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y, w: width, h: 1 },
    };
    y += 1;
    const w = Math.floor(width / row.panels.length);
    const rendered = row.panels.map((panel, i) => ({
      id: ++id,
      gridPos: { x: i * w, y, w, h: height },
      ...renderPanel(panel),
    }));
    y += height;
    return [header, ...rendered];
  });
  const variables: object[] = [{ name: "datasource", label: "Data source", type: "datasource", query: "prometheus" }];
  if (study) {
    variables.push({
      name: "study",
      label: "Study",
      type: "query",
      datasource: source,
      query: { query: "label_values(superbatch_trials, superbatch_study)", refId: "study" },
      refresh: 2,
      includeAll: true,
      allValue: ".*",
      multi: true,
      current: { text: ["All"], value: ["$__all"] },
    });
  }
  return {
    uid,
    title,
    description,
    tags: ["superbatch"],
    schemaVersion: 41,
    editable: true,
    refresh: "30s",
    time: { from: "now-6h", to: "now" },
    templating: { list: variables },
    annotations: { list: [] },
    panels,
  };
}

const reduced = { reduceOptions: { values: false, calcs: ["lastNotNull"] }, orientation: "auto" };

/** Each kind's, all that Grafana's schema of it requires. */
const options = {
  timeseries: {
    legend: { displayMode: "list", placement: "bottom", showLegend: true, calcs: [] },
    tooltip: { mode: "multi", sort: "desc" },
  },
  stat: {
    ...reduced,
    graphMode: "none",
    colorMode: "value",
    justifyMode: "auto",
    textMode: "auto",
    wideLayout: true,
    showPercentChange: false,
    percentChangeColorMode: "standard",
  },
  bargauge: {
    ...reduced,
    orientation: "horizontal",
    displayMode: "basic",
    valueMode: "color",
    namePlacement: "auto",
    showUnfilled: true,
    sizing: "auto",
    minVizWidth: 8,
    minVizHeight: 16,
    maxVizHeight: 300,
    legend: { displayMode: "list", placement: "bottom", showLegend: false, calcs: [] },
  },
};

function renderPanel({ title, description, unit, kind = "timeseries", stacked = false, queries }: Panel): object {
  const custom = stacked ? { custom: { stacking: { mode: "normal" }, fillOpacity: 30 } } : {};
  return {
    type: kind,
    title,
    description,
    datasource: source,
    fieldConfig: { defaults: { unit, ...custom }, overrides: [] },
    options: options[kind],
    targets: queries.map(({ expr, legend, exemplars }, i) => ({
      refId: String.fromCharCode(65 + i),
      datasource: source,
      expr,
      legendFormat: legend,
      ...(kind !== "timeseries" && { instant: true }),
      ...(exemplars && { exemplar: true }),
    })),
  };
}

/** Every question of a board, with its variables set to what stands for all. */
export function queriesOf({ rows }: Board): { readonly panel: string; readonly expr: string }[] {
  return rows
    .flatMap(({ panels }) => panels)
    .flatMap(({ title, queries }) =>
      queries.map(({ expr }) => ({
        panel: title,
        expr: expr.replaceAll("$study", ".*").replaceAll("$__rate_interval", "1m").replaceAll("$__range", "1h"),
      })),
    );
}
