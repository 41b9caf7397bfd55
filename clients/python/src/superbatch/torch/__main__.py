"""``superbatch-torch-trainer``, or ``python -m superbatch.torch``: a member of a fleet of PyTorch trainers."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Callable, Sequence

import torch

from .. import _study_messages as messages
from .._calls import Connection
from ..client import Client
from ..errors import SuperbatchError
from .checkpoints import CheckpointFolder
from .configuration import PARAMETERS
from .connection import open_channel
from .datasets import DATASET_NAMES, find_dataset
from .networks import NETWORK_NAMES
from .sampling import LocalRunSampler, remote_sampler
from .trainer import Trainer, TrainerOptions
from .tracing import Tracing

log = logging.getLogger("superbatch.torch")

_DESCRIPTION = """\
Leases trials from an optimizer and trains them on PyTorch by importance-sampled SGD. With `describe` it tells instead what it can train, and on what.

Every option has a variable: --data-dir is SUPERBATCH_TORCH_TRAINER_DATA_DIR."""


class _Options:
    """The parser and the defaults that the environment gives."""

    def __init__(self) -> None:
        self.parser = argparse.ArgumentParser(
            "superbatch-torch-trainer", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
        )

    def add(self, flag: str, default: str | None, text: str, kind: Callable[[str], object] = str) -> None:
        """An option with a value."""
        value = os.environ.get(self._variable(flag), default)
        shown = "" if default is None else f" (default: {default})"
        self.parser.add_argument(flag, type=kind, default=value, help=text + shown)

    def add_switch(self, flag: str, text: str) -> None:
        """An option without a value."""
        self.parser.add_argument(flag, action="store_true", default=os.environ.get(self._variable(flag)) == "true", help=text)

    def add_connection(self, name: str, address: str | None, text: str) -> None:
        """How another service is reached."""
        self.add(f"--{name}-address", address, text)
        self.add(f"--{name}-authority", None, f"PEM file with the authorities that may sign the {name} service's certificate; turns TLS on")
        self.add(f"--{name}-certificate", None, f"PEM file with this program's certificate, if the {name} service wants one")
        self.add(f"--{name}-key", None, "PEM file with that certificate's private key")
        self.add(f"--{name}-token-file", None, f"file with the bearer token for the {name} service")

    @staticmethod
    def _variable(flag: str) -> str:
        return "SUPERBATCH_TORCH_TRAINER_" + flag.removeprefix("--").replace("-", "_").upper()


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be above 0, not {text}")
    return value


def _not_negative(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"must be at least 0, not {text}")
    return value


def _threads(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, not {text}")
    return value


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    options = _Options()
    options.parser.add_argument("command", nargs="?", choices=["run", "describe"], default="run", help="run: lease and train (the default); describe: see above")
    options.add_connection("optimizer", "127.0.0.1:7601", "the optimizer: HOST:PORT, or dns:///HOST:PORT to spread calls over all its replicas")
    options.add_connection("sampler", None, "importance-sampler replicas, HOST:PORT separated by commas; absent: importance sampling in process")
    options.add("--study", "projects/default/studies/-", 'study to work for, by its id or whole name; "-" as its id: any study whose requirements this trainer meets')
    options.add("--worker", None, "name of this trainer, unique among all; absent: host, process and thread")
    options.add("--device", "auto", "cpu, cuda, cuda:N or mps; auto: the first GPU, else the processor")
    options.add("--threads", None, "threads of the processor; absent: PyTorch's choice", _threads)
    options.add("--data-dir", os.environ.get("SUPERBATCH_DATA_DIR"), "folder with data sets, or with one data set's files; absent: the variable SUPERBATCH_DATA_DIR")
    options.add("--checkpoint-dir", None, "folder of checkpoints that all trainers share: a trial whose trainer is lost goes on from there; absent: none are made")
    options.add("--checkpoint-seconds", "30", "between two checkpoints of a trial", _not_negative)
    options.add("--cost-per-second", "1", "cost of one second of this trainer in the studies' unit", _positive)
    options.add_switch("--until-completed", "end when the study is completed; needs --study")
    options.add("--log-level", "info", "debug, info, warning or error")
    parsed = options.parser.parse_args(arguments)
    if parsed.until_completed and parsed.study.rpartition("/")[2] == "-":
        options.parser.error("--until-completed needs --study: other studies may come at any time")
    if parsed.log_level.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        options.parser.error(f"--log-level: must be debug, info, warning or error, not {parsed.log_level}")
    return parsed


def _device(name: str) -> torch.device:
    """Raises ValueError for a device that is not there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"--device {name} cannot be used here: {error}") from error
    return device


def _connection(options: argparse.Namespace, name: str, address: str) -> Connection:
    def value(key: str) -> str | None:
        given: str | None = getattr(options, f"{name}_{key}")
        return given

    token_file = value("token_file")
    # Read anew for each call: tokens are rotated.
    token = None if token_file is None else (lambda: Path(token_file).read_text().strip())
    return Connection(address, token, value("authority"), value("certificate"), value("key"))


def describe(options: argparse.Namespace) -> str:
    """What this trainer can train, and on what. Text for a terminal."""
    gpus = [f"cuda:{i} {torch.cuda.get_device_name(i)}" for i in range(torch.cuda.device_count())]
    lines = ["devices", *(f"  {name}" for name in ["cpu", *gpus]), f"  used: {_device(options.device)}", "", "data sets"]
    for name in DATASET_NAMES:
        folder = find_dataset(name, options.data_dir)
        place = "comes with the package" if name == "digits" else folder or "missing: name the folder of its files by --data-dir or SUPERBATCH_DATA_DIR"
        lines.append(f"  {name:21}{place}")
    lines += ["", "architectures", f"  {', '.join(NETWORK_NAMES)}", "", "parameters", f"  {'architecture':21}the network; default small_cnn"]
    for name, parameter in PARAMETERS.items():
        default = "" if parameter.default is None else f"; default {parameter.default}"
        lines.append(f"  {name:21}{parameter.description}{default}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. Returns the exit status."""
    options = _parse(arguments)
    logging.basicConfig(level=options.log_level.upper(), format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    if options.threads is not None:
        torch.set_num_threads(options.threads)
    try:
        if options.command == "describe":
            print(describe(options))
            return 0
        device = _device(options.device)
        connection = _connection(options, "optimizer", options.optimizer_address)
        client = Client(
            connection.address, token=connection.token, ca=connection.ca, certificate=connection.certificate, key=connection.key
        )
        addresses = (options.sampler_address or "").split(",") if options.sampler_address else []
        trainer_options = TrainerOptions(
            study=messages.study_name(options.study, "default"),
            worker=options.worker or messages.worker_name(),
            data_dir=options.data_dir,
            device=device,
            checkpoints=CheckpointFolder(options.checkpoint_dir, options.checkpoint_seconds) if options.checkpoint_dir else None,
            cost_per_second=options.cost_per_second,
            until_completed=options.until_completed,
            tracing=Tracing(),
        )
        trainer = Trainer(client, trainer_options)
        if addresses:
            trainer_options.sampler = remote_sampler(
                addresses,
                lambda address: open_channel(_connection(options, "sampler", address), lambda: trainer.span.traceparent),
            )
    except (ValueError, OSError) as error:
        print(f"superbatch-torch-trainer: {error}", file=sys.stderr)
        return 2

    def stop(number: int, frame: FrameType | None) -> None:
        trainer.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    place = torch.cuda.get_device_name(device) if device.type == "cuda" else f"{torch.get_num_threads()} threads"
    log.info("%s on %s (%s): trials of %s from %s", trainer_options.worker, device, place, trainer_options.study, connection.address)
    try:
        trainer.run()
        return 0
    except SuperbatchError as error:
        remedy = f" {error.remedy}" if error.remedy else ""
        print(f"superbatch-torch-trainer: {error}.{remedy}", file=sys.stderr)
        return 1
    finally:
        trainer_options.tracing.shutdown()
        client.close()


if __name__ == "__main__":
    sys.exit(main())
