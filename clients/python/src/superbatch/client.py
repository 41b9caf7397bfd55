"""The blocking client: studies and how trials are got from them. :mod:`superbatch.aio` has the same with coroutines."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Callable, Iterator, Mapping, Sequence

import grpc
from typing_extensions import Unpack

from superbatch.common.v1 import space_pb2
from superbatch.optimizer.v1 import optimizer_service_pb2 as pb
from superbatch.optimizer.v1 import study_pb2

from . import _calls, _study_messages as messages
from ._attempt import Attempt, Result, as_result, request_id
from ._calls import Attempts, Connection, Method, Request, Response
from ._spec import StudyOptions, spec_to_proto
from .errors import AlreadyExists, NoTrial, StudyCompleted, SuperbatchError, from_rpc_error
from .records import Cost, Event, Prediction, Recommendation, TrialRecord, Trials, table
from .space import Point, Space
from .trial import Trial

log = logging.getLogger("superbatch")

Objective = Callable[[Trial], "float | Result"]


class Client:
    """A connection to an optimizer; connects when first used, and again by itself. Safe to use from several threads.

    Args:
        address: ``HOST:PORT``, or ``dns:///HOST:PORT`` to spread calls over all replicas.
        token: The bearer token, or a function that returns the present one.
        ca: PEM file with the authorities that may sign the server's certificate, or True for the system's; turns TLS on.
        certificate: PEM file with this client's own certificate, for servers that want one. Needs ``key``.
        key: PEM file with its key.
        server_name: Name in the server's certificate where it is not that of the address.
        project: Where studies are that are named by their id alone.
        timeout: Seconds for a call, retries included.
    """

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
        self._channel = self._connection.channel()

    def create_study(self, name: str, space: Space, metric: str, *, exist_ok: bool = False, **options: Unpack[StudyOptions]) -> Study:
        """Creates a study.

        Args:
            name: Lower-case letters, digits and "-", starting with a letter.
            space: What is tuned (:mod:`superbatch.space`).
            metric: What is optimized, such as ``validation_error``.
            exist_ok: If there is a study of that name, go on with it as it is.
            **options: See :class:`StudyOptions`.

        Raises:
            InvalidArgument: naming every wrong field at once.
            AlreadyExists: if there is a study of that name, unless ``exist_ok``.
        """
        request = pb.CreateStudyRequest(
            parent=f"projects/{self._project}",
            study_id=name,
            study=study_pb2.Study(spec=spec_to_proto(space, metric, options)),
            request_id=request_id(),
        )
        try:
            return Study(self, self._call(_calls.CREATE_STUDY, request).study)
        except AlreadyExists:
            if not exist_ok:
                raise
            return self.study(name)

    def study(self, name: str) -> Study:
        """A study by its id, or by its whole name. Raises :class:`NotFound` if there is none."""
        request = pb.GetStudyRequest(name=messages.study_name(name, self._project))
        return Study(self, self._call(_calls.GET_STUDY, request).study)

    def studies(self) -> Iterator[Study]:
        """The project's studies, newest first."""
        token = ""
        while True:
            page = self._call(_calls.LIST_STUDIES, pb.ListStudiesRequest(parent=f"projects/{self._project}", page_token=token))
            yield from (Study(self, study) for study in page.studies)
            token = page.next_page_token
            if not token:
                return

    def close(self) -> None:
        """Closes the connection."""
        self._channel.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<superbatch.Client of {self._connection.address}>"

    def _call(self, method: Method[Request, Response], request: Request, seconds: float | None = None) -> Response:
        """One call with its retries, all within so many seconds."""
        call = self._channel.unary_unary(
            method.path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.response.FromString,
        )
        attempts = Attempts(self._timeout if seconds is None else seconds)
        while True:
            try:
                response: Response = call(request, timeout=attempts.remaining(), metadata=self._connection.metadata())
                return response
            except grpc.RpcError as error:
                failure = from_rpc_error(error)
            # Outside of the except clause, so that what is raised does not drag gRPC's own exception along.
            time.sleep(attempts.pause(failure))

    def _watch(self, request: pb.WatchStudyRequest) -> Iterator[pb.WatchStudyResponse]:
        method = _calls.WATCH_STUDY
        call = self._channel.unary_stream(
            method.path,
            request_serializer=method.request.SerializeToString,
            response_deserializer=method.response.FromString,
        )
        stream = call(request, metadata=self._connection.metadata())
        try:
            yield from stream
        except grpc.RpcError as error:
            raise from_rpc_error(error) from None
        finally:
            stream.cancel()  # type: ignore[no-untyped-call]


class Study:
    """A study. Its spec and state are those of the last :meth:`refresh`.

    Attributes:
        proto: The study as the contract has it.
    """

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

    def refresh(self) -> Study:
        """Reads the study again."""
        self.proto = self._client._call(_calls.GET_STUDY, pb.GetStudyRequest(name=self.name)).study
        return self

    def ask(
        self, *, timeout: float | None = None, worker: str | None = None, capabilities: Mapping[str, str] | None = None
    ) -> Trial:
        """Leases a trial, waiting for one if there is none.

        Args:
            timeout: Seconds to wait; None: without end.
            worker: Who asks, unique among the workers; None: host, process and thread.
            capabilities: What the worker can do, compared with the study's requirements.

        Raises:
            StudyCompleted: if there will be no more trials.
            NoTrial: if there was none in time; the message says why.
        """
        end = None if timeout is None else time.monotonic() + timeout
        worker = worker or messages.worker_name()
        while True:
            left = None if end is None else end - time.monotonic()
            wait = messages.WAIT_SECONDS if left is None else max(0.0, min(left, messages.WAIT_SECONDS))
            request = messages.lease_request(self.name, worker, wait, capabilities)
            response = self._client._call(_calls.LEASE_TRIALS, request, wait + self._client._timeout)
            for lease in response.leases:
                return Trial(self._client, lease, Attempt(lease, self._space(lease.trial.space_version)))
            time.sleep(messages.check_poll(response, self.name, None if end is None else end - time.monotonic()))

    def run(
        self,
        objective: Objective,
        *,
        parallel: int = 1,
        trials: int | None = None,
        catch: tuple[type[Exception], ...] = (),
        capabilities: Mapping[str, str] | None = None,
    ) -> Recommendation | None:
        """Takes trials until the study is completed, and evaluates the objective for each.

        Args:
            objective: Gets the trial; returns the value of the study's metric, or a :class:`Result` with cost and more. May report progress.
            parallel: Trials at the same time, each in a thread.
            trials: At most so many; None: until the study's budget is used.
            catch: Exceptions that end their trial but not the loop. Any other one ends the loop, once the trials that run are over.

        Returns:
            The study's recommendation; None if it has no result.
        """
        loop = _Loop(self, objective, trials, catch, capabilities)
        if parallel == 1:
            # In this thread, so that Ctrl-C reaches the objective.
            loop.work(0)
        else:
            with ThreadPoolExecutor(parallel, thread_name_prefix="superbatch") as pool:
                done = [pool.submit(loop.work, index) for index in range(parallel)]
                try:
                    for future in done:
                        future.result()
                finally:
                    loop.stopping = True
        return self._recommendation_or_none()

    def trials(self, *states: str, progress: bool = False) -> Trials:
        """Its trials by number; only those in ``states`` if any is given; with learning curves if ``progress``."""
        records: list[TrialRecord] = []
        token = ""
        space = self.refresh().proto.spec.space
        while True:
            request = messages.list_trials_request(self.name, states, progress, token)
            page = self._client._call(_calls.LIST_TRIALS, request)
            records += [TrialRecord.from_proto(trial, space) for trial in page.trials]
            token = page.next_page_token
            if not token:
                return Trials(records)

    def trial(self, number: int) -> TrialRecord:
        """One trial with its learning curve. Raises :class:`NotFound` if there is none."""
        response = self._client._call(_calls.GET_TRIAL, pb.GetTrialRequest(name=f"{self.name}/trials/{number}"))
        return TrialRecord.from_proto(response.trial, self._space(response.trial.space_version))

    def to_pandas(self) -> Any:
        """A data frame with a row for each trial. Needs pandas."""
        return self.trials().to_pandas()

    def recommendation(self) -> Recommendation:
        """What the study recommends. Raises :class:`FailedPrecondition` with reason NO_OBSERVATIONS before the first result."""
        response = self._client._call(_calls.GET_RECOMMENDATION, pb.GetRecommendationRequest(study=self.name))
        return Recommendation.from_proto(response, self.proto.spec.space)

    def predict(self, points: Sequence[Point]) -> list[Prediction]:
        """What the model says at points; fidelities that are absent are at their targets."""
        return messages.predictions(self._client._call(_calls.QUERY_POSTERIOR, messages.posterior_request(self.name, points)))

    def add(
        self,
        points: Sequence[Point],
        *,
        values: Sequence[float] | None = None,
        costs: Sequence[float | Cost] | None = None,
        metrics: Sequence[Mapping[str, float]] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Trials:
        """Adds known results (with values, costs and, where they are constrained, other metrics), or points to try before the algorithm's own."""
        request = messages.add_request(self.name, points, values, costs, metrics, labels)
        added = self._client._call(_calls.ADD_TRIALS, request).trials
        return Trials(TrialRecord.from_proto(trial, self.proto.spec.space) for trial in added)

    def pause(self) -> None:
        """Leases no more trials; running ones may finish."""
        self._update(messages.update_request(self.name, "paused"))

    def resume(self) -> None:
        """Leases trials again."""
        self._update(messages.update_request(self.name, "active"))

    def set_budget(self, *, max_trials: int | None = None, max_cost: float | None = None, max_seconds: float | None = None) -> None:
        """Replaces the budget; more of it makes a completed study active again. Limits that are not given are none."""
        self._update(messages.update_request(self.name, None, max_trials=max_trials, max_cost=max_cost, max_seconds=max_seconds))

    def delete(self) -> None:
        """Deletes the study, its trials and events. Running trials are cancelled at their next report."""
        self._client._call(_calls.DELETE_STUDY, pb.DeleteStudyRequest(name=self.name, request_id=request_id()))

    def watch(self, after: int = 0) -> Iterator[Event]:
        """What has happened since the event number ``after``, then what happens. Ends when the study is deleted."""
        for response in self._client._watch(pb.WatchStudyRequest(study=self.name, after_sequence=after)):
            yield messages.event(response)

    def __repr__(self) -> str:
        return f"<Study {self.name} {self.state}, {self.proto.progress.completed} trials completed>"

    def _repr_html_(self) -> str:
        return table(["", ""], messages.summary(self.refresh().proto))

    def _update(self, request: pb.UpdateStudyRequest) -> None:
        self.proto = self._client._call(_calls.UPDATE_STUDY, request).study

    def _space(self, version: int) -> space_pb2.SearchSpace:
        """The space as of a version, as far as it is to be had: a newer one is read, older ones are not kept."""
        if version > self.proto.space_version:
            self.refresh()
        return self.proto.spec.space

    def _recommendation_or_none(self) -> Recommendation | None:
        try:
            return self.recommendation()
        except SuperbatchError as error:
            if error.reason != "NO_OBSERVATIONS":
                raise
            return None


class _Loop:
    """The shared state of the threads of one :meth:`Study.run`."""

    def __init__(
        self,
        study: Study,
        objective: Objective,
        trials: int | None,
        catch: tuple[type[Exception], ...],
        capabilities: Mapping[str, str] | None,
    ) -> None:
        self.study = study
        self.objective = objective
        self.left = trials
        self.catch = catch
        self.capabilities = capabilities
        self.stopping = False
        self._lock = threading.Lock()

    def work(self, index: int) -> None:
        """Takes trials until there are none."""
        worker = f"{messages.worker_name()}:{index}"
        try:
            while self._take():
                self._evaluate(self._ask(worker))
        except StudyCompleted:
            return
        except BaseException:
            self.stopping = True
            raise

    def _take(self) -> bool:
        with self._lock:
            if self.stopping or self.left == 0:
                return False
            self.left = None if self.left is None else self.left - 1
            return True

    def _ask(self, worker: str) -> Trial:
        while True:
            try:
                return self.study.ask(timeout=messages.WAIT_SECONDS, worker=worker, capabilities=self.capabilities)
            except StudyCompleted:
                raise
            except NoTrial:
                # Asked again, unless another thread has ended the loop meanwhile.
                if self.stopping:
                    raise StudyCompleted("the loop is stopping") from None

    def _evaluate(self, trial: Trial) -> None:
        try:
            with trial:
                trial.complete(as_result(self.objective(trial)))
        except self.catch:
            log.warning("%s failed", trial.name, exc_info=True)


__all__ = ["Client", "Objective", "Study"]
