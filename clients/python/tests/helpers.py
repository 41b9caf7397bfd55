"""What several tests use."""

from __future__ import annotations

import math
from typing import Callable

import numpy as np

from superbatch.importance_sampling import Sampler, Task


def chi_square_tail(counts, expected) -> float:
    """Upper tail probability of a chi-square statistic (Wilson–Hilferty, good to about 1e-3)."""
    counts, expected = np.asarray(counts, float), np.asarray(expected, float)
    freedom = len(counts) - 1
    statistic = ((counts - expected) ** 2 / expected).sum()
    spread = 2 / (9 * freedom)
    z = ((statistic / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)
    return 0.5 * math.erfc(z / math.sqrt(2))


def drive(sampler: Sampler, score_of: Callable[[np.ndarray, int], np.ndarray], steps: int, task: Task | None = None):
    """Does what a sampler says for so many gradient steps. Returns the steps' tasks and the task after them."""
    taken: list[Task] = []
    task = sampler.next() if task is None else task
    while len(taken) < steps:
        if task.action == "train":
            taken.append(task)
        scores = score_of(task.indices.astype(np.int64), task.round)
        task = sampler.next(None if task.scores == "none" else scores)
    return taken, task


def same(a: Task, b: Task) -> bool:
    """Whether two tasks are the same work."""
    weights = (a.weights is None and b.weights is None) or np.array_equal(a.weights, b.weights)
    return (a.action, a.round, a.part) == (b.action, b.round, b.part) and np.array_equal(a.indices, b.indices) and weights


def assert_unbiased(steps: list[Task], examples: int) -> None:
    """Σ of weights has for each example the expectation 1/N of all draws, within 4.5 standard deviations."""
    indices = np.concatenate([step.indices for step in steps])
    weights = np.concatenate([step.weights for step in steps]).astype(float)
    sums = np.bincount(indices, weights, minlength=examples)
    squares = np.bincount(indices, weights**2, minlength=examples)
    drawn = squares > 0
    assert np.all(np.abs(sums - indices.size / examples)[drawn] < 4.5 * np.sqrt(squares[drawn]))
