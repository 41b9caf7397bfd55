"""From a trial's parameters to what is trained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping

from .configuration import Configuration, Value, parse_configuration
from .datasets import DATASET_NAMES, Dataset, load_dataset
from .errors import ParameterError, ParameterProblem
from .networks import NetworkFactory, network_by_name
from .training import TrainOptions

#: Mini-batches that suit the size of the data; everything else is the same for all.
_DEFAULTS: Mapping[str, Mapping[str, Value]] = {"digits": {"batch_size": 32}}


@dataclass(frozen=True)
class WorkloadRun:
    """One trial, ready to be trained."""

    configuration: Configuration
    dataset: Dataset
    network: NetworkFactory
    network_name: str

    def options(self, **others: Any) -> TrainOptions:
        """Of :func:`superbatch.torch.train`, with its other arguments."""
        return TrainOptions(dataset=self.dataset, network=self.network, network_name=self.network_name, **others)


def configure(values: Mapping[str, Value], data_dir: str | Path | None = None) -> WorkloadRun:
    """Finds the data set that a trial's parameter ``workload``, else ``dataset``, names, the network by ``architecture``, and configures the run by the others.

    Raises:
        ParameterError: naming every parameter at fault.
        DataError: if the data are missing or corrupt.
    """
    rest = dict(values)
    workload, dataset = rest.pop("workload", None), rest.pop("dataset", None)
    parameter, name = ("dataset", dataset) if workload is None else ("workload", workload)
    known = ", ".join(DATASET_NAMES)
    if name is None:
        raise ParameterError([ParameterProblem(parameter, f"is required: one of {known}")])
    if name not in DATASET_NAMES:
        raise ParameterError([ParameterProblem(parameter, f"must be one of {known}, not {name}")])
    network_name = str(rest.pop("architecture", "small_cnn"))
    problems: list[ParameterProblem] = []
    network, configuration = None, None
    try:
        network = network_by_name(network_name)
    except ValueError as error:
        problems.append(ParameterProblem("architecture", str(error)))
    try:
        configuration = parse_configuration(rest, _DEFAULTS.get(str(name)))
    except ParameterError as error:
        problems += error.problems
    if network is None or configuration is None:
        raise ParameterError(problems)
    return WorkloadRun(configuration, load_dataset(str(name), data_dir), network, network_name)
