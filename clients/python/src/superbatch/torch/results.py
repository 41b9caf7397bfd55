"""What a run reports while it trains, and at its end."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from ..records import Cost

Ending = Literal["finished", "stopped_early", "diverged"]

#: Metrics that a study can optimize; the rest is for information.
OBJECTIVE_METRICS = ("validation_error", "validation_loss", "train_loss")


@dataclass(frozen=True)
class CurvePoint:
    """A point of the learning curve: one evaluation.

    Attributes:
        step: Gradient steps so far.
        epoch: Examples that took part in gradient steps, over the number of training examples.
        train_loss: Mean weighted loss (the one that is differentiated) of the steps since the last point.
        validation_error: Share of the validation examples that are classified wrongly.
        validation_loss: Mean cross entropy on them, in nats, without label smoothing.
        tau: Tracked variance reduction.
        importance_sampling: Whether the last step was importance-sampled.
        importance_steps: Importance-sampled steps so far.
        cost: Seconds spent so far by this attempt.
    """

    step: int
    epoch: float
    train_loss: float
    validation_error: float
    validation_loss: float
    tau: float
    importance_sampling: bool
    importance_steps: int
    cost: Cost

    def metrics(self) -> dict[str, float]:
        """Values by metric, under the names that every trainer of the suite uses."""
        return {
            "validation_error": self.validation_error,
            "validation_loss": self.validation_loss,
            "train_loss": self.train_loss,
            "epoch": self.epoch,
            "tau": self.tau,
            "importance_sampling": float(self.importance_sampling),
            "importance_share": self.importance_steps / self.step,
        }


@dataclass(frozen=True)
class TrainResult:
    """What a run has found and spent.

    Attributes:
        ending: ``finished``: its budget is used; ``stopped_early``: it was told to stop, what it has reached counts; ``diverged``: its loss exploded or was no number.
        validation_error: At the end. Of a diverged run: of its last finite evaluation, or chance if there was none.
        validation_loss: In nats; of a diverged run likewise, chance being log(classes).
        test_error: Only if asked for, and not of a diverged run.
        examples, batch_size, super_batch: N, b and B that were used, after the limits that the data set.
        parameters: Number of trained values of the network.
        curve: Earlier attempts' points included. Each point's cost is that of its own attempt so far.
        cost: What this attempt has spent.
        resumed_cost: What earlier attempts had spent on what this one went on from.
        resumed_step: Step from which a checkpoint was continued; 0 without one.
        peak_memory_bytes: Largest resident memory of the process so far.
    """

    ending: Ending
    validation_error: float
    validation_loss: float
    test_error: float | None
    steps: int
    importance_steps: int
    epochs: float
    classes: int
    examples: int
    batch_size: int
    super_batch: int
    parameters: int
    curve: tuple[CurvePoint, ...]
    cost: Cost
    resumed_cost: Cost
    resumed_step: int
    peak_memory_bytes: int

    @property
    def diverged(self) -> bool:
        """Whether :attr:`ending` is ``diverged``."""
        return self.ending == "diverged"

    def metrics(self) -> dict[str, float]:
        """Values by metric. A diverged run's objectives are those of a network that guesses."""
        guessing = {
            "validation_error": 1 - 1 / self.classes,
            "validation_loss": math.log(self.classes),
            "train_loss": math.log(self.classes),
        }
        last = self.curve[-1].metrics() if self.curve else {"tau": 0.0, "importance_sampling": 0.0, "train_loss": guessing["train_loss"]}
        return {
            **last,
            "validation_error": self.validation_error,
            "validation_loss": self.validation_loss,
            "epoch": self.epochs,
            "steps": self.steps,
            "importance_share": self.importance_steps / self.steps if self.steps else 0.0,
            "diverged": float(self.diverged),
            "examples": self.examples,
            "super_batch": self.super_batch,
            "parameters": self.parameters,
            "peak_memory_bytes": self.peak_memory_bytes,
            **(guessing if self.diverged else {}),
        }
