import { formatProjectName, isResourceId, optimizer } from "@superbatch/contracts";
import { reasonOf } from "@superbatch/rpc";
import { requestId } from "../arguments.ts";
import type { Context } from "../context.ts";
import { usageError } from "../failure.ts";
import { readStudyFile, type StudyFile } from "../study-file/study-file.ts";

interface CreateOptions {
  readonly id?: string;
  readonly ifMissing: boolean;
}

export async function createStudy(context: Context, [path]: string[], { id, ifMissing }: CreateOptions): Promise<void> {
  const file = readStudyFile(path!);
  if (id !== undefined && !isResourceId(id)) throw usageError(`--id ${id}: must be an id`);
  const { study, created } = await openStudyFile(context, file, { id: id ?? file.id, ifMissing });
  context.out.data(optimizer.Study.toJSON(study));
  context.out.print(`${created ? "Created" : "There is already"} ${study.name}`);
}

/** The study of a file, created unless it exists and that is allowed. */
export async function openStudyFile(
  { client, settings, studyName }: Context,
  file: StudyFile,
  { id, ifMissing }: { readonly id: string; readonly ifMissing: boolean },
): Promise<{ study: optimizer.Study; created: boolean }> {
  try {
    const request = {
      parent: formatProjectName(settings.project),
      studyId: id,
      study: optimizer.Study.fromPartial({ spec: file.spec }),
      requestId: requestId(),
    };
    const { study } = await client.createStudy(request);
    return { study: study!, created: true };
  } catch (error) {
    if (!ifMissing || reasonOf(error) !== "STUDY_ALREADY_EXISTS") throw file.explain(error);
    const { study } = await client.getStudy({ name: studyName(id) });
    return { study: study!, created: false };
  }
}
