// Creates a study of the workload on a running optimizer, follows it, and prints the recommendation.
import { optimizer, spaceToProto, valueFromProto } from "@superbatch/contracts";
import { createClient } from "@superbatch/rpc";

const address = process.argv[2] ?? "127.0.0.1:7601";
const { client, close } = createClient(optimizer.OptimizerServiceDefinition, address);

const space = spaceToProto({
  parameters: [
    { name: "workload", domain: { kind: "fixed", value: "spirals" } },
    { name: "learning_rate", domain: { kind: "float", min: 0.01, max: 1, scale: "log" } },
    { name: "hidden_layers", domain: { kind: "integer", min: 1, max: 4, scale: "linear" } },
    { name: "units", domain: { kind: "integer", min: 4, max: 128, scale: "log" } },
    // B: what counts is quality at the target, the whole training set of 3,500; up to 512 is evaluated.
    {
      name: "super_batch",
      domain: { kind: "integer", min: 64, max: 512, scale: "log" },
      fidelity: { target: 3500, basis: "fabolas", effect: "small" },
    },
  ],
  constraints: [],
});
const { study } = await client.createStudy({
  parent: "",
  studyId: "",
  study: optimizer.Study.fromPartial({
    spec: {
      space,
      objective: { metric: "validation_error" },
      budget: { maxTrials: 12 },
      // Only trainers that have the workload get its trials.
      requirements: { "workload/spirals": "true" },
    },
  }),
  requestId: "",
});

for await (const { trial, study: changed } of client.watchStudy({ study: study!.name, afterSequence: 0 })) {
  if (trial?.measurement) console.log(`trial ${trial.number}: error ${(100 * trial.measurement.value).toFixed(1)}%`);
  if (changed?.state === optimizer.StudyState.COMPLETED) break;
}
const { parameters, mean } = await client.getRecommendation({ study: study!.name });
const values = Object.entries(parameters).map(([name, value]) => `${name} ${valueFromProto(value)}`);
console.log(`recommended: ${values.join(", ")}; predicted error ${(100 * mean).toFixed(1)}%`);
close();
