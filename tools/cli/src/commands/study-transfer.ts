import { createReadStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { extname } from "node:path";
import { optimizer } from "@superbatch/contracts";
import { requestId } from "../arguments.ts";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { CommandError, usageError } from "../failure.ts";
import { startProgress } from "../output/progress.ts";
import { idOf } from "../output/words.ts";

interface ExportOptions {
  readonly output?: string;
  readonly format?: string;
}

export async function exportStudy(context: Context, [id]: string[], { output, format }: ExportOptions): Promise<void> {
  const { client, io, out, studyName } = context;
  const kind = format ?? (extname(output ?? "") === ".csv" ? "csv" : "json");
  if (kind !== "json" && kind !== "csv") throw usageError(`--format ${kind}: must be json or csv`);
  const name = studyName(id!);
  const chunks = client.exportStudy(
    { name, format: kind === "csv" ? optimizer.ExportFormat.CSV : optimizer.ExportFormat.JSON },
    { signal: io.signal },
  );
  if (output === undefined) {
    for await (const { chunk } of chunks) io.stdout.write(chunk);
    return;
  }
  const progress = startProgress(io, `Exporting ${idOf(name)}, kB`, 0);
  // A reader sees the old file or the new one, never a part.
  const partial = `${output}.new`;
  let bytes = 0;
  try {
    await using file = await open(partial, "w");
    for await (const { chunk } of chunks) {
      bytes += chunk.length;
      await file.write(chunk);
      progress.update(Math.round(bytes / 1000));
    }
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  } finally {
    progress.stop();
  }
  await rename(partial, output);
  out.data({ study: name, file: output, bytes });
  out.print(`Wrote ${name} to ${output} (${Math.max(1, Math.round(bytes / 1000))} kB)`);
}

/** Bytes of one message; the service takes 1 MiB at most. */
const chunkBytes = 512 * 1024;

export async function importStudy(
  context: Context,
  [path]: string[],
  options: { readonly as?: string },
): Promise<void> {
  const { client, io, out, studyName } = context;
  const total = await stat(path!).catch((error: Error) => {
    throw new CommandError(`${path} cannot be read: ${error.message}`, { exitCode: exitCodes.usage });
  });
  const name = studyName(options.as ?? (await nameInFile(path!)));
  const progress = startProgress(io, `Importing ${idOf(name)}, kB`, Math.ceil(total.size / 1000));
  async function* requests() {
    let bytes = 0;
    const first = { name, requestId: requestId() };
    for await (const chunk of createReadStream(path!, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
      yield { ...(bytes === 0 && first), chunk };
      bytes += chunk.length;
      progress.update(Math.round(bytes / 1000));
    }
    if (bytes === 0) yield first;
  }
  try {
    const { study } = await client.importStudy(requests(), { signal: io.signal });
    out.data(optimizer.Study.toJSON(study!));
    out.print(`Imported ${study!.name}: ${study!.progress?.completed ?? 0} completed trials`);
  } finally {
    progress.stop();
  }
}

/** The id that the exported study had: its name is the first one in the file. */
async function nameInFile(path: string): Promise<string> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(4096), 0, 4096, 0);
  const id = /"name"\s*:\s*"projects\/[a-z0-9-]+\/studies\/([a-z0-9-]+)"/.exec(
    buffer.toString("utf8", 0, bytesRead),
  )?.[1];
  if (id !== undefined) return id;
  throw usageError(
    `${path} does not begin like an exported study`,
    "Export with superbatch study export STUDY -o FILE.json, or name the study with --as.",
  );
}
