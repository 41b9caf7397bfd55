"""Checkpoints in a folder that all trainers share: a trial whose trainer is lost goes on from there."""

from __future__ import annotations

import hashlib
import io
import os
import re
from pathlib import Path
from typing import Any

import torch


class CheckpointFolder:
    """One file for each trial. A reader sees the old or the new one, never a part.

    Args:
        folder: Made if it is missing.
        seconds: Between two checkpoints of a trial.
    """

    def __init__(self, folder: str | Path, seconds: float = 30.0) -> None:
        self._folder = Path(folder)
        self.seconds = seconds

    def load(self, trial: str, fingerprint: str) -> dict[str, Any] | None:
        """What was saved last; None if there is nothing, or it is damaged or of another run."""
        try:
            data = self._file(trial).read_bytes()
        except FileNotFoundError:
            return None
        digest, body = data[:32], data[32:]
        if hashlib.sha256(body).digest() != digest:
            return None
        # weights_only: what lies in a folder may hold tensors and plain values, never code.
        saved: dict[str, Any] = torch.load(io.BytesIO(body), map_location="cpu", weights_only=True)
        return saved if saved.get("fingerprint") == fingerprint else None

    def save(self, trial: str, fingerprint: str, state: dict[str, Any]) -> None:
        """Replaces the last one."""
        buffer = io.BytesIO()
        torch.save({**state, "fingerprint": fingerprint}, buffer)
        body = buffer.getvalue()
        file = self._file(trial)
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = file.with_suffix(f".{os.getpid()}.partial")
        partial.write_bytes(hashlib.sha256(body).digest() + body)
        partial.replace(file)

    def remove(self, trial: str) -> None:
        """Its result is safe elsewhere."""
        self._file(trial).unlink(missing_ok=True)

    def _file(self, trial: str) -> Path:
        return self._folder / f"{re.sub(r'[^a-zA-Z0-9-]', '_', trial)}.torch"


def fingerprint_of(*parts: object) -> str:
    """Of what two runs must agree in so that one can continue the other."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()
