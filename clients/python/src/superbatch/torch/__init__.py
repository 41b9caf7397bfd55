"""A trainer on PyTorch: leases trials and trains them by importance-sampled SGD, as the suite's TypeScript trainer does. Needs ``superbatch[torch]``.

``superbatch-torch-trainer --help`` is a member of a fleet; :func:`train` is one run, for programs of one's own.
"""

try:
    import torch as _torch  # noqa: F401
except ImportError as error:
    raise ImportError("superbatch.torch needs PyTorch: pip install 'superbatch[torch]'") from error

from .batches import Augmentation, RunData, prepare_run_data
from .checkpoints import CheckpointFolder
from .configuration import PARAMETERS, Budget, Configuration, parse_configuration, schedule_factor
from .datasets import DATASET_NAMES, Dataset, Split, find_dataset, load_dataset
from .errors import DataError, ParameterError, ParameterProblem
from .gradients import gradient_step, make_optimizer
from .networks import NETWORK_NAMES, BatchNorm, Network, NetworkFactory, network_by_name, normalized_by
from .random_stream import RandomStream
from .results import CurvePoint, TrainResult
from .sampling import LocalRunSampler, RunSampler, SamplerFactory, remote_sampler
from .trainer import Trainer, TrainerOptions
from .training import TrainOptions, train
from .workloads import WorkloadRun, configure

__all__ = [
    "DATASET_NAMES",
    "NETWORK_NAMES",
    "PARAMETERS",
    "Augmentation",
    "BatchNorm",
    "Budget",
    "CheckpointFolder",
    "Configuration",
    "CurvePoint",
    "DataError",
    "Dataset",
    "LocalRunSampler",
    "Network",
    "NetworkFactory",
    "ParameterError",
    "ParameterProblem",
    "RandomStream",
    "RunData",
    "RunSampler",
    "SamplerFactory",
    "Split",
    "TrainOptions",
    "TrainResult",
    "Trainer",
    "TrainerOptions",
    "WorkloadRun",
    "configure",
    "find_dataset",
    "gradient_step",
    "load_dataset",
    "make_optimizer",
    "network_by_name",
    "normalized_by",
    "parse_configuration",
    "prepare_run_data",
    "remote_sampler",
    "schedule_factor",
    "train",
]
