"""Requests, read and checked."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Sequence

import grpc
import numpy as np

from superbatch.common.v1 import gaussian_process_pb2, matrix_pb2
from superbatch.surrogate.v1 import surrogate_service_pb2 as pb

from ._columns import Column, check_points, check_values, read_columns
from ._errors import Violations, abort, reason
from ._model import Floats, Surrogate

_MOST_SAMPLES, _MOST_ANCHORS, _MOST_POINTS = 100, 1000, 100_000
#: Variances are squares of values, and must be finite too.
_LARGEST = 1e150


@dataclass(frozen=True)
class FitInput:
    """A checked request to fit."""

    handle: str
    columns: Sequence[Column]
    x: Floats
    y: Floats
    cost: Floats
    samples: int
    seed: int


def to_matrix(values: Floats) -> matrix_pb2.Matrix:
    """A matrix, or a vector as a matrix of one column."""
    rows, columns = values.shape if values.ndim == 2 else (len(values), 1)
    return matrix_pb2.Matrix(rows=rows, columns=columns, data=np.ascontiguousarray(values, dtype="<f8").tobytes())


def _from_matrix(path: str, message: matrix_pb2.Matrix, violations: Violations) -> Floats | None:
    rows, columns = message.rows, message.columns
    if len(message.data) != 8 * rows * columns:
        violations.add(f"{path}.data", f"must hold {rows} × {columns} float64 values = {8 * rows * columns} bytes, but has {len(message.data)}")
        return None
    return np.frombuffer(message.data, dtype="<f8").reshape(rows, columns).astype(np.float64)


def _column(path: str, message: matrix_pb2.Matrix, rows: int, violations: Violations) -> Floats | None:
    matrix = _from_matrix(path, message, violations)
    if matrix is None:
        return None
    if len(matrix) != rows or (rows > 0 and matrix.shape[1] != 1):
        violations.add(path, f"must be {rows} × 1, one row for each of x, not {matrix.shape[0]} × {matrix.shape[1]}")
        return None
    return matrix.reshape(-1)


def read_fit(request: pb.FitRequest, surrogate: Surrogate, context: grpc.ServicerContext) -> FitInput:
    """The checked request; ends the call if it is wrong."""
    violations = Violations()
    columns = read_columns(request.dimensions, violations)
    x = _from_matrix("x", request.x, violations)
    n = 0 if x is None else len(x)
    y = _column("y", request.y, n, violations)
    cost = _column("cost", request.cost, n, violations)
    limit = surrogate.max_observations
    if limit and n > limit:
        info = reason("FIT_LIMIT_EXCEEDED", "Fit fewer observations, or configure a surrogate with a higher limit.")
        abort(context, grpc.StatusCode.RESOURCE_EXHAUSTED, f"Observations: {n}, of at most {limit}", info)
    if x is not None and len(columns) == len(request.dimensions):
        check_points("x", x, columns, violations)
    if y is not None:
        check_values("y", y, np.abs(y) <= _LARGEST, f"from -{_LARGEST} to {_LARGEST}", violations)
    if cost is not None:
        check_values("cost", cost, (cost > 0) & (cost <= _LARGEST), f"above 0 and at most {_LARGEST}", violations)
    if request.samples > _MOST_SAMPLES:
        violations.add("samples", f"must be at most {_MOST_SAMPLES}, not {request.samples}")
    if x is not None and request.infer_from > n:
        violations.add("infer_from", f"must be at most {n}, the rows of x, not {request.infer_from}")
    violations.abort_if_any(context)
    assert x is not None and y is not None and cost is not None
    samples = 1 if request.inference == gaussian_process_pb2.INFERENCE_MAP else request.samples or surrogate.default_samples
    # What the model is a function of: equal requests have equal handles. Not of infer_from, since a surrogate here always learns from all.
    essence = pb.FitRequest(dimensions=request.dimensions, x=request.x, y=request.y, cost=request.cost, samples=samples, seed=request.seed)
    key = f"{surrogate.name} {surrogate.version} ".encode() + essence.SerializeToString(deterministic=True)
    handle = hashlib.sha256(key).hexdigest()[:32]
    return FitInput(handle, columns, x.reshape(n, len(columns)), y, cost, samples, request.seed)


def read_posterior(request: pb.PosteriorRequest, columns: Sequence[Column], context: grpc.ServicerContext) -> tuple[Floats, Floats]:
    """Anchors and points; ends the call if they are wrong."""
    violations = Violations()
    if request.output not in (pb.OUTPUT_OBJECTIVE, pb.OUTPUT_LOG_COST):
        violations.add("output", "must be OUTPUT_OBJECTIVE or OUTPUT_LOG_COST")
    places = []
    for path, message, limit in (("anchors", request.anchors, _MOST_ANCHORS), ("points", request.points, _MOST_POINTS)):
        matrix = _from_matrix(path, message, violations)
        if matrix is None or len(matrix) == 0:
            matrix = np.empty((0, len(columns)))
        elif len(matrix) > limit:
            violations.add(path, f"must have at most {limit} rows, not {len(matrix)}")
        else:
            check_points(path, matrix, columns, violations)
        places.append(matrix)
    violations.abort_if_any(context)
    return places[0], places[1]
