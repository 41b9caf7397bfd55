import type { Command } from "commander";
import type { Action } from "../context.ts";
import { studyBudget } from "./study-budget.ts";
import { createStudy } from "./study-create.ts";
import { listStudies, showStudy } from "./study-show.ts";
import { deleteStudy, pauseStudy, resumeStudy, stopStudy } from "./study-state.ts";
import { exportStudy, importStudy } from "./study-transfer.ts";

export function addStudyCommands(program: Command, action: Action): void {
  const study = program.command("study").description("create, look at, steer, export and import studies");
  study
    .command("create")
    .description("create a study from a YAML file")
    .argument("<file>", "study file; see docs/guides/cli.md")
    .option("--id <id>", "id of the study (default: the file's)")
    .option("--if-missing", "succeed if the study exists already", false)
    .action(action(createStudy));
  study.command("list").description("list the project's studies, newest first").action(action(listStudies));
  study
    .command("show")
    .description("show a study: its space, budget, progress and best trial")
    .argument("<study>", "id or name of the study")
    .action(action(showStudy));
  study
    .command("pause")
    .description("lease no more trials; running ones may finish")
    .argument("<study>", "id or name of the study")
    .action(action(pauseStudy));
  studyBudget(study.command("resume"))
    .description("let a paused study go on, or a completed one with more budget")
    .argument("<study>", "id or name of the study")
    .action(action(resumeStudy));
  study
    .command("stop")
    .description("complete the study now, whatever its budget; running trials may finish")
    .argument("<study>", "id or name of the study")
    .option("--now", "abandon running and waiting trials; trainers are told at their next heartbeat", false)
    .action(action(stopStudy));
  study
    .command("delete")
    .description("delete a study, its trials and events")
    .argument("<study>", "id or name of the study")
    .requiredOption("--yes", "confirm: there is no way back")
    .action(action(deleteStudy));
  study
    .command("export")
    .description("write a study to a file: all of it as JSON, or its trials as CSV")
    .argument("<study>", "id or name of the study")
    .option("-o, --output <file>", "where to (default: standard output)")
    .option("--format <format>", "json or csv (default: by the file's ending, else json)")
    .action(action(exportStudy));
  study
    .command("import")
    .description("read a study that was exported as JSON")
    .argument("<file>", "the exported file")
    .option("--as <study>", "id or name to give it (default: the one it had, in this project)")
    .action(action(importStudy));
}
