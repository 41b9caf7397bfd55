import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type ConfigSources, loadConfig } from "./config.ts";
import { ConfigError, HelpRequested } from "./config-error.ts";
import { serverConfig } from "./server-config.ts";

const schema = z.strictObject({
  ...serverConfig("127.0.0.1:7602"),
  cacheMebibytes: z.number().int().min(1).max(4096).default(256).describe("Memory for models, MiB."),
  names: z.array(z.string()).default([]).describe("Names."),
  mode: z.enum(["fast", "exact"]).default("exact").describe("Mode."),
});
const definition = { service: "surrogate-model", description: "A surrogate.", schema };
const load = (sources: ConfigSources) => loadConfig(definition, sources);

let folder: string;
const file = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "config-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function problems(sources: ConfigSources): readonly string[] {
  try {
    load(sources);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("loadConfig", () => {
  it("takes defaults", () => {
    expect(load({})).toMatchObject({ listen: "127.0.0.1:7602", cacheMebibytes: 256, names: [], insecure: false });
  });

  it("prefers flag over variable over file over default", () => {
    const path = file("a.yaml", "cacheMebibytes: 1\ngraceSeconds: 1\nmode: fast\n");
    const env = { SUPERBATCH_SURROGATE_MODEL_CACHE_MEBIBYTES: "2", SUPERBATCH_SURROGATE_MODEL_GRACE_SECONDS: "2" };
    expect(load({ argv: ["--config", path, "--cache-mebibytes=3"], env })).toMatchObject({
      cacheMebibytes: 3,
      graceSeconds: 2,
      mode: "fast",
      logLevel: "info",
    });
  });

  it("finds the file by its variable, also as JSON", () => {
    const path = file("b.json", '{"names": ["a", "b"]}');
    expect(load({ env: { SUPERBATCH_SURROGATE_MODEL_CONFIG: path } }).names).toEqual(["a", "b"]);
  });

  it("reads lists and truth values", () => {
    expect(load({ argv: ["--names", "a", "--names", "b", "--insecure"] })).toMatchObject({
      names: ["a", "b"],
      insecure: true,
    });
    const env = { SUPERBATCH_SURROGATE_MODEL_NAMES: "a, b", SUPERBATCH_SURROGATE_MODEL_INSECURE: "true" };
    expect(load({ env })).toMatchObject({ names: ["a", "b"], insecure: true });
    expect(load({ env, argv: ["--no-insecure"] }).insecure).toBe(false);
  });

  it("names everything that is wrong as the user wrote it", () => {
    const path = file("c.yaml", "mode: slow\ncachemebibytes: 3\n");
    const env = { SUPERBATCH_SURROGATE_MODEL_CACHE_MEBIBYTES: "many" };
    const found = problems({ argv: ["--config", path, "--grace-seconds=-1"], env });
    expect(found).toHaveLength(4);
    for (const origin of [
      "--grace-seconds",
      "SUPERBATCH_SURROGATE_MODEL_CACHE_MEBIBYTES",
      `${path}: cachemebibytes`,
      `${path}: mode`,
    ]) {
      expect(found).toContainEqual(expect.stringMatching(new RegExp(`^${origin}: `)));
    }
  });

  it.each([
    ["an unknown flag", ["--nonsense"], "--nonsense"],
    ["a file that is not there", ["--config", "/nonexistent.yaml"], "/nonexistent.yaml"],
    ["a positional argument", ["serve"], "serve"],
    ["an address without a port", ["--listen", "localhost"], "--listen"],
  ])("refuses %s", (_, argv, name) => {
    expect(problems({ argv }).join()).toContain(name);
  });

  it("prints help from the schema", () => {
    let text = "";
    try {
      load({ argv: ["--help"] });
    } catch (error) {
      expect(error).toBeInstanceOf(HelpRequested);
      text = (error as Error).message;
    }
    expect(text).toContain("--cache-mebibytes INTEGER");
    expect(text).toContain("SUPERBATCH_SURROGATE_MODEL_CACHE_MEBIBYTES; 1 to 4096; default: 256");
    expect(text).toContain("--insecure, --no-insecure");
    expect(text).toContain("--mode fast|exact");
  });
});
