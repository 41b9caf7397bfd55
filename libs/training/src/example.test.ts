// The example of a user's own workload is run as its README says.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

it("the example of one's own workload trains, with importance sampling", async () => {
  const program = fileURLToPath(new URL("../../../examples/02-your-own-workload/train-once.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  expect(stdout).toMatch(/importance sampling/);
  const [, error] = /finished on \w+: error ([\d.]+)%/.exec(stdout)!;
  expect(Number(error)).toBeLessThan(10);
});
