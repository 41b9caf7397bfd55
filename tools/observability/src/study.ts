import { type common, optimizer, spaceToProto } from "@superbatch/contracts";
import type { Stack } from "@superbatch/launcher";
import { createClient } from "@superbatch/rpc";

type Client = ReturnType<typeof createClient<typeof optimizer.OptimizerServiceDefinition>>["client"];

/** What the optimizer recorded of a trial. */
export interface Recorded {
  readonly name: string;
  readonly traceId: string;
  /** In the study's unit. */
  readonly cost: common.Cost;
}

const digits = spaceToProto({
  parameters: [
    { name: "learning_rate", domain: { kind: "float", min: 0.01, max: 0.3, scale: "log" } },
    {
      name: "super_batch",
      domain: { kind: "integer", min: 32, max: 128, scale: "log" },
      fidelity: { target: 1_000, basis: "fabolas", effect: "small" },
    },
    { name: "dataset", domain: { kind: "fixed", value: "digits" } },
    { name: "epochs", domain: { kind: "fixed", value: 4 } },
  ],
  constraints: [],
});

export function optimizerClient({ optimizerAddress }: Stack): { client: Client; close(): void } {
  return createClient(optimizer.OptimizerServiceDefinition, optimizerAddress);
}

/** Lets the stack's trainers train networks on digits; the model chooses all but the first points. @returns its trials. */
export async function trainStudy(client: Client, failed: Promise<never>): Promise<Recorded[]> {
  const spec = optimizer.StudySpec.fromPartial({
    space: digits,
    objective: { metric: "validation_error" },
    algorithm: { kind: { $case: "entropySearch", value: { model: { initialPoints: 2 }, initialFidelities: 1 } } },
    budget: { maxTrials: 6 },
    seed: 1,
  });
  const { study } = await client.createStudy({ studyId: "trained", study: { spec } });
  const { name } = study!;
  for (
    let state = study!.state;
    state === "STUDY_STATE_ACTIVE";
    state = (await client.getStudy({ name })).study!.state
  ) {
    await Promise.race([new Promise((resolve) => setTimeout(resolve, 200)), failed]);
  }
  const { trials } = await client.listTrials({ study: name });
  return trials.map(recordedOf);
}

/** Trials that end in every way that matters to sampling and alerts. */
export interface Outcomes {
  /** Completed, cost 0.001. */
  readonly cheap: Recorded;
  /** Completed, cost 1,000. */
  readonly costly: Recorded;
  /** Failed, cost 0.001. */
  readonly failed: Recorded;
}

/** A study whose trials this process leases and ends; it stays active. */
export async function endTrials(client: Client): Promise<Outcomes> {
  const spec = optimizer.StudySpec.fromPartial({
    space: spaceToProto({
      parameters: [{ name: "x", domain: { kind: "float", min: 0, max: 1, scale: "linear" } }],
      constraints: [],
    }),
    objective: { metric: "error" },
    algorithm: { kind: { $case: "random", value: {} } },
    // What no trainer of the stack has: the trials are for this process alone.
    requirements: { "observability/check": "true" },
    lease: { leaseSeconds: 1, maxAttempts: 1 },
    seed: 1,
  });
  const { study } = await client.createStudy({ studyId: "ended", study: { spec } });
  const lease = async () => {
    const capabilities = { "observability/check": "true" };
    const request = { study: study!.name, worker: "check", capabilities, waitSeconds: 10 };
    const { leases } = await client.leaseTrials(request);
    return { trial: leases[0]!.trial!.name, leaseId: leases[0]!.leaseId };
  };
  async function complete(total: number): Promise<Recorded> {
    const leased = await lease();
    const measurement = { value: 0.5, cost: { total, gradient: total } };
    return recordedOf((await client.completeTrial({ ...leased, measurement })).trial!);
  }
  async function fail(): Promise<Recorded> {
    const leased = await lease();
    const cost = { total: 0.001, gradient: 0.001 };
    return recordedOf(
      (await client.failTrial({ ...leased, kind: "FAILURE_KIND_FAILED", reason: "wanted", cost })).trial!,
    );
  }

  const cheap = await complete(0.001);
  const failed = await fail();
  // Two leases of which nothing is heard again, some time apart: a counter needs two values before it has an increase.
  for (let i = 0; i < 2; i++) {
    await lease();
    await new Promise((resolve) => setTimeout(resolve, 2_500));
  }
  await fail();
  const costly = await complete(1_000);
  return { cheap, failed, costly };
}

function recordedOf({ name, traceparent, cost }: optimizer.Trial): Recorded {
  return { name, traceId: traceparent.split("-")[1]!, cost: cost! };
}
