import { describe, expect, it } from "vitest";
import { checkBoundaries, importsOf, type Project, packageOf } from "./boundaries.ts";

const project = (
  name: string,
  layer: string,
  specifiers: string[],
  declared: string[] = [],
  file = "src/a.ts",
): Project => ({
  name: `@superbatch/${name}`,
  layer,
  root: `libs/${name}`,
  declared: new Set(declared),
  imports: specifiers.map((specifier) => ({ file: `libs/${name}/${file}`, specifier })),
});
const check = (...projects: Project[]) => checkBoundaries(projects, new Set(["vitest"]));

describe("module boundaries", () => {
  it("let a service use libs, and tests use root packages", () => {
    const service = project(
      "optimizer",
      "service",
      ["@superbatch/gp", "./b.ts", "node:fs", "vitest"],
      ["@superbatch/gp"],
    );
    expect(check(service, project("gp", "math", []))).toEqual([]);
  });

  it("refuse a service that imports another", () => {
    const one = project("one", "service", ["@superbatch/two"], ["@superbatch/two"]);
    expect(check(one, project("two", "service", []))).toEqual([
      expect.stringContaining("service must not depend on service"),
    ]);
  });

  it("let a tool import a service, but no service a tool", () => {
    const tool = project("bench", "tool", ["@superbatch/one"], ["@superbatch/one"]);
    expect(check(tool, project("one", "service", []))).toEqual([]);
    const service = project("one", "service", ["@superbatch/bench"], ["@superbatch/bench"]);
    expect(check(service, project("bench", "tool", []))).toEqual([
      expect.stringContaining("service must not depend on tool"),
    ]);
  });

  it("refuse I/O in the mathematics, but for loading WebAssembly and in tests", () => {
    expect(check(project("gp", "math", ["node:fs"]))).toEqual([expect.stringContaining("no I/O")]);
    expect(check(project("gp", "math", ["node:fs"], [], "src/wasm.ts"))).toEqual([]);
    expect(check(project("gp", "math", ["node:fs"], [], "src/gp.test.ts"))).toEqual([]);
  });

  it("refuse what package.json does not declare, and paths into another package", () => {
    expect(check(project("gp", "math", ["kysely"]))).toEqual([expect.stringContaining("does not declare")]);
    expect(check(project("gp", "math", ["../../linalg/src/a.ts"]))).toEqual([expect.stringContaining("by its name")]);
  });

  it("refuse a package without a layer", () => {
    expect(check(project("gp", "", []))).toEqual([expect.stringContaining("layer:math")]);
  });
});

describe("imports", () => {
  it("are found in every form, and not in comments", () => {
    // Quotes are put in afterwards, so that this file does not import them itself.
    const source =
      "import a from <a>;\nimport type { B } from <@s/b/c>;\nexport * from <./d.ts>;\nawait import(<e>);\nimport <f>;\n// import <g>;\n/* from <h> */";
    expect(importsOf(source.replace(/[<>]/g, '"'))).toEqual(["a", "@s/b/c", "./d.ts", "e", "f"]);
    expect(packageOf("@s/b/c")).toBe("@s/b");
  });
});
