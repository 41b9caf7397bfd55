"""Names of the suite's telemetry: what a trainer of one's own calls its spans, their attributes and its metrics, so that boards and alerts find them.

Generated from libs/telemetry/schema/trial.yaml by `npm run conventions -w @superbatch/telemetry`. Do not edit."""

from __future__ import annotations

from typing import Final, Mapping

#: One trial from its first lease to its end, written by the optimizer when it ends. Root of the trial's trace; all else hangs below.
SPAN_TRIAL: Final = "superbatch.trial"
#: How the optimizer chose a trial's point. Holds the calls to the surrogate; the rest of its time is the maximization of the acquisition.
SPAN_SUGGEST: Final = "superbatch.suggest"
#: Inference of one Gaussian process in a worker thread of the surrogate.
SPAN_FIT: Final = "superbatch.fit"
#: Evaluation of one posterior in a worker thread of the surrogate.
SPAN_POSTERIOR: Final = "superbatch.posterior"
#: One attempt of a trainer at a trial, from the lease to the report.
SPAN_TRAIN: Final = "superbatch.train"
#: Training between two evaluations, an epoch as a rule; with what it cost.
SPAN_TRAIN_EPOCH: Final = "superbatch.train.epoch"
#: One stream of a sampling session, with totals instead of an event per step.
SPAN_SAMPLER_SESSION: Final = "superbatch.sampler.session"

#: How long calls took, by method and code.
METRIC_SERVER_CALL_DURATION: Final = "rpc.server.call.duration"
#: How long a piece of work took, by the name of its span; suggestions, fits, posteriors, attempts among them.
METRIC_WORK_DURATION: Final = "superbatch.work.duration"
#: Trials of a study that is active or paused, by state. Every replica of the optimizer reports the same; take the largest.
METRIC_TRIALS: Final = "superbatch.trials"
#: Trials of an active study that workers hold or could lease now, at most 1,000. What a fleet is scaled by.
METRIC_TRIALS_LEASABLE: Final = "superbatch.trials.leasable"
#: What a study that is active or paused has cost, all attempts counted.
METRIC_STUDY_COST: Final = "superbatch.study.cost"
#: Trials that ended, by how.
METRIC_TRIAL_ENDS: Final = "superbatch.trial.ends"
#: Cost of trials that ended, by phase and by the worker that ended them.
METRIC_TRIAL_COST: Final = "superbatch.trial.cost"
#: Leases that ended because nothing was heard of their worker.
METRIC_LEASE_EXPIRIES: Final = "superbatch.lease.expiries"
#: How late the event loop was since the last report, median.
METRIC_EVENT_LOOP_DELAY_MEDIAN: Final = "nodejs.eventloop.delay.p50"
#: How late the event loop was since the last report, 99th percentile.
METRIC_EVENT_LOOP_DELAY_HIGH: Final = "nodejs.eventloop.delay.p99"
#: How late the event loop was since the last report, at worst.
METRIC_EVENT_LOOP_DELAY_MAX: Final = "nodejs.eventloop.delay.max"
#: Sessions held by this replica.
METRIC_SAMPLER_SESSIONS: Final = "superbatch.sampler.sessions"
#: Tracked variance reduction, in units of the batch size.
METRIC_SAMPLER_TAU: Final = "superbatch.sampler.tau"
#: Effective sample size of the last mini-batch.
METRIC_SAMPLER_EFFECTIVE_SAMPLE_SIZE: Final = "superbatch.sampler.effective_sample_size"
#: Share of steps whose mini-batch was drawn by importance.
METRIC_SAMPLER_IMPORTANCE_SHARE: Final = "superbatch.sampler.importance_share"
#: Complete steps.
METRIC_SAMPLER_STEPS: Final = "superbatch.sampler.steps"
#: Time that steps waited for the reports of their workers.
METRIC_SAMPLER_WAITING: Final = "superbatch.sampler.waiting"
#: How long spans took, by name; counted by the collector from all spans before it samples them, with exemplars that lead to traces.
METRIC_SPAN_DURATION: Final = "superbatch.span.duration"

#: Resource name of the study.
ATTRIBUTE_STUDY: Final = "superbatch.study"
#: Resource name of the trial.
ATTRIBUTE_TRIAL: Final = "superbatch.trial"
#: How the trial ended: completed, failed, infeasible or abandoned.
ATTRIBUTE_TRIAL_STATE: Final = "superbatch.trial.state"
#: How many leases the trial had.
ATTRIBUTE_TRIAL_ATTEMPTS: Final = "superbatch.trial.attempts"
#: Value of the objective.
ATTRIBUTE_TRIAL_OBJECTIVE: Final = "superbatch.trial.objective"
#: Cost of scoring super-batches.
ATTRIBUTE_COST_SCORING: Final = "superbatch.cost.scoring"
#: Cost of gradient steps.
ATTRIBUTE_COST_GRADIENT: Final = "superbatch.cost.gradient"
#: Cost of evaluations.
ATTRIBUTE_COST_EVALUATION: Final = "superbatch.cost.evaluation"
#: Cost of loading and preparing data.
ATTRIBUTE_COST_DATA: Final = "superbatch.cost.data"
#: All that was spent: the four phases, and what belongs to none, such as start-up and waiting.
ATTRIBUTE_COST_TOTAL: Final = "superbatch.cost.total"
#: The study's unit of cost, such as seconds.
ATTRIBUTE_COST_UNIT: Final = "superbatch.cost.unit"
#: scoring, gradient, evaluation, data, or other for what belongs to none.
ATTRIBUTE_COST_PHASE: Final = "superbatch.cost.phase"
#: Name of the span of a piece of work.
ATTRIBUTE_WORK: Final = "superbatch.work"
#: Name of the error that the work ended with; absent if with none.
ATTRIBUTE_ERROR_TYPE: Final = "error.type"
#: The trainer that held the lease.
ATTRIBUTE_WORKER: Final = "superbatch.worker"
#: Name of the data set.
ATTRIBUTE_DATASET: Final = "superbatch.dataset"
#: Name of the network's architecture.
ATTRIBUTE_ARCHITECTURE: Final = "superbatch.architecture"
#: What computes the training: wasm, tensorflow, webgpu or torch.
ATTRIBUTE_BACKEND: Final = "superbatch.backend"
#: Epoch, from 1.
ATTRIBUTE_EPOCH: Final = "superbatch.epoch"
#: Gradient steps taken so far.
ATTRIBUTE_STEP: Final = "superbatch.step"
#: Tracked variance reduction, in units of the batch size.
ATTRIBUTE_TAU: Final = "superbatch.tau"
#: Share of steps with importance sampling on.
ATTRIBUTE_IMPORTANCE_SHARE: Final = "superbatch.importance.share"
#: Name of the sampling session.
ATTRIBUTE_SESSION: Final = "superbatch.session"
#: Algorithm that chose the point.
ATTRIBUTE_ALGORITHM: Final = "superbatch.algorithm"
#: Points asked for at once.
ATTRIBUTE_SUGGESTION_COUNT: Final = "superbatch.suggestion.count"
#: Observations that the model was fitted to; without a model, those that the algorithm saw.
ATTRIBUTE_OBSERVATION_COUNT: Final = "superbatch.observation.count"
#: Results that the study has: more than the observations where the model was given a choice of them.
ATTRIBUTE_RESULT_COUNT: Final = "superbatch.result.count"
#: What the surrogate approximated, in words; absent for an exact model.
ATTRIBUTE_SURROGATE_APPROXIMATION: Final = "superbatch.surrogate.approximation"
#: Largest value added to the diagonal of a covariance matrix, relative to its mean; absent if none was.
ATTRIBUTE_SURROGATE_JITTER: Final = "superbatch.surrogate.jitter"
#: objective or log-cost.
ATTRIBUTE_SURROGATE_OUTPUT: Final = "superbatch.surrogate.output"
#: Samples of the hyperparameters.
ATTRIBUTE_SURROGATE_SAMPLES: Final = "superbatch.surrogate.samples"
#: Whether observations were only added to a model.
ATTRIBUTE_SURROGATE_APPENDED: Final = "superbatch.surrogate.appended"
#: R, the points whose joint distribution was asked for.
ATTRIBUTE_SURROGATE_ANCHORS: Final = "superbatch.surrogate.anchors"
#: Q, the points whose marginals were asked for.
ATTRIBUTE_SURROGATE_POINTS: Final = "superbatch.surrogate.points"
#: grpc.
ATTRIBUTE_RPC_SYSTEM_NAME: Final = "rpc.system.name"
#: Full name of the method, without a leading slash.
ATTRIBUTE_RPC_METHOD: Final = "rpc.method"
#: Name of the gRPC code, such as OK.
ATTRIBUTE_RPC_STATUS_CODE: Final = "rpc.response.status_code"
#: Name of a span.
ATTRIBUTE_SPAN_NAME: Final = "span.name"
#: Kind of a span, such as SPAN_KIND_SERVER.
ATTRIBUTE_SPAN_KIND: Final = "span.kind"
#: STATUS_CODE_ERROR for a span that failed.
ATTRIBUTE_STATUS_CODE: Final = "status.code"
#: Name of the service.
ATTRIBUTE_SERVICE_NAME: Final = "service.name"

#: Attributes that each span may have, with their types.
SPAN_ATTRIBUTES: Final[Mapping[str, Mapping[str, type]]] = {
    "superbatch.trial": {
        "superbatch.study": str,
        "superbatch.trial": str,
        "superbatch.trial.state": str,
        "superbatch.trial.attempts": int,
        "superbatch.trial.objective": float,
        "superbatch.cost.scoring": float,
        "superbatch.cost.gradient": float,
        "superbatch.cost.evaluation": float,
        "superbatch.cost.data": float,
        "superbatch.cost.total": float,
        "superbatch.cost.unit": str,
    },
    "superbatch.suggest": {
        "superbatch.study": str,
        "superbatch.algorithm": str,
        "superbatch.suggestion.count": int,
        "superbatch.observation.count": int,
        "superbatch.result.count": int,
        "superbatch.surrogate.approximation": str,
        "superbatch.surrogate.jitter": float,
    },
    "superbatch.fit": {
        "superbatch.surrogate.output": str,
        "superbatch.observation.count": int,
        "superbatch.surrogate.samples": int,
        "superbatch.surrogate.appended": bool,
    },
    "superbatch.posterior": {
        "superbatch.surrogate.output": str,
        "superbatch.surrogate.anchors": int,
        "superbatch.surrogate.points": int,
    },
    "superbatch.train": {
        "superbatch.study": str,
        "superbatch.trial": str,
        "superbatch.worker": str,
        "superbatch.dataset": str,
        "superbatch.architecture": str,
        "superbatch.backend": str,
        "superbatch.cost.scoring": float,
        "superbatch.cost.gradient": float,
        "superbatch.cost.evaluation": float,
        "superbatch.cost.data": float,
        "superbatch.cost.total": float,
        "superbatch.cost.unit": str,
    },
    "superbatch.train.epoch": {
        "superbatch.epoch": int,
        "superbatch.step": int,
        "superbatch.tau": float,
        "superbatch.importance.share": float,
        "superbatch.cost.scoring": float,
        "superbatch.cost.gradient": float,
        "superbatch.cost.evaluation": float,
        "superbatch.cost.data": float,
        "superbatch.cost.total": float,
    },
    "superbatch.sampler.session": {
        "superbatch.session": str,
        "superbatch.step": int,
        "superbatch.tau": float,
        "superbatch.importance.share": float,
    },
}

#: Attributes that each metric may have, with their types.
METRIC_ATTRIBUTES: Final[Mapping[str, Mapping[str, type]]] = {
    "rpc.server.call.duration": {
        "rpc.system.name": str,
        "rpc.method": str,
        "rpc.response.status_code": str,
    },
    "superbatch.work.duration": {
        "superbatch.work": str,
        "error.type": str,
    },
    "superbatch.trials": {
        "superbatch.study": str,
        "superbatch.trial.state": str,
    },
    "superbatch.trials.leasable": {
        "superbatch.study": str,
    },
    "superbatch.study.cost": {
        "superbatch.study": str,
        "superbatch.cost.unit": str,
    },
    "superbatch.trial.ends": {
        "superbatch.study": str,
        "superbatch.trial.state": str,
    },
    "superbatch.trial.cost": {
        "superbatch.study": str,
        "superbatch.worker": str,
        "superbatch.cost.phase": str,
        "superbatch.cost.unit": str,
    },
    "superbatch.lease.expiries": {
        "superbatch.study": str,
        "superbatch.worker": str,
    },
    "nodejs.eventloop.delay.p50": {
    },
    "nodejs.eventloop.delay.p99": {
    },
    "nodejs.eventloop.delay.max": {
    },
    "superbatch.sampler.sessions": {
    },
    "superbatch.sampler.tau": {
        "superbatch.session": str,
    },
    "superbatch.sampler.effective_sample_size": {
        "superbatch.session": str,
    },
    "superbatch.sampler.importance_share": {
        "superbatch.session": str,
    },
    "superbatch.sampler.steps": {
        "superbatch.session": str,
    },
    "superbatch.sampler.waiting": {
        "superbatch.session": str,
    },
    "superbatch.span.duration": {
        "span.name": str,
        "span.kind": str,
        "status.code": str,
        "service.name": str,
    },
}

#: Upper boundaries of histograms' buckets, in the metric's unit.
METRIC_BOUNDARIES: Final[Mapping[str, tuple[float, ...]]] = {
    "superbatch.work.duration": (0.005, 0.02, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000, 100000),
}
