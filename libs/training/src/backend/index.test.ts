import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { backendNames, describeBackends, openBackend } from "./index.ts";

it("describes every backend, with a remedy for those that cannot run", async () => {
  const descriptions = await describeBackends();
  expect(descriptions.map(({ name }) => name)).toEqual([...backendNames]);
  for (const description of descriptions) {
    if (description.available) expect(description.detail).not.toBe("");
    else expect([description.reason, description.remedy].map((text) => text.length > 10)).toEqual([true, true]);
  }
  expect(descriptions.find(({ name }) => name === "wasm")?.available).toBe(true);
});

it("opens a backend on a GPU, else our kernels, and is idempotent", async () => {
  const gpu = (await describeBackends()).find((description) => description.available && description.accelerated);
  const backend = await openBackend("auto");
  expect(backend.name).toBe(gpu?.name ?? "wasm");
  expect(tf.getBackend()).toBe(backend.name);
  expect((await openBackend("auto")).device).toBe(backend.device);
});

it("refuses an unavailable backend with its reason and remedy, and keeps the active one", async () => {
  await openBackend("wasm");
  for (const description of await describeBackends()) {
    if (description.available) continue;
    await expect(openBackend(description.name)).rejects.toThrow(description.remedy);
  }
  expect(tf.getBackend()).toBe("wasm");
});

it("refuses another vector width or number of threads once the kernels are registered", async () => {
  const { device } = await openBackend("wasm");
  const other = device.includes("256") ? 128 : 256;
  await expect(openBackend("wasm", { vectorBits: other })).rejects.toThrow("new process");
  await expect(openBackend("wasm", { threads: 2 })).rejects.toThrow("new process");
});
