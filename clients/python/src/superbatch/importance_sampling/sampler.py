"""The interface of all samplers, and what they hand out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import FieldError


@dataclass(frozen=True)
class Task:
    """What a worker is to do next.

    Attributes:
        action: ``train``: make a gradient step on the examples; ``score``: score them by a forward pass, the mini-batch is drawn from them.
        round: Number of the gradient step, from 0.
        part: 0; above 0 for what another worker that disappeared had left to score.
        indices: uint32 examples, with repetitions.
        weights: float32, one for each index, with ``train``; else None. The loss is (1/b) Σ weight · loss with b the spec's batch size.
        positions: int32, position of each index in the super-batch that this worker scored, −1 if another one did; None if nothing was scored.
        scores: Whether the next call of :meth:`Sampler.next` must (``required``), may (``optional``) or must not (``none``) bring the examples' scores.
    """

    action: Literal["train", "score"]
    round: int
    part: int
    indices: NDArray[np.uint32]
    weights: NDArray[np.float32] | None
    positions: NDArray[np.int32] | None
    scores: Literal["none", "optional", "required"]


@dataclass(frozen=True)
class Status:
    """Counters and measures of a session.

    Attributes:
        rounds: Complete gradient steps.
        importance_rounds: Those whose mini-batch was drawn by importance.
        tau: Tracked variance reduction; 0 before the first scores.
        threshold: What τ is compared with.
        importance: Whether the next step to be handed out is drawn by importance.
        super_batch_size: Present B.
        effective_sample_size: (Σ w)² / Σ w² of the last mini-batch; 0 before the first.
        biased: Whether a weight was ever cut.
    """

    rounds: int
    importance_rounds: int
    tau: float
    threshold: float
    importance: bool
    super_batch_size: int
    effective_sample_size: float
    biased: bool


class Sampler(Protocol):
    """A worker's view of a session, the same in process and over the network."""

    def next(self, scores: ArrayLike | None = None) -> Task:
        """The next task, in the order in which tasks are to be done.

        Args:
            scores: Of the task returned last, one for each index, finite, at least 0.

        Raises:
            FieldError: if scores are missing, superfluous or wrong; nothing has changed then.
        """
        ...

    def status(self) -> Status:
        """The session as of the last answer."""
        ...

    def close(self) -> None:
        """Leaves the session. Safe to repeat."""
        ...


def check_use(task: Task | None, scores: ArrayLike | None) -> None:
    """Whether scores are given where they are to be.

    Raises:
        FieldError: naming ``scores``.
    """
    if (task is None or task.scores == "none") and scores is not None:
        raise FieldError("scores", "must be left out: the last task asked for none")
    if task is not None and task.scores == "required" and scores is None:
        raise FieldError("scores", f"must hold {len(task.indices)} values for round {task.round}: they are required")


def check_count(task: Task, count: int) -> None:
    """Whether there are as many scores as indices.

    Raises:
        FieldError: naming ``scores``.
    """
    if count != len(task.indices) and not (task.scores == "optional" and count == 0):
        raise FieldError("scores", f"must hold {len(task.indices)} values, one for each index, not {count}")
