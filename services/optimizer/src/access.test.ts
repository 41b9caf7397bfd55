import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { optimizer, spaceToProto } from "@superbatch/contracts";
import { reasonOf } from "@superbatch/rpc";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestStudy, startTestOptimizer, type TestOptimizer, testSpace } from "./testing/test-optimizer.ts";

const tokens = {
  admin: "admin-token-0123456789",
  vision: "vision-token-0123456789",
  nobody: "nobody-token-0123456789",
};
let folder: string;
let test: TestOptimizer;
const as = (who: keyof typeof tokens) =>
  test.service.client(optimizer.OptimizerServiceDefinition, { token: tokens[who], retry: { calls: "none" } });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "access-"));
  const principals = [
    { id: "admin", token: tokens.admin, roles: { "*": "owner" } },
    { id: "vision", token: tokens.vision, roles: { vision: "reader", audio: "owner" } },
    { id: "nobody", token: tokens.nobody, roles: {} },
  ];
  const principalsFile = join(folder, "principals.json");
  writeFileSync(principalsFile, JSON.stringify({ principals }));
  test = await startTestOptimizer(undefined, {
    config: { principalsFile },
    limits: { studies: 3, parameters: 3, trials: 4 },
  });
});
afterEach(async () => {
  await test[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const spec = {
  space: spaceToProto(testSpace),
  objective: { metric: "error" },
  algorithm: { kind: { $case: "random", value: {} } },
} as const;
const create = (project: string, studyId: string) => {
  test.now += 1;
  return as("admin").createStudy({ parent: `projects/${project}`, studyId, study: { spec } });
};
const names = (answer: { studies: readonly { name: string }[] }) => answer.studies.map(({ name }) => name);

describe("listing the studies of all projects", () => {
  it("shows what the caller may see, page by page", async () => {
    for (const project of ["vision", "secret", "audio", "vision", "secret"]) await create(project, `s${test.now}`);
    const everything = await as("admin").listStudies({ parent: "projects/-" });
    expect(everything.studies).toHaveLength(5);
    const seen = await as("vision").listStudies({ parent: "projects/-", pageSize: 2 });
    expect(names(seen).map((name) => name.split("/")[1])).toEqual(["vision", "audio"]);
    const more = await as("vision").listStudies({ parent: "projects/-", pageSize: 2, pageToken: seen.nextPageToken });
    expect(names(more).map((name) => name.split("/")[1])).toEqual(["vision"]);
    const refused = as("nobody").listStudies({ parent: "projects/-" });
    expect(await refused.catch(reasonOf)).toBe("PERMISSION_DENIED");
    // A page's token is a place in the list, not a right to it.
    const stolen = await as("vision").listStudies({ parent: "projects/-", pageToken: seen.nextPageToken });
    expect(names(stolen)).toEqual(names(more));
  });
});

describe("limits", () => {
  const reason = (call: Promise<unknown>) => call.then(() => "OK", reasonOf);

  it("hold for studies of a project, and are given back", async () => {
    for (const id of ["a", "b", "c"]) await create("vision", id);
    expect(await reason(create("vision", "d"))).toBe("QUOTA_EXCEEDED");
    expect(await reason(create("audio", "d"))).toBe("OK");
    await as("admin").deleteStudy({ name: "projects/vision/studies/a" });
    expect(await reason(create("vision", "d"))).toBe("OK");
  });

  it("hold for parameters, also of a new version of the space", async () => {
    const more = { ...spec.space.parameters[0]!, name: "more" };
    const space = { ...spec.space, parameters: [...spec.space.parameters, more] };
    const wide = { ...spec, space };
    expect(await reason(as("admin").createStudy({ study: { spec: wide } }))).toBe("QUOTA_EXCEEDED");
    const name = await createTestStudy(as("admin"));
    expect(await reason(as("admin").updateStudy({ name, space }))).toBe("QUOTA_EXCEEDED");
  });

  it("hold for trials, added and suggested", async () => {
    const study = await createTestStudy(as("admin"));
    const parameters = {
      rate: { kind: { $case: "number", value: 0.1 } },
      layers: { kind: { $case: "number", value: 1 } },
      epochs: { kind: { $case: "number", value: 1 } },
    } as const;
    const add = (count: number) =>
      as("admin").addTrials({ study, trials: Array.from({ length: count }, () => ({ parameters })) });
    expect(await reason(add(5))).toBe("QUOTA_EXCEEDED");
    expect(await reason(add(3))).toBe("OK");
    expect((await as("admin").leaseTrials({ study, worker: "w", count: 8, waitSeconds: 5 })).leases).toHaveLength(3);
    expect((await as("admin").leaseTrials({ study, worker: "w", count: 8, waitSeconds: 5 })).leases).toHaveLength(1);
    const none = await as("admin").leaseTrials({ study, worker: "w", count: 8, waitSeconds: 0 });
    expect(none).toMatchObject({ leases: [], reason: "the study has as many trials as this service takes, 4" });
    expect(await reason(add(1))).toBe("QUOTA_EXCEEDED");
  });
});
