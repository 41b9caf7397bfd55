import { normalCdf } from "@superbatch/random";
import { expect, it } from "vitest";
import { fastNormalCdf } from "./normal-table.ts";

it("follows the normal distribution function to 1e-6", () => {
  let worst = 0;
  for (let x = -8; x <= 8; x += 0.00137) worst = Math.max(worst, Math.abs(fastNormalCdf(x) - normalCdf(x)));
  expect(worst).toBeLessThan(1e-6);
  expect(fastNormalCdf(-6.5)).toBe(0);
  expect(fastNormalCdf(6)).toBe(1);
  expect(fastNormalCdf(Number.NEGATIVE_INFINITY)).toBe(0);
});
