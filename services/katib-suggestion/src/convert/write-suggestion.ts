import { parseTrialName } from "@superbatch/contracts";
import type { Experiment, Suggestion } from "../domain/experiment.ts";
import type { GetSuggestionsReply_ParameterAssignments } from "../generated/api.ts";
import { labels } from "./read-trial.ts";

/** A suggestion as Katib starts a trial with it. */
export function writeSuggestion(
  { parameters, texts }: Experiment,
  { point, mark }: Suggestion,
): GetSuggestionsReply_ParameterAssignments {
  const name = parseTrialName(mark.trial)!;
  return {
    assignments: parameters.flatMap((parameter) => {
      const value = point[parameter.name];
      if (value === undefined) return [];
      const own = typeof value === "boolean" ? undefined : texts.get(parameter.name)?.get(value);
      return [{ name: parameter.name, value: own ?? String(value) }];
    }),
    trialName: "",
    labels: { [labels.study]: name.study, [labels.trial]: String(name.trial), [labels.lease]: mark.lease },
  };
}
