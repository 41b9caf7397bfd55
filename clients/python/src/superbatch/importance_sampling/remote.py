"""Importance sampling by the service, for any number of workers that train one model. Needs grpcio."""

from __future__ import annotations

import random
import time
import uuid
from typing import Any, Callable, Sequence

import grpc
import numpy as np
from numpy.typing import ArrayLike

from superbatch.sampler.v1 import sampler_service_pb2 as pb
from superbatch.sampler.v1 import sampler_service_pb2_grpc as rpc

from ._link import Link
from ._memory import WorkerMemory
from ._wire import spec_to_proto, status_from_proto, task_from_proto
from .errors import FieldError
from .mathematics import check_scores
from .sampler import Status, Task, check_count, check_use
from .spec import SessionSpec

# What another replica, or the same one later, may not answer in the same way.
PASSING = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN)


class RemoteImportanceSampler:
    """A worker of a session in the service: see :class:`~superbatch.importance_sampling.Sampler`. One round trip per step.

    When the connection breaks it goes on at the next address by the last token; the indices are those that would have come undisturbed.

    Args:
        addresses: ``host:port`` of the service's replicas, in the same order for all workers.
        spec: What to sample from; workers of one session give equal specs.
        session: Session to join, as another worker's ``session`` names it. None: a new one, closed with this sampler.
        worker: Name of this worker, unique in the session.
        shards: Positions in ``spec.shards`` of those that this worker holds; empty: all.
        token: Of an earlier sampler with the same spec, which this one continues: the tasks that were to be reported on at the token come again. Excludes ``session``.
        reconnect_seconds: How long a lost service is looked for before its error is raised.
        channel: Makes a channel to an address, for TLS and tokens. None: without security.

    Raises:
        grpc.RpcError: as the service refuses it.
    """

    def __init__(
        self,
        addresses: Sequence[str],
        spec: SessionSpec,
        *,
        session: str | None = None,
        worker: str = "0",
        shards: Sequence[int] = (),
        token: bytes = b"",
        reconnect_seconds: float = 60.0,
        channel: Callable[[str], grpc.Channel] | None = None,
    ) -> None:
        if not addresses:
            raise FieldError("addresses", "must hold at least one address")
        if token and session is not None:
            raise FieldError("token", "excludes session: a token starts a session of its own")
        options = [("grpc.max_receive_message_length", 64 << 20), ("grpc.max_send_message_length", 64 << 20)]
        open_channel = channel or (lambda address: grpc.insecure_channel(address, options))
        self._channels = [open_channel(address) for address in addresses]
        self._stubs: list[Any] = [rpc.SamplerServiceStub(each) for each in self._channels]  # type: ignore[no-untyped-call]
        self._at = 0
        self._patience = reconnect_seconds
        self._proto = spec_to_proto(spec)
        self._memory = WorkerMemory(spec)
        self._queue: list[Task] = []
        self._last: Task | None = None
        self._status: Status | None = None
        self._token = token
        self._link: Link | None = None
        self._closed = False
        self.worker = worker
        self.shards = list(shards)
        self.reconnects = -1
        self.waiting_seconds = 0.0
        self._own = session is None
        self.session = session or self._open_session()

    def next(self, scores: ArrayLike | None = None) -> Task:
        """See :meth:`Sampler.next`. After a grpc.RpcError call it without scores: they have been taken note of."""
        if self._closed:
            raise RuntimeError("the sampler is closed")
        check_use(self._last, scores)
        if self._last is not None and self._last.scores != "none":
            values = check_scores(np.empty(0) if scores is None else scores)
            check_count(self._last, values.size)
            report = self._memory.reported(self._last, values)
            if self._link is not None:
                self._link.send(pb.SampleRequest(scores=report))
        self._last = None
        started = time.monotonic()
        while not self._queue:
            self._wait()
        self.waiting_seconds += time.monotonic() - started
        self._last = self._queue.pop(0)
        return self._last

    @property
    def token(self) -> bytes:
        """That came with the last answer; empty before the first. Another sampler can go on from it."""
        return self._token

    def status(self) -> Status | None:
        """See :meth:`Sampler.status`; None before the first answer."""
        return self._status

    def close(self) -> None:
        """Leaves the session, and ends it if this sampler opened it. Safe to repeat."""
        if self._closed:
            return
        self._closed = True
        if self._link is not None:
            self._link.leave()
        if self._own:
            try:
                self._stubs[self._at].CloseSession(pb.CloseSessionRequest(session=self.session), timeout=5)
            except grpc.RpcError:
                pass  # It expires by itself.
        for channel in self._channels:
            channel.close()

    def _open_session(self) -> str:
        request = pb.OpenSessionRequest(spec=self._proto, token=self._token, request_id=str(uuid.uuid4()))
        return self._anywhere(lambda stub: stub.OpenSession(request, timeout=10)).session

    def _anywhere(self, action: Callable[[Any], Any]) -> Any:
        """Runs an action at one replica after the other until it succeeds, time is over, or it is refused for good."""
        deadline = time.monotonic() + self._patience
        attempt = 0
        while True:
            try:
                return action(self._stubs[self._at])
            except grpc.RpcError as error:
                if error.code() not in PASSING or time.monotonic() > deadline:
                    raise
                self._at = (self._at + 1) % len(self._stubs)
                attempt += 1
                if attempt % len(self._stubs) == 0:
                    time.sleep(min(1.0, 0.05 * 2 ** (attempt / len(self._stubs))) * random.uniform(0.5, 1))

    def _connect(self) -> None:
        with_history = False

        def attempt(stub: Any) -> None:
            nonlocal with_history
            try:
                self._start(stub, with_history)
            except grpc.RpcError as error:
                if error.code() != grpc.StatusCode.NOT_FOUND or with_history:
                    raise
                # Only a session with recorded losses is refused so: it is to be rebuilt from ours.
                with_history = True
                self._start(stub, True)

        self._anywhere(attempt)

    def _start(self, stub: Any, with_history: bool) -> None:
        link = Link(stub)
        try:
            if with_history:
                for records in self._memory.records():
                    link.send(pb.SampleRequest(history=records))
            start = pb.SampleStart(
                session=self.session,
                worker=self.worker,
                shards=self.shards,
                spec=self._proto,
                token=self._token,
                reports=self._memory.reports(),
            )
            link.send(pb.SampleRequest(start=start))
            self._receive(link.receive())
        except grpc.RpcError:
            link.abandon()
            raise
        self._link = link
        self.reconnects += 1

    def _wait(self) -> None:
        if self._link is None:
            self._connect()
            return
        try:
            self._receive(self._link.receive())
        except grpc.RpcError as error:
            self._link.abandon()
            self._link = None
            if error.code() not in (*PASSING, grpc.StatusCode.NOT_FOUND):
                raise

    def _receive(self, response: pb.SampleResponse) -> None:
        # After a replica was rebuilt for a worker that is behind, answers that are known come again.
        if self._status is None or response.status.rounds >= self._status.rounds:
            self._status = status_from_proto(response.status)
            self._token = response.token
            self._memory.answered(self._status.rounds)
        self._queue += self._memory.fresh([task_from_proto(task) for task in response.tasks])
