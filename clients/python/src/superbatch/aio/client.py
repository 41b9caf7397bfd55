"""A connection to an optimizer, and its studies, in asyncio."""

from __future__ import annotations

import asyncio
import logging
import time
from pathlib import Path
from types import TracebackType
from typing import AsyncIterator, Awaitable, Callable, Mapping, Sequence

import grpc
import grpc.aio
from typing_extensions import Unpack

from superbatch.common.v1 import space_pb2
from superbatch.optimizer.v1 import optimizer_service_pb2 as pb
from superbatch.optimizer.v1 import study_pb2

from .. import _calls, _study_messages as messages
from .._attempt import Attempt, Result, as_result, request_id
from .._calls import Attempts, Connection, Method, Request, Response
from .._spec import StudyOptions, spec_to_proto
from ..errors import AlreadyExists, StudyCompleted, SuperbatchError, from_rpc_error
from ..records import Cost, Event, Prediction, Recommendation, TrialRecord, Trials
from ..space import Point, Space
from .trial import Trial

log = logging.getLogger("superbatch")

Objective = Callable[[Trial], Awaitable["float | Result"]]


class Client:
    """A connection to an optimizer. Belongs to the event loop in which it was made. Arguments as of :class:`superbatch.Client`."""

    def __init__(
        self,
        address: str = "127.0.0.1:7601",
        *,
        token: str | Callable[[], str] | None = None,
        ca: str | Path | bool | None = None,
        certificate: str | Path | None = None,
        key: str | Path | None = None,
        server_name: str | None = None,
        project: str = "default",
        timeout: float = 60.0,
    ) -> None:
        self._connection = Connection(address, token, ca, certificate, key, server_name)
        self._project = project
        self._timeout = timeout
        credentials, options = self._connection.credentials(), self._connection.options()
        if credentials is None:
            self._channel = grpc.aio.insecure_channel(address, options=options)
        else:
            self._channel = grpc.aio.secure_channel(address, credentials, options=options)

    async def create_study(self, name: str, space: Space, metric: str, *, exist_ok: bool = False, **options: Unpack[StudyOptions]) -> Study:
        """Creates a study; see the blocking one."""
        request = pb.CreateStudyRequest(
            parent=f"projects/{self._project}",
            study_id=name,
            study=study_pb2.Study(spec=spec_to_proto(space, metric, options)),
            request_id=request_id(),
        )
        try:
            return Study(self, (await self._call(_calls.CREATE_STUDY, request)).study)
        except AlreadyExists:
            if not exist_ok:
                raise
            return await self.study(name)

    async def study(self, name: str) -> Study:
        """A study by its id, or by its whole name."""
        request = pb.GetStudyRequest(name=messages.study_name(name, self._project))
        return Study(self, (await self._call(_calls.GET_STUDY, request)).study)

    async def studies(self) -> AsyncIterator[Study]:
        """The project's studies, newest first."""
        token = ""
        while True:
            request = pb.ListStudiesRequest(parent=f"projects/{self._project}", page_token=token)
            page = await self._call(_calls.LIST_STUDIES, request)
            for study in page.studies:
                yield Study(self, study)
            token = page.next_page_token
            if not token:
                return

    async def close(self) -> None:
        """Closes the connection."""
        await self._channel.close(None)

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def _call(self, method: Method[Request, Response], request: Request, seconds: float | None = None) -> Response:
        """One call with its retries, all within so many seconds."""
        call = self._channel.unary_unary(
            method.path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.response.FromString,
        )
        attempts = Attempts(self._timeout if seconds is None else seconds)
        while True:
            try:
                response: Response = await call(request, timeout=attempts.remaining(), metadata=self._connection.metadata())
                return response
            except grpc.aio.AioRpcError as error:
                failure = from_rpc_error(error)
            # Outside of the except clause, so that what is raised does not drag gRPC's own exception along.
            await asyncio.sleep(attempts.pause(failure))

    async def _watch(self, request: pb.WatchStudyRequest) -> AsyncIterator[pb.WatchStudyResponse]:
        method = _calls.WATCH_STUDY
        call = self._channel.unary_stream(
            method.path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.response.FromString,
        )
        stream = call(request, metadata=self._connection.metadata())
        try:
            async for response in stream:
                yield response
        except grpc.aio.AioRpcError as error:
            raise from_rpc_error(error) from None
        finally:
            stream.cancel()


class Study:
    """A study; see :class:`superbatch.Study`."""

    def __init__(self, client: Client, proto: study_pb2.Study) -> None:
        self._client = client
        self.proto = proto

    @property
    def name(self) -> str:
        """``projects/{project}/studies/{study}``."""
        return self.proto.name

    @property
    def state(self) -> str:
        """``active``, ``paused`` or ``completed``."""
        return study_pb2.StudyState.Name(self.proto.state).removeprefix("STUDY_STATE_").lower()

    async def refresh(self) -> Study:
        """Reads the study again."""
        self.proto = (await self._client._call(_calls.GET_STUDY, pb.GetStudyRequest(name=self.name))).study
        return self

    async def ask(
        self, *, timeout: float | None = None, worker: str | None = None, capabilities: Mapping[str, str] | None = None
    ) -> Trial:
        """Leases a trial, waiting for one if there is none; raises as the blocking one does."""
        end = None if timeout is None else time.monotonic() + timeout
        worker = worker or messages.worker_name()
        while True:
            left = None if end is None else end - time.monotonic()
            wait = messages.WAIT_SECONDS if left is None else max(0.0, min(left, messages.WAIT_SECONDS))
            request = messages.lease_request(self.name, worker, wait, capabilities)
            response = await self._client._call(_calls.LEASE_TRIALS, request, wait + self._client._timeout)
            for lease in response.leases:
                return Trial(self._client, Attempt(lease, await self._space(lease.trial.space_version)))
            await asyncio.sleep(messages.check_poll(response, self.name, None if end is None else end - time.monotonic()))

    async def run(
        self,
        objective: Objective,
        *,
        parallel: int = 1,
        trials: int | None = None,
        catch: tuple[type[Exception], ...] = (),
        capabilities: Mapping[str, str] | None = None,
    ) -> Recommendation | None:
        """Takes trials until the study is completed; see the blocking one. ``parallel`` tasks; the first one that raises cancels the others,
        whose trials are given back."""
        left = trials

        async def work(index: int) -> None:
            nonlocal left
            try:
                while left != 0:
                    left = None if left is None else left - 1
                    trial = await self.ask(worker=f"{messages.worker_name()}:{index}", capabilities=capabilities)
                    try:
                        async with trial:
                            await trial.complete(as_result(await objective(trial)))
                    except catch:
                        log.warning("%s failed", trial.name, exc_info=True)
            except StudyCompleted:
                return

        tasks = [asyncio.create_task(work(index)) for index in range(parallel)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        try:
            return await self.recommendation()
        except SuperbatchError as error:
            if error.reason != "NO_OBSERVATIONS":
                raise
            return None

    async def trials(self, *states: str, progress: bool = False) -> Trials:
        """Its trials by number."""
        records: list[TrialRecord] = []
        token = ""
        space = (await self.refresh()).proto.spec.space
        while True:
            page = await self._client._call(_calls.LIST_TRIALS, messages.list_trials_request(self.name, states, progress, token))
            records += [TrialRecord.from_proto(trial, space) for trial in page.trials]
            token = page.next_page_token
            if not token:
                return Trials(records)

    async def trial(self, number: int) -> TrialRecord:
        """One trial with its learning curve."""
        response = await self._client._call(_calls.GET_TRIAL, pb.GetTrialRequest(name=f"{self.name}/trials/{number}"))
        return TrialRecord.from_proto(response.trial, await self._space(response.trial.space_version))

    async def recommendation(self) -> Recommendation:
        """What the study recommends."""
        response = await self._client._call(_calls.GET_RECOMMENDATION, pb.GetRecommendationRequest(study=self.name))
        return Recommendation.from_proto(response, self.proto.spec.space)

    async def predict(self, points: Sequence[Point]) -> list[Prediction]:
        """What the model says at points."""
        request = messages.posterior_request(self.name, points)
        return messages.predictions(await self._client._call(_calls.QUERY_POSTERIOR, request))

    async def add(
        self,
        points: Sequence[Point],
        *,
        values: Sequence[float] | None = None,
        costs: Sequence[float | Cost] | None = None,
        metrics: Sequence[Mapping[str, float]] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Trials:
        """Adds known results, or points to try."""
        request = messages.add_request(self.name, points, values, costs, metrics, labels)
        added = (await self._client._call(_calls.ADD_TRIALS, request)).trials
        return Trials(TrialRecord.from_proto(trial, self.proto.spec.space) for trial in added)

    async def pause(self) -> None:
        """Leases no more trials; running ones may finish."""
        await self._update(messages.update_request(self.name, "paused"))

    async def resume(self) -> None:
        """Leases trials again."""
        await self._update(messages.update_request(self.name, "active"))

    async def set_budget(
        self, *, max_trials: int | None = None, max_cost: float | None = None, max_seconds: float | None = None
    ) -> None:
        """Replaces the budget."""
        await self._update(messages.update_request(self.name, None, max_trials=max_trials, max_cost=max_cost, max_seconds=max_seconds))

    async def delete(self) -> None:
        """Deletes the study."""
        await self._client._call(_calls.DELETE_STUDY, pb.DeleteStudyRequest(name=self.name, request_id=request_id()))

    async def watch(self, after: int = 0) -> AsyncIterator[Event]:
        """What has happened since the event number ``after``, then what happens."""
        async for response in self._client._watch(pb.WatchStudyRequest(study=self.name, after_sequence=after)):
            yield messages.event(response)

    def __repr__(self) -> str:
        return f"<Study {self.name} {self.state}, {self.proto.progress.completed} trials completed>"

    async def _update(self, request: pb.UpdateStudyRequest) -> None:
        self.proto = (await self._client._call(_calls.UPDATE_STUDY, request)).study

    async def _space(self, version: int) -> space_pb2.SearchSpace:
        if version > self.proto.space_version:
            await self.refresh()
        return self.proto.spec.space
