"""A study's spec for the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Mapping, Sequence, TypedDict

from google.protobuf import json_format

from superbatch.optimizer.v1 import study_pb2

from .space import Constraint, Space, space_to_proto

Options = Mapping[str, Any]


@dataclass(frozen=True)
class OutcomeConstraint:
    """Bounds of another metric than the objective's, which every result must bring: a latency of at most 20 ms is ``OutcomeConstraint("latency_ms", at_most=20)``.

    Attributes:
        metric: Name of the metric.
        at_least: Smallest value that is acceptable, in the metric's unit; None: no lower bound.
        at_most: Largest one; None: no upper bound. One of the two is needed.
    """

    metric: str
    at_least: float | None = None
    at_most: float | None = None


class StudyOptions(TypedDict, total=False):
    """What a study may be told besides its space and metric. What is absent has the service's default.

    Attributes:
        goal: ``minimize`` or ``maximize``.
        transform: ``log``: the model sees the logarithm of the value, for errors that span orders of magnitude.
        constraints: Linear constraints between the parameters.
        outcome_constraints: Bounds that other metrics must keep at the target fidelity.
        algorithm: A name such as ``entropy-search``, ``max-value-entropy``, ``knowledge-gradient``, ``fabolas``, ``expected-improvement``, ``tpe``, ``asha``,
            ``random`` or ``sobol``; or a mapping from the name to its options as in the contract: ``{"entropy-search": {"representers": 30}}``, or
            ``{"asha": {"brackets": 3}}`` for Hyperband.
        max_trials, max_cost, max_seconds: The budget.
        seed: Below 2⁵³.
        cost_unit: Such as ``seconds`` or ``USD``.
        lease_seconds, max_attempts, max_parallel: How trials are leased.
        early_stopping: ``median``, or a mapping from the name to its options.
        requirements: What a worker must be capable of.
        labels: The user's own names and values.
    """

    goal: Literal["minimize", "maximize"]
    transform: Literal["none", "log"]
    constraints: Sequence[Constraint]
    outcome_constraints: Sequence[OutcomeConstraint]
    algorithm: str | Mapping[str, Options]
    max_trials: int
    max_cost: float
    max_seconds: float
    seed: int
    cost_unit: str
    lease_seconds: float
    max_attempts: int
    max_parallel: int
    early_stopping: str | Mapping[str, Options]
    requirements: Mapping[str, str]
    labels: Mapping[str, str]


def spec_to_proto(space: Space, metric: str, options: StudyOptions) -> study_pb2.StudySpec:
    """A study's spec for the wire.

    Raises:
        ValueError: if the goal, the transform, the algorithm or one of its options has a name that the contract does not have.
        TypeError: if an option is not one of :class:`StudyOptions`.
    """
    unknown = sorted(set(options) - set(StudyOptions.__annotations__))
    if unknown:
        raise TypeError(f"unknown option {', '.join(unknown)}; known are {', '.join(StudyOptions.__annotations__)}")
    objective = study_pb2.Objective(
        metric=metric,
        goal=f"GOAL_{options.get('goal', 'unspecified').upper()}",
        transform=f"OBJECTIVE_TRANSFORM_{options.get('transform', 'unspecified').upper()}",
    )
    spec = study_pb2.StudySpec(space=space_to_proto(space, options.get("constraints", ())), objective=objective)
    if "algorithm" in options:
        json_format.ParseDict(_choice("algorithm", options["algorithm"]), spec.algorithm)
    if "early_stopping" in options:
        json_format.ParseDict(_choice("early_stopping", options["early_stopping"]), spec.early_stopping)
    for part, names in _PARTS.items():
        target = getattr(spec, part) if part else spec
        for name in names:
            if name in options:
                setattr(target, name, options[name])  # type: ignore[literal-required]
    for bounds in options.get("outcome_constraints", ()):
        spec.outcome_constraints.add(metric=bounds.metric, at_least=bounds.at_least, at_most=bounds.at_most)
    spec.requirements.update(options.get("requirements", {}))
    spec.labels.update(options.get("labels", {}))
    return spec


_PARTS = {
    "": ("seed", "cost_unit"),
    "budget": ("max_trials", "max_cost", "max_seconds"),
    "lease": ("lease_seconds", "max_attempts", "max_parallel"),
}


def _choice(field: str, choice: str | Mapping[str, Options]) -> dict[str, Any]:
    named: Mapping[str, Options] = {choice: {}} if isinstance(choice, str) else choice
    if len(named) != 1:
        raise ValueError(f"{field}: give one name, with its options or without")
    return {name.replace("-", "_"): dict(options) for name, options in named.items()}
