import { randomUUID } from "node:crypto";
import { createRng } from "@superbatch/random";
import { notFound } from "@superbatch/rpc";
import { heldStates, noCost, type StoreTransaction, type Study, type Trial } from "@superbatch/store";
import { trialTraceparent } from "@superbatch/telemetry";
import { leasable, type Usage, usageOf } from "./budget.ts";
import { explainSuggestion, explanationOf, explanationToJson } from "./explanation.ts";
import type { Limits } from "./limits.ts";
import { type Basis, basisOf, type ReadySuggestion, readySuggestions } from "./ready-suggestions.ts";
import { meetsRequirements, specOf } from "./spec.ts";
import { complete, record, settle } from "./transitions.ts";

/** A worker that has time. */
export interface LeaseRequest {
  readonly study: string;
  readonly worker: string;
  readonly count: number;
  readonly capabilities: Readonly<Record<string, string>>;
}

/** A trial that a worker holds from now on. */
export interface Granted {
  readonly study: Study;
  readonly trial: Trial;
  readonly leaseSeconds: number;
  readonly metric: string;
  /** Seed of the trial's own randomness: equal in every attempt. */
  readonly seed: number;
}

/** Why nothing could be leased. */
export interface Blocked {
  readonly reason: string;
  /** So many suggestions would help. */
  readonly suggestionsNeeded: number;
  /** True if waiting cannot help: another call may. */
  readonly final: boolean;
  /** Seconds after which to ask again. */
  readonly retryAfterSeconds: number;
  readonly studyCompleted: boolean;
  /** True if no other worker would get anything either. */
  readonly everybody: boolean;
  /** The study's last event: what comes after it may change the answer. */
  readonly lastEvent: number;
}

/**
 * Leases trials in one transaction, each only while the budget allows:
 * 1. trials of lost leases and failed attempts, 2. points that a user added, 3. ready suggestions.
 *
 * @param exhaustedAt - whether there was nothing to suggest when the study was like this.
 */
export async function grantLeases(
  tx: StoreTransaction,
  request: LeaseRequest,
  exhaustedAt: (basis: Basis) => boolean,
  limits: Pick<Limits, "trials">,
): Promise<readonly Granted[] | Blocked> {
  const locked = await tx.lockStudy(request.study);
  if (!locked) throw notFound("study", request.study);
  const study = await settle(tx, locked);
  const blocked = blockedBy(study, request);
  if (blocked) return blocked;

  const limited = specOf(study).budget.maxCost > 0;
  const held = limited ? await tx.listTrials(study.name, { states: heldStates }) : [];
  let usage = usageOf(study, held, tx.now);
  const granted: Granted[] = [];
  const grant = async (trial: Trial) => {
    const fresh = await lease(tx, study, trial, request.worker);
    granted.push(fresh);
    usage = withHeld(usage, fresh.trial);
  };
  const open = () => granted.length < request.count && leasable(study, usage) > 0;

  const waiting = study.counts.suggested > 0 ? await tx.listTrials(study.name, { states: ["suggested"] }) : [];
  const retriesFirst = [...waiting.filter(({ leases }) => leases > 0), ...waiting.filter(({ leases }) => leases === 0)];
  for (const trial of retriesFirst) if (open()) await grant(trial);

  const room = Math.max(0, limits.trials - study.trialCount);
  const wanted = Math.min(request.count - granted.length, leasable(study, usage), room);
  let used = 0;
  for (const ready of wanted > 0 ? (await readySuggestions(tx, study)).slice(0, room) : []) {
    if (!open()) break;
    await grant(await insertSuggestion(tx, study, ready));
    used = ready.number;
  }
  if (used > 0) await tx.deleteSuggestions(study.name, used);
  if (granted.length > 0) return granted;
  if (room === 0) return blockedFor(study, `the study has as many trials as this service takes, ${limits.trials}`, 60);
  if (wanted === 0) return blockedFor(study, "as many trials run as the budget and the study's limit allow", 2);
  if (exhaustedAt(basisOf(study))) {
    const reason = "every point of the space has been tried";
    if (usage.held > 0) return blockedFor(study, reason, 5);
    return blockedBy(await complete(tx, study, reason), request)!;
  }
  return { ...blockedFor(study, "the next suggestion is being computed", 1), suggestionsNeeded: wanted };
}

function blockedBy(study: Study, request: LeaseRequest): Blocked | undefined {
  if (study.state === "paused") return blockedFor(study, "the study is paused", 10);
  if (study.state === "completed") {
    const over = study.counts.leased + study.counts.running === 0;
    return { ...blockedFor(study, study.reason, over ? 60 : 5), final: over, studyCompleted: over };
  }
  const { requirements } = specOf(study);
  if (meetsRequirements(specOf(study), request.capabilities)) return undefined;
  const missing = Object.entries(requirements)
    .filter(([name, value]) => request.capabilities[name] !== value)
    .map(([name, value]) => `${name}=${value}`);
  return { ...blockedFor(study, `the study requires ${missing.join(", ")}`, 30), final: true, everybody: false };
}

function blockedFor(study: Study, reason: string, retryAfterSeconds: number): Blocked {
  const { lastEvent } = study;
  const none = { suggestionsNeeded: 0, final: false, studyCompleted: false, everybody: true };
  return { reason, retryAfterSeconds, ...none, lastEvent };
}

async function insertSuggestion(tx: StoreTransaction, study: Study, ready: ReadySuggestion): Promise<Trial> {
  const { suggestion, traceparent } = ready;
  const explanation = explainSuggestion(suggestion);
  const fresh = {
    point: suggestion.point,
    spaceVersion: study.spaceVersion,
    explanation: explanationToJson(explanation),
    traceparent,
  };
  const [trial] = await tx.insertTrials(study.name, [fresh]);
  await record(tx, study.name, "trial-suggested", explanation.origin, trial!.number);
  return trial!;
}

async function lease(tx: StoreTransaction, study: Study, trial: Trial, worker: string): Promise<Granted> {
  const { lease: policy, objective, seed } = specOf(study);
  const id = randomUUID();
  const leased = await tx.updateTrial(study.name, trial.number, {
    state: "leased",
    leases: trial.leases + 1,
    attempts: trial.attempts + 1,
    attempt: trial.leases + 1,
    lease: { id, worker, grantedAt: tx.now, expiresAt: tx.now + 1000 * policy.seconds },
    worker,
    reason: "",
    stoppedEarly: false,
    traceparent: trial.traceparent || trialTraceparent(),
    startedAt: trial.startedAt ?? tx.now,
  });
  await tx.insertAttempt({
    study: study.name,
    trial: trial.number,
    number: leased.leases,
    leaseId: id,
    worker,
    outcome: "open",
    reason: "",
    measurement: null,
    cost: noCost,
    late: false,
    grantedAt: tx.now,
    endedAt: null,
  });
  await record(tx, study.name, "trial-leased", `to ${worker}, attempt ${leased.attempts}`, trial.number);
  const { metric } = objective;
  return { study, trial: leased, leaseSeconds: policy.seconds, metric, seed: trialSeed(seed, trial.number) };
}

/** Below 2^53, the same in every attempt. */
function trialSeed(studySeed: number, number: number): number {
  return createRng(studySeed).fork(`trial/${number}`).integer(Number.MAX_SAFE_INTEGER);
}

function withHeld(usage: Usage, trial: Trial): Usage {
  const expected = explanationOf(trial).expectedCost ?? usage.averageCost;
  return {
    ...usage,
    held: usage.held + 1,
    expectedCost: usage.expectedCost + Math.max(0, expected - trial.cost.total),
  };
}
