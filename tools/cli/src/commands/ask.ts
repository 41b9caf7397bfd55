import { hostname } from "node:os";
import { optimizer, pointFromProto } from "@superbatch/contracts";
import type { Command } from "commander";
import { integer, number, requestId } from "../arguments.ts";
import type { Action, Context } from "../context.ts";
import { CommandError } from "../failure.ts";

export function addAskCommand(program: Command, action: Action): void {
  program
    .command("ask")
    .description("lease trials to evaluate by hand or from a script; tell brings their results back")
    .argument("<study>", "id or name of the study")
    .option("--count <number>", "largest number of trials", integer(1, 1000), 1)
    .option("--worker <name>", "who asks", `ask-${hostname()}`)
    .option("--wait <seconds>", "wait this long for a trial if there is none", number(0, 300), 20)
    .action(action(ask));
}

interface AskOptions {
  readonly count: number;
  readonly worker: string;
  readonly wait: number;
}

async function ask(context: Context, [id]: string[], { count, worker, wait }: AskOptions): Promise<void> {
  const { client, io, out, settings, studyName } = context;
  const request = { study: studyName(id!), worker, count, waitSeconds: wait, requestId: requestId() };
  const deadline = new Date(Date.now() + (wait + (settings.client.deadlineSeconds ?? 60)) * 1000);
  const { leases, reason } = await client.leaseTrials(request, { signal: io.signal, deadline });
  if (leases.length === 0)
    throw new CommandError(`There is no trial to lease: ${reason}`, {
      remedy: "See how the study stands: superbatch study show.",
    });
  out.data(leases.map((lease) => optimizer.TrialLease.toJSON(lease)));
  for (const { trial, leaseId, leaseSeconds, metric } of leases) {
    out.print(`trial ${trial!.number}`);
    for (const [name, value] of Object.entries(pointFromProto(trial!.parameters))) out.print(`  ${name} = ${value}`);
    out.print(`Within ${leaseSeconds} s, or while no other trainer has taken it over:`);
    out.print(`  superbatch tell ${id} ${trial!.number} ${metric}=VALUE --cost COST --lease ${leaseId}`);
  }
}
