"""What can be wrong with a trial or with the data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence


@dataclass(frozen=True)
class ParameterProblem:
    """One thing that is wrong with a trial's parameters."""

    parameter: str
    message: str


class ParameterError(ValueError):
    """A trial's parameters cannot be trained: a property of the point, so the trial is infeasible.

    Attributes:
        problems: All of them, at once.
    """

    def __init__(self, problems: Sequence[ParameterProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{problem.parameter}: {problem.message}" for problem in problems))


class DataError(Exception):
    """A data set is missing or corrupt: not the trial's fault, so another trainer may try it.

    Attributes:
        file: What could not be read.
        problem: What is wrong with it.
        remedy: What to do.
    """

    def __init__(self, file: str, problem: str, remedy: str) -> None:
        self.file, self.problem, self.remedy = file, problem, remedy
        super().__init__(f"{file}: {problem}. {remedy}.")
