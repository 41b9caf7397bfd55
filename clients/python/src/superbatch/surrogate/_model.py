"""What an author of a surrogate writes: a :class:`Surrogate` and its :class:`Model`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Literal, Protocol, Sequence

import numpy as np
from numpy.typing import NDArray

from ._columns import Column

Floats = NDArray[np.float64]
Output = Literal["objective", "log-cost"]
#: Call it often during a long fit: it raises where nobody waits for the result any more.
Checkpoint = Callable[[], None]


@dataclass(frozen=True)
class Problem:
    """What one output is to be fitted to.

    Attributes:
        columns: What the columns of x hold.
        x: n × columns encoded points: numbers in [0, 1], categories as indices, fidelities 0 to 1 at their target, NaN where inactive.
        y: n values: of the objective, lower is better, or the natural logarithms of the costs. n may be 0.
        output: Which of the two.
        samples: How many samples of the hyperparameters are wanted; fewer are allowed, one is.
        seed: Of all that is random.
    """

    columns: Sequence[Column]
    x: Floats
    y: Floats
    output: Output
    samples: int
    seed: int


class Model(Protocol):
    """A Gaussian process, or whatever has a mean and a covariance: one sample of the hyperparameters, in y's units, noise-free.

    The covariance must be that of one process, so that all matrices made of it are positive semidefinite.
    """

    def mean(self, x: Floats) -> Floats:
        """Means at the n rows of x."""
        ...

    def covariance(self, a: Floats, b: Floats) -> Floats:
        """n × m covariances of the rows of a and b."""
        ...

    def variance(self, x: Floats) -> Floats:
        """The diagonal of ``covariance(x, x)``, n values, without the rest."""
        ...

    def noise(self, x: Floats) -> Floats:
        """Variances of an observation's noise at the n rows of x."""
        ...


class Surrogate:
    """Fits models. Subclass it, say what it is, and write :meth:`fit`; calls come from several threads.

    Attributes:
        name: Short name, such as ``my-gp``.
        version: Of the implementation.
        max_observations: More are refused; 0: no limit.
        models_fidelities: Whether fidelities are more to it than ordinary columns.
        models_categories: Whether categories and inactive columns are modelled as such.
        default_samples: Samples of the hyperparameters when the request does not say.
    """

    name = "surrogate"
    version = "0.1.0"
    max_observations = 0
    models_fidelities = False
    models_categories = False
    default_samples = 1

    def fit(self, problem: Problem, checkpoint: Checkpoint) -> Sequence[Model]:
        """One model for each sample of the hyperparameters, all of equal weight. A pure function of the problem."""
        raise NotImplementedError
