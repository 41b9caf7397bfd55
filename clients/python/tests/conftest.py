"""The importance-sampler service for the tests that talk to it: a process of its own, on a free port."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Callable, Iterator

import pytest

ROOT = Path(__file__).resolve().parents[3]


class Replica:
    """One process of the service."""

    def __init__(self) -> None:
        node = ROOT / "node_modules" / ".bin" / "node"
        main = ROOT / "services" / "importance-sampler" / "src" / "main.ts"
        command = [str(node), str(main), "--listen", "127.0.0.1:0", "--log-level", "error"]
        # gRPC's C core of this process logs its own threads' forks without this.
        environment = {**os.environ, "GRPC_ENABLE_FORK_SUPPORT": "0"}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert self.process.stdout is not None
        self.address: str = json.loads(self.process.stdout.readline())["address"]

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def start_replica() -> Iterator[Callable[[], Replica]]:
    """Starts replicas that end with the test."""
    replicas: list[Replica] = []

    def start() -> Replica:
        replicas.append(Replica())
        return replicas[-1]

    yield start
    for replica in replicas:
        if replica.process.poll() is None:
            replica.kill()
