import { createRng, type Rng } from "@superbatch/random";
import { FieldError } from "./field-error.ts";
import { createLossHistory, type HistoryRecords, type LossHistory } from "./loss-history.ts";
import { checkMember, type Member, reachOf } from "./membership.ts";
import { checkScores, probabilities } from "./probabilities.ts";
import {
  accept,
  gather,
  handOut,
  isComplete,
  type Part,
  type Round,
  type RoundKind,
  scoredDraws,
  takeOut,
  taskOf,
} from "./round.ts";
import { type Assigned, selectMiniBatch } from "./selection.ts";
import type { SamplerSession } from "./session.ts";
import type { ResolvedSpec } from "./spec.ts";
import { adaptSuperBatch, thresholdOf } from "./switch.ts";
import type { Answer, Delivery, Report, SessionStatus, Task } from "./task.ts";
import { trackTau, varianceReduction } from "./tau.ts";
import { decodeToken, encodeToken } from "./token.ts";
import { boundWeights, effectiveSampleSize } from "./weights.ts";

/** A session that can take over the state of another. */
export interface SessionState extends SamplerSession {
  /** Takes over the state at which a token was taken. @throws {FieldError} `token` does not belong to this spec */
  restore(token: Uint8Array, records?: HistoryRecords): void;
}

export function createSessionState(spec: ResolvedSpec): SessionState {
  return new Session(spec);
}

class Session implements SessionState {
  readonly spec: ResolvedSpec;
  readonly #rng: Rng;
  readonly #history?: LossHistory;
  #members: readonly Member[] = [];
  #outstanding: Round[] = [];
  /** Drawn by {@link prepare}. */
  #ahead?: Round | undefined;
  /** Parts handed out so far. */
  #handedOut = 0;
  #started = false;
  #tau = 0;
  #superBatchSize: number;
  #rounds = 0;
  #importanceRounds = 0;
  #effectiveSampleSize = 0;
  #biased = false;
  /** Probabilities of the round that is being completed; kept, because allocating them would cost as much as computing them. */
  #g = new Float64Array(0);

  constructor(spec: ResolvedSpec) {
    this.spec = spec;
    this.#rng = createRng(spec.seed);
    this.#superBatchSize = spec.superBatchSize;
    const { examples, history, smoothing } = spec;
    if (spec.scheme === "loss-history")
      this.#history = createLossHistory(examples, history.uniformShare, history.fadingSteps, smoothing);
  }

  get historyBytes(): number {
    return this.#history?.bytes ?? 0;
  }

  status(): SessionStatus {
    return {
      rounds: this.#rounds,
      importanceRounds: this.#importanceRounds,
      tau: this.#tau,
      threshold: thresholdOf(this.spec, this.#superBatchSize),
      importance: this.#nextKind() !== "uniform",
      superBatchSize: this.#superBatchSize,
      effectiveSampleSize: this.#effectiveSampleSize,
      biased: this.#biased,
    };
  }

  members(): readonly Member[] {
    return this.#members;
  }

  join(member: Member): Delivery[] {
    checkMember(member, this.spec.shards);
    if (this.#members.some(({ worker }) => worker === member.worker))
      throw new FieldError("worker", `${JSON.stringify(member.worker)} has already joined`);
    this.#members = [...this.#members, member];
    this.#started ||= this.#members.length >= this.spec.workers;
    if (!this.#started || this.#outstanding.length > 0) return [];
    return this.#deliver(Array.from({ length: 1 + this.spec.prefetch }, () => this.#issue()).flat());
  }

  leave(worker: string): Delivery[] {
    if (!this.#members.some((member) => member.worker === worker)) return [];
    this.#members = this.#members.filter((member) => member.worker !== worker);
    const taken = this.#outstanding.filter(({ members }) => members.some((member) => member.worker === worker));
    const tasks = this.#takeOut(worker, taken);
    return this.#deliver([...tasks, ...this.#completeRounds()]);
  }

  report(worker: string, report: Report): Delivery[] {
    const next = this.#pending(worker)[0];
    if (!this.#members.some((member) => member.worker === worker))
      throw new FieldError("worker", `${JSON.stringify(worker)} is not a member of the session`);
    if (!next) throw new FieldError("round", `${report.round} was not asked for: nothing awaits a report`);
    const { round, part } = next;
    if (report.round !== round.number)
      throw new FieldError("round", `${report.round} is out of order: round ${round.number} is to be reported next`);
    if (report.part !== part.part)
      throw new FieldError(
        "part",
        `${report.part} is out of order: part ${part.part} of round ${round.number} is next`,
      );
    const wanted = part.positions.length;
    const mayBeEmpty = this.#scoresOf(round.kind) === "optional" && report.scores.length === 0;
    if (report.scores.length !== wanted && !mayBeEmpty)
      throw new FieldError("scores", `must hold ${wanted} values, one for each index, not ${report.scores.length}`);
    checkScores(report.scores);
    accept(round, part, report);
    return this.#deliver(this.#completeRounds());
  }

  outstanding(worker: string): Task[] {
    return this.#pending(worker).map(({ round, part }) => taskOf(round, part, this.#scoresOf(round.kind)));
  }

  prepare(): void {
    if (this.#history || this.#members.length === 0) return;
    const kind = this.#nextKind();
    const number = this.#rounds + this.#outstanding.length;
    const size = kind === "importance" ? this.#superBatchSize : this.spec.batchSize;
    const members = this.#members;
    if (this.#ahead?.number === number && this.#ahead.kind === kind && this.#ahead.members === members) return;
    this.#ahead = this.#draw(number, kind, size, members);
  }

  token(): Uint8Array {
    return encodeToken(
      {
        tau: this.#tau,
        superBatchSize: this.#superBatchSize,
        rounds: this.#rounds,
        importanceRounds: this.#importanceRounds,
        effectiveSampleSize: this.#effectiveSampleSize,
        biased: this.#biased,
        started: this.#started,
        historyMean: this.#history?.mean() ?? 0,
        members: this.#members,
        outstanding: this.#outstanding.map(({ kind, historyMean, indices, members, left }) => {
          const round = { kind, size: indices.length, historyMean };
          if (members === this.#members) return round;
          return left.size === 0 ? { ...round, members } : { ...round, members, left: [...left] };
        }),
      },
      this.spec,
    );
  }

  records(): HistoryRecords | undefined {
    return this.#history?.records();
  }

  restore(token: Uint8Array, records?: HistoryRecords): void {
    const state = decodeToken(token, this.spec);
    this.#tau = state.tau;
    this.#superBatchSize = state.superBatchSize;
    this.#rounds = state.rounds;
    this.#importanceRounds = state.importanceRounds;
    this.#effectiveSampleSize = state.effectiveSampleSize;
    this.#biased = state.biased;
    this.#started = state.started;
    this.#members = state.members;
    for (const [k, { kind, size, historyMean, members }] of state.outstanding.entries()) {
      // Each round is drawn again from what was recorded when it was drawn first.
      const known = state.rounds + k - this.spec.prefetch;
      this.#history?.restore(records, historyMean, known);
      const round = this.#draw(state.rounds + k, kind, size, members ?? this.#members);
      this.#outstanding.push(round);
      for (const part of round.parts) this.#assign(round, part);
      // And dealt out again as when workers left, before the next round or after it: the others may have done parts that their reports name.
      const next = state.outstanding[k + 1];
      const later = next && (next.members ?? this.#members);
      for (const worker of new Set(state.outstanding.slice(0, k + 1).flatMap(({ left = [] }) => left))) {
        if (later?.some((member) => member.worker === worker)) continue;
        const without = this.#outstanding.filter((_, i) => state.outstanding[i].left?.includes(worker));
        this.#takeOut(worker, without);
      }
    }
    this.#history?.restore(records, state.historyMean, state.rounds);
  }

  /** Parts that await a worker's report, in the order in which they were handed out. */
  #pending(worker: string): { round: Round; part: Part }[] {
    const pending: { round: Round; part: Part }[] = [];
    for (const round of this.#outstanding)
      for (const part of round.parts) if (part.worker === worker && !part.reported) pending.push({ round, part });
    return pending.sort((a, b) => a.part.order - b.part.order);
  }

  #nextKind(): RoundKind {
    const { scheme, superBatchSize, adaptive, batchSize } = this.spec;
    if (scheme === "loss-history") return "history";
    const possible = scheme !== "uniform" && (adaptive?.max ?? superBatchSize) > batchSize;
    return possible && this.#tau > thresholdOf(this.spec, this.#superBatchSize) ? "importance" : "uniform";
  }

  #scoresOf(kind: RoundKind): "required" | "optional" {
    const { scheme, superBatchSize, adaptive, batchSize } = this.spec;
    const idle = scheme === "uniform" || (adaptive?.max ?? superBatchSize) === batchSize;
    return kind === "uniform" && idle ? "optional" : "required";
  }

  #draw(number: number, kind: RoundKind, size: number, members: readonly Member[]): Round {
    const reach = reachOf(members, this.spec.shards);
    const rng = this.#rng.fork(`draw/${number}`);
    const historyMean = this.#history?.mean() ?? 0;
    if (!this.#history) return handOut({ number, kind, members, historyMean, indices: reach.draw(size, rng) }, reach);
    const { indices, p } = this.#history.draw(size, number, reach.ranges, rng);
    const weights = p.map((probability) => 1 / (reach.size * probability));
    if (this.spec.maxWeight !== undefined) this.#biased = boundWeights(weights, this.spec.maxWeight) || this.#biased;
    return handOut({ number, kind, members, historyMean, indices, weights }, reach);
  }

  /** Draws the next round for the present members and returns who gets which task. */
  #issue(): Assigned[] {
    if (this.#members.length === 0) return [];
    const kind = this.#nextKind();
    const size = kind === "importance" ? this.#superBatchSize : this.spec.batchSize;
    const number = this.#rounds + this.#outstanding.length;
    const ahead = this.#ahead;
    this.#ahead = undefined;
    const fits = ahead?.number === number && ahead.kind === kind && ahead.members === this.#members;
    const round = fits && ahead.indices.length === size ? ahead : this.#draw(number, kind, size, this.#members);
    this.#outstanding.push(round);
    return round.parts.map((part) => this.#assign(round, part));
  }

  /** Takes a worker out of rounds, unless it is already, and returns who gets which of its tasks. */
  #takeOut(worker: string, rounds: readonly Round[]): Assigned[] {
    return rounds.flatMap((round) => {
      if (round.left.has(worker)) return [];
      const added = takeOut(round, worker, reachOf(round.members, this.spec.shards));
      return added.map((part) => this.#assign(round, part));
    });
  }

  #assign(round: Round, part: Part): Assigned {
    part.order = this.#handedOut++;
    return { worker: part.worker, task: taskOf(round, part, this.#scoresOf(round.kind)) };
  }

  #completeRounds(): Assigned[] {
    const assigned: Assigned[] = [];
    while (this.#outstanding.length > 0 && isComplete(this.#outstanding[0])) {
      const round = this.#outstanding.shift()!;
      assigned.push(...this.#complete(round));
      this.#rounds++;
      assigned.push(...this.#issue());
    }
    return assigned;
  }

  #complete(round: Round): Assigned[] {
    const { positions, scores } = scoredDraws(round);
    // Nobody is left, or the scores were optional.
    if (positions.length === 0) {
      this.#effectiveSampleSize = round.indices.length;
      return [];
    }
    if (round.kind === "history") return this.#learn(round, positions, scores);
    if (this.#g.length !== scores.length) this.#g = new Float64Array(scores.length);
    const g = probabilities(scores, this.#g);
    const { spec } = this;
    this.#tau = trackTau(this.#tau, varianceReduction(g), spec.smoothing);
    // Also after a uniform round: a B that has become too dear must be able to shrink to one that pays.
    if (spec.adaptive)
      this.#superBatchSize = adaptSuperBatch(this.#superBatchSize, spec.superBatchSize, this.#tau, spec, spec.adaptive);
    if (round.kind === "uniform") {
      this.#effectiveSampleSize = positions.length;
      return [];
    }
    const rng = this.#rng.fork(`select/${round.number}`);
    const { assigned, weights, biased } = selectMiniBatch(spec, round, positions, g, rng);
    this.#effectiveSampleSize = effectiveSampleSize(weights);
    this.#biased ||= biased;
    this.#importanceRounds++;
    return assigned;
  }

  /** Records a history round's losses. Its τ is estimated from the draws: E[1/w] = N Σ p². */
  #learn(round: Round, positions: Uint32Array, scores: Float32Array): Assigned[] {
    const weights = Float64Array.from(positions, (position) => round.weights![position]);
    const indices = gather(round.indices, positions);
    this.#history!.record(indices, scores, weights, round.number);
    const squared = weights.reduce((sum, w) => sum + 1 / w, 0) / weights.length;
    this.#tau = trackTau(this.#tau, Math.sqrt(squared), this.spec.smoothing);
    this.#effectiveSampleSize = effectiveSampleSize(weights);
    this.#importanceRounds++;
    return [];
  }

  #deliver(assigned: readonly Assigned[]): Delivery[] {
    if (assigned.length === 0) return [];
    const status = this.status();
    const token = this.token();
    const answers = new Map<string, Task[]>();
    for (const { worker, task } of assigned) {
      const tasks = answers.get(worker);
      if (tasks) tasks.push(task);
      else answers.set(worker, [task]);
    }
    return Array.from(answers, ([worker, tasks]) => ({ worker, answer: { tasks, status, token } satisfies Answer }));
  }
}
