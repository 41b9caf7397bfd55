import { optimizer, pointFromProto } from "@superbatch/contracts";
import type { Command } from "commander";
import type { Action, Context } from "../context.ts";
import { figure, idOf } from "../output/words.ts";

export function addRecommendCommand(program: Command, action: Action): void {
  program
    .command("recommend")
    .description("print the hyperparameters that the study recommends")
    .argument("<study>", "id or name of the study")
    .action(action(recommend));
}

async function recommend({ client, out, studyName }: Context, [id]: string[]): Promise<void> {
  const study = studyName(id!);
  const recommendation = await client.getRecommendation({ study });
  out.data(optimizer.GetRecommendationResponse.toJSON(recommendation));
  for (const line of recommendationLines(recommendation)) out.print(line);
}

export function recommendationLines({
  parameters,
  mean,
  sd,
  trial,
  observedValue,
  observations,
  feasibility,
  constraintsUnmet,
}: optimizer.GetRecommendationResponse): string[] {
  const predicted = sd === undefined ? [] : [`predicted ${figure(mean)} ± ${figure(sd)} at the target fidelity`];
  const values = Object.entries(pointFromProto(parameters)).map(([name, value]) => `  ${name} = ${value}`);
  const constraints = feasibility === undefined ? [] : [`Constraints hold with probability ${figure(feasibility)}`];
  const unmet = constraintsUnmet ? ["No evaluated point is likely to keep them: this one is the closest to it."] : [];
  return [
    `Recommended, from ${observations} results:`,
    ...values,
    [`Observed ${figure(observedValue)} in trial ${idOf(trial)}`, ...predicted].join("; "),
    ...constraints,
    ...unmet,
  ];
}
