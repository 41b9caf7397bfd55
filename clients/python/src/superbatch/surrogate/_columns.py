"""What the columns of a request's points hold, and whether points fit them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Sequence

import numpy as np
from numpy.typing import NDArray

from superbatch.surrogate.v1 import surrogate_service_pb2 as pb

from ._errors import Violations

#: More columns than any real space has.
_MOST_COLUMNS = 1000
#: Points of a space that has shrunk since lie outside of [0, 1]; what is farther away than this was not scaled at all.
_FARTHEST = 1000
#: Violations of single values that are reported of a matrix.
_REPORTED = 10


@dataclass(frozen=True)
class Column:
    """One column of the points.

    Attributes:
        name: The parameter's.
        kind: ``numeric``, ``categorical`` or ``fidelity``.
        categories: Of a categorical column; else 0.
        parent: Column on which it depends whether this one is active; None: it always is.
        active_for: Values of the parent with which it is.
    """

    name: str
    kind: Literal["numeric", "categorical", "fidelity"]
    categories: int = 0
    parent: int | None = None
    active_for: tuple[float, ...] = ()


def read_columns(messages: Sequence[pb.Dimension], violations: Violations) -> list[Column]:
    """The columns; what is wrong with them is added to the violations."""
    if not messages:
        violations.add("dimensions", "must have at least one column")
    if len(messages) > _MOST_COLUMNS:
        violations.add("dimensions", f"must have at most {_MOST_COLUMNS} columns, not {len(messages)}")
        return []
    columns = []
    for i, message in enumerate(messages):
        path = f"dimensions[{i}]"
        kind = message.WhichOneof("kind")
        if kind is None:
            violations.add(path, "must say what the column holds: numeric, categorical or fidelity")
            continue
        if kind == "categorical" and message.categorical.categories < 2:
            violations.add(f"{path}.categorical.categories", "must be at least 2")
        if kind != "categorical" and getattr(message, kind).levels == 1:
            violations.add(f"{path}.{kind}.levels", "must be at least 2, or 0 for a continuous parameter")
        parent = message.condition.parent if message.HasField("condition") else None
        if parent is not None:
            _check_condition(messages, i, path, violations)
        columns.append(Column(message.name, kind, message.categorical.categories, parent, tuple(message.condition.values)))
    return columns


def _check_condition(messages: Sequence[pb.Dimension], i: int, path: str, violations: Violations) -> None:
    condition = messages[i].condition
    if messages[i].WhichOneof("kind") == "fidelity":
        violations.add(f"{path}.condition", "must be absent: fidelities are always active")
    if condition.parent >= len(messages) or condition.parent == i:
        violations.add(f"{path}.condition.parent", f"must be the index of another column, below {len(messages)}")
    elif _leads_back(messages, i):
        violations.add(f"{path}.condition.parent", "must not depend on this column itself")
    if not condition.values:
        violations.add(f"{path}.condition.values", "must have at least one value")
    if not all(np.isfinite(condition.values)):
        violations.add(f"{path}.condition.values", "must be finite")


def _leads_back(messages: Sequence[pb.Dimension], start: int) -> bool:
    seen: set[int] = set()
    i = start
    while i not in seen and i < len(messages) and messages[i].HasField("condition"):
        seen.add(i)
        i = messages[i].condition.parent
        if i == start:
            return True
    return False


def check_values(path: str, values: NDArray[np.float64], right: NDArray[np.bool_], rule: str, violations: Violations) -> None:
    """Names the first few values of a vector that are not right."""
    for i in np.flatnonzero(~right)[:_REPORTED]:
        violations.add(f"{path}.data[{i}]", f"must be {rule}, not {values[i]}")


def check_points(path: str, x: NDArray[np.float64], columns: Sequence[Column], violations: Violations) -> None:
    """NaN exactly where inactive, indices of categories in range, all else finite and scaled."""
    if len(x) == 0:
        return
    if x.shape[1] != len(columns):
        violations.add(path, f"must have {len(columns)} columns, as the dimensions, not {x.shape[1]}")
        return
    reported = 0
    for j, column in enumerate(columns):
        values = x[:, j]
        active = np.ones(len(x), bool) if column.parent is None else np.isin(x[:, column.parent], column.active_for)
        wrong = np.where(active, ~np.isfinite(values), ~np.isnan(values))
        with np.errstate(invalid="ignore"):
            if column.kind == "categorical":
                wrong |= active & ((values != np.floor(values)) | (values < 0) | (values >= column.categories))
            else:
                wrong |= active & (np.abs(values) > _FARTHEST)
        for i in np.flatnonzero(wrong)[: _REPORTED - reported]:
            rule = "a value of the column" if active[i] else "NaN, since the column is inactive"
            where = f"row {i}, column {j} ({column.name})"
            violations.add(f"{path}.data[{i * len(columns) + j}]", f"{where}: must be {rule}, not {values[i]}")
            reported += 1
