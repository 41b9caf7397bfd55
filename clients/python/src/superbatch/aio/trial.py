"""A leased trial in asyncio, and the task that keeps its lease."""

from __future__ import annotations

import asyncio
import logging
from types import TracebackType
from typing import TYPE_CHECKING, Mapping

from superbatch.optimizer.v1 import optimizer_service_pb2 as pb

from .. import _calls
from .._attempt import Attempt, Result
from ..errors import Infeasible, SuperbatchError
from ..records import Cost
from ..space import Value
from ..trial import PATIENCE_SECONDS

if TYPE_CHECKING:
    from .client import Client

log = logging.getLogger("superbatch")


class Trial:
    """A leased trial, whose lease a task keeps until it ends; see :class:`superbatch.Trial`. Use it as an asynchronous context manager."""

    def __init__(self, client: Client, attempt: Attempt) -> None:
        self._client = client
        self._attempt = attempt
        self._lock = asyncio.Lock()
        self._heartbeats = asyncio.create_task(self._beat(), name=f"heartbeat of {attempt.name}")

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
        """For the trial's own randomness."""
        return self._attempt.seed

    @property
    def traceparent(self) -> str:
        """W3C trace context of the trial."""
        return self._attempt.traceparent

    @property
    def ended(self) -> bool:
        """Whether it has a result, has failed, or was cancelled."""
        return self._attempt.ended

    async def report(
        self,
        *,
        step: int,
        value: float | None = None,
        metrics: Mapping[str, float] | None = None,
        cost: float | Cost | None = None,
    ) -> None:
        """Adds a point to the learning curve; raises :class:`StopEarly` or :class:`TrialCancelled` when told so."""
        self._attempt.check_running()
        async with self._lock:
            self._attempt.add(step, value, metrics, cost)
            await self._send_progress()
        self.check()

    def spent(self, cost: float | Cost) -> None:
        """Cost of this attempt so far, for the next heartbeat. Costs nothing."""
        self._attempt.spend(cost)

    def check(self) -> None:
        """Raises what the optimizer has told since. Costs nothing."""
        if self._attempt.command is not None:
            raise self._attempt.command

    async def complete(
        self,
        value: float | Result,
        *,
        cost: float | Cost | None = None,
        metrics: Mapping[str, float] | None = None,
        stopped_early: bool = False,
    ) -> None:
        """Ends the trial with a result."""
        result = value if isinstance(value, Result) else Result(value, cost, metrics, stopped_early)
        self._attempt.check_running()
        await self._end(self._attempt.result_request(result))

    async def fail(self, reason: str, *, infeasible: bool = False, cost: float | Cost | None = None) -> None:
        """Ends the attempt without a result."""
        kind = pb.FAILURE_KIND_INFEASIBLE if infeasible else pb.FAILURE_KIND_FAILED
        self._attempt.check_running()
        await self._end(self._attempt.failure_request(kind, reason, cost))

    async def give_back(self, reason: str = "the worker is stopping") -> None:
        """Gives the trial back: the attempt does not count, and another worker gets it."""
        self._attempt.check_running()
        await self._end(self._attempt.failure_request(pb.FAILURE_KIND_RETURNED, reason))

    async def abandon(self, reason: str) -> None:
        """Ends the trial for good; the study forgets it."""
        self._attempt.check_running()
        await self._end(self._attempt.failure_request(pb.FAILURE_KIND_ABANDONED, reason))

    async def __aenter__(self) -> Trial:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        if self._attempt.ended:
            return isinstance(error, Infeasible)
        request, handled = self._attempt.ending_of(error)
        try:
            # A cancelled task still gives its trial back.
            await asyncio.shield(self._end(request))
        except SuperbatchError:
            if error is None or handled:
                raise
            log.warning("the end of %s could not be reported", self.name, exc_info=True)
        return handled

    def __repr__(self) -> str:
        return f"<Trial {self.name} {dict(self.parameters)}>"

    async def _end(self, request: pb.CompleteTrialRequest | pb.FailTrialRequest | None) -> None:
        async with self._lock:
            if isinstance(request, pb.CompleteTrialRequest):
                await self._client._call(_calls.COMPLETE_TRIAL, request, PATIENCE_SECONDS)
            elif request is not None:
                await self._client._call(_calls.FAIL_TRIAL, request, PATIENCE_SECONDS)
            self._attempt.ended = True
            # It waits for its time or for the lock: it sends nothing now.
            self._heartbeats.cancel()

    async def _beat(self) -> None:
        while not self._attempt.ended:
            await asyncio.sleep(self._attempt.heartbeat_seconds)
            async with self._lock:
                if not self._attempt.ended and self._attempt.command is None:
                    try:
                        await self._send_progress()
                    except SuperbatchError:
                        log.warning("a heartbeat of %s was refused", self.name, exc_info=True)

    async def _send_progress(self) -> None:
        """Sends what there is, or keeps it if the optimizer cannot be reached. The caller holds the lock."""
        request = self._attempt.progress_request()
        try:
            response = await self._client._call(_calls.REPORT_PROGRESS, request, max(1.0, self._attempt.heartbeat_seconds))
        except SuperbatchError as error:
            if error.code not in _calls.UNREACHABLE:
                raise
            self._attempt.undelivered(request)
            log.warning("%s: the optimizer cannot be reached; the training goes on", self.name)
        else:
            self._attempt.delivered(response)
