import { builtinModules } from "node:module";

/** A project of the nx graph, with what its sources import. */
export interface Project {
  readonly name: string;
  /** From the nx tag `layer:…`. */
  readonly layer: string;
  /** Folder, relative to the repository's root. */
  readonly root: string;
  /** Names of all packages in package.json's dependencies of any kind. */
  readonly declared: ReadonlySet<string>;
  readonly imports: readonly Import[];
}

export interface Import {
  /** Relative to the repository's root. */
  readonly file: string;
  readonly specifier: string;
}

/** Which layers a layer may depend on. Services never import each other, tools may measure one; the mathematics imports nothing with I/O. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  math: ["math"],
  contracts: ["math", "contracts"],
  io: ["math", "contracts", "io"],
  service: ["math", "contracts", "io"],
  tool: ["math", "contracts", "io", "service", "tool"],
};

/** The mathematics reads no files, except where a module loads its own WebAssembly. */
const mathMayRead = /\/(wasm|load-wasm|wasm-module)\.ts$/;

const isTest = (file: string) => /\.test\.ts$|\/testing(\/|\.ts$)/.test(file);

/** @returns one sentence for each breach, with the file and what to do. */
export function checkBoundaries(projects: readonly Project[], rootPackages: ReadonlySet<string>): string[] {
  const byName = new Map(projects.map((project) => [project.name, project]));
  return projects.flatMap((project) => {
    const layers = allowed[project.layer];
    if (!layers)
      return [
        `${project.root}/package.json: nx.tags must hold one of ${Object.keys(allowed).map((name) => `layer:${name}`)}`,
      ];
    return project.imports.flatMap(({ file, specifier }) => {
      if (specifier.startsWith(".")) {
        const inside = new URL(specifier, `file:///${file}`).pathname.startsWith(`/${project.root}/`);
        return inside ? [] : [`${file}: imports ${specifier} of another package; import the package by its name`];
      }
      const name = packageOf(specifier);
      if (specifier.startsWith("node:") || builtinModules.includes(specifier)) {
        const pure = project.layer === "math" && !isTest(file) && !mathMayRead.test(file);
        return pure ? [`${file}: imports ${specifier}; the mathematical libs have no I/O and no clock`] : [];
      }
      if (name === project.name) return [];
      const target = byName.get(name);
      if (target && !layers.includes(target.layer) && !isTest(file)) {
        return [`${file}: ${project.layer} must not depend on ${target.layer} (${name})`];
      }
      const known = project.declared.has(name) || rootPackages.has(name);
      return known ? [] : [`${file}: imports ${name}, which ${project.root}/package.json does not declare`];
    });
  });
}

/** `@scope/name/sub` and `name/sub` without what lies inside the package. */
export function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return parts.slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

/** Specifiers of static and dynamic imports and re-exports, comments aside. */
export function importsOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
  const pattern = /(?:\bfrom|\bimport)\s*\(?\s*["']([^"'\n]+)["']/g;
  return [...code.matchAll(pattern)].map((match) => match[1]!);
}
