"""The last known loss of every example, from which whole mini-batches are drawn without scoring anything in addition."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

BLOCK = 256


class LossHistory:
    """Recorded losses that fade toward their mean.

    A loss l recorded at step r has at step t the score μ + (l − μ) exp(−(t − r)/T); an example without a record has μ. A share λ of draws is uniform:
    p = (1 − λ) s / Σ s + λ / N, so weights 1 / (N p) stay at most 1/λ. Fading is a common factor on the sums Σ l exp(r/T) and Σ exp(r/T), kept for
    blocks of 256 examples: a draw costs O(N / 256) in vector operations, 9 bytes of memory per example.

    Attributes:
        mean: The mean loss μ; 0 before the first record.
    """

    def __init__(self, examples: int, uniform_share: float, fading_steps: float, smoothing: float = 0.9) -> None:
        self.examples = examples
        self.uniform_share = uniform_share
        self.fading_steps = fading_steps
        self.smoothing = smoothing
        self.mean = 0.0
        blocks = -(-examples // BLOCK)
        # Padded to whole blocks; padding never has a record and does not count.
        self.losses = np.zeros(blocks * BLOCK, dtype=np.float32)
        self.steps = np.full(blocks * BLOCK, -1, dtype=np.int32)
        self._counts = np.full(blocks, BLOCK, dtype=np.float64)
        self._counts[-1] = examples - (blocks - 1) * BLOCK
        self._base = 0
        self._loss_sums = np.zeros(blocks)
        self._decay_sums = np.zeros(blocks)

    def _decay(self, steps: NDArray[np.int32], step: int) -> Floats:
        return np.where(steps < 0, 0.0, np.exp(np.minimum(0.0, steps - float(step)) / self.fading_steps))

    def scores(self, indices: ArrayLike, step: int) -> Floats:
        """Scores of examples at a step."""
        i = np.asarray(indices)
        return self.mean + (self.losses[i].astype(np.float64) - self.mean) * self._decay(self.steps[i], step)

    def total(self, step: int) -> float:
        """Σ of all scores at a step."""
        return float(self._masses(step).sum())

    def _masses(self, step: int) -> Floats:
        factor = np.exp((self._base - step) / self.fading_steps)
        return np.maximum(0.0, self._counts * self.mean + factor * (self._loss_sums - self.mean * self._decay_sums))

    def probabilities(self, indices: ArrayLike, step: int) -> Floats:
        """Probabilities with which examples are drawn at a step."""
        self._move_base(step)
        return self._mix(self.scores(indices, step), self.total(step))

    def _mix(self, scores: Floats, total: float) -> Floats:
        if total <= 0:
            return np.full(np.shape(scores), 1 / self.examples)
        return (1 - self.uniform_share) * scores / total + self.uniform_share / self.examples

    def draw(self, count: int, step: int, rng: np.random.Generator) -> tuple[NDArray[np.uint32], Floats]:
        """Draws examples with replacement.

        Returns:
            Their indices and probabilities.
        """
        self._move_base(step)
        masses = self._masses(step)
        sums = np.cumsum(masses)
        total = float(sums[-1])
        uniform = (rng.random(count) < self.uniform_share) | (total <= 0)
        u = rng.random(count)
        indices = np.minimum((u * self.examples).astype(np.int64), self.examples - 1)
        k = np.flatnonzero(~uniform)
        if k.size:
            target = u[k] * total
            block = np.minimum(np.searchsorted(sums, target, side="right"), len(sums) - 1)
            rest = target - (sums[block] - masses[block])
            members = block[:, None] * BLOCK + np.arange(BLOCK)
            inner = np.cumsum(np.where(members < self.examples, self.scores(members, step), 0.0), axis=1)
            place = (inner <= rest[:, None]).sum(axis=1)
            indices[k] = np.minimum(block * BLOCK + np.minimum(place, BLOCK - 1), self.examples - 1)
        return indices.astype(np.uint32), self._mix(self.scores(indices, step), total)

    def record(self, indices: ArrayLike, losses: ArrayLike, weights: ArrayLike, step: int) -> None:
        """Takes note of losses seen at a step; of a repeated index the last counts."""
        self._move_base(step)
        i = np.asarray(indices, dtype=np.int64)
        seen = np.asarray(losses, dtype=np.float64)
        if i.size == 0:
            return
        self.losses[i] = seen
        self.steps[i] = step
        # Weighted as the gradient is, the batch's mean is an unbiased estimate of the data's.
        observed = float((seen * np.asarray(weights)).mean())
        self.mean = observed if self.mean == 0 else self.smoothing * self.mean + (1 - self.smoothing) * observed
        self._sum_blocks(np.unique(i // BLOCK))

    def _sum_blocks(self, blocks: NDArray[np.int64]) -> None:
        members = blocks[:, None] * BLOCK + np.arange(BLOCK)
        decay = np.where(self.steps[members] < 0, 0.0, np.exp((self.steps[members] - float(self._base)) / self.fading_steps))
        self._loss_sums[blocks] = (self.losses[members] * decay).sum(axis=1)
        self._decay_sums[blocks] = decay.sum(axis=1)

    def _move_base(self, step: int) -> None:
        # Exponents stay below 64; one pass over all examples each 64 T steps.
        period = int(np.ceil(64 * self.fading_steps))
        wanted = step // period * period
        if wanted == self._base:
            return
        self._base = wanted
        self.rebuild()

    def rebuild(self) -> None:
        """Sums all blocks anew, after losses and steps were set from outside."""
        for start in range(0, len(self._counts), 4096):
            self._sum_blocks(np.arange(start, min(start + 4096, len(self._counts))))
