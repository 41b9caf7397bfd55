import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { optimizer, spaceToProto } from "@superbatch/contracts";
import { startChild, startStack } from "@superbatch/launcher";
import { createClient } from "@superbatch/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundle } from "./bundle.ts";
import { writeSbom } from "./sbom.ts";
import { imageSpecs } from "./services.ts";

let folder: string;
const program = (service: string) => pathToFileURL(join(folder, service, "main.mjs"));

// Outside of the repository, so that nothing is found in its node_modules.
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "superbatch-images-"));
  for (const spec of imageSpecs) {
    const packages = await bundle(spec, join(folder, spec.name));
    writeSbom(spec.name, packages, join(folder, spec.name));
  }
}, 240_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the bundles of the images", () => {
  it("tune a network together", { timeout: 240_000 }, async () => {
    const stateDir = join(folder, "state");
    const stack = await startStack({ stateDir, trainers: 1, trainerArgs: ["--no-download"], program });
    const { client, close } = createClient(optimizer.OptimizerServiceDefinition, stack.optimizerAddress);
    try {
      const spec = optimizer.StudySpec.fromPartial({
        space: spaceToProto({
          parameters: [
            { name: "learning_rate", domain: { kind: "float", min: 1e-3, max: 1, scale: "log" } },
            { name: "dataset", domain: { kind: "fixed", value: "digits" } },
            { name: "epochs", domain: { kind: "fixed", value: 1 } },
          ],
          constraints: [],
        }),
        objective: { metric: "validation_error", goal: optimizer.Goal.MINIMIZE },
        algorithm: { kind: { $case: "entropySearch", value: {} } },
        budget: { maxTrials: 4 },
        seed: 1,
      });
      const study = optimizer.Study.fromPartial({ spec });
      const services = [stack.optimizerAddress, stack.surrogateAddress, stack.samplerAddress];
      const healthy = spawnSync(process.execPath, [join(folder, "optimizer/probe.mjs"), ...services], {
        encoding: "utf8",
      });
      expect(healthy.stdout.match(/: serving, 1 address$/gm), healthy.stderr).toHaveLength(3);
      const created = await client.createStudy({ parent: "", studyId: "bundled", study, requestId: "" });
      const { name } = created.study!;
      let found = created.study!;
      while (found.state === optimizer.StudyState.ACTIVE) {
        await Promise.race([new Promise((resolve) => setTimeout(resolve, 200)), stack.failed]);
        found = (await client.getStudy({ name })).study!;
      }
      expect(found.state).toBe(optimizer.StudyState.COMPLETED);
      expect(found.progress!.completed).toBe(4);
    } finally {
      close();
      await stack.stop();
    }
  });

  it("take Katib's calls, with the descriptions of both packages", { timeout: 60_000 }, async () => {
    const child = startChild({
      name: "katib-suggestion",
      main: program("katib-suggestion"),
      args: ["--listen", "127.0.0.1:0", "--optimizer-address", "127.0.0.1:1"],
      logFile: join(folder, "katib-suggestion.log"),
    });
    try {
      const address = await child.ready;
      const { stdout, stderr } = spawnSync(process.execPath, [join(folder, "optimizer/probe.mjs"), address], {
        encoding: "utf8",
      });
      expect(stdout, stderr).toMatch(/: serving, 1 address$/m);
      const copies = globSync("files/*/descriptors.binpb", { cwd: join(folder, "katib-suggestion") });
      expect(copies).toHaveLength(2);
      const [one, other] = copies.map((copy) => readFileSync(join(folder, "katib-suggestion", copy)));
      expect(one!.equals(other!)).toBe(false);
    } finally {
      await child.stop(10);
    }
  });

  it("show the dashboard's page", { timeout: 60_000 }, async () => {
    const args = ["--listen", "127.0.0.1:0", "--optimizer-address", "127.0.0.1:1"];
    const child = startChild({
      name: "dashboard",
      main: program("dashboard"),
      args,
      logFile: join(folder, "dashboard.log"),
    });
    try {
      const page = await fetch(`http://${await child.ready}/`);
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('<script type="module"');
    } finally {
      await child.stop(10);
    }
  });

  it("come with a bill of materials that names what is in them", () => {
    const { components } = JSON.parse(readFileSync(join(folder, "optimizer/sbom.cdx.json"), "utf8")) as {
      components: { name: string; version: string; purl: string }[];
    };
    const named = Object.fromEntries(components.map(({ name, version }) => [name, version]));
    expect(named).toMatchObject({
      "@grpc/grpc-js": expect.any(String),
      kysely: expect.any(String),
      zod: expect.any(String),
    });
    expect(new Set(components.map(({ purl }) => purl)).size).toBe(components.length);
    // Only what is bundled, not what builds it.
    expect(named).not.toHaveProperty("typescript");
    expect(named).not.toHaveProperty("vitest");
  });
});
