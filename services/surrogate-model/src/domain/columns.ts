import { common, dimensionFromProto, type surrogate } from "@superbatch/contracts";
import type { FieldViolation } from "@superbatch/rpc";
import type { Dimension } from "@superbatch/search-space";

/** More columns than any real space has. */
const maxColumns = 1000;

/** The columns of a request's points; what is wrong with them is added to `violations`. */
export function readColumns(messages: readonly surrogate.Dimension[], violations: FieldViolation[]): Dimension[] {
  const report = (path: string, message: string) => violations.push({ path, message });
  if (messages.length === 0) report("dimensions", "must have at least one column");
  if (messages.length > maxColumns) {
    report("dimensions", `must have at most ${maxColumns} columns, not ${messages.length}`);
    return [];
  }
  return messages.flatMap((message, i) => {
    const path = `dimensions[${i}]`;
    const { kind, condition } = message;
    if (kind?.$case === "categorical" && kind.value.categories < 2) {
      report(`${path}.categorical.categories`, "must be at least 2");
    }
    if ((kind?.$case === "numeric" || kind?.$case === "fidelity") && kind.value.levels === 1) {
      report(`${path}.${kind.$case}.levels`, "must be at least 2, or 0 for a continuous parameter");
    }
    if (kind?.$case === "fidelity") {
      const { basis, effect } = kind.value;
      if (basis === common.FidelityBasis.UNRECOGNIZED) {
        const known = "FIDELITY_BASIS_FABOLAS, FIDELITY_BASIS_LINEAR or FIDELITY_BASIS_EXPONENTIAL";
        report(`${path}.fidelity.basis`, `must be ${known}`);
      }
      if (effect === common.FidelityEffect.UNRECOGNIZED) {
        report(`${path}.fidelity.effect`, "must be FIDELITY_EFFECT_OPEN or FIDELITY_EFFECT_SMALL");
      }
    }
    if (condition) {
      const { parent, values } = condition;
      if (kind?.$case === "fidelity") report(`${path}.condition`, "must be absent: fidelities are always active");
      if (parent >= messages.length || parent === i) {
        report(`${path}.condition.parent`, `must be the index of another column, below ${messages.length}`);
      } else if (hasCycle(messages, i)) {
        report(`${path}.condition.parent`, "must not depend on this column itself");
      }
      if (values.length === 0) report(`${path}.condition.values`, "must have at least one value");
      values.forEach((value, j) => {
        if (!Number.isFinite(value)) report(`${path}.condition.values[${j}]`, "must be finite");
      });
    }
    const dimension = dimensionFromProto(message);
    if (dimension) return [dimension];
    report(path, "must say what the column holds: numeric, categorical or fidelity");
    return [];
  });
}

/** Whether following the conditions' parents from column `start` leads back to it. */
function hasCycle(messages: readonly surrogate.Dimension[], start: number): boolean {
  const seen = new Set<number>();
  let i: number | undefined = start;
  while (i !== undefined && !seen.has(i)) {
    seen.add(i);
    i = messages[i]?.condition?.parent;
    if (i === start) return true;
  }
  return false;
}
