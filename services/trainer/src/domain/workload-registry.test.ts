import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtInWorkload, type Dataset } from "@superbatch/training";
import { expect, it } from "vitest";
import { registryOf } from "./testing.ts";
import { createWorkloadRegistry, loadWorkloads } from "./workload-registry.ts";

const own = builtInWorkload("mine", () => Promise.reject<Dataset>(new Error("not read here")));

it("finds a workload by data set or by name", () => {
  const registry = createWorkloadRegistry({ dataDir: undefined, cacheDir: undefined, own: [own] });
  expect(registry.configure({ dataset: "digits" })).toMatchObject({
    workload: { name: "digits" },
    configuration: { batchSize: 32 },
  });
  expect(registry.configure({ workload: "mine", architecture: "mlp" })).toMatchObject({
    workload: own,
    architecture: { name: "mlp" },
  });
});

it("names the parameter that is missing or wrong, and what is known", () => {
  expect(() => registryOf().configure({})).toThrow(/^dataset: is required: one of digits, /);
  expect(() => registryOf().configure({ workload: "theirs" })).toThrow(
    /^workload: must be one of digits, .*, not theirs$/,
  );
});

it("refuses two workloads of one name", () => {
  expect(() => createWorkloadRegistry({ dataDir: undefined, cacheDir: undefined, own: [own, own] })).toThrow(
    /same name/,
  );
});

it("tells the optimizer what can be trained here, and nothing that cannot", async () => {
  const registry = createWorkloadRegistry({ dataDir: undefined, cacheDir: undefined, own: [own] });
  expect(await registry.capabilities("wasm")).toEqual({
    "backend/wasm": "true",
    "dataset/digits": "true",
    "workload/mine": "true",
  });
});

it("loads workloads from modules, and says which module has none", async () => {
  const folder = await mkdtemp(join(tmpdir(), "workload-"));
  const [good, bad] = [join(folder, "good.mjs"), join(folder, "bad.mjs")];
  await writeFile(good, "export default { name: 'm', parameters: [], configure() {}, dataset() {} };");
  await writeFile(bad, "export const other = 1;");
  expect((await loadWorkloads([good])).map(({ name }) => name)).toEqual(["m"]);
  await expect(loadWorkloads([bad])).rejects.toThrow(/bad\.mjs: its default export must be a workload/);
  await rm(folder, { recursive: true });
});
