import fc from "fast-check";
import type { Domain, Parameter, ParameterValue, Scale, SearchSpace } from "../parameter.ts";

const scale: fc.Arbitrary<Scale> = fc.constantFrom("linear", "log");

/** A finite number whose size is between 1e-50 and 1e50. */
const size = fc
  .tuple(fc.double({ min: 1, max: 10, noNaN: true, maxExcluded: true }), fc.integer({ min: -50, max: 49 }))
  .map(([mantissa, exponent]) => mantissa * 10 ** exponent);

const floatDomain: fc.Arbitrary<Domain> = fc
  .tuple(scale, size, size, fc.boolean(), fc.boolean())
  .map(([scale, a, b, negativeA, negativeB]): Domain => {
    const log = scale === "log";
    const low = !log && negativeA ? -a : a;
    const high = !log && negativeB ? -b : b;
    return { kind: "float", min: Math.min(low, high), max: Math.max(low, high), scale };
  })
  .filter((domain) => domain.kind === "float" && wideEnough(domain.min, domain.max));

const integerDomain: fc.Arbitrary<Domain> = fc
  .tuple(
    scale,
    fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.integer()),
    fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 2 ** 39 })),
  )
  .map(([scale, start, length]): Domain => {
    const min = scale === "log" ? Math.abs(start) + 1 : start;
    return { kind: "integer", min, max: min + length, scale };
  });

const discreteDomain: fc.Arbitrary<Domain> = fc
  .tuple(scale, fc.uniqueArray(fc.integer({ min: 1, max: 10_000 }), { minLength: 2, maxLength: 12 }))
  .map(([scale, values]): Domain => {
    const ascending = values.map((value) => value / 8).sort((a, b) => a - b);
    return { kind: "discrete", values: ascending, scale };
  });

const domain: fc.Arbitrary<Domain> = fc.oneof(
  floatDomain,
  integerDomain,
  discreteDomain,
  fc
    .integer({ min: 2, max: 5 })
    .map((n): Domain => ({ kind: "categorical", categories: "abcde".slice(0, n).split("") })),
  fc.constant<Domain>({ kind: "boolean" }),
  fc.constant<Domain>({ kind: "fixed", value: "as it is" }),
);

function wideEnough(min: number, max: number): boolean {
  return max - min > 1e-8 * Math.max(Math.abs(min), Math.abs(max));
}

/** Two values of a domain that a condition may ask for; none for floats and fixed parameters. */
function someValues(domain: Domain): ParameterValue[] {
  switch (domain.kind) {
    case "integer":
      return [domain.min, domain.max];
    case "discrete":
      return domain.values.slice(0, 2);
    case "categorical":
      return domain.categories.slice(0, 1);
    case "boolean":
      return [true];
    default:
      return [];
  }
}

/** Valid spaces with conditions and a fidelity, without constraints. */
export const arbitrarySpace: fc.Arbitrary<SearchSpace> = fc
  .array(fc.tuple(domain, fc.option(fc.nat(), { nil: undefined })), { minLength: 1, maxLength: 8 })
  .map((drawn) => {
    const parameters: Parameter[] = [
      { name: "x", domain: { kind: "float", min: 0, max: 1, scale: "linear" } },
      {
        name: "super_batch",
        domain: { kind: "integer", min: 128, max: 1024, scale: "log" },
        fidelity: { target: 50_000, basis: "fabolas" },
      },
    ];
    for (const [domain, pick] of drawn) {
      const name = `p${parameters.length}`;
      const parent = pick === undefined ? undefined : parameters[pick % parameters.length]!;
      const values = parent ? someValues(parent.domain) : [];
      parameters.push({ name, domain, ...(values.length > 0 && { condition: { parent: parent!.name, values } }) });
    }
    return { parameters, constraints: [] };
  });
