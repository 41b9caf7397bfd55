"""What a run spends its time on."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import Iterator, Literal

import torch

from ..records import Cost

Phase = Literal["scoring", "gradient", "evaluation", "data"]


class CostMeter:
    """Attributes a run's seconds to phases. Waits for the device at both ends of each measurement: a GPU works on when a call has returned.

    Args:
        device: That computes.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._start = time.perf_counter()
        self._spent: dict[str, float] = {"scoring": 0.0, "gradient": 0.0, "evaluation": 0.0, "data": 0.0}

    @contextmanager
    def measure(self, phase: Phase) -> Iterator[None]:
        """The block's time counts as ``phase``, also if it fails. Blocks do not overlap."""
        self.synchronize()
        start = time.perf_counter()
        try:
            yield
            self.synchronize()
        finally:
            self._spent[phase] += time.perf_counter() - start

    def cost(self) -> Cost:
        """Spent so far; what exceeds the sum of the phases was not attributed."""
        return Cost(total=time.perf_counter() - self._start, **self._spent)

    def synchronize(self) -> None:
        """Waits until the device has done what it was given."""
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)
        elif self._device.type == "mps":
            torch.mps.synchronize()


def add_costs(a: Cost, b: Cost) -> Cost:
    """The sum, phase by phase."""
    return Cost(
        (a.total or 0.0) + (b.total or 0.0), a.scoring + b.scoring, a.gradient + b.gradient, a.evaluation + b.evaluation, a.data + b.data
    )


def scaled_cost(cost: Cost, factor: float) -> Cost:
    """In another unit."""
    return Cost((cost.total or 0.0) * factor, cost.scoring * factor, cost.gradient * factor, cost.evaluation * factor, cost.data * factor)
