"""What the integrations share: names for choices of any type, grids, and a study's id."""

from __future__ import annotations

import re
import uuid
from typing import Any, Sequence

from superbatch.space import Discrete, Float, Integer

#: A grid with more points than this is tuned as a range, and rounded.
LONGEST_GRID = 1000


def choice_names(choices: Sequence[Any]) -> dict[str, Any]:
    """A unique name for each choice: its text where that is unique and not empty, otherwise its text and place."""
    texts = [str(choice) for choice in choices]
    return {
        text if text and texts.count(text) == 1 else f"{text}#{place}": choice
        for place, (text, choice) in enumerate(zip(texts, choices))
    }


def grid(low: float, high: float, step: float, log: bool = False) -> Discrete | Float | Integer:
    """The values ``low``, ``low + step``, … up to ``high``; the whole range if they are too many."""
    count = int((high - low) / step + 1e-9) + 1
    whole = all(float(value).is_integer() for value in (low, step))
    if count > LONGEST_GRID:
        return Integer(int(low), int(high), log) if whole else Float(low, high, log)
    return Discrete([low + index * step for index in range(count)], log)


def study_id(name: str, prefix: str) -> str:
    """A study's id made from any text: lower-case letters, digits and "-", at most 63 characters."""
    text = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or uuid.uuid4().hex[:12]
    return f"{prefix}-{text}"[:63].rstrip("-")
