"""One attempt at a leased trial, without its transport: what to send, what an answer means, and how an attempt ends. Shared by the blocking and the asyncio client."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import Mapping

from superbatch.common.v1 import cost_pb2, space_pb2
from superbatch.optimizer.v1 import optimizer_service_pb2 as pb
from superbatch.optimizer.v1 import trial_pb2

from .errors import Infeasible, StopEarly, StopTrial, TrialCancelled
from .records import Cost, cost_to_proto
from .space import Value, point_from_proto

#: FailTrial takes at most 4,096 characters.
_LONGEST_REASON = 4096


@dataclass(frozen=True)
class Result:
    """What an objective may return in place of its value alone.

    Attributes:
        value: Of the study's metric.
        cost: What the attempt spent; None: the seconds since the trial was leased.
        metrics: Other values by name.
        stopped_early: True if the trial was stopped early.
        prior_cost: What earlier attempts had spent on the checkpoint that this one went on from.
    """

    value: float
    cost: float | Cost | None = None
    metrics: Mapping[str, float] | None = None
    stopped_early: bool = False
    prior_cost: float = 0.0


def request_id() -> str:
    """Makes a call safe to repeat."""
    return str(uuid.uuid4())


class Attempt:
    """The state of one attempt. Its owner sends what it is told to, one message at a time.

    Attributes:
        name: Of the trial.
        number: In its study.
        parameters: Values by name; inactive ones are absent.
        metric: That the study optimizes.
        seed: For the trial's own randomness: equal in every attempt.
        traceparent: W3C trace context of the trial, to be the parent of the worker's spans.
        ended: Whether the attempt has a result, has failed, or was cancelled.
    """

    def __init__(self, lease: pb.TrialLease, space: space_pb2.SearchSpace) -> None:
        self.name = lease.trial.name
        self.number = lease.trial.number
        self.parameters: Mapping[str, Value] = point_from_proto(lease.trial.parameters, space)
        self.metric = lease.metric
        self.seed = lease.seed
        self.traceparent = lease.trial.traceparent
        self.attempts = lease.trial.attempts
        self.lease_id = lease.lease_id
        self.lease_seconds = lease.lease_seconds
        self.ended = False
        self.command: StopTrial | None = None
        self.last_value: float | None = None
        self._started = time.monotonic()
        self._points: dict[int, trial_pb2.ProgressPoint] = {}
        self._last_cost: float | Cost | None = None

    @property
    def heartbeat_seconds(self) -> float:
        """Between two heartbeats."""
        return self.lease_seconds / 4

    def spent(self, cost: float | Cost | None) -> cost_pb2.Cost:
        """The given cost, or the seconds since the lease."""
        return cost_pb2.Cost(total=max(1e-9, time.monotonic() - self._started)) if cost is None else cost_to_proto(cost)

    def spend(self, cost: float | Cost) -> None:
        """What heartbeats say that the attempt has spent, from now on."""
        self._last_cost = cost

    def add(self, step: int, value: float | None, metrics: Mapping[str, float] | None, cost: float | Cost | None) -> None:
        """A point of the learning curve, for the next progress request. Of the same step the last one counts."""
        all_metrics = {**({} if value is None else {self.metric: float(value)}), **(metrics or {})}
        self.last_value = all_metrics.get(self.metric, self.last_value)
        self._last_cost = self._last_cost if cost is None else cost
        self._points[step] = trial_pb2.ProgressPoint(step=step, metrics=all_metrics, cost=self.spent(cost))

    def progress_request(self) -> pb.ReportProgressRequest:
        """A heartbeat with what has not been sent yet; followed by :meth:`delivered` or :meth:`undelivered`."""
        points, self._points = self._points, {}
        return pb.ReportProgressRequest(
            trial=self.name,
            lease_id=self.lease_id,
            points=[points[step] for step in sorted(points)],
            cost=self.spent(self._last_cost),
            request_id=request_id(),
        )

    def undelivered(self, request: pb.ReportProgressRequest) -> None:
        """The next request takes the points along."""
        self._points = {**{point.step: point for point in request.points}, **self._points}

    def delivered(self, response: pb.ReportProgressResponse) -> None:
        """Keeps the command that the answer brought."""
        if response.command == pb.COMMAND_STOP_EARLY:
            self.command = StopEarly(response.reason or "stopped early")
        elif response.command == pb.COMMAND_CANCEL:
            self.command = TrialCancelled(response.reason or "the lease is lost")

    def result_request(self, result: Result) -> pb.CompleteTrialRequest:
        """The end with a result."""
        measurement = trial_pb2.Measurement(
            value=float(result.value),
            metrics=result.metrics or {},
            cost=self.spent(result.cost),
            prior_cost=result.prior_cost,
        )
        return pb.CompleteTrialRequest(
            trial=self.name,
            lease_id=self.lease_id,
            measurement=measurement,
            stopped_early=result.stopped_early,
            request_id=request_id(),
        )

    def failure_request(self, kind: pb.FailureKind, reason: str, cost: float | Cost | None = None) -> pb.FailTrialRequest:
        """The end without a result."""
        return pb.FailTrialRequest(
            trial=self.name,
            lease_id=self.lease_id,
            kind=kind,
            reason=reason[:_LONGEST_REASON] or "no reason given",
            cost=self.spent(cost),
            request_id=request_id(),
        )

    def check_running(self) -> None:
        """Raises RuntimeError if the attempt has ended."""
        if self.ended:
            raise RuntimeError(f"{self.name} has ended: nothing more can be reported")

    def ending_of(self, error: BaseException | None) -> tuple[pb.CompleteTrialRequest | pb.FailTrialRequest | None, bool]:
        """How a ``with`` block's end ends the attempt: what to send, and whether the exception is thereby dealt with.

        - No exception and no result: failed.
        - :class:`StopEarly`: completed with the last reported value; failed if there is none.
        - :class:`TrialCancelled`: nothing more is sent.
        - :class:`Infeasible` or MemoryError: infeasible.
        - Whatever is no Exception (KeyboardInterrupt, SystemExit, asyncio's CancelledError): returned, another worker gets it.
        - All else: failed, and tried again while the study allows.
        """
        if error is None:
            return self.failure_request(pb.FAILURE_KIND_FAILED, "the worker ended without a result"), False
        if isinstance(error, TrialCancelled):
            return None, True
        if isinstance(error, StopEarly):
            if self.last_value is None:
                return self.failure_request(pb.FAILURE_KIND_FAILED, "stopped early before the first value was reported"), True
            return self.result_request(Result(self.last_value, self._last_cost, stopped_early=True)), True
        if not isinstance(error, Exception):
            return self.failure_request(pb.FAILURE_KIND_RETURNED, "the worker is stopping"), False
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error, Infeasible):
            return self.failure_request(pb.FAILURE_KIND_INFEASIBLE, str(error)), True
        if isinstance(error, MemoryError):
            return self.failure_request(pb.FAILURE_KIND_INFEASIBLE, reason), False
        return self.failure_request(pb.FAILURE_KIND_FAILED, reason), False


def as_result(value: float | Result) -> Result:
    """What an objective returned."""
    return value if isinstance(value, Result) else Result(float(value))
