import { randomBytes, randomInt } from "node:crypto";
import { type Principal, projectsWithRole } from "@superbatch/access";
import {
  formatProjectName,
  formatStudyName,
  idRule,
  isResourceId,
  optimizer,
  parseProjectName,
  spaceFromProto,
} from "@superbatch/contracts";
import { type FieldViolation, type HandlerContext, invalidArgument, notFound, throwIfInvalid } from "@superbatch/rpc";
import type { StudyKey } from "@superbatch/store";
import { validateAlgorithm, validateSurrogates } from "../convert/algorithm.ts";
import { unknownInSpace, unknownInSpec } from "../convert/enums.ts";
import { readPoint, requireStudyName, type Violations } from "../convert/from-proto.ts";
import { decodePageToken, encodePageToken, pageSize } from "../convert/page-token.ts";
import { budgetFromProto, specFromProto } from "../convert/spec-from-proto.ts";
import { studyToProto } from "../convert/study-to-proto.ts";
import {
  validateBudget,
  validateConvergence,
  validatePriors,
  validateSpaceAt,
  validateSpec,
} from "../convert/validate-spec.ts";
import { checkLimit, checkStudies } from "../domain/limits.ts";
import { type StudySpec, specOf } from "../domain/spec.ts";
import { createStudy, deleteStudy, type StudyUpdate, updateStudy } from "../domain/studies.ts";
import { type CallsContext, checkRequestId, describeCall } from "./context.ts";

type StudyCalls = Pick<
  optimizer.OptimizerServiceImplementation<HandlerContext>,
  "createStudy" | "getStudy" | "listStudies" | "updateStudy" | "deleteStudy"
>;

export function createStudyCalls({ store, idempotency, leases, limits, surrogateProblem }: CallsContext): StudyCalls {
  return {
    async createStudy(request) {
      const { CreateStudyRequest, CreateStudyResponse } = optimizer;
      const violations: Violations = [];
      const project = parseProjectName(request.parent);
      if (project === undefined) violations.push({ path: "parent", message: 'must be "projects/{project}"' });
      if (request.studyId !== "" && !isResourceId(request.studyId))
        violations.push({ path: "study_id", message: `must be ${idRule}` });
      checkRequestId(request, violations);
      const spec = specFromProto(request.study?.spec, () => randomInt(2 ** 48 - 1));
      violations.push(...unknownInSpec(request.study?.spec, "study.spec"), ...validateSpec(spec, "study.spec"));
      violations.push(...validateSurrogates(spec.algorithm, surrogateProblem, "study.spec.algorithm"));
      violations.push(...validatePriors(request.study?.spec?.priorStudies ?? [], spec, "study.spec.prior_studies"));
      throwIfInvalid(violations);
      checkLimit("parameters of the study", spec.space.parameters.length, limits.parameters);

      const call = describeCall("CreateStudy", project!, request, CreateStudyRequest, CreateStudyResponse);
      return idempotency.commit(call, async (tx) => {
        await checkStudies(tx, project!, limits.studies);
        const id = request.studyId || `study-${randomBytes(6).toString("hex")}`;
        const name = formatStudyName({ project: project!, study: id });
        const study = await createStudy(tx, name, project!, spec, request.study?.spec?.priorStudies ?? []);
        return { study: studyToProto(study) };
      });
    },

    async getStudy({ name }) {
      requireStudyName(name, "name");
      const study = await store.getStudy(name);
      if (!study) throw notFound("study", name);
      return { study: studyToProto(study) };
    },

    async listStudies(request, { principal }) {
      const project = projectsOf(request.parent, principal);
      const limit = pageSize(request.pageSize, 100, 1_000);
      const after = decodePageToken(request.pageToken, isStudyKey);
      const studies = await store.listStudies({ project, limit, after });
      const last = studies.length === limit ? studies.at(-1) : undefined;
      return {
        studies: studies.map(studyToProto),
        nextPageToken: last ? encodePageToken({ createdAt: last.createdAt, name: last.name }) : "",
      };
    },

    async updateStudy(request) {
      const { UpdateStudyRequest, UpdateStudyResponse } = optimizer;
      const { project } = requireStudyName(request.name, "name");
      const update = readUpdate(request);
      const call = describeCall("UpdateStudy", project, request, UpdateStudyRequest, UpdateStudyResponse);
      return idempotency.commit(call, async (tx, effects) => {
        if (update.space) checkLimit("parameters of the study", update.space.parameters.length, limits.parameters);
        const current = await tx.lockStudy(update.name);
        if (current) throwIfInvalid(checkAgainst(update, specOf(current)));
        const { study, outside } = await updateStudy(tx, update);
        effects.push(() => leases.changed(study.name));
        return { study: studyToProto(study), outsideSpace: outside };
      });
    },

    async deleteStudy(request) {
      const { DeleteStudyRequest, DeleteStudyResponse } = optimizer;
      const { project } = requireStudyName(request.name, "name");
      const violations: Violations = [];
      checkRequestId(request, violations);
      throwIfInvalid(violations);
      const call = describeCall("DeleteStudy", project, request, DeleteStudyRequest, DeleteStudyResponse);
      return idempotency.commit(call, async (tx, effects) => {
        await deleteStudy(tx, request.name);
        effects.push(() => leases.forget(request.name));
        return {};
      });
    },
  };
}

/**
 * The project of a parent, or for "projects/-" those that the caller may see.
 *
 * @returns undefined for all.
 * @throws INVALID_ARGUMENT if it is neither.
 */
function projectsOf(parent: string, principal: Principal): string | readonly string[] | undefined {
  if (parent === formatProjectName("-")) return projectsWithRole(principal, "reader");
  const project = parseProjectName(parent);
  if (project !== undefined) return project;
  const message = 'must be "projects/{project}", or "projects/-" for all projects';
  throw invalidArgument([{ path: "parent", message }]);
}

/** What of an update the study's algorithm cannot work with. */
function checkAgainst({ space, budget }: StudyUpdate, { algorithm }: StudySpec): FieldViolation[] {
  return [
    ...(space ? validateAlgorithm(algorithm, space, "study.spec.algorithm") : []),
    ...(budget ? validateConvergence(budget, algorithm, "budget") : []),
  ];
}

/** @throws INVALID_ARGUMENT with everything that is wrong. */
function readUpdate(request: optimizer.UpdateStudyRequest): StudyUpdate {
  const { StudyState } = optimizer;
  const violations: Violations = [];
  const space = request.space && spaceFromProto(request.space);
  const budget = request.budget && budgetFromProto(request.budget);
  if (space) violations.push(...unknownInSpace(request.space, "space"), ...validateSpaceAt({ space }, "space"));
  if (budget) violations.push(...validateBudget(budget, "budget"));
  const state =
    request.state === StudyState.ACTIVE ? "active" : request.state === StudyState.PAUSED ? "paused" : undefined;
  if (state === undefined && request.state !== StudyState.UNSPECIFIED)
    violations.push({ path: "state", message: "must be STUDY_STATE_ACTIVE or STUDY_STATE_PAUSED, or not set" });
  if (request.etag !== "" && !/^\d+$/.test(request.etag))
    violations.push({ path: "etag", message: "is not the etag of a study" });
  const formerValues = readPoint(request.formerValues, "former_values", violations);
  if (!space && Object.keys(formerValues).length > 0)
    violations.push({ path: "former_values", message: "must come with a new space" });
  checkRequestId(request, violations);
  throwIfInvalid(violations);
  return {
    name: request.name,
    formerValues,
    ...(state && { state }),
    ...(budget && { budget }),
    ...(space && { space }),
    ...(request.etag !== "" && { version: Number(request.etag) }),
  };
}

function isStudyKey(key: unknown): key is StudyKey {
  const { createdAt, name } = (key ?? {}) as Partial<StudyKey>;
  return typeof createdAt === "number" && typeof name === "string";
}
