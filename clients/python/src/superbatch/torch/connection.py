"""Channels to the sampler's replicas, with the security of the other connections, and with the trace that a call belongs to."""

from __future__ import annotations

from collections import namedtuple
from typing import Any, Callable

import grpc

from .._calls import Connection


class _Details(
    namedtuple("_Details", ("method", "timeout", "metadata", "credentials", "wait_for_ready", "compression")), grpc.ClientCallDetails
):
    """A call's settings with other metadata."""


class _Metadata(grpc.UnaryUnaryClientInterceptor, grpc.StreamStreamClientInterceptor):  # type: ignore[type-arg]
    """Adds metadata to each call."""

    def __init__(self, metadata: Callable[[], list[tuple[str, str]]]) -> None:
        self._metadata = metadata

    def _with(self, details: Any) -> _Details:
        return _Details(
            details.method,
            details.timeout,
            [*(details.metadata or ()), *self._metadata()],
            details.credentials,
            details.wait_for_ready,
            details.compression,
        )

    def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return continuation(self._with(client_call_details), request)

    def intercept_stream_stream(self, continuation: Any, client_call_details: Any, request_iterator: Any) -> Any:
        return continuation(self._with(client_call_details), request_iterator)


def open_channel(connection: Connection, traceparent: Callable[[], str | None] = lambda: None) -> grpc.Channel:
    """A channel by a connection's address, credentials and token.

    Args:
        traceparent: Of the span that a call belongs to; None: of none.
    """

    def metadata() -> list[tuple[str, str]]:
        parent = traceparent()
        return [*connection.metadata(), *([] if parent is None else [("traceparent", parent)])]

    return grpc.intercept_channel(connection.channel(), _Metadata(metadata))
