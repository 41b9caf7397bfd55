"""Trials, recommendations and predictions as plain values, and tables of them."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Iterable, Mapping, Sequence

from google.protobuf.timestamp_pb2 import Timestamp

from superbatch.common.v1 import cost_pb2, space_pb2
from superbatch.optimizer.v1 import optimizer_service_pb2 as pb
from superbatch.optimizer.v1 import trial_pb2

from .space import Value, point_from_proto


@dataclass(frozen=True)
class Cost:
    """What a trial spent, in the study's unit (seconds unless it names another).

    Attributes:
        total: Everything; at least the sum of the parts. None: that sum.
        scoring: Forward passes that only scored super-batches.
        gradient: Gradient steps.
        evaluation: Evaluation on held-out data.
        data: Loading, augmenting and moving data.
    """

    total: float | None = None
    scoring: float = 0.0
    gradient: float = 0.0
    evaluation: float = 0.0
    data: float = 0.0

    def to_proto(self) -> cost_pb2.Cost:
        """For the wire."""
        parts = self.scoring + self.gradient + self.evaluation + self.data
        return cost_pb2.Cost(
            total=parts if self.total is None else self.total,
            scoring=self.scoring,
            gradient=self.gradient,
            evaluation=self.evaluation,
            data=self.data,
        )

    @staticmethod
    def from_proto(message: cost_pb2.Cost) -> Cost:
        """From the wire."""
        return Cost(message.total, message.scoring, message.gradient, message.evaluation, message.data)


def cost_to_proto(cost: float | Cost) -> cost_pb2.Cost:
    """A cost, or its total alone, for the wire."""
    return cost.to_proto() if isinstance(cost, Cost) else cost_pb2.Cost(total=float(cost))


@dataclass(frozen=True)
class ProgressPoint:
    """A point of a learning curve: values by metric at a step, and what the attempt had spent."""

    step: int
    metrics: Mapping[str, float]
    cost: Cost


@dataclass(frozen=True)
class TrialRecord:
    """A trial as the study keeps it.

    Attributes:
        name: ``projects/{project}/studies/{study}/trials/{number}``.
        number: In the study, from 1.
        state: ``suggested``, ``leased``, ``running``, ``completed``, ``failed``, ``infeasible`` or ``abandoned``.
        parameters: Values by name; inactive ones are absent.
        value: Of the study's metric; None unless completed.
        metrics: Other values by name.
        cost: Of all attempts.
        attempts: So far.
        worker: That holds or held the last lease.
        reason: Why the trial failed, is infeasible or was abandoned, or was stopped early.
        stopped_early: The value is then of where it stopped.
        origin: Where the point came from: ``user``, ``initial_design``, ``model``, ``drawn`` or ``fallback``.
        note: What the algorithm says of its choice.
        traceparent: Of the trial's trace.
        labels: The user's own.
        progress: The learning curve, where it was asked for.
    """

    name: str
    number: int
    state: str
    parameters: Mapping[str, Value]
    value: float | None
    metrics: Mapping[str, float]
    cost: Cost
    attempts: int
    worker: str
    reason: str
    stopped_early: bool
    origin: str
    note: str
    traceparent: str
    labels: Mapping[str, str]
    start_time: datetime | None
    end_time: datetime | None
    progress: Sequence[ProgressPoint] = field(repr=False, default=())

    @staticmethod
    def from_proto(trial: trial_pb2.Trial, space: space_pb2.SearchSpace) -> TrialRecord:
        """From the wire."""
        return TrialRecord(
            name=trial.name,
            number=trial.number,
            state=trial_pb2.TrialState.Name(trial.state).removeprefix("TRIAL_STATE_").lower(),
            parameters=point_from_proto(trial.parameters, space),
            value=trial.measurement.value if trial.HasField("measurement") else None,
            metrics=dict(trial.measurement.metrics),
            cost=Cost.from_proto(trial.cost),
            attempts=trial.attempts,
            worker=trial.worker,
            reason=trial.reason,
            stopped_early=trial.stopped_early,
            origin=trial_pb2.Origin.Name(trial.explanation.origin).removeprefix("ORIGIN_").lower(),
            note=trial.explanation.note,
            traceparent=trial.traceparent,
            labels=dict(trial.labels),
            start_time=_time(trial, "start_time"),
            end_time=_time(trial, "end_time"),
            progress=[ProgressPoint(p.step, dict(p.metrics), Cost.from_proto(p.cost)) for p in trial.progress],
        )


def _time(trial: trial_pb2.Trial, name: str) -> datetime | None:
    if not trial.HasField(name):
        return None
    stamp: Timestamp = getattr(trial, name)
    return stamp.ToDatetime(timezone.utc)


@dataclass(frozen=True)
class Recommendation:
    """What a study recommends.

    Attributes:
        parameters: Hyperparameters, with fidelities at their targets.
        mean: Predicted value of the objective at the target fidelity; the trial's own value if no model was used.
        sd: Its standard deviation; None if no model was used.
        trial: The completed trial with these hyperparameters and the largest fidelity.
        observed_value: That trial's own value.
        observations: That the recommendation rests on.
        feasibility: Probability that the study's outcome constraints hold at the target fidelity; None in a study without them.
        constraints_unmet: No evaluated point is likely to keep them: this is the one that is closest to it.
    """

    parameters: Mapping[str, Value]
    mean: float
    sd: float | None
    trial: str
    observed_value: float
    observations: int
    feasibility: float | None = None
    constraints_unmet: bool = False

    @staticmethod
    def from_proto(message: pb.GetRecommendationResponse, space: space_pb2.SearchSpace) -> Recommendation:
        """From the wire."""
        return Recommendation(
            point_from_proto(message.parameters, space),
            message.mean,
            message.sd if message.HasField("sd") else None,
            message.trial,
            message.observed_value,
            message.observations,
            message.feasibility if message.HasField("feasibility") else None,
            message.constraints_unmet,
        )

    def _repr_html_(self) -> str:
        rows = [*self.parameters.items(), ("predicted", self.mean), ("standard deviation", self.sd), ("observed", self.observed_value)]
        if self.feasibility is not None:
            rows.append(("probability that the constraints hold", self.feasibility))
        return table(["", "recommended"], rows)


@dataclass(frozen=True)
class Prediction:
    """What a study's model predicts at a point: mean and standard deviation of the objective, expected cost, the acquisition function's value."""

    mean: float
    sd: float
    expected_cost: float
    acquisition: float | None


@dataclass(frozen=True)
class Event:
    """Something that happened in a study: ``kind`` such as ``trial_completed``, the trial's name if it is one's, and a message in words."""

    sequence: int
    kind: str
    trial: str
    message: str


class Trials(Sequence[TrialRecord]):
    """A study's trials by number. Notebooks show a table; :meth:`to_pandas` makes a data frame."""

    def __init__(self, records: Iterable[TrialRecord]) -> None:
        self._records = list(records)

    def __len__(self) -> int:
        return len(self._records)

    def __getitem__(self, index: Any) -> Any:
        return self._records[index]

    def __repr__(self) -> str:
        return f"<{len(self)} trials, {sum(record.state == 'completed' for record in self)} completed>"

    def _repr_html_(self) -> str:
        rows = self.rows()
        columns = list(dict.fromkeys(name for row in rows for name in row))
        return table(columns, [[row.get(name) for name in columns] for row in rows])

    def rows(self) -> list[dict[str, Any]]:
        """One flat row a trial: number, state, value, parameters as ``params_NAME``, other metrics as ``metrics_NAME``, cost by phase, and the rest."""
        return [
            {
                "number": record.number,
                "state": record.state,
                "value": record.value,
                **{f"params_{name}": value for name, value in record.parameters.items()},
                **{f"metrics_{name}": value for name, value in record.metrics.items()},
                **{f"cost_{name}": getattr(record.cost, name) for name in ("total", "scoring", "gradient", "evaluation", "data")},
                "attempts": record.attempts,
                "worker": record.worker,
                "origin": record.origin,
                "stopped_early": record.stopped_early,
                "reason": record.reason,
                "start_time": record.start_time,
                "end_time": record.end_time,
            }
            for record in self
        ]

    def to_pandas(self) -> Any:
        """A data frame of :meth:`rows`, with ``number`` as its index. Needs pandas.

        Raises:
            ImportError: if pandas is not installed.
        """
        import pandas

        rows = self.rows()
        return pandas.DataFrame(rows).set_index("number") if rows else pandas.DataFrame()


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """As HTML, for notebooks."""
    head = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(_text(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return f"{cell:.6g}" if isinstance(cell, float) else str(cell)
