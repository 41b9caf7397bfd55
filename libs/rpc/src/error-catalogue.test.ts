import { readFileSync } from "node:fs";
import { Status } from "nice-grpc-common";
import { describe, expect, it } from "vitest";
import { errorCatalogue } from "./error-catalogue.ts";

const page = readFileSync(new URL("../../../docs/reference/errors.md", import.meta.url), "utf8");

/** Reason → the list below its heading. */
function documented(): Map<string, string> {
  const sections = page.split(/^### /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [reason, ...lines] = section.split(/^## /m)[0]!.trim().split("\n");
      return [reason!, lines.join("\n").trim()];
    }),
  );
}

describe("error catalogue", () => {
  it("is what docs/reference/errors.md lists, both ways", () => {
    const expected = Object.entries(errorCatalogue).map(([reason, { code, message, remedy }]) => [
      reason,
      `- Code: ${Status[code]}\n- Message: ${message}\n- Remedy: ${remedy}`,
    ]);
    expect([...documented()]).toEqual(expected);
  });

  it.each(Object.entries(errorCatalogue))("%s is a reason with a remedy", (reason, { remedy }) => {
    expect(reason).toMatch(/^[A-Z][A-Z0-9_]{2,62}$/);
    expect(remedy).toMatch(/\.$/);
  });
});
