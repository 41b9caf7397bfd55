"""The mathematics of importance-sampled SGD, on NumPy arrays in float64.

Notation: n examples, C classes, scores s (n), probabilities g (n). Sources: Katharopoulos & Fleuret, "Not All Samples Are Created Equal", ICML 2018 [K].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import FieldError

Floats = NDArray[np.float64]


def upper_bound_scores(logits: ArrayLike, labels: ArrayLike) -> Floats:
    """Norm of the softmax cross-entropy's gradient by the logits, ‖softmax(z) − onehot(y)‖₂ [K, eq. 20].

    Args:
        logits: n × C, finite.
        labels: n integers in [0, C).

    Returns:
        n scores in [0, √2].
    """
    z, y = _logits_and_labels(logits, labels)
    gradient = np.exp(z - z.max(axis=1, keepdims=True))
    gradient /= gradient.sum(axis=1, keepdims=True)
    gradient[np.arange(len(y)), y] -= 1
    return np.sqrt((gradient**2).sum(axis=1))


def loss_scores(logits: ArrayLike, labels: ArrayLike) -> Floats:
    """The softmax cross-entropy as score, in nats; arguments as of :func:`upper_bound_scores`."""
    z, y = _logits_and_labels(logits, labels)
    top = z.max(axis=1)
    losses = top + np.log(np.exp(z - top[:, None]).sum(axis=1)) - z[np.arange(len(y)), y]
    return np.maximum(losses, 0)


def _logits_and_labels(logits: ArrayLike, labels: ArrayLike) -> tuple[Floats, NDArray[np.int64]]:
    z = np.asarray(logits, dtype=np.float64)
    y = np.asarray(labels, dtype=np.int64)
    if z.ndim != 2 or y.shape != z.shape[:1]:
        raise FieldError("labels", f"must be one for each row of logits, not {y.shape} for {z.shape}")
    if np.any((y < 0) | (y >= z.shape[1])):
        raise FieldError("labels", f"must be in [0, {z.shape[1]})")
    return z, y


def check_scores(scores: ArrayLike) -> NDArray[np.float32]:
    """Scores as float32, the precision in which sessions keep them.

    Raises:
        FieldError: naming the first score that is negative or not finite.
    """
    with np.errstate(over="ignore"):
        s = np.asarray(scores).astype(np.float32)
    if s.ndim != 1:
        raise FieldError("scores", f"must be one-dimensional, not of shape {s.shape}")
    wrong = ~((s >= 0) & (s < np.inf))
    if wrong.any():
        k = int(np.argmax(wrong))
        raise FieldError(f"scores[{k}]", f"must be finite and at least 0, not {np.asarray(scores)[k]}")
    return s


def probabilities(scores: ArrayLike) -> Floats:
    """g = s / Σ s; uniform if all scores are 0 [K, eq. 10].

    Raises:
        FieldError: if there is no score, or one that is negative or not finite.
    """
    s = np.asarray(scores, dtype=np.float64)
    if s.size == 0:
        raise FieldError("scores", "must not be empty")
    wrong = ~((s >= 0) & (s < np.inf))
    if wrong.any():
        k = int(np.argmax(wrong))
        raise FieldError(f"scores[{k}]", f"must be finite and at least 0, not {s[k]}")
    largest = s.max()
    if largest == 0:
        return np.full(s.shape, 1 / s.size)
    scaled = s / largest  # no overflow of the sum, whatever the scores' size
    return scaled / scaled.sum()


def importance_weights(g: Floats, positions: ArrayLike) -> Floats:
    """w = 1 / (n g) of the drawn positions: the mean of w · loss estimates the mean over all n without bias [K, eq. 5]."""
    return 1 / (g.size * g[np.asarray(positions)])


def effective_sample_size(weights: ArrayLike) -> float:
    """(Σ w)² / Σ w², from 1 to the number of weights; 0 for none."""
    w = np.asarray(weights, dtype=np.float64)
    squares = float((w**2).sum())
    return 0.0 if squares == 0 else float(w.sum()) ** 2 / squares


def variance_reduction(g: Floats) -> float:
    """τ = √(n Σ g²), in [1, √n]: how many times larger a uniform mini-batch would have to be for the same variance [K, eq. 26]."""
    n = g.size
    return float(min(np.sqrt(n), max(1.0, np.sqrt(n * (g**2).sum()))))


def track_tau(tracked: float, observed: float, smoothing: float = 0.9) -> float:
    """One step of the tracked τ, a moving average that starts at 0: a τ + (1 − a) τ_new [K, algorithm 1]."""
    return smoothing * tracked + (1 - smoothing) * observed


def switch_threshold(super_batch_size: int, batch_size: int, cost_ratio: float = 3.0) -> float:
    """τ above which importance sampling pays: (B + r b) / (r b) [K, section 3.3, with r = 3]."""
    return (super_batch_size + cost_ratio * batch_size) / (cost_ratio * batch_size)
