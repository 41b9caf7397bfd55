import { describe, expect, it } from "vitest";
import type { Domain, Parameter, SearchSpace } from "./parameter.ts";
import { validateSpace } from "./validate-space.ts";

const unit: Domain = { kind: "float", min: 0, max: 1, scale: "linear" };
const x: Parameter = { name: "x", domain: unit };
const choice: Parameter = { name: "choice", domain: { kind: "categorical", categories: ["a", "b"] } };

function paths(parameters: readonly Parameter[], constraints: SearchSpace["constraints"] = []): string[] {
  return validateSpace({ parameters, constraints }).map(({ path }) => path);
}

function messageOf(parameters: readonly Parameter[], constraints: SearchSpace["constraints"] = []): string {
  const violations = validateSpace({ parameters, constraints });
  expect(violations).toHaveLength(1);
  return violations[0]!.message;
}

describe("validateSpace", () => {
  it("reports everything at once, in the order of the fields", () => {
    const reversed: Parameter = { name: "r", domain: { ...unit, min: 1, max: 0 } as Domain };
    const logOfZero: Parameter = { name: "l", domain: { kind: "float", min: 0, max: 1, scale: "log" } };
    const orphan: Parameter = { ...x, name: "o", condition: { parent: "nobody", values: [1] } };
    const aimless = { ...x, name: "f", fidelity: { basis: "linear" } } as Parameter;
    expect(paths([reversed, x, logOfZero, x, orphan, aimless])).toEqual([
      "parameters[0].float.max",
      "parameters[2].float.min",
      "parameters[3].name",
      "parameters[4].condition.parent",
      "parameters[5].fidelity.target",
    ]);
  });

  it.each<[string, Domain, string]>([
    ["not a number", { ...unit, min: Number.NaN } as Domain, "float.min"],
    ["infinite", { ...unit, max: Number.POSITIVE_INFINITY } as Domain, "float.max"],
    ["equal bounds", { ...unit, min: 1 } as Domain, "float.max"],
    ["a range below precision", { kind: "float", min: 1, max: 1 + 1e-12, scale: "linear" }, "float.max"],
    ["a bound out of scale", { kind: "float", min: 1e-200, max: 1, scale: "log" }, "float.min"],
    ["half an integer", { kind: "integer", min: 0.5, max: 2, scale: "linear" }, "integer.min"],
    ["integers that cannot be told apart", { kind: "integer", min: 1, max: 2 ** 53 - 1, scale: "log" }, "integer.max"],
    ["too many integers", { kind: "integer", min: -(2 ** 52), max: 2 ** 52, scale: "linear" }, "integer.max"],
    ["no values", { kind: "discrete", values: [], scale: "linear" }, "discrete.values"],
    ["one value", { kind: "discrete", values: [3], scale: "linear" }, "discrete.values"],
    ["unsorted values", { kind: "discrete", values: [1, 3, 2], scale: "linear" }, "discrete.values[2]"],
    ["repeated values", { kind: "discrete", values: [1, 1], scale: "linear" }, "discrete.values[1]"],
    ["the logarithm of a negative value", { kind: "discrete", values: [-1, 1], scale: "log" }, "discrete.values[0]"],
    ["one category", { kind: "categorical", categories: ["a"] }, "categorical.categories"],
    ["repeated categories", { kind: "categorical", categories: ["a", "b", "a"] }, "categorical.categories[2]"],
    ["a nameless category", { kind: "categorical", categories: ["a", ""] }, "categorical.categories[1]"],
    ["fixed at infinity", { kind: "fixed", value: Number.POSITIVE_INFINITY }, "fixed"],
  ])("refuses %s", (_, domain, field) => {
    expect(paths([x, { name: "p", domain }])).toEqual([`parameters[1].${field}`]);
  });

  it.each(["", "1st", "a b", "ü", "__proto__", "n".repeat(129)])("refuses the name %j", (name) => {
    expect(paths([x, { name, domain: unit }])).toEqual(["parameters[1].name"]);
  });

  it("wants something to tune", () => {
    const fidelity: Parameter = { ...x, fidelity: { target: 1, basis: "linear" } };
    expect(paths([])).toEqual(["parameters"]);
    expect(paths([fidelity, { name: "c", domain: { kind: "fixed", value: 1 } }])).toEqual(["parameters"]);
  });

  it("refuses conditions on later, cyclic, fixed and float parents", () => {
    const on = (name: string, parent: string): Parameter => ({ ...choice, name, condition: { parent, values: ["a"] } });
    expect(messageOf([on("p", "choice"), choice])).toContain("must come before");
    expect(messageOf([on("p", "q"), on("q", "p")])).toContain("cyclic");
    expect(messageOf([on("p", "p")])).toContain("own parent");
    expect(messageOf([x, on("p", "x")])).toContain("float");
    expect(messageOf([x, { name: "c", domain: { kind: "fixed", value: "a" } }, on("p", "c")])).toContain("fixed");
  });

  it("refuses condition values outside the parent's domain", () => {
    const n: Parameter = { name: "n", domain: { kind: "integer", min: 1, max: 3, scale: "linear" } };
    const on = (parent: string, ...values: (string | number | boolean)[]): Parameter => ({
      ...x,
      condition: { parent, values },
    });
    expect(paths([choice, on("choice", "a", "c", 1)])).toEqual([
      "parameters[1].condition.values[1]",
      "parameters[1].condition.values[2]",
    ]);
    expect(paths([n, on("n", 1, 4, 1.5, true)])).toHaveLength(3);
    expect(paths([choice, on("choice")])).toEqual(["parameters[1].condition.values"]);
    expect(paths([choice, on("choice", "a", "a")])).toEqual(["parameters[1].condition.values[1]"]);
  });

  it("refuses fidelities without a number, below the largest value, or with a condition", () => {
    const role = { target: 0.5, basis: "linear" } as const;
    expect(paths([x, { ...choice, fidelity: role }])).toEqual(["parameters[1].fidelity"]);
    expect(paths([x, { name: "f", domain: unit, fidelity: role }])).toEqual(["parameters[1].fidelity.target"]);
    expect(
      paths([choice, { ...x, fidelity: { ...role, target: 1 }, condition: { parent: "choice", values: ["a"] } }]),
    ).toContain("parameters[1].condition");
  });

  it("accepts a target beyond the largest value", () => {
    expect(paths([x, { name: "f", domain: unit, fidelity: { target: 3, basis: "linear" } }])).toEqual([]);
  });

  it("refuses constraints on what is unknown, not a number, or a fidelity", () => {
    const f: Parameter = { name: "f", domain: unit, fidelity: { target: 1, basis: "linear" } };
    expect(paths([x, choice, f], [{ coefficients: { x: 1, y: 1, choice: 1, f: 1 }, bound: 1 }])).toEqual([
      'constraints[0].coefficients["y"]',
      'constraints[0].coefficients["choice"]',
      'constraints[0].coefficients["f"]',
    ]);
    expect(paths([x], [{ coefficients: {}, bound: Number.NaN }])).toEqual([
      "constraints[0].coefficients",
      "constraints[0].bound",
    ]);
  });

  it("refuses constraints that nothing satisfies, alone or together", () => {
    expect(messageOf([x], [{ coefficients: { x: 1 }, bound: -0.5 }])).toContain("the sum is at least 0");
    const y: Parameter = { name: "y", domain: unit };
    const together = [
      { coefficients: { x: 1, y: 1 }, bound: 0.5 },
      { coefficients: { x: -1, y: -1 }, bound: -0.6 },
    ];
    expect(messageOf([x, y], together)).toContain("no point was found");
    expect(paths([x, y], [together[0]!])).toEqual([]);
  });

  it("refuses more than the limits", () => {
    const many = Array.from({ length: 201 }, (_, i): Parameter => ({ name: `p${i}`, domain: unit }));
    expect(paths(many)).toEqual(["parameters"]);
  });
});
