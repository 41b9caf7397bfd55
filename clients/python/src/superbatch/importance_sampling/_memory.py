"""What a worker keeps so that its session can be rebuilt on another replica."""

from __future__ import annotations

from typing import Iterator

import numpy as np
from numpy.typing import NDArray

from superbatch.sampler.v1 import sampler_service_pb2 as pb

from .sampler import Task
from .spec import SessionSpec

RECORDS_PER_MESSAGE = 1 << 18


class WorkerMemory:
    """Reports of the latest rounds and, with ``loss-history``, the last loss reported of each example (8 bytes each)."""

    def __init__(self, spec: SessionSpec) -> None:
        self._prefetch = spec.prefetch
        self._kept: list[tuple[Task, NDArray[np.float32], pb.Scores]] = []
        self._seen: list[tuple[str, int, int]] = []
        n = spec.examples if spec.scheme == "loss-history" else 0
        self._losses = np.zeros(n, dtype=np.float32)
        self._rounds = np.zeros(n, dtype=np.uint32)  # round + 1; 0: none

    def fresh(self, tasks: list[Task]) -> list[Task]:
        """Those tasks that have not come before."""
        fresh = [task for task in tasks if (task.action, task.round, task.part) not in self._seen]
        self._seen += [(task.action, task.round, task.part) for task in fresh]
        return fresh

    def reported(self, task: Task, scores: NDArray[np.float32]) -> pb.Scores:
        """Takes note of a report and returns it as a message."""
        message = pb.Scores(round=task.round, part=task.part, values=scores.astype("<f4").tobytes())
        self._kept.append((task, scores, message))
        return message

    def answered(self, rounds: int) -> None:
        """Takes note of the number of complete rounds: older reports are forgotten or become records."""
        # Another worker may be as many rounds behind as are handed out at a time, and need our reports of them again.
        oldest = rounds - 1 - self._prefetch
        while self._kept and self._kept[0][0].round < oldest:
            task, scores, _ = self._kept.pop(0)
            if self._losses.size:
                self._losses[task.indices] = scores
                self._rounds[task.indices] = task.round + 1
        self._seen = [key for key in self._seen if key[1] >= oldest - 2]

    def reports(self) -> list[pb.Scores]:
        """To send again after a reconnection, oldest first."""
        return [message for _, _, message in self._kept]

    def records(self) -> Iterator[pb.HistoryRecords]:
        """Recorded losses, with those of kept reports; at least one message."""
        indices = np.flatnonzero(self._rounds)
        recent = [(task, scores) for task, scores, _ in self._kept]
        i = np.concatenate([indices, *(task.indices for task, _ in recent)]).astype("<u4")
        losses = np.concatenate([self._losses[indices], *(scores for _, scores in recent)]).astype("<f4")
        rounds = [np.full(scores.size, task.round) for task, scores in recent]
        steps = np.concatenate([self._rounds[indices].astype(np.int64) - 1, *rounds]).astype("<u4")
        for start in range(0, max(1, i.size), RECORDS_PER_MESSAGE):
            part = slice(start, start + RECORDS_PER_MESSAGE)
            yield pb.HistoryRecords(
                indices=i[part].tobytes(), losses=losses[part].tobytes(), rounds=steps[part].tobytes()
            )
