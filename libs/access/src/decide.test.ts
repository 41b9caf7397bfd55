import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide } from "./decide.ts";
import { anonymous, decodePrincipal, encodePrincipal, type Principal, projectsWithRole } from "./principal.ts";
import { type Role, roles } from "./role.ts";
import { accessRules } from "./rules.ts";

const rule = (method: string) => accessRules.get(`superbatch.optimizer.v1.OptimizerService/${method}`)!;
const who = (held: Record<string, Role>): Principal => ({ id: "ada", roles: new Map(Object.entries(held)) });
const kind = (method: string, principal: Principal, request: unknown) => decide(rule(method), principal, request).kind;

describe("a decision", () => {
  it.each<[string, Record<string, Role>, string, object, string]>([
    ["a reader reads", { vision: "reader" }, "GetStudy", { name: "projects/vision/studies/a" }, "allowed"],
    ["not elsewhere", { vision: "owner" }, "GetStudy", { name: "projects/speech/studies/a" }, "denied"],
    ["nor by a longer name", { vision: "owner" }, "GetStudy", { name: "projects/vision-2/studies/a" }, "denied"],
    ["a reader cannot lease", { vision: "reader" }, "LeaseTrials", { study: "projects/vision/studies/a" }, "denied"],
    ["a trainer can", { vision: "trainer" }, "LeaseTrials", { study: "projects/vision/studies/-" }, "allowed"],
    ["a trainer cannot delete", { vision: "trainer" }, "DeleteStudy", { name: "projects/vision/studies/a" }, "denied"],
    ["the empty parent is the default project", { vision: "owner" }, "CreateStudy", { parent: "" }, "denied"],
    ["and its owner's", { default: "owner" }, "CreateStudy", { parent: "" }, "allowed"],
    ["all projects: of whoever reads one", { vision: "reader" }, "ListStudies", { parent: "projects/-" }, "allowed"],
    ["but not of nobody", {}, "ListStudies", { parent: "projects/-" }, "denied"],
    [
      "all projects are no place for a study",
      { vision: "owner" },
      "CreateStudy",
      { parent: "projects/-" },
      "malformed",
    ],
    ["a name that is none", { vision: "owner" }, "GetStudy", { name: "projects/vision/../x" }, "malformed"],
    ["which whoever may do all passes on", { "*": "reader" }, "GetStudy", { name: "projects/vision/../x" }, "allowed"],
    ["but with the role alone", { "*": "reader" }, "DeleteStudy", { name: "nonsense" }, "malformed"],
    ["no name at all", { vision: "owner" }, "GetStudy", {}, "malformed"],
    ["a name that is no text", { vision: "owner" }, "GetStudy", { name: 3 }, "malformed"],
    ["no request at all", { vision: "owner" }, "GetStudy", {}, "malformed"],
  ])("%s", (_, held, method, request, expected) => {
    expect(kind(method, who(held), request)).toBe(expected);
  });

  it("names the role and the project that are missing", () => {
    const request = { study: "projects/speech/studies/a" };
    const denied = { kind: "denied", role: "trainer", project: "speech", resource: request.study };
    expect(decide(rule("LeaseTrials"), who({ vision: "owner" }), request)).toEqual(denied);
  });

  it("never lets a principal into a project that it has no role in, however the name is written", () => {
    const name = fc.oneof(
      fc.string(),
      fc.stringMatching(/^projects\/[a-z-]{0,8}(\/studies\/[a-z-]{0,8}(\/trials\/[0-9]{0,3})?)?.{0,2}$/),
    );
    const principal = who({ vision: "owner" });
    fc.assert(
      fc.property(
        name,
        fc.constantFrom("GetStudy", "DeleteStudy", "GetTrial", "CreateStudy", "ListStudies"),
        (text, method) => {
          const decision = decide(rule(method), principal, { name: text, parent: text });
          if (decision.kind !== "allowed" || text === "projects/-") return;
          expect(text).toMatch(/^projects\/vision(\/|$)/);
        },
      ),
    );
  });
});

describe("principals", () => {
  it("see the projects in which they may read; undefined stands for all", () => {
    expect(projectsWithRole(who({ a: "reader", b: "owner" }), "reader")).toEqual(["a", "b"]);
    expect(projectsWithRole(who({ a: "reader", b: "owner" }), "trainer")).toEqual(["b"]);
    expect(projectsWithRole(who({ a: "owner", "*": "reader" }), "reader")).toBeUndefined();
    expect(projectsWithRole(who({}), "reader")).toEqual([]);
    expect(projectsWithRole(anonymous, "owner")).toBeUndefined();
  });

  it("travel as bytes and come out as they were", () => {
    const held = fc.dictionary(fc.string(), fc.constantFrom(...roles));
    fc.assert(
      fc.property(fc.string(), held, (id, given) => {
        const principal = { id, roles: new Map(Object.entries(given)) };
        expect(decodePrincipal(encodePrincipal(principal))).toEqual(principal);
      }),
    );
  });
});
