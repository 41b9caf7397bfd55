"""Multi-fidelity Gaussian processes of BoTorch as a surrogate: ``python -m superbatch.surrogate.botorch --listen 127.0.0.1:7603``.

Needs the extra ``botorch``. The objective is a SingleTaskMultiFidelityGP (a linear truncated fidelity kernel, Wu et al. 2019) where the space has a
fidelity, else a SingleTaskGP; the logarithm of cost is a SingleTaskGP with fidelities as ordinary inputs. Hyperparameters are the maximum of their
posterior. Categories enter one-hot, inactive columns as 0.5 with a flag.
"""

from __future__ import annotations

import sys
import warnings
from contextlib import suppress
from copy import deepcopy
from typing import Any, Sequence

import numpy as np
import torch
from botorch.models.gp_regression import SingleTaskGP
from botorch.models.gp_regression_fidelity import SingleTaskMultiFidelityGP
from botorch.optim.core import OptimizationResult
from botorch.optim.fit import fit_gpytorch_mll_scipy
from gpytorch.mlls import ExactMarginalLogLikelihood
from linear_operator.utils.errors import NotPSDError

from ._columns import Column
from ._model import Checkpoint, Floats, Model, Problem, Surrogate
from ._server import main

#: Points at a time: bounds the scratch memory.
_BLOCK = 4096


class BotorchSurrogate(Surrogate):
    """Multi-fidelity Gaussian processes of BoTorch."""

    name = "botorch-mf-gp"
    max_observations = 3000
    models_fidelities = True
    models_categories = True

    def fit(self, problem: Problem, checkpoint: Checkpoint) -> Sequence[Model]:
        """One model: the maximum of the hyperparameters' posterior."""
        layout = _Layout(problem.columns)
        x = layout.inputs(problem.x)
        shift, scale = _units(problem.y)
        y = torch.from_numpy((problem.y - shift) / scale).unsqueeze(-1)
        fidelities = layout.fidelities if problem.output == "objective" else []
        # Without observations: the prior of a model that was made with one, and never sees it.
        made_of = (x, y) if len(y) else (torch.full((1, layout.width), 0.5, dtype=torch.float64), torch.zeros(1, 1, dtype=torch.float64))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            gp: Any = (
                SingleTaskMultiFidelityGP(*made_of, data_fidelities=fidelities, outcome_transform=None)
                if fidelities
                else SingleTaskGP(*made_of, outcome_transform=None)
            )
            if len(y) >= 2:
                _maximize(gp, ExactMarginalLogLikelihood(gp.likelihood, gp), checkpoint)
        gp.eval()
        return [_BotorchModel(gp, layout, x, y, shift, scale)]


def _maximize(gp: Any, likelihood: ExactMarginalLogLikelihood, checkpoint: Checkpoint) -> None:
    """Fits the hyperparameters, in place: one ascent from where BoTorch starts.

    BoTorch's own ``fit_gpytorch_mll`` starts again at random places where an ascent ends in a matrix that cannot be factored, as those of data without
    noise do; what it then finds depends on luck. The best place on the way there needs none.
    """
    best, lowest = deepcopy(gp.state_dict()), float("inf")

    def visited(_: dict[str, torch.Tensor], result: OptimizationResult) -> None:
        nonlocal best, lowest
        checkpoint()
        if result.fval < lowest:
            best, lowest = deepcopy(gp.state_dict()), result.fval

    gp.train()
    with suppress(NotPSDError):
        fit_gpytorch_mll_scipy(likelihood, options={"maxiter": 200}, callback=visited)
    gp.load_state_dict(best)


class _Layout:
    """How encoded points become inputs: numbers as they are, categories one-hot, a flag for what may be inactive; fidelities keep their place."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns = columns
        self.fidelities: list[int] = []
        self.width = 0
        for column in columns:
            if column.kind == "fidelity":
                self.fidelities.append(self.width)
            self.width += (column.categories if column.kind == "categorical" else 1) + (column.parent is not None)

    def inputs(self, x: Floats) -> torch.Tensor:
        parts: list[Floats] = []
        for j, column in enumerate(self.columns):
            values = x[:, j]
            inactive = np.isnan(values)
            if column.kind == "categorical":
                one_hot = np.zeros((len(x), column.categories))
                rows = np.flatnonzero(~inactive)
                one_hot[rows, values[rows].astype(int)] = 1
                parts.append(one_hot)
            else:
                parts.append(np.where(inactive, 0.5, values)[:, None])
            if column.parent is not None:
                parts.append(inactive[:, None].astype(np.float64))
        return torch.from_numpy(np.hstack(parts))


def _units(y: Floats) -> tuple[float, float]:
    """Mean and standard deviation; of constant values a scale of their own size."""
    if len(y) == 0:
        return 0.0, 1.0
    largest = float(np.abs(y).max()) or 1.0
    scale = float((y / largest).std()) * largest
    return float((y / largest).mean()) * largest, scale if scale > 1e-12 * largest else largest


class _BotorchModel:
    """Conditions the fitted prior on the observations itself, so that joint and marginal answers come from one factor."""

    def __init__(self, gp: Any, layout: _Layout, x: torch.Tensor, y: torch.Tensor, shift: float, scale: float) -> None:
        self._kernel, self._layout, self._x = gp.covar_module, layout, x
        self._shift, self._scale = shift, scale
        with torch.no_grad():
            self._prior = float(gp.mean_module(torch.zeros(1, layout.width, dtype=torch.float64)))
            self._noise = float(gp.likelihood.noise.mean())
            gram = self._between(x, x) + self._noise * torch.eye(len(x), dtype=torch.float64)
            self._factor = _cholesky(gram)
            self._weights = torch.cholesky_solve(y - self._prior, self._factor)

    def _between(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        if len(a) == 0 or len(b) == 0:
            return torch.zeros(len(a), len(b), dtype=torch.float64)
        dense: torch.Tensor = self._kernel(a, b).to_dense()
        return dense

    def mean(self, x: Floats) -> Floats:
        """Means at the rows of x."""
        with torch.no_grad():
            values = self._prior + self._between(self._layout.inputs(x), self._x) @ self._weights
        return np.asarray(values[:, 0].numpy() * self._scale + self._shift)

    def covariance(self, a: Floats, b: Floats) -> Floats:
        """Covariances of the rows of a and b."""
        with torch.no_grad():
            left, right = self._layout.inputs(a), self._layout.inputs(b)
            halves = [torch.linalg.solve_triangular(self._factor, self._between(self._x, side), upper=False) for side in (left, right)]
            values = self._between(left, right) - halves[0].T @ halves[1]
        return np.asarray(values.numpy() * self._scale**2)

    def variance(self, x: Floats) -> Floats:
        """Variances at the rows of x."""
        parts = []
        with torch.no_grad():
            for start in range(0, len(x), _BLOCK):
                here = self._layout.inputs(x[start : start + _BLOCK])
                half = torch.linalg.solve_triangular(self._factor, self._between(self._x, here), upper=False)
                prior = self._kernel(here, diag=True)
                parts.append((prior - (half**2).sum(0)).numpy())
        return np.maximum(np.concatenate([np.empty(0), *parts]), 0.0) * self._scale**2

    def noise(self, x: Floats) -> Floats:
        """The likelihood's noise, everywhere the same."""
        return np.full(len(x), self._noise * self._scale**2)


def _cholesky(gram: torch.Tensor) -> torch.Tensor:
    """The factor, with as much added to the diagonal as round-off makes necessary."""
    for jitter in (0.0, 1e-10, 1e-8, 1e-6, 1e-4, 1e-2):
        factor, failed = torch.linalg.cholesky_ex(gram + jitter * torch.eye(len(gram), dtype=torch.float64))
        if not failed:
            return factor
    raise RuntimeError("the covariance matrix cannot be factorized")


if __name__ == "__main__":
    sys.exit(main(BotorchSurrogate()))
