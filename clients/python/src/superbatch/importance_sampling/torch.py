"""For PyTorch: a batch sampler for DataLoader, and the scores as functions of tensors. Imports torch; nothing else in the package does."""

from __future__ import annotations

from typing import Iterator

import torch
import torch.nn.functional as F
from torch.utils.data import Sampler as TorchSampler

from .sampler import Sampler, Task


def upper_bound_scores(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """‖softmax(z) − onehot(y)‖₂ for each row of n × C logits; without gradient."""
    with torch.no_grad():
        gradient = F.softmax(logits.float(), dim=1)
        gradient[torch.arange(len(labels), device=labels.device), labels] -= 1
        return gradient.norm(dim=1)


def loss_scores(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """The softmax cross-entropy of each row; without gradient."""
    with torch.no_grad():
        return F.cross_entropy(logits.float(), labels, reduction="none")


class ImportanceBatchSampler(TorchSampler[list[int]]):
    """A ``batch_sampler`` for DataLoader that hands out a sampler's tasks.

    Between two batches the loop looks at :attr:`task` and gives :meth:`report` the scores that it asks for::

        batches = ImportanceBatchSampler(sampler, steps=1000)
        for x, y in DataLoader(data, batch_sampler=batches):
            logits = model(x)                     # without gradient where batches.task.action == "score"
            ...
            batches.report(upper_bound_scores(logits, y))

    Scores are needed before the next batch can be drawn, so the DataLoader must not run ahead: ``num_workers=0``.

    Args:
        sampler: In process or remote.
        steps: Gradient steps to hand out; iteration can be started again for as many more.
    """

    def __init__(self, sampler: Sampler, steps: int) -> None:
        self.sampler = sampler
        self.steps = steps
        self.task: Task | None = None
        self._scores: torch.Tensor | None = None
        self._next: Task | None = None

    def __iter__(self) -> Iterator[list[int]]:
        """The examples of one task after the other.

        Raises:
            RuntimeError: if a task that requires scores was not reported on.
        """
        taken = 0
        while True:
            if self._next is None:
                self._next = self.sampler.next()
            if taken == self.steps:
                return
            self.task, self._next = self._next, None
            self._scores = None
            yield self.task.indices.tolist()
            taken += self.task.action == "train"
            self._next = self._advance(self.task)

    def _advance(self, task: Task) -> Task:
        if task.scores == "none":
            return self.sampler.next()
        if self._scores is None:
            if task.scores == "optional":
                return self.sampler.next()
            raise RuntimeError("report() was not called with this batch's scores (or a DataLoader ran ahead: use num_workers=0)")
        return self.sampler.next(self._scores.detach().float().cpu().numpy())

    def report(self, scores: torch.Tensor) -> None:
        """Gives the scores of the present batch; left unused where its task wants none."""
        self._scores = scores

    @property
    def weights(self) -> torch.Tensor:
        """Weights of the present batch, which must be one to train on: the loss is ``(weights * losses).sum() / batch_size``."""
        if self.task is None or self.task.weights is None:
            raise RuntimeError("the present batch is to be scored, not trained on")
        return torch.from_numpy(self.task.weights)
