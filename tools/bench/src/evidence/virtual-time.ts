import type { CurvePoint, Outcome, Proposal, Tuner } from "./tuner.ts";

/** What a trainer would do with a proposal: its learning curve, and what it comes to. */
export interface SimulatedTrial {
  /** In the order of time; seconds since the trial began. */
  readonly curve: readonly (CurvePoint & { readonly seconds: number })[];
  /** Seconds since the trial began. */
  readonly seconds: number;
  readonly outcome: Outcome;
}

export interface VirtualStudy {
  readonly tuner: Tuner;
  /** Trials at a time. */
  readonly workers: number;
  /** Cost of completed trials, ascending, at which the study is judged; it ends at the last. */
  readonly checkpoints: readonly number[];
  simulate(proposal: Proposal): SimulatedTrial | Promise<SimulatedTrial>;
}

export interface VirtualOutcome {
  /** At each checkpoint: recommended hyperparameters, null if there was no result yet. */
  readonly recommended: readonly (readonly number[] | null)[];
  /** Of each completed trial within the last checkpoint, in order. */
  readonly trials: readonly CompletedTrial[];
  /** Seconds on the virtual clock. */
  readonly elapsed: number;
}

export interface CompletedTrial {
  readonly proposal: Proposal;
  readonly cost: number;
}

/** Something that happens at a moment. */
interface Event {
  readonly time: number;
  readonly happen: () => Promise<void>;
}

/** A trial counts for a checkpoint that its cost reaches exactly. */
const tolerance = 1e-9;

/**
 * Runs a study on a clock of its own. Each worker asks for a trial, is busy for the simulated seconds, and tells; what happens first on the clock happens first,
 * ties in the order of the workers. The tuner's own thinking takes no virtual time: what it costs is measured and told apart.
 *
 * A trial whose cost would exceed a checkpoint is completed after the recommendation there.
 */
export async function runInVirtualTime(study: VirtualStudy): Promise<VirtualOutcome> {
  const { tuner, checkpoints } = study;
  const queue: Event[] = [];
  const recommended: (readonly number[] | null)[] = [];
  const trials: CompletedTrial[] = [];
  let [now, spent] = [0, 0];

  const schedule = (time: number, happen: Event["happen"]) => {
    const place = queue.findIndex((event) => event.time > time);
    queue.splice(place === -1 ? queue.length : place, 0, { time, happen });
  };
  const isOver = () => recommended.length === checkpoints.length;

  async function begin(): Promise<void> {
    const proposal = await tuner.suggest();
    const trial = await study.simulate(proposal);
    if (tuner.report && trial.curve.length > 1) watch(proposal, trial, 0, now);
    else schedule(now + trial.seconds, () => end(proposal, trial.outcome));
  }

  /** The next point of a watched curve; at the last one the trial ends. */
  function watch(proposal: Proposal, trial: SimulatedTrial, index: number, start: number): void {
    const { seconds, ...point } = trial.curve[index]!;
    schedule(start + seconds, async () => {
      // A watched trial has measured at every point, and has paid for it.
      if (index === trial.curve.length - 1) return end(proposal, { ...trial.outcome, cost: point.cost });
      const stop = await tuner.report!(proposal, point, trial.curve.at(-1)!.epoch);
      if (!stop) return watch(proposal, trial, index + 1, start);
      await end(proposal, { ...trial.outcome, value: point.value, cost: point.cost, stoppedEarly: true });
    });
  }

  async function end(proposal: Proposal, outcome: Outcome): Promise<void> {
    while (!isOver() && spent + outcome.cost.total > checkpoints[recommended.length]! + tolerance)
      recommended.push((await tuner.recommend()) ?? null);
    if (isOver()) return;
    await tuner.complete(proposal, outcome);
    spent += outcome.cost.total;
    trials.push({ proposal, cost: outcome.cost.total });
    await begin();
  }

  for (let worker = 0; worker < study.workers; worker++) await begin();
  while (!isOver()) {
    const event = queue.shift()!;
    now = event.time;
    await event.happen();
  }
  return { recommended, trials, elapsed: now };
}
