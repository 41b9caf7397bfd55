"""PyTorch trainers as processes, for tests."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import ROOT

import superbatch as sb

SPACE = {
    "dataset": sb.Fixed("digits"),
    "width": sb.Fixed(0.25),
    "learning_rate": sb.Float(0.02, 0.2, log=True),
    "batch_size": sb.Integer(16, 64),
    "super_batch": sb.Fixed(96),
    "tau_threshold": sb.Fixed(0.5),
    "epochs": sb.Fixed(2),
}


class TrainerProcess:
    """``python -m superbatch.torch``."""

    def __init__(self, optimizer, *flags, environment=None):
        command = [sys.executable, "-m", "superbatch.torch", "--optimizer-address", optimizer, "--threads", "1", "--device", "cpu", *flags]
        variables = {**os.environ, "PYTHONPATH": str(ROOT / "clients" / "python" / "src"), **(environment or {})}
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=variables)

    def catches_sigterm(self):
        """Whether it has got so far that it ends by itself when told to; a busy machine takes its time to load PyTorch."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"SigCgt:\s*(\w+)", status)[1], 16) >> (signal.SIGTERM - 1) & 1 == 1

    def end(self, timeout=120):
        out, log = self.process.communicate(timeout=timeout)
        return self.process.returncode, out + log


@pytest.fixture
def start_trainer(optimizer):
    started = []

    def start(*flags, environment=None):
        started.append(TrainerProcess(optimizer, *flags, environment=environment))
        return started[-1]

    yield start
    for trainer in started:
        if trainer.process.poll() is None:
            trainer.process.kill()
            trainer.process.communicate()


def wait_for(condition, seconds=90):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to hold in time"
        time.sleep(0.1)
