import { appendFileSync } from "node:fs";
import type { Command } from "commander";
import { integer, metricsOf, number } from "../arguments.ts";
import type { Action, Context } from "../context.ts";
import { usageError } from "../failure.ts";
import { writeReport } from "../report/write-report.ts";

export function addReportCommand(program: Command, action: Action): void {
  program
    .command("report")
    .description("write a study's report as one HTML page, or, inside of exec, report metrics of the trial")
    .argument("<what...>", "a study, for its report; or METRIC=VALUE…, from a program that exec runs")
    .option("-o, --output <file>", "the report's file (default: STUDY.html)")
    .option(
      "--step <number>",
      "step of the learning curve; without it the metrics are the result",
      integer(0, 2 ** 53 - 1),
    )
    .option("--cost <amount>", "what the trial has cost so far, in the study's unit", number(0))
    .addHelpText(
      "after",
      "\n  superbatch report my-study -o report.html\n  superbatch report validation_error=0.21 --step 100",
    )
    .action(action(report));
}

interface ReportOptions {
  readonly output?: string;
  readonly step?: number;
  readonly cost?: number;
}

/** A study's id cannot hold "=", a metric always has it: what is meant is never in doubt. */
async function report(context: Context, what: string[], { output, step, cost }: ReportOptions): Promise<void> {
  if (what.some((word) => word.includes("="))) {
    if (output !== undefined) throw usageError("--output is for the report of a study, not for metrics");
    return reportMetrics(context, {
      ...(step !== undefined && { step }),
      ...(cost !== undefined && { cost }),
      ...metricsOf(what),
    });
  }
  if (what.length !== 1)
    throw usageError(`Which study? ${what.join(" ")} are several words`, "Metrics are METRIC=VALUE.");
  if (step !== undefined || cost !== undefined)
    throw usageError("--step and --cost are for metrics, not for the report of a study");
  await writeReport(context, what[0]!, output);
}

/** One line at the end of the file that exec reads; appending is atomic, so that several processes of a trial may report. */
async function reportMetrics({ io }: Context, line: Readonly<Record<string, number>>): Promise<void> {
  const file = io.env.SUPERBATCH_METRICS_FILE;
  if (!file)
    throw usageError(
      "SUPERBATCH_METRICS_FILE is not set: metrics are reported from a program that superbatch exec runs",
      "To bring back a result by hand use superbatch tell.",
    );
  appendFileSync(file, `${JSON.stringify(line)}\n`);
}
