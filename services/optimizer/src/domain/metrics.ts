import { metrics } from "@opentelemetry/api";
import { costPhases } from "@superbatch/contracts";
import { type Clock, heldStates, type Store, type Study, type Trial } from "@superbatch/store";
import { attribute, metricName } from "@superbatch/telemetry";
import { leasable, usageOf } from "./budget.ts";
import { specOf } from "./spec.ts";

// Without a meter provider nothing of this does anything. Instruments are asked for at each use, since the provider may come later.
const meter = () => metrics.getMeter("@superbatch/optimizer");

/** Studies reported at once; more would be more series than a store of metrics likes. */
const most = 1_000;

/** Counts a trial that has ended, and what it cost. */
export function countEnd({ study, state, worker, cost }: Trial, costUnit: string): void {
  meter()
    .createCounter(metricName.trialEnds, { unit: "{trial}" })
    .add(1, { [attribute.study]: study, [attribute.trialState]: state });
  const spent = meter().createCounter(metricName.trialCost, { unit: "{cost}" });
  const add = (phase: string, amount: number) => {
    const labels = { [attribute.study]: study, [attribute.costPhase]: phase, [attribute.costUnit]: costUnit };
    spent.add(amount, { ...labels, [attribute.worker]: worker });
  };
  for (const phase of costPhases) add(phase, cost[phase]);
  // Rounding may leave less than nothing.
  add("other", Math.max(0, cost.total - costPhases.reduce((sum, phase) => sum + cost[phase], 0)));
}

/** Counts a lease that ended because its worker was not heard of. */
export function countExpiry(study: string, worker: string): void {
  meter()
    .createCounter(metricName.leaseExpiries, { unit: "{lease}" })
    .add(1, { [attribute.study]: study, [attribute.worker]: worker });
}

/**
 * Reports the studies that are active or paused whenever the exporter asks: their trials by state, what they cost, how many trials workers hold or could lease.
 *
 * @returns ends the reporting.
 */
export function observeStudies({ store, clock }: { readonly store: Store; readonly clock: Clock }): () => void {
  const gauge = (name: string, unit: string) => meter().createObservableGauge(name, { unit });
  const trials = gauge(metricName.trials, "{trial}");
  const wanted = gauge(metricName.trialsLeasable, "{trial}");
  const cost = gauge(metricName.studyCost, "{cost}");
  const instruments = [trials, wanted, cost];
  const observe: Parameters<ReturnType<typeof meter>["addBatchObservableCallback"]>[0] = async (result) => {
    for (const study of await store.listStudies({ states: ["active", "paused"], limit: most })) {
      const labels = { [attribute.study]: study.name };
      for (const state of ["suggested", "leased", "running", "completed", "failed", "infeasible", "abandoned"] as const)
        result.observe(trials, study.counts[state], { ...labels, [attribute.trialState]: state });
      result.observe(cost, study.cost.total, { ...labels, [attribute.costUnit]: specOf(study).costUnit });
      result.observe(wanted, await workFor(study), labels);
    }
  };

  async function workFor(study: Study): Promise<number> {
    if (study.state !== "active") return 0;
    const held = await store.listTrials(study.name, { states: heldStates });
    const usage = usageOf(study, held, clock());
    return Math.min(most, usage.held + leasable(study, usage));
  }

  meter().addBatchObservableCallback(observe, instruments);
  return () => meter().removeBatchObservableCallback(observe, instruments);
}
