"""Messages of superbatch.sampler.v1 to and from this package's types."""

from __future__ import annotations

from typing import Literal

import numpy as np

from superbatch.sampler.v1 import sampler_service_pb2 as pb

from .sampler import Status, Task
from .spec import SessionSpec

SCHEMES = {
    "uniform": pb.SCHEME_UNIFORM,
    "upper-bound": pb.SCHEME_UPPER_BOUND,
    "loss": pb.SCHEME_LOSS,
    "loss-history": pb.SCHEME_LOSS_HISTORY,
}

_SCORES: dict[int, Literal["none", "optional", "required"]] = {
    pb.SCORE_USE_NONE: "none",
    pb.SCORE_USE_OPTIONAL: "optional",
    pb.SCORE_USE_REQUIRED: "required",
}


def spec_to_proto(spec: SessionSpec) -> pb.SessionSpec:
    """A spec as the service wants it."""
    message = pb.SessionSpec(
        examples=spec.examples,
        batch_size=spec.batch_size,
        super_batch_size=spec.start_size,
        scheme=SCHEMES[spec.scheme],
        threshold=spec.threshold,
        smoothing=spec.smoothing,
        seed=spec.seed,
        cost_ratio=spec.cost_ratio,
        prefetch=spec.prefetch,
        workers=spec.workers,
        shards=[pb.Shard(start=start, end=end) for start, end in spec.shards],
        max_weight=spec.max_weight,
        history=pb.HistoryOptions(
            uniform_share=spec.history.uniform_share, fading_steps=spec.history.fading_steps
        ),
    )
    if spec.adaptive is not None:
        message.adaptive.CopyFrom(pb.AdaptiveSuperBatch(max=spec.adaptive.max, growth=spec.adaptive.growth))
    return message


def task_from_proto(task: pb.Task) -> Task:
    """A task; its arrays are copies that may be written to."""
    train = task.action == pb.ACTION_TRAIN
    return Task(
        action="train" if train else "score",
        round=task.round,
        part=task.part,
        indices=np.frombuffer(task.indices, dtype="<u4").copy(),
        weights=np.frombuffer(task.weights, dtype="<f4").copy() if train else None,
        positions=np.frombuffer(task.positions, dtype="<i4").copy() if task.positions else None,
        scores=_SCORES[task.scores],
    )


def status_from_proto(status: pb.SessionStatus) -> Status:
    """A session's counters and measures."""
    return Status(
        rounds=status.rounds,
        importance_rounds=status.importance_rounds,
        tau=status.tau,
        threshold=status.threshold,
        importance=status.importance,
        super_batch_size=status.super_batch_size,
        effective_sample_size=status.effective_sample_size,
        biased=status.biased,
    )
