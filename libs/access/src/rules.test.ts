import { createFileRegistry, type DescMessage, type DescService, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { descriptorSet } from "@superbatch/contracts";
import { describe, expect, it } from "vitest";
import { accessRules, openCalls } from "./rules.ts";

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptorSet()));
const services = [...registry].filter((type): type is DescService => type.kind === "service");
const methods = services.flatMap((service) =>
  service.methods.map((method) => ({ name: `${service.typeName}/${method.name}`, input: method.input })),
);

/** What every server has beside its own services. */
const foundation = [
  "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
  "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];
/** Calls of other systems' contracts, which adapters answer. */
const adapters = ["api.v1.beta1.Suggestion/GetSuggestions", "api.v1.beta1.Suggestion/ValidateAlgorithmSettings"];
const health = ["grpc.health.v1.Health/Check", "grpc.health.v1.Health/Watch"];

/** Fields that name a resource of a project, by the names that the contracts give them. */
const namesResource = (input: DescMessage) =>
  input.fields.filter(({ name, scalar }) => scalar === 9 && ["name", "parent", "study", "trial"].includes(name));

describe("rules", () => {
  it("are there for every call of every service, and for nothing else", () => {
    expect(methods.length).toBeGreaterThan(25);
    const calls = [...methods.map(({ name }) => name), ...foundation, ...adapters];
    expect([...accessRules.keys()].sort()).toEqual(calls.sort());
  });

  it("open health checks alone to everybody", () => {
    expect([...openCalls].sort()).toEqual(health);
  });

  it.each(methods.filter(({ name }) => name.includes("Optimizer")))(
    "$name is decided by a name in its request",
    ({ name, input }) => {
      const { resource } = accessRules.get(name)!;
      expect(namesResource(input).map((field) => field.name)).toEqual([resource?.field]);
    },
  );

  it("let readers only read, and owners alone change what a study is", () => {
    const least = (role: string) =>
      [...accessRules].filter(([, rule]) => rule.role === role).map(([name]) => name.split("/")[1]!);
    for (const name of least("reader"))
      expect(name).toMatch(/^(Get|List|Export|Watch|Query|Describe|Validate|ServerReflection)/);
    for (const name of least("trainer")) expect(name).not.toMatch(/Study$|^Add|^Update/);
    expect(least("owner").sort()).toEqual(
      ["AddTrials", "CreateStudy", "DeleteStudy", "GetSuggestions", "ImportStudy", "UpdateStudy", "UpdateTrial"].sort(),
    );
  });

  it("take a trial out of a user's hand for owners, and from its trainer for the trainer", () => {
    const { role } = accessRules.get("superbatch.optimizer.v1.OptimizerService/FailTrial")!;
    if (typeof role === "string") throw new Error("depends on the request");
    expect(role({ leaseId: "" })).toBe("owner");
    expect(role({})).toBe("owner");
    expect(role({ leaseId: "x" })).toBe("trainer");
  });

  it("audit whatever changes something but heartbeats and fits", () => {
    const quiet = [...accessRules].filter(([, { audited }]) => !audited).map(([name]) => name.split("/")[1]!);
    for (const name of quiet)
      expect(name).toMatch(
        /^(Get|List|Export|Watch|Query|Describe|Validate|ServerReflection|ReportProgress|Fit|Posterior|Release)/,
      );
  });
});
