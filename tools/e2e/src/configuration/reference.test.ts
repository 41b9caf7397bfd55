import { globSync, readFileSync } from "node:fs";
import { type ConfigError, configKeys, HelpRequested, loadConfig } from "@superbatch/rpc";
import { describe, expect, it } from "vitest";
import { definitions, renderReference } from "./reference.ts";

const root = new URL("../../../../", import.meta.url);

describe("the reference of the configuration", () => {
  it("is what the schemas say; `npm run configuration -w @superbatch/e2e` writes it anew", () => {
    const written = readFileSync(new URL("docs/reference/configuration.md", root), "utf8");
    expect(written).toBe(renderReference());
  });

  it("has every service that has a configuration", () => {
    const services = globSync("services/*/src/config.ts", { cwd: root.pathname }).map((path) => path.split("/")[1]);
    expect(definitions.map(({ service }) => service).sort()).toEqual(services.sort());
  });
});

describe.each(definitions.map((definition) => [definition.service, definition] as const))(
  "%s",
  (service, definition) => {
    const keys = configKeys(service, definition.schema);

    it("describes each key", () => {
      for (const { name, description } of keys) expect(description, name).toMatch(/^[A-Z].+\.$/s);
    });

    it("names the key of each wrong value, however it was given", () => {
      const numbers = keys.filter(({ type }) => type === "number" || type === "integer");
      expect(numbers.length).toBeGreaterThan(0);
      for (const { flag, variable } of numbers) {
        const problems = (sources: Parameters<typeof loadConfig>[1]) => {
          try {
            loadConfig(definition, sources);
          } catch (error) {
            return (error as ConfigError).problems.join("\n");
          }
          return "";
        };
        expect(problems({ argv: [`--${flag}`, "many"] })).toContain(`--${flag}: `);
        expect(problems({ env: { [variable]: "many" } })).toContain(`${variable}: `);
      }
    });

    it("prints all of them by --help", () => {
      try {
        loadConfig(definition, { argv: ["--help"] });
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(HelpRequested);
        for (const { flag, variable } of keys) {
          expect((error as Error).message).toContain(`--${flag}`);
          expect((error as Error).message).toContain(variable);
        }
      }
    });
  },
);
