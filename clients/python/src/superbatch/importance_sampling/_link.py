"""One stream of a worker to one replica."""

from __future__ import annotations

import queue
from typing import Any, Iterator

import grpc

from superbatch.sampler.v1 import sampler_service_pb2 as pb


class Ended(grpc.RpcError):
    """The service ended the stream without an error."""

    def code(self) -> grpc.StatusCode:
        """As after a broken connection."""
        return grpc.StatusCode.UNAVAILABLE


class Link:
    """Sends a worker's messages and receives its answers. After an error it is of no more use."""

    def __init__(self, stub: Any) -> None:
        self._outgoing: queue.SimpleQueue[pb.SampleRequest | None] = queue.SimpleQueue()
        self._call = stub.Sample(self._requests())

    def _requests(self) -> Iterator[pb.SampleRequest]:
        while (request := self._outgoing.get()) is not None:
            yield request

    def send(self, request: pb.SampleRequest) -> None:
        """Queues a message."""
        self._outgoing.put(request)

    def receive(self) -> pb.SampleResponse:
        """The next answer.

        Raises:
            grpc.RpcError: if the stream ended.
        """
        try:
            return next(self._call)
        except StopIteration:
            raise Ended() from None

    def leave(self) -> None:
        """Half-closes: the worker leaves the session. Returns when the service has ended the stream too, or failed."""
        self._outgoing.put(None)
        try:
            for _ in self._call:
                pass
        except grpc.RpcError:
            pass

    def abandon(self) -> None:
        """Drops the stream; the worker stays a member for the service's grace period."""
        self._outgoing.put(None)
        self._call.cancel()
