"""Samplers of a run, in process or remote, whose state a checkpoint can hold."""

from __future__ import annotations

import base64
import json
from typing import Any, Callable, Protocol, Sequence

import grpc
import numpy as np
from numpy.typing import ArrayLike

from ..importance_sampling.errors import FieldError
from ..importance_sampling.local import ImportanceSampler, _Round
from ..importance_sampling.remote import RemoteImportanceSampler
from ..importance_sampling.sampler import Status, Task
from ..importance_sampling.spec import SessionSpec


class RunSampler(Protocol):
    """A sampler that one run uses and closes."""

    def next(self, scores: ArrayLike | None = None) -> Task:
        """See :meth:`superbatch.importance_sampling.Sampler.next`."""
        ...

    def status(self) -> Status | None:
        """Counters and measures; None before the first task."""
        ...

    def state(self) -> str:
        """To be asked for while a task is at hand whose scores may or must be reported: a sampler that continues from it hands out this very task first."""
        ...

    def close(self) -> None:
        """Ends the session. Safe to repeat."""
        ...


class SamplerFactory(Protocol):
    """Opens a sampler for one run."""

    def __call__(self, spec: SessionSpec, state: str | None = None) -> RunSampler:
        """Opens it.

        Args:
            state: Of a sampler with the same spec that shall be continued.
        """
        ...


class LocalRunSampler:
    """In process: NumPy's random numbers, so other draws than the service's, with the same distribution."""

    def __init__(self, spec: SessionSpec, state: str | None = None) -> None:
        self._sampler = ImportanceSampler(spec)
        self._waiting: Task | None = None
        if state is not None:
            saved = _decode(_own(state, "local"))
            self._sampler.load_state_dict(saved)
            self._waiting = saved["last"]

    def next(self, scores: ArrayLike | None = None) -> Task:
        """See :class:`RunSampler`."""
        waiting, self._waiting = self._waiting, None
        return self._sampler.next(scores) if waiting is None else waiting

    def status(self) -> Status | None:
        """See :class:`RunSampler`."""
        return self._sampler.status()

    def state(self) -> str:
        """See :class:`RunSampler`."""
        return "local:" + json.dumps(self._sampler.state_dict(), default=_encode)

    def close(self) -> None:
        """Nothing to release."""


class RemoteRunSampler(RemoteImportanceSampler):
    """By the service: draw by draw what a TypeScript trainer with the same seed gets.

    With ``loss_history`` a continued run has forgotten the recorded losses; they count as the mean until they are seen again.
    """

    def state(self) -> str:
        """See :class:`RunSampler`."""
        return "remote:" + base64.b64encode(self.token).decode()


def remote_sampler(addresses: Sequence[str], channel: Callable[[str], grpc.Channel] | None = None) -> SamplerFactory:
    """A factory of samplers at the service's replicas."""

    def open_sampler(spec: SessionSpec, state: str | None = None) -> RunSampler:
        token = b"" if state is None else base64.b64decode(_own(state, "remote"))
        return RemoteRunSampler(addresses, spec, token=token, channel=channel)

    return open_sampler


def _own(state: str, kind: str) -> str:
    """A state without its prefix. Raises FieldError if it is of the other kind of sampler."""
    prefix, _, rest = state.partition(":")
    if prefix != kind:
        raise FieldError("state", f"is of a {prefix} sampler, not of a {kind} one")
    return rest


def _encode(value: object) -> dict[str, Any]:
    if isinstance(value, np.ndarray):
        return {"array": base64.b64encode(value.tobytes()).decode(), "dtype": str(value.dtype)}
    if isinstance(value, Task):
        return {"task": {name: getattr(value, name) for name in Task.__dataclass_fields__}}
    if isinstance(value, _Round):
        return {"round": {name: getattr(value, name) for name in _Round.__dataclass_fields__}}
    raise TypeError(f"a sampler's state holds a {type(value).__name__}")


def _decode(state: str) -> dict[str, Any]:
    def revive(item: dict[str, Any]) -> Any:
        if "array" in item:
            return np.frombuffer(base64.b64decode(item["array"]), dtype=item["dtype"]).copy()
        if set(item) == {"task"}:
            return Task(**item["task"])
        if set(item) == {"round"}:
            return _Round(**item["round"])
        return item

    decoded: dict[str, Any] = json.loads(state, object_hook=revive)
    return decoded

