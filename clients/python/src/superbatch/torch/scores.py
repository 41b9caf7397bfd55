"""Per-example results of a forward pass, in float64: n × classes numbers are few next to what made them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ..importance_sampling.spec import Scheme
from .configuration import ScoreKind

Floats = NDArray[np.float64]

#: What a sampler does with scores of a kind. Exact gradient norms are sampled from as their upper bounds are.
SCHEMES: dict[ScoreKind, Scheme] = {
    "upper_bound": "upper-bound",
    "gradient_norm": "upper-bound",
    "loss": "loss",
    "loss_history": "loss-history",
    "uniform": "uniform",
}


@dataclass(frozen=True)
class ExampleScores:
    """Attributes:
    losses: Cross entropy of softmax(z) against the targets, in nats.
    upper_bounds: ‖softmax(z) − target‖₂, an upper bound of the gradient's norm (Katharopoulos and Fleuret 2018, section 3.1).
    wrong: Number of examples whose largest logit is not at their label.
    """

    losses: Floats
    upper_bounds: Floats
    wrong: int

    def of_kind(self, kind: ScoreKind) -> Floats:
        """The scores of a kind. The exact gradient norm is not among them: its upper bound stands in."""
        return self.losses if kind in ("loss", "loss_history") else self.upper_bounds


def example_scores(logits: Tensor, labels: Tensor, smoothing: float = 0.0) -> ExampleScores:
    """Losses and scores of n × classes logits.

    Args:
        smoothing: ε: the target is (1 − ε) onehot(y) + ε/c, in loss and score, as in the loss that is differentiated.
    """
    z = logits.detach().cpu().numpy().astype(np.float64)
    y = labels.cpu().numpy()
    n, classes = z.shape
    target = np.full((n, classes), smoothing / classes)
    target[np.arange(n), y] += 1 - smoothing
    with np.errstate(all="ignore"):
        shifted = z - z.max(1, keepdims=True)
        exponentials = np.exp(shifted)
        total = exponentials.sum(1, keepdims=True)
        losses = np.where(target > 0, target * (np.log(total) - shifted), 0).sum(1)
        bounds = np.sqrt(((exponentials / total - target) ** 2).sum(1))
    return ExampleScores(losses, bounds, int((z.argmax(1) != y).sum()))
