/**
 * What a worker is asked to do next. Tasks come in the order in which they are to be done, each with its round: one round is one
 * gradient step of the session, shared by all of its workers.
 */
export type Task = TrainTask | ScoreTask;

/** Make a gradient step on these examples. */
export interface TrainTask {
  readonly action: "train";
  /** Number of the step, from 0. */
  readonly round: number;
  /** Always 0; see {@link ScoreTask}. */
  readonly part: number;
  /** Examples with repetitions: this worker's share of the mini-batch, possibly empty. */
  readonly indices: Uint32Array;
  /**
   * Weight of each index. The step's loss over all workers is (1/b) Σ weight · loss with b the session's batch size, so workers sum
   * (not average) their gradients of (1/b) Σ weight · loss.
   */
  readonly weights: Float32Array;
  /** Position of each index in this round's super-batch of this worker (part 0), or −1 where another worker scored it. Absent if nothing was scored. */
  readonly positions?: Int32Array;
  /** Whether the next call must (`required`), may (`optional`) or must not (`none`) bring the scores of these examples, which the forward pass had anyway. */
  readonly scores: "required" | "optional" | "none";
}

/** Score these examples (forward pass only); the round's mini-batch is drawn from them. */
export interface ScoreTask {
  readonly action: "score";
  /** Number of the step whose super-batch this is. */
  readonly round: number;
  /** 0 for the worker's own share; above 0 for what a worker that disappeared had left to score. */
  readonly part: number;
  /** Examples, with repetitions. */
  readonly indices: Uint32Array;
  readonly scores: "required";
}

/** A worker's scores of a task. */
export interface Report {
  readonly round: number;
  readonly part: number;
  /** One per index of the task, finite, at least 0; empty where optional scores are left out. Used in float32 precision. */
  readonly scores: ArrayLike<number>;
}

/** What a session says to a worker: after it joined, and each time that a round is complete. */
export interface Answer {
  /** New tasks, to be done after those that the worker already has. */
  readonly tasks: readonly Task[];
  readonly status: SessionStatus;
  /** All of the session's state after the last complete round (except recorded losses): opaque; the last one continues the session elsewhere. */
  readonly token: Uint8Array;
}

/** An answer and whom it is for. */
export interface Delivery {
  readonly worker: string;
  readonly answer: Answer;
}

/** Counters and measures of a session. */
export interface SessionStatus {
  /** Complete rounds: the number of the first round that is not. */
  readonly rounds: number;
  /** Complete rounds whose mini-batch was drawn by importance. */
  readonly importanceRounds: number;
  /** Tracked variance reduction τ; 0 before the first scores. */
  readonly tau: number;
  /** Threshold that τ is compared with, at the present B. */
  readonly threshold: number;
  /** Whether the next round to be handed out is drawn by importance. */
  readonly importance: boolean;
  /** Present B; grows and shrinks if adaptive. */
  readonly superBatchSize: number;
  /** Effective sample size (Σ w)² / Σ w² of the last mini-batch, in [1, b]; 0 before the first. */
  readonly effectiveSampleSize: number;
  /** Whether a weight was ever cut at `maxWeight`: estimates are then biased. */
  readonly biased: boolean;
}
