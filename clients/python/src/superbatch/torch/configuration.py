"""A trial's parameters as a typed configuration: the names, meanings, ranges and defaults of the suite's TypeScript trainer (libs/training)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Callable, Literal, Mapping

from .errors import ParameterError, ParameterProblem

Value = float | int | str | bool
ScoreKind = Literal["upper_bound", "loss", "gradient_norm", "loss_history", "uniform"]
SCORE_KINDS = ("upper_bound", "loss", "gradient_norm", "loss_history", "uniform")


@dataclass(frozen=True)
class Budget:
    """When a run ends: after ``amount`` of ``epochs`` (may be fractional), gradient ``steps`` or ``seconds`` of training."""

    kind: Literal["epochs", "steps", "seconds"]
    amount: float


@dataclass(frozen=True)
class Configuration:
    """Everything that decides how one run trains, besides its data, its network and its seed. See :data:`PARAMETERS` for meanings and ranges.

    Attributes:
        super_batch: B as asked for. A run uses at least b (uniform SGD) and at most its number of examples.
        tau_threshold: None: (B + 3b) / (3b).
        resolution: Pixels per side; None: as the data are.
        validation_examples: None: a tenth, but 500 where that is at most a quarter.
    """

    optimizer: Literal["sgd", "nesterov", "adam"]
    learning_rate: float
    momentum: float
    weight_decay: float
    schedule: Literal["constant", "step", "cosine"]
    schedule_factor: float
    schedule_drops: int
    warmup: float
    batch_size: int
    dropout: float
    augmentation: float
    label_smoothing: float
    width: float
    super_batch: int
    score: ScoreKind
    tau_threshold: float | None
    prefetch: int
    data_share: float
    resolution: int | None
    budget: Budget
    evaluation_epochs: float
    validation_examples: int | None
    diverged: Literal["penalty", "infeasible"]


@dataclass(frozen=True)
class Parameter:
    """A parameter that a search space may have.

    Attributes:
        check: Returns the value as it is used. Raises ValueError saying what it must be.
        default: None: see the description.
        description: Meaning, unit, range.
    """

    check: Callable[[Value], Any]
    default: Value | None
    description: str


def _number(holds: Callable[[float], bool], range_text: str) -> Callable[[Value], float]:
    def check(value: Value) -> float:
        if isinstance(value, (bool, str)) or not math.isfinite(value) or not holds(value):
            raise ValueError(f"must be a number {range_text}, not {value!r}")
        return float(value)

    return check


def _whole(value: Value) -> int:
    # Numbers travel as floating-point ones.
    if isinstance(value, (bool, str)) or not float(value).is_integer() or value < 1:
        raise ValueError(f"must be an integer of at least 1, not {value!r}")
    return int(value)


def _one_of(*choices: Value) -> Callable[[Value], Any]:
    def check(value: Value) -> Value:
        if isinstance(value, bool) or value not in choices:
            raise ValueError(f"must be one of {', '.join(map(str, choices))}, not {value!r}")
        return value if isinstance(value, str) else int(value)

    return check


_positive = _number(lambda v: v > 0, "above 0")
_share = _number(lambda v: 0 <= v < 1, "in [0, 1)")
_not_negative = _number(lambda v: v >= 0, "of at least 0")

#: The parameters that every workload understands, under the names that a search space uses.
PARAMETERS: Mapping[str, Parameter] = {
    "optimizer": Parameter(_one_of("sgd", "nesterov", "adam"), "nesterov", "how gradients become steps: sgd, nesterov or adam"),
    "learning_rate": Parameter(_positive, 0.05, "learning rate before the schedule, above 0"),
    "momentum": Parameter(_share, 0.9, "momentum of SGD, β₁ of Adam, in [0, 1)"),
    "weight_decay": Parameter(_not_negative, 1e-4, "each step shrinks filters and matrices by learning rate · weight decay, at least 0"),
    "schedule": Parameter(_one_of("constant", "step", "cosine"), "cosine", "course of the learning rate: constant, step or cosine"),
    "schedule_factor": Parameter(_number(lambda v: 0 < v <= 1, "in (0, 1]"), 0.1, "step schedule: factor of each drop, in (0, 1]"),
    "schedule_drops": Parameter(_whole, 2, "step schedule: number of equally spaced drops, at least 1"),
    "warmup": Parameter(_share, 0, "share of the run in which the learning rate grows from zero, in [0, 1)"),
    "batch_size": Parameter(_whole, 128, "examples of a mini-batch, b, at least 1"),
    "dropout": Parameter(_share, 0, "share of values that dropout sets to zero, in [0, 1)"),
    "augmentation": Parameter(
        _number(lambda v: 0 <= v <= 2, "in [0, 2]"), 0, "strength of random shifts and mirroring: 0 none, 1 as published for CIFAR, at most 2"
    ),
    "label_smoothing": Parameter(_share, 0, "ε of label smoothing, in [0, 1)"),
    "width": Parameter(_number(lambda v: 0 < v <= 64, "in (0, 64]"), 1, "multiplies the channels of every hidden layer, in (0, 64]"),
    "super_batch": Parameter(
        _whole,
        None,
        "super-batch B, examples scored per importance-sampled step; up to the batch size: uniform SGD; default 3 · batch_size",
    ),
    "score": Parameter(_one_of(*SCORE_KINDS), "upper_bound", "what importance is: upper_bound, loss, gradient_norm (slow), loss_history or uniform"),
    "tau_threshold": Parameter(_not_negative, None, "τ above which importance sampling is on, at least 0; default (B + 3b) / (3b)"),
    "prefetch": Parameter(
        _one_of(0, 1),
        0,
        "1 hides the way to the sampler behind the training: scores and the switch are then one step older; 0 as published",
    ),
    "data_share": Parameter(_number(lambda v: 0 < v <= 1, "in (0, 1]"), 1, "share of the training examples that is used, in (0, 1]"),
    "resolution": Parameter(_whole, None, "images are reduced to this many pixels per side; default as they are"),
    "epochs": Parameter(_positive, None, "budget in epochs, above 0, may be fractional; default 10"),
    "steps": Parameter(_whole, None, "budget in gradient steps, in place of epochs"),
    "seconds": Parameter(_positive, None, "budget in seconds of training, in place of epochs"),
    "evaluation_epochs": Parameter(_positive, 1, "epochs between evaluations on the validation examples, above 0"),
    "validation_examples": Parameter(
        _whole, None, "training examples set aside for validation; default a tenth, but 500 where that is at most a quarter"
    ),
    "diverged": Parameter(
        _one_of("penalty", "infeasible"), "penalty", "a run that diverges: penalty (completes with the error of guessing) or infeasible"
    ),
}

_BUDGETS = ("epochs", "steps", "seconds")


def parse_configuration(values: Mapping[str, Value], defaults: Mapping[str, Value] | None = None) -> Configuration:
    """A trial's parameters as a configuration.

    Args:
        values: Of the trial.
        defaults: For parameters that the trial does not have, before the general defaults. If the trial has a budget, theirs is not used.

    Raises:
        ParameterError: naming every parameter that is unknown, of the wrong type, or out of range.
    """
    own_budget = any(name in values for name in _BUDGETS)
    given = {name: value for name, value in (defaults or {}).items() if not (own_budget and name in _BUDGETS)}
    given.update(values)
    problems: list[ParameterProblem] = []
    parsed: dict[str, Any] = {name: parameter.default for name, parameter in PARAMETERS.items()}
    for name, value in given.items():
        if name not in PARAMETERS:
            problems.append(ParameterProblem(name, f"is not known; known are {', '.join(PARAMETERS)}"))
            continue
        try:
            parsed[name] = PARAMETERS[name].check(value)
        except ValueError as error:
            problems.append(ParameterProblem(name, str(error)))
    budgets = [name for name in _BUDGETS if parsed[name] is not None]
    if len(budgets) > 1:
        problems.append(ParameterProblem("epochs", "only one of epochs, steps and seconds can be given"))
    if problems:
        raise ParameterError(problems)
    amounts = {name: parsed.pop(name) for name in _BUDGETS}
    kind: Any = budgets[0] if budgets else "epochs"
    parsed["budget"] = Budget(kind, amounts[kind] if budgets else 10.0)
    if parsed["super_batch"] is None:
        parsed["super_batch"] = 3 * parsed["batch_size"]
    return Configuration(**parsed)


def schedule_factor(configuration: Configuration, progress: float) -> float:
    """What the base learning rate is multiplied by.

    Args:
        progress: Share of the run that is done: of its steps, or of its seconds.
    """
    done = min(1.0, max(0.0, progress))
    warm = done / configuration.warmup if done < configuration.warmup else 1.0
    if configuration.schedule == "constant":
        return warm
    if configuration.schedule == "cosine":
        return warm * (1 + math.cos(math.pi * done)) / 2
    # The tolerance puts a step that falls on a boundary behind it, whatever rounding says.
    dropped = min(configuration.schedule_drops, math.floor(done * (configuration.schedule_drops + 1) + 1e-9))
    return warm * configuration.schedule_factor**dropped
