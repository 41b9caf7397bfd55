"""Importance sampling in process: NumPy and nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import FieldError
from .history import LossHistory
from .mathematics import (
    check_scores,
    effective_sample_size,
    importance_weights,
    probabilities,
    track_tau,
    variance_reduction,
)
from .sampler import Status, Task, check_count, check_use
from .spec import SessionSpec

Kind = Literal["uniform", "importance", "history"]


@dataclass
class _Round:
    """A gradient step that was handed out and not yet reported on."""

    number: int
    kind: Kind
    indices: NDArray[np.uint32]
    weights: NDArray[np.float64] | None


class ImportanceSampler:
    """A session of its own with one worker: see :class:`~superbatch.importance_sampling.Sampler`.

    The same state machine as the service's, with NumPy's generator in place of its own: equal in distribution, not draw by draw.
    """

    def __init__(self, spec: SessionSpec) -> None:
        if spec.workers != 1:
            raise FieldError("workers", "must be 1 for a sampler in process")
        self.spec = spec
        self._rng = np.random.Generator(np.random.PCG64(spec.seed))
        self._queue: list[Task] = []
        self._outstanding: list[_Round] = []
        self._last: Task | None = None
        size = spec.start_size
        self._status = Status(0, 0, 0.0, spec.threshold_at(size), False, size, 0.0, False)
        fading = spec.history.fading_steps or max(1.0, 2 * spec.examples / spec.batch_size)
        self._history = (
            LossHistory(spec.examples, spec.history.uniform_share, fading, spec.smoothing)
            if spec.scheme == "loss-history"
            else None
        )
        self._refresh()

    def next(self, scores: ArrayLike | None = None) -> Task:
        """See :meth:`Sampler.next`."""
        check_use(self._last, scores)
        if self._last is not None and self._last.scores != "none":
            values = check_scores(np.empty(0) if scores is None else scores)
            check_count(self._last, values.size)
            self._complete(values)
        while len(self._outstanding) <= self.spec.prefetch:
            self._issue()
        self._last = self._queue.pop(0)
        return self._last

    def status(self) -> Status:
        """See :meth:`Sampler.status`."""
        return self._status

    def close(self) -> None:
        """Nothing to release."""

    def state_dict(self) -> dict[str, Any]:
        """All of the sampler's state, to be saved with the model's; plain values and NumPy arrays."""
        state: dict[str, Any] = {
            "status": self._status.__dict__.copy(),
            "rng": json.dumps(self._rng.bit_generator.state),
            "queue": list(self._queue),
            "outstanding": [replace(item) for item in self._outstanding],
            "last": self._last,
        }
        if self._history is not None:
            history = self._history
            state["history"] = {"losses": history.losses.copy(), "steps": history.steps.copy(), "mean": history.mean}
        return state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continues exactly where :meth:`state_dict` of a sampler with the same spec was taken."""
        self._status = Status(**state["status"])
        self._rng.bit_generator.state = json.loads(state["rng"])
        self._queue = list(state["queue"])
        self._outstanding = [replace(item) for item in state["outstanding"]]
        self._last = state["last"]
        if self._history is not None:
            saved = state["history"]
            self._history.losses[:] = saved["losses"]
            self._history.steps[:] = saved["steps"]
            self._history.mean = saved["mean"]
            self._history.rebuild()

    def _issue(self) -> None:
        number = self._status.rounds + len(self._outstanding)
        n, b = self.spec.examples, self.spec.batch_size
        kind: Kind = "history" if self._history is not None else "importance" if self._status.importance else "uniform"
        weights = None
        if self._history is not None:
            indices, p = self._history.draw(b, number, self._rng)
            weights = self._bound(1 / (n * p))
        else:
            size = self._status.super_batch_size if kind == "importance" else b
            indices = self._rng.integers(n, size=size, dtype=np.uint32)
        self._outstanding.append(_Round(number, kind, indices, weights))
        if kind == "importance":
            self._queue.append(Task("score", number, 0, indices, None, None, "required"))
            return
        given = np.ones(b, np.float32) if weights is None else weights.astype(np.float32)
        idle = self._history is None and self._largest() == b
        self._queue.append(Task("train", number, 0, indices, given, None, "optional" if idle else "required"))

    def _complete(self, scores: NDArray[np.float32]) -> None:
        done = self._outstanding.pop(0)
        status = replace(self._status, rounds=self._status.rounds + 1)
        a = self.spec.smoothing
        if done.kind == "history":
            assert self._history is not None and done.weights is not None
            self._history.record(done.indices, scores, done.weights, done.number)
            # E[1/w] = N Σ p², by the draws.
            tau = track_tau(status.tau, float(np.sqrt((1 / done.weights).mean())), a)
            size = effective_sample_size(done.weights)
            status = replace(status, tau=tau, effective_sample_size=size, importance_rounds=status.importance_rounds + 1)
        elif scores.size > 0:
            g = probabilities(scores)
            status = replace(status, tau=track_tau(status.tau, variance_reduction(g), a), effective_sample_size=float(scores.size))
            # Also after a uniform round: a B that has become too dear must be able to shrink to one that pays.
            status = replace(status, super_batch_size=self._adapted(status))
            if done.kind == "importance":
                status = self._select(done, g, replace(status, biased=self._status.biased))
        else:
            # The optional scores were left out.
            status = replace(status, effective_sample_size=float(done.indices.size))
        self._status = status
        self._refresh()

    def _select(self, done: _Round, g: NDArray[np.float64], status: Status) -> Status:
        sums = np.cumsum(g)
        u = self._rng.random(self.spec.batch_size) * sums[-1]
        positions = np.minimum(np.searchsorted(sums, u, side="right"), int(np.flatnonzero(g)[-1]))
        weights = self._bound(importance_weights(g, positions))
        indices = done.indices[positions]
        self._queue.append(
            Task("train", done.number, 0, indices, weights.astype(np.float32), positions.astype(np.int32), "none")
        )
        return replace(
            status,
            importance_rounds=status.importance_rounds + 1,
            effective_sample_size=effective_sample_size(weights),
            biased=self._status.biased,
        )

    def _adapted(self, status: Status) -> int:
        """B for the next super-batch: grown while τ pays for the grown size, shrunk when it does not pay for the present one."""
        current, adaptive = status.super_batch_size, self.spec.adaptive
        if adaptive is None:
            return current
        grown = min(adaptive.max, int(np.ceil(current * adaptive.growth)))
        if grown > current and status.tau > self.spec.threshold_at(grown):
            return grown
        if status.tau > self.spec.threshold_at(current):
            return current
        return max(self.spec.start_size, int(current / adaptive.growth))

    def _bound(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.spec.max_weight is None or weights.max() <= self.spec.max_weight:
            return weights
        self._status = replace(self._status, biased=True)
        return np.minimum(weights, self.spec.max_weight)

    def _largest(self) -> int:
        """Largest B that can occur; b if sampling stays uniform."""
        if self.spec.scheme == "uniform":
            return self.spec.batch_size
        return self.spec.start_size if self.spec.adaptive is None else self.spec.adaptive.max

    def _refresh(self) -> None:
        """Threshold and switch at the present B."""
        threshold = self.spec.threshold_at(self._status.super_batch_size)
        on = self._history is not None or (self._largest() > self.spec.batch_size and self._status.tau > threshold)
        self._status = replace(self._status, threshold=threshold, importance=on)
