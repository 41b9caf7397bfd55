// Generated from schema/trial.yaml by `npm run conventions -w @superbatch/telemetry`. Do not edit.

/** Names of spans. */
export const spanName = {
  /** One trial from its first lease to its end, written by the optimizer when it ends. Root of the trial's trace; all else hangs below. */
  trial: "superbatch.trial",
  /** How the optimizer chose a trial's point. Holds the calls to the surrogate; the rest of its time is the maximization of the acquisition. */
  suggest: "superbatch.suggest",
  /** Inference of one Gaussian process in a worker thread of the surrogate. */
  fit: "superbatch.fit",
  /** Evaluation of one posterior in a worker thread of the surrogate. */
  posterior: "superbatch.posterior",
  /** One attempt of a trainer at a trial, from the lease to the report. */
  train: "superbatch.train",
  /** Training between two evaluations, an epoch as a rule; with what it cost. */
  trainEpoch: "superbatch.train.epoch",
  /** One stream of a sampling session, with totals instead of an event per step. */
  samplerSession: "superbatch.sampler.session",
} as const;

/** Names of metrics. */
export const metricName = {
  /** How long calls took, by method and code. (histogram, unit s) */
  serverCallDuration: "rpc.server.call.duration",
  /** How long a piece of work took, by the name of its span; suggestions, fits, posteriors, attempts among them. (histogram, unit s) */
  workDuration: "superbatch.work.duration",
  /** Trials of a study that is active or paused, by state. Every replica of the optimizer reports the same; take the largest. (gauge, unit {trial}) */
  trials: "superbatch.trials",
  /** Trials of an active study that workers hold or could lease now, at most 1,000. What a fleet is scaled by. (gauge, unit {trial}) */
  trialsLeasable: "superbatch.trials.leasable",
  /** What a study that is active or paused has cost, all attempts counted. (gauge, unit {cost}) */
  studyCost: "superbatch.study.cost",
  /** Trials that ended, by how. (counter, unit {trial}) */
  trialEnds: "superbatch.trial.ends",
  /** Cost of trials that ended, by phase and by the worker that ended them. (counter, unit {cost}) */
  trialCost: "superbatch.trial.cost",
  /** Leases that ended because nothing was heard of their worker. (counter, unit {lease}) */
  leaseExpiries: "superbatch.lease.expiries",
  /** How late the event loop was since the last report, median. (gauge, unit s) */
  eventLoopDelayMedian: "nodejs.eventloop.delay.p50",
  /** How late the event loop was since the last report, 99th percentile. (gauge, unit s) */
  eventLoopDelayHigh: "nodejs.eventloop.delay.p99",
  /** How late the event loop was since the last report, at worst. (gauge, unit s) */
  eventLoopDelayMax: "nodejs.eventloop.delay.max",
  /** Sessions held by this replica. (gauge, unit {session}) */
  samplerSessions: "superbatch.sampler.sessions",
  /** Tracked variance reduction, in units of the batch size. (gauge, unit {batch}) */
  samplerTau: "superbatch.sampler.tau",
  /** Effective sample size of the last mini-batch. (gauge, unit {example}) */
  samplerEffectiveSampleSize: "superbatch.sampler.effective_sample_size",
  /** Share of steps whose mini-batch was drawn by importance. (gauge, unit 1) */
  samplerImportanceShare: "superbatch.sampler.importance_share",
  /** Complete steps. (counter, unit {step}) */
  samplerSteps: "superbatch.sampler.steps",
  /** Time that steps waited for the reports of their workers. (counter, unit s) */
  samplerWaiting: "superbatch.sampler.waiting",
  /** How long spans took, by name; counted by the collector from all spans before it samples them, with exemplars that lead to traces. (histogram, unit s) */
  spanDuration: "superbatch.span.duration",
} as const;

/** Names of attributes. */
export const attribute = {
  /** Resource name of the study. (string) */
  study: "superbatch.study",
  /** Resource name of the trial. (string) */
  trial: "superbatch.trial",
  /** How the trial ended: completed, failed, infeasible or abandoned. (string) */
  trialState: "superbatch.trial.state",
  /** How many leases the trial had. (int) */
  trialAttempts: "superbatch.trial.attempts",
  /** Value of the objective. (double) */
  trialObjective: "superbatch.trial.objective",
  /** Cost of scoring super-batches. (double, unit {cost}) */
  costScoring: "superbatch.cost.scoring",
  /** Cost of gradient steps. (double, unit {cost}) */
  costGradient: "superbatch.cost.gradient",
  /** Cost of evaluations. (double, unit {cost}) */
  costEvaluation: "superbatch.cost.evaluation",
  /** Cost of loading and preparing data. (double, unit {cost}) */
  costData: "superbatch.cost.data",
  /** All that was spent: the four phases, and what belongs to none, such as start-up and waiting. (double, unit {cost}) */
  costTotal: "superbatch.cost.total",
  /** The study's unit of cost, such as seconds. (string) */
  costUnit: "superbatch.cost.unit",
  /** scoring, gradient, evaluation, data, or other for what belongs to none. (string) */
  costPhase: "superbatch.cost.phase",
  /** Name of the span of a piece of work. (string) */
  work: "superbatch.work",
  /** Name of the error that the work ended with; absent if with none. (string) */
  errorType: "error.type",
  /** The trainer that held the lease. (string) */
  worker: "superbatch.worker",
  /** Name of the data set. (string) */
  dataset: "superbatch.dataset",
  /** Name of the network's architecture. (string) */
  architecture: "superbatch.architecture",
  /** What computes the training: wasm, tensorflow, webgpu or torch. (string) */
  backend: "superbatch.backend",
  /** Epoch, from 1. (int) */
  epoch: "superbatch.epoch",
  /** Gradient steps taken so far. (int) */
  step: "superbatch.step",
  /** Tracked variance reduction, in units of the batch size. (double) */
  tau: "superbatch.tau",
  /** Share of steps with importance sampling on. (double, unit 1) */
  importanceShare: "superbatch.importance.share",
  /** Name of the sampling session. (string) */
  session: "superbatch.session",
  /** Algorithm that chose the point. (string) */
  algorithm: "superbatch.algorithm",
  /** Points asked for at once. (int) */
  suggestionCount: "superbatch.suggestion.count",
  /** Observations that the model was fitted to; without a model, those that the algorithm saw. (int) */
  observationCount: "superbatch.observation.count",
  /** Results that the study has: more than the observations where the model was given a choice of them. (int) */
  resultCount: "superbatch.result.count",
  /** What the surrogate approximated, in words; absent for an exact model. (string) */
  surrogateApproximation: "superbatch.surrogate.approximation",
  /** Largest value added to the diagonal of a covariance matrix, relative to its mean; absent if none was. (double) */
  surrogateJitter: "superbatch.surrogate.jitter",
  /** objective or log-cost. (string) */
  surrogateOutput: "superbatch.surrogate.output",
  /** Samples of the hyperparameters. (int) */
  surrogateSamples: "superbatch.surrogate.samples",
  /** Whether observations were only added to a model. (boolean) */
  surrogateAppended: "superbatch.surrogate.appended",
  /** R, the points whose joint distribution was asked for. (int) */
  surrogateAnchors: "superbatch.surrogate.anchors",
  /** Q, the points whose marginals were asked for. (int) */
  surrogatePoints: "superbatch.surrogate.points",
  /** grpc. (string) */
  rpcSystemName: "rpc.system.name",
  /** Full name of the method, without a leading slash. (string) */
  rpcMethod: "rpc.method",
  /** Name of the gRPC code, such as OK. (string) */
  rpcStatusCode: "rpc.response.status_code",
  /** Name of a span. (string) */
  spanName: "span.name",
  /** Kind of a span, such as SPAN_KIND_SERVER. (string) */
  spanKind: "span.kind",
  /** STATUS_CODE_ERROR for a span that failed. (string) */
  statusCode: "status.code",
  /** Name of the service. (string) */
  serviceName: "service.name",
} as const;

/** Attributes that each span may have. */
export const spanAttributes: Readonly<Record<string, readonly string[]>> = {
  "superbatch.trial": [
    "superbatch.study",
    "superbatch.trial",
    "superbatch.trial.state",
    "superbatch.trial.attempts",
    "superbatch.trial.objective",
    "superbatch.cost.scoring",
    "superbatch.cost.gradient",
    "superbatch.cost.evaluation",
    "superbatch.cost.data",
    "superbatch.cost.total",
    "superbatch.cost.unit",
  ],
  "superbatch.suggest": [
    "superbatch.study",
    "superbatch.algorithm",
    "superbatch.suggestion.count",
    "superbatch.observation.count",
    "superbatch.result.count",
    "superbatch.surrogate.approximation",
    "superbatch.surrogate.jitter",
  ],
  "superbatch.fit": [
    "superbatch.surrogate.output",
    "superbatch.observation.count",
    "superbatch.surrogate.samples",
    "superbatch.surrogate.appended",
  ],
  "superbatch.posterior": [
    "superbatch.surrogate.output",
    "superbatch.surrogate.anchors",
    "superbatch.surrogate.points",
  ],
  "superbatch.train": [
    "superbatch.study",
    "superbatch.trial",
    "superbatch.worker",
    "superbatch.dataset",
    "superbatch.architecture",
    "superbatch.backend",
    "superbatch.cost.scoring",
    "superbatch.cost.gradient",
    "superbatch.cost.evaluation",
    "superbatch.cost.data",
    "superbatch.cost.total",
    "superbatch.cost.unit",
  ],
  "superbatch.train.epoch": [
    "superbatch.epoch",
    "superbatch.step",
    "superbatch.tau",
    "superbatch.importance.share",
    "superbatch.cost.scoring",
    "superbatch.cost.gradient",
    "superbatch.cost.evaluation",
    "superbatch.cost.data",
    "superbatch.cost.total",
  ],
  "superbatch.sampler.session": [
    "superbatch.session",
    "superbatch.step",
    "superbatch.tau",
    "superbatch.importance.share",
  ],
};

/** Most links that a span may have; none if it is not here. */
export const spanLinkLimits: Readonly<Record<string, number>> = {
  /** To superbatch.trial: the trials whose results a model conditions on */
  "superbatch.suggest": 32,
};

/** Upper boundaries of histograms' buckets, in the metric's unit. */
export const metricBoundaries: Readonly<Record<string, readonly number[]>> = {
  "superbatch.work.duration": [0.005, 0.02, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000],
};
