import { bySeverity, diagnoseStudy, type Finding } from "@superbatch/insight";
import type { Command } from "commander";
import type { Action, Context } from "../context.ts";
import { diagnoseDeployment } from "../doctor/deployment.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { startProgress } from "../output/progress.ts";
import { allTrials } from "../paging.ts";

export function addDoctorCommand(program: Command, action: Action): void {
  program
    .command("doctor")
    .description("say in words what is wrong with a study, or without one with the deployment, and what to do")
    .argument("[study]", "id or name of the study; left out: the services and all studies of the project")
    .addHelpText("after", "\nEnds with 1 if there is a problem; warnings and notes end with 0.")
    .action(action(doctor));
}

async function doctor(context: Context, [id]: string[]): Promise<ExitCode> {
  const findings = bySeverity(id ? await diagnose(context, id) : await diagnoseDeployment(context));
  const { out } = context;
  out.data(findings);
  for (const { severity, finding, remedy } of findings) {
    const color = ({ problem: "red", warning: "yellow", note: "cyan" } as const)[severity];
    out.print(`${out.color(color, severity.padEnd(8))} ${finding}`);
    if (remedy !== "") out.print(`         ${remedy}`);
  }
  const problems = findings.filter(({ severity }) => severity === "problem").length;
  if (findings.length === 0) out.print(`Nothing stands out: ${id ? "the study" : "the deployment"} is well.`);
  return problems > 0 ? exitCodes.failed : exitCodes.ok;
}

async function diagnose({ client, io, studyName }: Context, id: string): Promise<Finding[]> {
  const name = studyName(id);
  const { study } = await client.getStudy({ name });
  const progress = startProgress(io, "Reading trials", 0);
  const trials = await allTrials(client, name, { onPage: (count) => progress.update(count) }).finally(() =>
    progress.stop(),
  );
  return diagnoseStudy({ study: study!, trials, now: Date.now() });
}
