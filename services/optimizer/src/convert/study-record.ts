import { optimizer } from "@superbatch/contracts";
import type { FieldViolation } from "@superbatch/rpc";
import type { Study, StudyRecord, Trial } from "@superbatch/store";
import { eventKinds } from "../domain/event-kinds.ts";
import { missingMetrics } from "../domain/outcome-constraints.ts";
import { endOf, type StudySpec, specOf, specToJson } from "../domain/spec.ts";
import { specFromProto } from "./spec-from-proto.ts";
import { specToProto } from "./spec-to-proto.ts";
import { trialOrigins, trialToProto } from "./trial-to-proto.ts";
import { validateSpaceAt, validateSpec } from "./validate-spec.ts";

/** Where an import says that something is wrong. */
const path = "chunk";

/**
 * Checks what the store does not know of: the spec, explanations, kinds of events.
 *
 * @returns the record with its spec as this version writes it, or everything that is wrong.
 */
export function checkRecord(record: StudyRecord): { record: StudyRecord } | { violations: FieldViolation[] } {
  const spec = readSpec(specOf(record.study));
  if (!spec) return { violations: [{ path, message: "the study's spec cannot be read" }] };
  const violations = [
    ...validateSpec(spec, `${path}.study.spec`),
    ...spec.previousSpaces.flatMap((space, i) => validateSpaceAt({ space }, `${path}.study.spec.previousSpaces[${i}]`)),
  ];
  if (spec.previousSpaces.length !== record.study.spaceVersion - 1)
    violations.push({ path, message: "the study lacks versions of its space" });
  const trial = record.trials.find(
    (each) => each.spaceVersion > record.study.spaceVersion || !isReadable(each, record.study),
  );
  if (trial) violations.push({ path, message: `trial ${trial.number} cannot be read` });
  const event = record.events.find(({ kind }) => !eventKinds.some((known) => known === kind));
  if (event) violations.push({ path, message: `event ${event.sequence} is of the unknown kind ${event.kind}` });
  const lacking = record.trials.find(
    ({ measurement }) => measurement && missingMetrics(spec, measurement, path).length > 0,
  );
  if (lacking) violations.push({ path, message: `trial ${lacking.number} lacks a metric that the study constrains` });
  if (violations.length > 0) return { violations };
  const endsAt = endOf(spec, record.study.createdAt);
  return { record: { ...record, study: { ...record.study, spec: specToJson(spec), endsAt } } };
}

/** As a client would send it: what is absent has its default, what is malformed throws or is refused by the validation. */
function readSpec(spec: StudySpec): StudySpec | undefined {
  try {
    const message = optimizer.StudySpec.decode(optimizer.StudySpec.encode(specToProto(spec)).finish());
    const { previousSpaces, formerValues, priors, resumedAt } = spec;
    return {
      ...specFromProto(message, () => 0),
      previousSpaces: [...previousSpaces],
      ...(formerValues && { formerValues: { ...formerValues } }),
      ...(priors && { priors: priors.map((prior) => ({ ...prior })) }),
      ...(resumedAt !== undefined && { resumedAt }),
    };
  } catch {
    return undefined;
  }
}

function isReadable(trial: Trial, study: Study): boolean {
  try {
    const message = trialToProto(trial, study);
    optimizer.Trial.encode(message).finish();
    return trialOrigins.some((origin) => origin === trial.explanation.origin);
  } catch {
    return false;
  }
}
