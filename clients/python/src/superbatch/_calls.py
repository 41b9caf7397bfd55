"""How a client calls: the channel's options, the token, deadlines, and which failures are worth another attempt. Shared by the blocking and the asyncio client."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Generic, TypeVar

import grpc
from google.protobuf.message import Message

from superbatch.optimizer.v1 import optimizer_service_pb2 as pb

from .errors import SuperbatchError

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)

#: Failures that may pass: a server that restarts, a conflict of writers, a server that cancels its calls to stop, a limit that time lifts (only if it says when).
_RETRYABLE = (
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.ABORTED,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
)
#: The service was not reached, as opposed to having refused.
UNREACHABLE = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED)
_BASE_SECONDS, _MAX_SECONDS = 0.1, 5.0


@dataclass(frozen=True)
class Method(Generic[Request, Response]):
    """A unary call of the optimizer. Every one of them may be repeated: it only reads, or its request has an id."""

    name: str
    request: type[Request]
    response: type[Response]

    @property
    def path(self) -> str:
        """As gRPC names it."""
        return f"/superbatch.optimizer.v1.OptimizerService/{self.name}"


CREATE_STUDY = Method("CreateStudy", pb.CreateStudyRequest, pb.CreateStudyResponse)
GET_STUDY = Method("GetStudy", pb.GetStudyRequest, pb.GetStudyResponse)
LIST_STUDIES = Method("ListStudies", pb.ListStudiesRequest, pb.ListStudiesResponse)
UPDATE_STUDY = Method("UpdateStudy", pb.UpdateStudyRequest, pb.UpdateStudyResponse)
DELETE_STUDY = Method("DeleteStudy", pb.DeleteStudyRequest, pb.DeleteStudyResponse)
LEASE_TRIALS = Method("LeaseTrials", pb.LeaseTrialsRequest, pb.LeaseTrialsResponse)
REPORT_PROGRESS = Method("ReportProgress", pb.ReportProgressRequest, pb.ReportProgressResponse)
COMPLETE_TRIAL = Method("CompleteTrial", pb.CompleteTrialRequest, pb.CompleteTrialResponse)
FAIL_TRIAL = Method("FailTrial", pb.FailTrialRequest, pb.FailTrialResponse)
ADD_TRIALS = Method("AddTrials", pb.AddTrialsRequest, pb.AddTrialsResponse)
GET_TRIAL = Method("GetTrial", pb.GetTrialRequest, pb.GetTrialResponse)
LIST_TRIALS = Method("ListTrials", pb.ListTrialsRequest, pb.ListTrialsResponse)
GET_RECOMMENDATION = Method("GetRecommendation", pb.GetRecommendationRequest, pb.GetRecommendationResponse)
QUERY_POSTERIOR = Method("QueryPosterior", pb.QueryPosteriorRequest, pb.QueryPosteriorResponse)
WATCH_STUDY = Method("WatchStudy", pb.WatchStudyRequest, pb.WatchStudyResponse)


@dataclass(frozen=True)
class Connection:
    """Where the optimizer is and who calls.

    Attributes:
        address: ``HOST:PORT``, or ``dns:///HOST:PORT`` to spread calls over all replicas.
        token: The bearer token, or a function that returns the present one.
        ca: PEM file with the authorities that may sign the server's certificate, or True for the system's; None: no TLS.
        certificate, key: PEM files of the client's own certificate, for servers that want one.
        server_name: Name in the server's certificate where it is not that of the address.
    """

    address: str
    token: str | Callable[[], str] | None = None
    ca: str | Path | bool | None = None
    certificate: str | Path | None = None
    key: str | Path | None = None
    server_name: str | None = None

    def credentials(self) -> grpc.ChannelCredentials | None:
        """For a TLS channel; None for one in the clear.

        Raises:
            ValueError: if a certificate of its own comes without a key, the reverse, or without TLS.
        """
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together: give both or none")
        if not self.ca:
            if self.certificate is not None:
                raise ValueError("a client certificate needs TLS: give ca, a file or True for the system's authorities")
            return None
        return grpc.ssl_channel_credentials(
            None if self.ca is True else Path(self.ca).read_bytes(),
            None if self.key is None else Path(self.key).read_bytes(),
            None if self.certificate is None else Path(self.certificate).read_bytes(),
        )

    def channel(self) -> grpc.Channel:
        """A blocking channel, which connects when it is first used."""
        credentials, options = self.credentials(), self.options()
        if credentials is None:
            return grpc.insecure_channel(self.address, options=options)
        return grpc.secure_channel(self.address, credentials, options=options)

    def options(self) -> list[tuple[str, str | int]]:
        """Options of the channel."""
        options: list[tuple[str, str | int]] = [
            ("grpc.max_receive_message_length", 64 * 2**20),
            ("grpc.max_send_message_length", 64 * 2**20),
            ("grpc.keepalive_time_ms", 30_000),
            ("grpc.keepalive_timeout_ms", 10_000),
            # A service that restarts is back within a second; the library's two minutes suit the internet.
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 5_000),
            ("grpc.service_config", json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})),
        ]
        if self.server_name is not None:
            options.append(("grpc.ssl_target_name_override", self.server_name))
        return options

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Of each call. The token travels with each, also in the clear: whether that is allowed is for the server to say."""
        token = self.token() if callable(self.token) else self.token
        return () if token is None else (("authorization", f"Bearer {token}"),)


@dataclass
class Attempts:
    """The attempts at one call, within one deadline.

    Attributes:
        seconds: For all attempts together.
        made: Failed attempts so far.
    """

    seconds: float
    made: int = 0
    started: float = field(default_factory=time.monotonic)

    def remaining(self) -> float:
        """Seconds left, at least a little: what is late is for gRPC to say."""
        return max(0.001, self.started + self.seconds - time.monotonic())

    def pause(self, error: SuperbatchError) -> float:
        """Seconds to wait before the next attempt: exponential, with jitter, at least what the server asks for.

        Raises:
            SuperbatchError: the error itself if there shall be no further attempt.
        """
        self.made += 1
        delay = min(_MAX_SECONDS, _BASE_SECONDS * 2 ** (self.made - 1)) * (1 + random.random()) / 2
        delay = max(delay, error.retry_after or 0.0)
        endless = error.code == grpc.StatusCode.RESOURCE_EXHAUSTED and error.retry_after is None
        if error.code not in _RETRYABLE or endless or delay >= self.remaining():
            raise error
        return delay
