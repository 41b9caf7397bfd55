import { writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { reasonOf } from "@superbatch/rpc";
import { studyReport } from "@superbatch/study-report";
import type { Context } from "../context.ts";
import { exitCodes } from "../exit-codes.ts";
import { CommandError } from "../failure.ts";
import { startProgress } from "../output/progress.ts";
import { idOf } from "../output/words.ts";
import { allTrials } from "../paging.ts";

/** Reads a study and writes it as one HTML page. @param output - file; absent: STUDY.html in the current folder */
export async function writeReport(context: Context, id: string, output: string | undefined): Promise<void> {
  const { client, io, out, studyName } = context;
  const name = studyName(id);
  const { study } = await client.getStudy({ name });
  const file = output ?? `${idOf(name)}.html`;
  const reading = startProgress(io, "Reading trials", 0);
  const trials = await allTrials(client, name, {
    includeAttempts: true,
    onPage: (count) => reading.update(count),
  }).finally(() => reading.stop());
  const recommendation = await client.getRecommendation({ study: name }).catch((error: unknown) => {
    // Before the first result there is none, and the report says so.
    if (reasonOf(error) === "NO_OBSERVATIONS") return undefined;
    throw error;
  });
  const drawing = startProgress(io, "Drawing figures", 4);
  const html = await studyReport(
    { reader: client, study: study!, trials, signal: io.signal, now: Date.now() },
    recommendation,
    (done) => drawing.update(done),
  ).finally(() => drawing.stop());
  await writeWhole(file, html);
  out.data({ study: name, file, bytes: Buffer.byteLength(html), trials: trials.length });
  out.print(`Wrote the report of ${name} to ${file} (${Math.ceil(Buffer.byteLength(html) / 1000)} kB)`);
}

/** A reader sees the old file or the new one, never a part. */
async function writeWhole(file: string, text: string): Promise<void> {
  try {
    writeFileSync(`${file}.new`, text);
    await rename(`${file}.new`, file);
  } catch (error) {
    throw new CommandError(`${file} cannot be written: ${(error as Error).message}`, {
      exitCode: exitCodes.usage,
      remedy: "Name a file in a folder that exists with --output.",
    });
  }
}
