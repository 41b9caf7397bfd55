import { expect, it } from "vitest";
import { fastLog } from "./logarithm-table.ts";

it("follows the logarithm to 1e-8, over all normal numbers", () => {
  let worst = 0;
  for (let x = 1e-6; x < 4; x *= 1.00037) worst = Math.max(worst, Math.abs(fastLog(x) - Math.log(x)));
  expect(worst).toBeLessThan(1e-8);
  for (const x of [2 ** -1022, 1e-300, 0.5, 1, 2 - 2 ** -52, 2, 1e300, Number.MAX_VALUE])
    expect(Math.abs(fastLog(x) - Math.log(x))).toBeLessThan(1e-8);
  expect(fastLog(1)).toBe(0);
});
