"""Superbatch: Bayesian optimization of neural networks whose trials are trained by importance-sampled SGD.

:class:`Client` speaks to an optimizer (needs the extra ``remote``); :mod:`superbatch.importance_sampling` samples in any training loop.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from ._attempt import Result as Result
    from ._spec import OutcomeConstraint as OutcomeConstraint
    from ._spec import StudyOptions as StudyOptions
    from .client import Client as Client
    from .client import Study as Study
    from .errors import AlreadyExists as AlreadyExists
    from .errors import FailedPrecondition as FailedPrecondition
    from .errors import FieldViolation as FieldViolation
    from .errors import Infeasible as Infeasible
    from .errors import InvalidArgument as InvalidArgument
    from .errors import NotFound as NotFound
    from .errors import NoTrial as NoTrial
    from .errors import PermissionDenied as PermissionDenied
    from .errors import StopEarly as StopEarly
    from .errors import StopTrial as StopTrial
    from .errors import StudyCompleted as StudyCompleted
    from .errors import SuperbatchError as SuperbatchError
    from .errors import TrialCancelled as TrialCancelled
    from .errors import Unauthenticated as Unauthenticated
    from .errors import Unavailable as Unavailable
    from .records import Cost as Cost
    from .records import Event as Event
    from .records import Prediction as Prediction
    from .records import Recommendation as Recommendation
    from .records import TrialRecord as TrialRecord
    from .records import Trials as Trials
    from .space import Boolean as Boolean
    from .space import Categorical as Categorical
    from .space import Constraint as Constraint
    from .space import Discrete as Discrete
    from .space import Fidelity as Fidelity
    from .space import Fixed as Fixed
    from .space import Float as Float
    from .space import Integer as Integer
    from .trial import Trial as Trial

_MODULES = {
    "_attempt": ("Result",),
    "_spec": ("OutcomeConstraint", "StudyOptions"),
    "client": ("Client", "Study"),
    "errors": (
        *("AlreadyExists", "FailedPrecondition", "FieldViolation", "Infeasible", "InvalidArgument", "NotFound", "NoTrial"),
        *("PermissionDenied", "StopEarly", "StopTrial", "StudyCompleted", "SuperbatchError", "TrialCancelled"),
        *("Unauthenticated", "Unavailable"),
    ),
    "records": ("Cost", "Event", "Prediction", "Recommendation", "TrialRecord", "Trials"),
    "space": ("Boolean", "Categorical", "Constraint", "Discrete", "Fidelity", "Fixed", "Float", "Integer"),
    "trial": ("Trial",),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}

__all__ = ["__version__", *_HOME]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    # grpcio is an optional dependency: what needs it is imported when it is first used.
    if name in _HOME:
        return getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
