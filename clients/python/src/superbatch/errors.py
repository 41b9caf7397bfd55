"""What can go wrong in a call, and what a study tells a trial by raising it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Sequence

import grpc
from google.rpc import error_details_pb2, status_pb2

_DOMAIN = "superbatch"
_DETAILS = "grpc-status-details-bin"


@dataclass(frozen=True)
class FieldViolation:
    """One thing wrong with one field of a request.

    Attributes:
        path: From the request message, in the contract's field names: ``study.spec.space.parameters[3].float.max``.
        message: What is wrong and what would be right.
    """

    path: str
    message: str


class SuperbatchError(Exception):
    """A service refused a call, or could not be reached.

    Attributes:
        code: The gRPC status.
        reason: The reason in the error catalogue (docs/reference/errors.md), such as ``STUDY_NOT_FOUND``; empty if the error is not the suite's.
        message: What went wrong, in words.
        violations: The fields that an INVALID_ARGUMENT names, all at once.
        metadata: The message's parameters, and the remedy.
        retry_after: Seconds that the service asks to wait; None if it does not say.
    """

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        reason: str = "",
        violations: Sequence[FieldViolation] = (),
        metadata: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.code = code
        self.reason = reason
        self.message = message
        self.violations = tuple(violations)
        self.metadata = dict(metadata or {})
        self.retry_after = retry_after
        super().__init__(f"{reason or code.name}: {message}")

    @property
    def remedy(self) -> str:
        """What the caller can do about it; may be empty."""
        return self.metadata.get("remedy", "")


class InvalidArgument(SuperbatchError):
    """A request is wrong; :attr:`violations` names each field. It had no effect."""


class NotFound(SuperbatchError):
    """There is no such study, trial, session or model."""


class AlreadyExists(SuperbatchError):
    """The name, or the request id, belongs to something else already."""


class FailedPrecondition(SuperbatchError):
    """The request is right, but the state of the study or trial does not allow it."""


class Unauthenticated(SuperbatchError):
    """The token is missing, unknown or expired."""


class PermissionDenied(SuperbatchError):
    """The caller is known, but not allowed to do this."""


class Unavailable(SuperbatchError):
    """The service cannot be reached, even after the retries."""


class StopTrial(Exception):
    """The optimizer tells a trial to stop. Let it pass through the ``with`` block of the trial, which does the right thing."""


class StopEarly(StopTrial):
    """Stop now and complete the trial with what has been measured: it is hopeless."""


class TrialCancelled(StopTrial):
    """Stop now and report nothing more: the lease is lost, or the trial or study is gone."""


class Infeasible(Exception):
    """To be raised by an objective whose point cannot be evaluated (out of memory, diverged): the study learns to avoid it."""


class NoTrial(Exception):
    """There was no trial within the time allowed; the message says why."""


class StudyCompleted(NoTrial):
    """The study's budget is used and no trial is running: there will be no more trials unless budget is added."""


_CLASSES: dict[grpc.StatusCode, type[SuperbatchError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidArgument,
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.ALREADY_EXISTS: AlreadyExists,
    grpc.StatusCode.FAILED_PRECONDITION: FailedPrecondition,
    grpc.StatusCode.UNAUTHENTICATED: Unauthenticated,
    grpc.StatusCode.PERMISSION_DENIED: PermissionDenied,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
}


def from_rpc_error(error: grpc.RpcError) -> SuperbatchError:
    """The exception for a failed call, with the google.rpc details that it carried."""
    # Every RpcError that a call raises is a grpc.Call or a grpc.aio.AioRpcError as well; their common part is not declared.
    call: Any = error
    code: grpc.StatusCode = call.code()
    message: str = call.details() or ""
    status = status_pb2.Status()
    for key, value in call.trailing_metadata() or ():
        if key == _DETAILS:
            status.ParseFromString(value)
    reason, violations, metadata, retry_after = "", [], {}, None
    info, bad, retry = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
    for detail in status.details:
        if detail.Unpack(info) and info.domain == _DOMAIN:
            reason, metadata = info.reason, dict(info.metadata)
        elif detail.Unpack(bad):
            violations = [FieldViolation(item.field, item.description) for item in bad.field_violations]
        elif detail.Unpack(retry):
            retry_after = retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9
    return _CLASSES.get(code, SuperbatchError)(code, message, reason, violations, metadata, retry_after)
