"""The server around a surrogate: requests checked, models kept, equal fits done once, cancelled ones stopped."""

from __future__ import annotations

import argparse
import ipaddress
import logging
import signal
import sys
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Mapping, Sequence

import grpc
import numpy as np

from superbatch.surrogate.v1 import surrogate_service_pb2 as pb
from superbatch.surrogate.v1 import surrogate_service_pb2_grpc as service

from ._columns import Column
from ._errors import abort, reason
from ._model import Floats, Model, Output, Problem, Surrogate
from ._requests import FitInput, read_fit, read_posterior, to_matrix

log = logging.getLogger("superbatch.surrogate")

_MEBIBYTE = 2**20


class _Abandoned(Exception):
    """Nobody waits for the result any more."""


@dataclass(frozen=True)
class _Fitted:
    columns: Sequence[Column]
    models: Mapping[Output, Sequence[Model]]


class _Servicer(service.SurrogateServiceServicer):
    def __init__(self, surrogate: Surrogate, models: int, workers: int, message_bytes: int) -> None:
        self._surrogate = surrogate
        self._limit = models
        self._message_bytes = message_bytes
        # The least recently used is forgotten first; the caller then fits again.
        self._models: OrderedDict[str, _Fitted] = OrderedDict()
        self._lock = threading.Lock()
        self._fitting: dict[str, threading.Lock] = {}
        self._workers = threading.Semaphore(workers)

    def Describe(self, request: pb.DescribeRequest, context: grpc.ServicerContext) -> pb.DescribeResponse:
        it = self._surrogate
        return pb.DescribeResponse(
            name=it.name,
            version=it.version,
            max_observations=it.max_observations,
            models_fidelities=it.models_fidelities,
            models_categories=it.models_categories,
            default_samples=it.default_samples,
        )

    def Fit(self, request: pb.FitRequest, context: grpc.ServicerContext) -> pb.FitResponse:
        data = read_fit(request, self._surrogate, context)
        with self._lock:
            fitting = self._fitting.setdefault(data.handle, threading.Lock())
        try:
            # Equal fits at the same time: one works, the others wait for its model.
            self._wait(fitting, context)
            try:
                fitted = self._find(data.handle)
                cached = fitted is not None
                if fitted is None:
                    self._wait(self._workers, context)
                    try:
                        fitted = self._fit(data, context)
                    finally:
                        self._workers.release()
                    self._keep(data.handle, fitted)
            finally:
                fitting.release()
                with self._lock:
                    self._fitting.pop(data.handle, None)
        except _Abandoned:
            abort(context, grpc.StatusCode.CANCELLED, "the caller left")
        return pb.FitResponse(model=data.handle, samples=len(fitted.models["objective"]), cached=cached)

    def Posterior(self, request: pb.PosteriorRequest, context: grpc.ServicerContext) -> pb.PosteriorResponse:
        fitted = self._find(request.model)
        if fitted is None:
            info = reason("MODEL_NOT_FOUND", "Fit again: models are kept in memory only.")
            abort(context, grpc.StatusCode.NOT_FOUND, f"There is no model {request.model}", info)
        anchors, points = read_posterior(request, fitted.columns, context)
        models = fitted.models["objective" if request.output == pb.OUTPUT_OBJECTIVE else "log-cost"]
        size = 8 * len(models) * len(anchors) * (len(anchors) + len(points))
        if size > self._message_bytes:
            info = reason("FIT_LIMIT_EXCEEDED", "Ask for fewer anchors or points at once.")
            abort(context, grpc.StatusCode.RESOURCE_EXHAUSTED, f"The bytes of the answer: {size}, of at most {self._message_bytes}", info)
        return pb.PosteriorResponse(samples=[_sample(model, anchors, points) for model in models])

    def Release(self, request: pb.ReleaseRequest, context: grpc.ServicerContext) -> pb.ReleaseResponse:
        with self._lock:
            self._models.pop(request.model, None)
        return pb.ReleaseResponse()

    def _fit(self, data: FitInput, context: grpc.ServicerContext) -> _Fitted:
        def checkpoint() -> None:
            if not context.is_active():
                raise _Abandoned

        values: dict[Output, Floats] = {"objective": data.y, "log-cost": np.log(data.cost)}
        models: dict[Output, Sequence[Model]] = {}
        for output, y in values.items():
            checkpoint()
            models[output] = self._surrogate.fit(Problem(data.columns, data.x, y, output, data.samples, data.seed), checkpoint)
        return _Fitted(data.columns, models)

    def _wait(self, lock: threading.Lock | threading.Semaphore, context: grpc.ServicerContext) -> None:
        while not lock.acquire(timeout=0.1):
            if not context.is_active():
                raise _Abandoned

    def _find(self, handle: str) -> _Fitted | None:
        with self._lock:
            fitted = self._models.get(handle)
            if fitted is not None:
                self._models.move_to_end(handle)
            return fitted

    def _keep(self, handle: str, fitted: _Fitted) -> None:
        with self._lock:
            self._models[handle] = fitted
            while len(self._models) > self._limit:
                self._models.popitem(last=False)


def _sample(model: Model, anchors: Floats, points: Floats) -> pb.PosteriorSample:
    covariance = model.covariance(anchors, anchors)
    return pb.PosteriorSample(
        anchor_mean=to_matrix(model.mean(anchors)),
        # Round-off is not symmetric.
        anchor_covariance=to_matrix((covariance + covariance.T) / 2),
        anchor_noise=to_matrix(model.noise(anchors)),
        mean=to_matrix(model.mean(points)),
        variance=to_matrix(np.maximum(model.variance(points), 0.0)),
        noise=to_matrix(model.noise(points)),
        cross=to_matrix(model.covariance(anchors, points)),
    )


def serve(
    surrogate: Surrogate,
    listen: str = "127.0.0.1:7603",
    *,
    certificate: str | Path | None = None,
    key: str | Path | None = None,
    client_authority: str | Path | None = None,
    models: int = 256,
    workers: int = 2,
    max_message_mebibytes: int = 64,
) -> tuple[grpc.Server, str]:
    """Starts a server.

    Args:
        surrogate: What is served.
        listen: ``HOST:PORT``; port 0: any free one.
        certificate, key: PEM files of the server's certificate and its key; without them only loopback addresses are allowed.
        client_authority: PEM file with the authorities of the clients' certificates, which are then demanded.
        models: Kept in memory.
        workers: Fits at the same time.
        max_message_mebibytes: Largest message.

    Returns:
        The server, started, and the address that it listens on.

    Raises:
        ValueError: for an address that others can reach without TLS.
    """
    host = listen.rpartition(":")[0].strip("[]")
    if certificate is None and not _is_loopback(host):
        raise ValueError(f"{listen} can be reached by others: give certificate and key, or listen on 127.0.0.1")
    limit = max_message_mebibytes * _MEBIBYTE
    options = [("grpc.max_receive_message_length", limit), ("grpc.max_send_message_length", limit)]
    # More than fits, so that posteriors do not wait for fits.
    server = grpc.server(ThreadPoolExecutor(workers + 30, thread_name_prefix="call"), options=options)
    servicer = _Servicer(surrogate, models, workers, limit)
    service.add_SurrogateServiceServicer_to_server(servicer, server)  # type: ignore[no-untyped-call]
    if certificate is None:
        port = server.add_insecure_port(listen)
    else:
        if key is None:
            raise ValueError("certificate and key belong together: give both or none")
        authority = None if client_authority is None else Path(client_authority).read_bytes()
        pair = (Path(key).read_bytes(), Path(certificate).read_bytes())
        port = server.add_secure_port(listen, grpc.ssl_server_credentials([pair], authority, authority is not None))
    server.start()
    return server, f"{listen.rpartition(':')[0]}:{port}"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def main(surrogate: Surrogate, arguments: Sequence[str] | None = None) -> int:
    """A command line around :func:`serve`; prints ``{"address": …}`` when it is ready, and ends on SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(description=surrogate.__doc__ or surrogate.name, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listen", default="127.0.0.1:7603", help="HOST:PORT; port 0: any free one (default: %(default)s)")
    parser.add_argument("--tls-certificate", help="PEM file; needed where others can reach the address")
    parser.add_argument("--tls-key", help="PEM file")
    parser.add_argument("--tls-client-authority", help="PEM file: demand certificates of clients")
    parser.add_argument("--models", type=int, default=256, help="models kept in memory (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="fits at the same time (default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        server, address = serve(
            surrogate,
            options.listen,
            certificate=options.tls_certificate,
            key=options.tls_key,
            client_authority=options.tls_client_authority,
            models=options.models,
            workers=options.workers,
        )
    except (ValueError, OSError, RuntimeError) as error:
        print(f"{surrogate.name}: {error}", file=sys.stderr)
        return 2
    print(f'{{"address": "{address}"}}', flush=True)
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    stopped.wait()
    server.stop(grace=5).wait()
    return 0
