import { basename } from "node:path";
import { idRule, isResourceId, optimizer } from "@superbatch/contracts";
import { fieldViolations } from "@superbatch/rpc";
import { z } from "zod";
import { exitCodes } from "../exit-codes.ts";
import { CommandError } from "../failure.ts";
import { messageToJson } from "./message-json.ts";
import { messageNamed, schemaOfMessage } from "./message-schema.ts";
import { parsePath, readYaml } from "./read-yaml.ts";

const specMessage = messageNamed("superbatch.optimizer.v1.StudySpec");
const specSchema = schemaOfMessage(specMessage) as z.ZodObject;

/** How `superbatch tune` evaluates trials. */
const runSchema = z
  .strictObject({
    command: z
      .array(z.string())
      .min(1)
      .optional()
      .describe(
        "Program and arguments that evaluate a trial, run as by superbatch exec; {NAME} is replaced by a parameter's value. Absent: the trainers of this suite.",
      ),
    parallel: z.int().min(1).max(256).optional().describe("Trials to evaluate at once. Default: 1."),
  })
  .describe("How superbatch tune evaluates trials; other commands do not read it.");

/** A study file: the spec of the contracts, an id, and how to evaluate trials. */
export const studyFileSchema = z.strictObject({
  study: z
    .string()
    .refine(isResourceId, `must be ${idRule}`)
    .optional()
    .describe(`Id of the study: ${idRule}. Default: the file's name without its ending.`),
  ...specSchema.shape,
  run: runSchema.optional(),
});

export interface StudyFile {
  readonly path: string;
  readonly id: string;
  readonly spec: optimizer.StudySpec;
  readonly run: z.output<typeof runSchema>;
  /** The service's refusal of this file's study, with lines of the file for paths of the request; other errors as they are. */
  explain(error: unknown): unknown;
}

/** @throws {CommandError} naming file, line and path of each mistake. */
export function readStudyFile(path: string): StudyFile {
  const file = readYaml(path, studyFileSchema);
  const { study, run = {}, ...spec } = file.value;
  const id = study ?? basename(path).replace(/\.[^.]+$/, "");
  if (!isResourceId(id))
    throw new CommandError(`${path}: its name is no study's id, which must be ${idRule}`, {
      exitCode: exitCodes.usage,
      remedy: "Give the study an id in the file: study: ID.",
    });
  return {
    path,
    id,
    spec: optimizer.StudySpec.fromJSON(messageToJson(specMessage, spec)),
    run: run as z.output<typeof runSchema>,
    explain(error) {
      const violations = fieldViolations(error);
      if (violations.length === 0) return error;
      const prefix = "study.spec.";
      const fields = violations.map(({ path: place, message }) => {
        if (!place.startsWith(prefix)) return { path: place, message };
        const inFile = place.slice(prefix.length);
        return { path: `${file.locate(parsePath(inFile))} ${inFile}`, message };
      });
      return new CommandError(`${path} describes no valid study`, { exitCode: exitCodes.usage, fields });
    },
  };
}

/** JSON schema of study files, for editors. */
export function studyFileJsonSchema(): unknown {
  const schema = z.toJSONSchema(studyFileSchema, { io: "input", target: "draft-7", reused: "inline" });
  return { title: "Superbatch study", ...schema };
}
