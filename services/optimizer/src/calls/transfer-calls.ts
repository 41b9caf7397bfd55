import { createHash } from "node:crypto";
import { optimizer } from "@superbatch/contracts";
import { invalidArgument, notFound, rpcError, throwIfInvalid } from "@superbatch/rpc";
import { exportStudy, parseStudy, renameRecord, type StudyRecord, trialsToCsv } from "@superbatch/store";
import { requireStudyName, type Violations } from "../convert/from-proto.ts";
import { checkRecord } from "../convert/study-record.ts";
import { studyToProto } from "../convert/study-to-proto.ts";
import { checkLimit, checkStudies } from "../domain/limits.ts";
import { specOf } from "../domain/spec.ts";
import { type CallsContext, checkRequestId, describeCall } from "./context.ts";

type TransferCalls = Pick<optimizer.OptimizerServiceImplementation, "exportStudy" | "importStudy">;

/** Largest chunk sent and accepted, and largest study accepted, in bytes. */
const chunkLimit = 2 ** 20;
const importLimit = 256 * 2 ** 20;

/** Studies as files. */
export function createTransferCalls({ store, idempotency, limits }: CallsContext): TransferCalls {
  return {
    async *exportStudy({ name, format }) {
      requireStudyName(name, "name");
      const { ExportFormat } = optimizer;
      if (format === ExportFormat.CSV) {
        if (!(await store.getStudy(name))) throw notFound("study", name);
        yield* chunksOf([trialsToCsv(await store.listTrials(name))]);
        return;
      }
      if (format !== ExportFormat.JSON && format !== ExportFormat.UNSPECIFIED)
        throw invalidArgument([{ path: "format", message: "must be EXPORT_FORMAT_JSON or EXPORT_FORMAT_CSV" }]);
      const text = await exportStudy(store, name);
      if (!text) throw notFound("study", name);
      yield* chunksOf(text);
    },

    async importStudy(messages) {
      const { first, file } = await receive(messages);
      const { project } = requireStudyName(first.name, "name");
      const violations: Violations = [];
      checkRequestId(first, violations);
      throwIfInvalid(violations);
      const record = read(file);
      checkLimit("trials of the study", record.trials.length, limits.trials);
      checkLimit("parameters of the study", specOf(record.study).space.parameters.length, limits.parameters);
      const { ImportStudyRequest, ImportStudyResponse } = optimizer;
      // A repeat is recognized by the file's contents, however it is cut.
      const chunk = createHash("sha256").update(file).digest();
      const call = describeCall("ImportStudy", project, { ...first, chunk }, ImportStudyRequest, ImportStudyResponse);
      return idempotency.commit(call, async (tx) => {
        if (await tx.getStudy(first.name)) throw rpcError("STUDY_ALREADY_EXISTS", { name: first.name });
        await checkStudies(tx, project, limits.studies);
        await tx.restoreStudy(record.study.name === first.name ? record : renameRecord(record, first.name, project));
        return { study: studyToProto((await tx.getStudy(first.name))!) };
      });
    },
  };
}

function* chunksOf(text: readonly string[]): Iterable<optimizer.ExportStudyResponse> {
  for (const piece of text) {
    const bytes = Buffer.from(piece);
    for (let i = 0; i < bytes.length; i += chunkLimit) yield { chunk: bytes.subarray(i, i + chunkLimit) };
  }
}

/** @throws INVALID_ARGUMENT for too much. */
async function receive(
  messages: AsyncIterable<optimizer.ImportStudyRequest>,
): Promise<{ first: optimizer.ImportStudyRequest; file: Buffer }> {
  let first: optimizer.ImportStudyRequest | undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const message of messages) {
    first ??= message;
    requireStudyName(first.name, "name");
    size += message.chunk.length;
    if (message.chunk.length > chunkLimit || size > importLimit)
      throw invalidArgument([{ path: "chunk", message: "must be at most 1 MiB in a message and 256 MiB in all" }]);
    chunks.push(message.chunk);
  }
  if (!first) throw invalidArgument([{ path: "name", message: "is required in the first message" }]);
  return { first, file: Buffer.concat(chunks) };
}

/** @throws INVALID_ARGUMENT if the file is not a study that this version can go on with. */
function read(file: Buffer): StudyRecord {
  let parsed: StudyRecord;
  try {
    parsed = parseStudy(file.toString("utf8"));
  } catch (error) {
    throw invalidArgument([{ path: "chunk", message: (error as Error).message }]);
  }
  const checked = checkRecord(parsed);
  if ("violations" in checked) throw invalidArgument(checked.violations);
  return checked.record;
}
