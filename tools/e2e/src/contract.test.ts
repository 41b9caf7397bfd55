import { optimizer } from "@superbatch/contracts";
import { fieldViolations } from "@superbatch/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OptimizerProcesses, startOptimizer } from "./services.ts";
import { temporaryFolder } from "./temporary.ts";

const folder = temporaryFolder();
let services: OptimizerProcesses;
beforeAll(async () => {
  services = await startOptimizer(folder.path);
});
afterAll(async () => {
  await services[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

const study = (parameters: unknown[]) =>
  optimizer.Study.fromJSON({ spec: { space: { parameters }, objective: { metric: "error" } } });

describe("a bad space", () => {
  it("is refused with the path of every field that is wrong, all at once, and nothing is created", async () => {
    const bad = study([
      { name: "reversed", float: { min: 1, max: 0 } },
      { name: "log_of_zero", float: { min: 0, max: 1, scale: "SCALE_LOG" } },
      { name: "twice", boolean: {} },
      { name: "twice", boolean: {} },
      { name: "orphan", boolean: {}, condition: { parent: "nobody", values: [{ flag: true }] } },
      { name: "budget", integer: { min: 1, max: 8 }, fidelity: {} },
    ]);
    const error = await services.client
      .createStudy({ parent: "", studyId: "bad", study: bad, requestId: "" })
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 3 });
    const paths = fieldViolations(error).map(({ path }) => path);
    const root = "study.spec.space.parameters";
    expect(paths).toEqual(
      expect.arrayContaining([
        expect.stringContaining(`${root}[0].float`),
        expect.stringContaining(`${root}[1].float`),
        `${root}[3].name`,
        expect.stringContaining(`${root}[4].condition.parent`),
        expect.stringContaining(`${root}[5].fidelity.target`),
      ]),
    );
    expect((await services.client.listStudies({ parent: "", pageSize: 0, pageToken: "" })).studies).toEqual([]);
  });
});
