"""Refusals with the details that all services of the suite give: field paths, and a reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

import grpc
from google.protobuf import any_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

_DOMAIN = "superbatch"


def abort(context: grpc.ServicerContext, code: grpc.StatusCode, message: str, *details: Message) -> NoReturn:
    """Ends the call."""
    packed = []
    for detail in details:
        item = any_pb2.Any()
        item.Pack(detail)
        packed.append(item)
    status = status_pb2.Status(code=code.value[0], message=message, details=packed)
    context.set_trailing_metadata((("grpc-status-details-bin", status.SerializeToString()),))
    context.abort(code, message)
    raise AssertionError("abort raises")


def reason(name: str, remedy: str) -> Message:
    """The machine-readable part of a refusal."""
    return error_details_pb2.ErrorInfo(reason=name, domain=_DOMAIN, metadata={"remedy": remedy})


@dataclass
class Violations:
    """What is wrong with a request's fields, all of it at once."""

    found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, path: str, message: str) -> None:
        """Adds one."""
        self.found.append((path, message))

    def abort_if_any(self, context: grpc.ServicerContext) -> None:
        """Ends the call if there are any."""
        if not self.found:
            return
        bad = error_details_pb2.BadRequest()
        for path, message in self.found:
            bad.field_violations.add(field=path, description=message)
        summary = "; ".join(f"{path}: {message}" for path, message in self.found[:5])
        info = reason("INVALID_FIELDS", "Correct the fields that the BadRequest detail names; the call had no effect.")
        abort(context, grpc.StatusCode.INVALID_ARGUMENT, summary, info, bad)
