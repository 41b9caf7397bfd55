import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

it("`trainer describe` names what runs here, and for what does not the reason and the remedy", {
  timeout: 120_000,
}, async () => {
  const env = { ...process.env, SUPERBATCH_DATA_DIR: "/nowhere" };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [main, "describe", "--no-download", "--backend", "wasm"],
    { env },
  );
  expect(stdout).toMatch(/^ {2}wasm +used: CPU, WebAssembly/m);
  expect(stdout).toMatch(/^ {2}webgpu +(missing: .*; .*(install|driver).*|available: .*)$/m);
  expect(stdout).toMatch(/^ {2}tensorflow +(missing: .*; .*install.*|available: .*)$/m);
  expect(stdout).toMatch(/^ {2}digits +comes with the trainer$/m);
  expect(stdout).toMatch(/^ {2}cifar10 +missing: not found \(\/nowhere\); name the folder .*SUPERBATCH_DATA_DIR$/m);
  expect(stdout).toContain("resnet20");
  expect(stdout).toMatch(/^energy\n {2}\S/m);
});
