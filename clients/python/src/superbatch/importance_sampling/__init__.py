"""Importance-sampled SGD: which examples the next gradient step uses, and with which weights.

In process with NumPy alone (:class:`ImportanceSampler`), or by the service (:class:`RemoteImportanceSampler`, needs grpcio); both are a :class:`Sampler`.
"""

from typing import TYPE_CHECKING

from .errors import FieldError
from .local import ImportanceSampler
from .mathematics import (
    effective_sample_size,
    importance_weights,
    loss_scores,
    probabilities,
    switch_threshold,
    track_tau,
    upper_bound_scores,
    variance_reduction,
)
from .sampler import Sampler, Status, Task
from .spec import AdaptiveSuperBatch, HistoryOptions, SessionSpec

__all__ = [
    "AdaptiveSuperBatch",
    "FieldError",
    "HistoryOptions",
    "ImportanceSampler",
    "RemoteImportanceSampler",
    "Sampler",
    "SessionSpec",
    "Status",
    "Task",
    "effective_sample_size",
    "importance_weights",
    "loss_scores",
    "probabilities",
    "switch_threshold",
    "track_tau",
    "upper_bound_scores",
    "variance_reduction",
]


if TYPE_CHECKING:
    from .remote import RemoteImportanceSampler


def __getattr__(name: str) -> object:
    # grpcio is an optional dependency: it is imported when the remote sampler is first used.
    if name == "RemoteImportanceSampler":
        from .remote import RemoteImportanceSampler

        return RemoteImportanceSampler
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
