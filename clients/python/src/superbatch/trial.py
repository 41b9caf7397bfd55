"""A trial that this process holds, and the heartbeats that keep its lease."""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Mapping

from superbatch.optimizer.v1 import optimizer_service_pb2 as pb

from . import _calls
from ._attempt import Attempt, Result
from .errors import Infeasible, SuperbatchError
from .records import Cost, table
from .space import Value

if TYPE_CHECKING:
    from .client import Client

log = logging.getLogger("superbatch")

#: How long a result is sent again while the optimizer does not answer: a trial may have cost hours, a restart costs seconds.
PATIENCE_SECONDS = 300.0


class Trial:
    """A leased trial. A thread keeps its lease until it ends; use it as a context manager, so that an exception ends it rightly::

        with study.ask() as trial:
            for epoch in range(10):
                error = train(trial.parameters)
                trial.report(step=epoch, value=error)      # raises StopEarly or TrialCancelled when told so
            trial.complete(error)

    Safe to use from several threads.
    """

    def __init__(self, client: Client, lease: pb.TrialLease, attempt: Attempt) -> None:
        self._client = client
        self._attempt = attempt
        # One message at a time, so that points arrive in order and nothing follows the end.
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat of {attempt.name}", daemon=True)
        self._thread.start()

    @property
    def name(self) -> str:
        """``projects/{project}/studies/{study}/trials/{number}``."""
        return self._attempt.name

    @property
    def number(self) -> int:
        """In its study, from 1."""
        return self._attempt.number

    @property
    def parameters(self) -> Mapping[str, Value]:
        """Values by name; inactive parameters are absent."""
        return self._attempt.parameters

    @property
    def metric(self) -> str:
        """That the study optimizes."""
        return self._attempt.metric

    @property
    def seed(self) -> int:
        """For the trial's own randomness: equal in every attempt."""
        return self._attempt.seed

    @property
    def traceparent(self) -> str:
        """W3C trace context of the trial: start the spans of its training with it as their parent."""
        return self._attempt.traceparent

    @property
    def ended(self) -> bool:
        """Whether it has a result, has failed, or was cancelled."""
        return self._attempt.ended

    def report(
        self,
        *,
        step: int,
        value: float | None = None,
        metrics: Mapping[str, float] | None = None,
        cost: float | Cost | None = None,
    ) -> None:
        """Adds a point to the learning curve. If the optimizer cannot be reached, the point goes with the next message.

        Args:
            step: Gradient steps, epochs or whatever is counted.
            value: Of the study's metric.
            metrics: Other values by name.
            cost: Of this attempt so far; None: the seconds since the lease.

        Raises:
            StopEarly: if the study finds the trial hopeless.
            TrialCancelled: if the lease is lost, or the trial or the study is gone.
            SuperbatchError: if the report is refused, such as values that are not finite.
        """
        self._attempt.check_running()
        with self._lock:
            self._attempt.add(step, value, metrics, cost)
            self._send_progress()
        self.check()

    def spent(self, cost: float | Cost) -> None:
        """Cost of this attempt so far, for the next heartbeat. Costs nothing."""
        self._attempt.spend(cost)

    def check(self) -> None:
        """Raises what the optimizer has told since: :class:`StopEarly` or :class:`TrialCancelled`. Costs nothing."""
        if self._attempt.command is not None:
            raise self._attempt.command

    def complete(
        self,
        value: float | Result,
        *,
        cost: float | Cost | None = None,
        metrics: Mapping[str, float] | None = None,
        stopped_early: bool = False,
    ) -> None:
        """Ends the trial with a result, sent again for minutes while the optimizer cannot be reached.

        Args:
            value: Of the study's metric, or a whole result.
            cost: What the attempt spent, by phase or in all; None: the seconds since the lease.

        Raises:
            SuperbatchError: if the result is refused. The trial has not ended then.
        """
        result = value if isinstance(value, Result) else Result(value, cost, metrics, stopped_early)
        self._attempt.check_running()
        self._end(self._attempt.result_request(result))

    def fail(self, reason: str, *, infeasible: bool = False, cost: float | Cost | None = None) -> None:
        """Ends the attempt without a result. It is tried again while the study allows, or, if infeasible, learned from."""
        kind = pb.FAILURE_KIND_INFEASIBLE if infeasible else pb.FAILURE_KIND_FAILED
        self._attempt.check_running()
        self._end(self._attempt.failure_request(kind, reason, cost))

    def give_back(self, reason: str = "the worker is stopping") -> None:
        """Gives the trial back: the attempt does not count, and another worker gets it."""
        self._attempt.check_running()
        self._end(self._attempt.failure_request(pb.FAILURE_KIND_RETURNED, reason))

    def abandon(self, reason: str) -> None:
        """Ends the trial for good; the study forgets it."""
        self._attempt.check_running()
        self._end(self._attempt.failure_request(pb.FAILURE_KIND_ABANDONED, reason))

    def __enter__(self) -> Trial:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        if self._attempt.ended:
            return isinstance(error, Infeasible)
        request, handled = self._attempt.ending_of(error)
        try:
            self._end(request)
        except SuperbatchError:
            # What the block raised says more than that it could not be reported.
            if error is None or handled:
                raise
            log.warning("the end of %s could not be reported", self.name, exc_info=True)
        return handled

    def __repr__(self) -> str:
        return f"<Trial {self.name} {dict(self.parameters)}>"

    def _repr_html_(self) -> str:
        return table([f"trial {self.number}", ""], list(self.parameters.items()))

    def _end(self, request: pb.CompleteTrialRequest | pb.FailTrialRequest | None) -> None:
        with self._lock:
            if isinstance(request, pb.CompleteTrialRequest):
                self._client._call(_calls.COMPLETE_TRIAL, request, PATIENCE_SECONDS)
            elif request is not None:
                self._client._call(_calls.FAIL_TRIAL, request, PATIENCE_SECONDS)
            self._attempt.ended = True
        self._over.set()

    def _beat(self) -> None:
        while not self._over.wait(self._attempt.heartbeat_seconds):
            with self._lock:
                if not self._attempt.ended and self._attempt.command is None:
                    try:
                        self._send_progress()
                    except SuperbatchError:
                        log.warning("a heartbeat of %s was refused", self.name, exc_info=True)

    def _send_progress(self) -> None:
        """Sends what there is, or keeps it if the optimizer cannot be reached. The caller holds the lock."""
        request = self._attempt.progress_request()
        try:
            response = self._client._call(_calls.REPORT_PROGRESS, request, max(1.0, self._attempt.heartbeat_seconds))
        except SuperbatchError as error:
            if error.code not in _calls.UNREACHABLE:
                raise
            self._attempt.undelivered(request)
            log.warning("%s: the optimizer cannot be reached; the training goes on", self.name)
        else:
            self._attempt.delivered(response)
