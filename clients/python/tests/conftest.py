"""The services for the tests that talk to them: processes of their own, on free ports."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from pathlib import Path
from typing import Callable, Iterator

import pytest

import superbatch
from superbatch import Client, Float, Integer

ROOT = Path(__file__).resolve().parents[3]


class Replica:
    """One process of a service."""

    def __init__(self, service: str = "importance-sampler", *flags: str) -> None:
        node = ROOT / "node_modules" / ".bin" / "node"
        main = ROOT / "services" / service / "src" / "main.ts"
        command = [str(node), str(main), "--listen", "127.0.0.1:0", "--log-level", "error", *flags]
        # gRPC's C core of this process logs its own threads' forks without this.
        environment = {**os.environ, "GRPC_ENABLE_FORK_SUPPORT": "0"}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert self.process.stdout is not None
        ready = self.process.stdout.readline()
        if not ready:
            self.kill()
            pytest.fail(f"{service} did not start; its log is above")
        self.address: str = json.loads(ready)["address"]

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def start_replica() -> Iterator[Callable[..., Replica]]:
    """Starts replicas that end with the test."""
    replicas: list[Replica] = []

    def start(*arguments: str) -> Replica:
        replicas.append(Replica(*arguments))
        return replicas[-1]

    yield start
    for replica in replicas:
        if replica.process.poll() is None:
            replica.kill()


@pytest.fixture(scope="session")
def optimizer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an optimizer with a surrogate-model, for all tests."""
    surrogate = Replica("surrogate-model")
    store = tmp_path_factory.mktemp("store") / "store.sqlite"
    service = Replica("optimizer", "--store", f"sqlite:{store}", "--surrogate-address", surrogate.address)
    yield service.address
    service.kill()
    surrogate.kill()


@pytest.fixture
def client(optimizer: str) -> Iterator[Client]:
    """A client of it."""
    with Client(optimizer) as connected:
        yield connected


SPACE = {"x": Float(0, 1), "n": Integer(1, 8)}


def unique(prefix: str = "study") -> str:
    """A study's id that no other test has."""
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def study(client: Client) -> superbatch.Study:
    """A study of random search over :data:`SPACE`."""
    return client.create_study(unique(), SPACE, "loss", algorithm="random", max_trials=20, seed=1)
