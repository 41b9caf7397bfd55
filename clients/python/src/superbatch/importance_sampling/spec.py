"""What a session samples from, and how."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Sequence

from .errors import FieldError
from .mathematics import switch_threshold

Scheme = Literal["uniform", "upper-bound", "loss", "loss-history"]
SCHEMES: tuple[str, ...] = ("uniform", "upper-bound", "loss", "loss-history")


@dataclass(frozen=True)
class AdaptiveSuperBatch:
    """Lets B grow while τ pays for the grown size, and shrink back, never below the spec's.

    Attributes:
        max: Largest B, from ``super_batch_size`` to N.
        growth: Factor of each change, above 1.
    """

    max: int
    growth: float = 2.0


@dataclass(frozen=True)
class HistoryOptions:
    """Options of the scheme ``loss-history``.

    Attributes:
        uniform_share: Share of uniform draws, in (0, 1]; weights stay at most its inverse.
        fading_steps: Steps after which a recorded loss has faded to 1/e of its distance from the mean, above 0; None: 2 N / b, two passes.
    """

    uniform_share: float = 0.1
    fading_steps: float | None = None


@dataclass(frozen=True)
class SessionSpec:
    """What a session samples from, and how. Fixed for the session's life.

    Attributes:
        examples: N, at least 1. Indices are 0 … N − 1.
        batch_size: b, examples per gradient step over all workers, from 1 to B.
        super_batch_size: B, examples scored per importance-sampled step over all workers, from b to N. None: b, which is uniform SGD.
        scheme: ``uniform``; ``upper-bound`` or ``loss`` (mini-batches from scored super-batches, while τ pays); ``loss-history`` (mini-batches from the last known,
            fading losses of the whole data set; nothing is scored in addition).
        seed: In [0, 2⁵³). Equal specs and scores give equal sequences from the same implementation.
        threshold: τ above which importance sampling is on, at least 0. None: (B + r b) / (r b) with r = ``cost_ratio``.
        cost_ratio: Cost r of a gradient step's example over that of scoring it, above 0. Excluded by ``threshold``. None: 3.
        smoothing: Weight of the past in the tracked τ, in [0, 1).
        prefetch: Rounds handed out ahead, 0 or 1.
        workers: Workers that must have joined before the first round (remote sessions only).
        shards: (start, end) of the parts of the data, in order, that together are all of it (remote sessions only).
        max_weight: **Biased**: weights above it are cut to it. None: unbiased.
        adaptive: Lets B grow while τ pays. None: B is fixed.
        history: Options of ``loss-history``.
    """

    examples: int
    batch_size: int
    super_batch_size: int | None = None
    scheme: Scheme = "upper-bound"
    seed: int = 0
    threshold: float | None = None
    cost_ratio: float | None = None
    smoothing: float = 0.9
    prefetch: int = 0
    workers: int = 1
    shards: Sequence[tuple[int, int]] = ()
    max_weight: float | None = None
    adaptive: AdaptiveSuperBatch | None = None
    history: HistoryOptions = field(default_factory=HistoryOptions)

    def __post_init__(self) -> None:
        """Checks the fields.

        Raises:
            FieldError: naming the first wrong one.
        """
        n, b, size = self.examples, self.batch_size, self.start_size
        _check(_whole(n) and 1 <= n < 2**32, "examples", f"must be an integer in [1, 2^32), not {n}")
        _check(_whole(b) and b >= 1, "batch_size", f"must be an integer of at least 1, not {b}")
        _check(_whole(size) and size >= b, "super_batch_size", f"must be an integer of at least {b}, not {size}")
        _check(size <= n, "super_batch_size", f"must be at most the number of examples {n}, not {size}")
        _check(self.scheme in SCHEMES, "scheme", f"must be one of {', '.join(SCHEMES)}")
        _check(_whole(self.seed) and 0 <= self.seed < 2**53, "seed", "must be an integer in [0, 2^53)")
        _check(self.threshold is None or self.threshold >= 0, "threshold", "must be at least 0")
        _check(self.cost_ratio is None or 0 < self.cost_ratio < float("inf"), "cost_ratio", "must be above 0")
        _check(self.cost_ratio is None or self.threshold is None, "cost_ratio", "excludes a fixed threshold")
        _check(0 <= self.smoothing < 1, "smoothing", "must be in [0, 1)")
        _check(self.prefetch in (0, 1), "prefetch", "must be 0 or 1")
        _check(_whole(self.workers) and self.workers >= 1, "workers", "must be an integer of at least 1")
        _check(self.max_weight is None or self.max_weight > 0, "max_weight", "must be above 0")
        if self.adaptive is not None:
            _check(size <= self.adaptive.max <= n, "adaptive.max", f"must be in [{size}, {n}]")
            _check(self.adaptive.growth > 1, "adaptive.growth", "must be above 1")
        _check(0 < self.history.uniform_share <= 1, "history.uniform_share", "must be in (0, 1]")
        fading = self.history.fading_steps
        _check(fading is None or 0 < fading < float("inf"), "history.fading_steps", "must be above 0")

    @property
    def start_size(self) -> int:
        """B at the start."""
        return self.batch_size if self.super_batch_size is None else self.super_batch_size

    def threshold_at(self, super_batch_size: int) -> float:
        """τ_th for super-batches of that size."""
        if self.threshold is not None:
            return self.threshold
        return switch_threshold(super_batch_size, self.batch_size, 3.0 if self.cost_ratio is None else self.cost_ratio)


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _check(holds: bool, name: str, message: str) -> None:
    if not holds:
        raise FieldError(name, message)
