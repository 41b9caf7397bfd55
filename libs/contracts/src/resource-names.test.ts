import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatStudyName,
  formatTrialName,
  isResourceId,
  parseProjectName,
  parseStudyName,
  parseTrialName,
} from "./resource-names.ts";

const id = fc.stringMatching(/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);

describe("resource names", () => {
  it("are parsed into what they were printed from", () => {
    fc.assert(
      fc.property(id, id, fc.integer({ min: 1, max: 999_999_999 }), (project, study, trial) => {
        expect(parseStudyName(formatStudyName({ project, study }))).toEqual({ project, study });
        expect(parseTrialName(formatTrialName({ project, study, trial }))).toEqual({ project, study, trial });
      }),
    );
  });

  it.each([
    "",
    "x",
    "projects/a",
    "projects/a/studies/",
    "projects/A/studies/b",
    "projects/a/studies/b/",
    "projects/a/studies/b/trials/1",
  ])("%j is not a study", (name) => {
    expect(parseStudyName(name)).toBeUndefined();
  });

  it.each([
    "projects/a/studies/b/trials/0",
    "projects/a/studies/b/trials/-1",
    "projects/a/studies/-/trials/1",
    "projects/a/studies/b",
  ])("%j is not a trial", (name) => {
    expect(parseTrialName(name)).toBeUndefined();
  });

  it("default to the default project, and allow any study as -", () => {
    expect(parseProjectName("")).toBe("default");
    expect(parseProjectName("projects/x")).toBe("x");
    expect(parseStudyName("projects/a/studies/-")).toEqual({ project: "a", study: "-" });
  });

  it.each(["a".repeat(64), "a-", "-a", "1a", "a_b", "a/b", "../a", "a'; drop table studies"])("%j is no id", (text) => {
    expect(isResourceId(text)).toBe(false);
  });
});
