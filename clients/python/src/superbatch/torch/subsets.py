"""Which examples validate and which train. The same ones as in the TypeScript trainer: they depend on the data set's name alone."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .random_stream import RandomStream

Indices = NDArray[np.int64]


def stratified_split(labels: Indices, share: float, classes: int, stream: RandomStream) -> tuple[Indices, Indices]:
    """Divides examples in two, class by class: ``share`` of each class, and the rest.

    The share has round(share · n) examples in all: what is left over of each class goes to the largest remainders. The last example of a class is never taken.

    Returns:
        Indices of the share and of the rest, both ascending.
    """
    members = [np.flatnonzero(labels == label) for label in range(classes)]
    counts = _apportion([len(each) for each in members], share)
    taken, rest = [], []
    for label, each in enumerate(members):
        order = each[stream.fork(label).permutation(len(each))]
        taken.append(order[: counts[label]])
        rest.append(order[counts[label] :])
    return np.sort(np.concatenate(taken)), np.sort(np.concatenate(rest))


def _apportion(sizes: list[int], share: float) -> list[int]:
    """Whole numbers next to share · size, by largest remainders."""
    counts = [min(math.floor(share * size), max(0, size - 1)) for size in sizes]
    missing = math.floor(share * sum(sizes) + 0.5) - sum(counts)
    by_remainder = sorted(range(len(sizes)), key=lambda label: (-(share * sizes[label] - counts[label]), label))
    for label in by_remainder:
        if missing <= 0:
            break
        if counts[label] >= sizes[label] - 1:
            continue
        counts[label] += 1
        missing -= 1
    return counts


def default_validation_size(train_size: int) -> int:
    """A tenth of the training split, but at least 500 as far as that is no more than a quarter."""
    return math.floor(max(train_size / 10, min(500, train_size / 4)) + 0.5)


def nested_subset(indices: Indices, share: float, stream: RandomStream) -> Indices:
    """The first ``share`` of a seeded permutation: subsets of different shares are nested. At least one example is kept."""
    count = max(1, math.floor(share * len(indices) + 0.5))
    return indices if count == len(indices) else indices[stream.permutation(len(indices))[:count]]
