/** A step of a scenario, as clients/scenarios/README.md lists them. */
export interface Step {
  readonly call?: string;
  readonly request?: unknown;
  readonly save?: Readonly<Record<string, string>>;
  readonly ask?: string;
  readonly study?: string;
  readonly report?: string;
  readonly step?: number;
  readonly complete?: string;
  readonly value?: number;
  readonly cost?: Readonly<Record<string, number>>;
  readonly stoppedEarly?: boolean;
  readonly fail?: string;
  readonly reason?: string;
  readonly infeasible?: boolean;
  readonly giveBack?: string;
  readonly sleep?: number;
  readonly connect?: { readonly token?: string; readonly ca?: string };
  readonly expect?: Expectation;
}

export interface Expectation {
  readonly status?: string;
  readonly reason?: string;
  readonly fields?: readonly string[];
  readonly command?: string;
  readonly outcome?: string;
  readonly response?: Readonly<Record<string, unknown>>;
}

export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** Replaces `${name}` by what was saved, in all texts of a tree. */
export function fill(tree: unknown, saved: ReadonlyMap<string, string>): unknown {
  if (typeof tree === "string") return tree.replace(/\$\{(\w+)\}/g, (_, name: string) => saved.get(name) ?? "");
  if (Array.isArray(tree)) return tree.map((item) => fill(item, saved));
  if (typeof tree !== "object" || tree === null) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, fill(value, saved)]));
}

/** A value by its path, such as `leases[0].trial.name`; undefined if it is not there. */
export function at(tree: unknown, path: string): unknown {
  const keys = path.replace(/\[/g, ".").replace(/\]/g, "").split(".");
  return keys.reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], tree);
}

/** Whether a value of proto3 JSON is that of the file: what JSON leaves out is 0, empty or false, and 64-bit numbers are texts. */
export function same(actual: unknown, expected: unknown): boolean {
  if (actual === undefined) return expected === 0 || expected === "" || expected === false;
  return typeof expected === "number" ? Number(actual) === expected : actual === expected;
}
