"""Leases trials, trains them, and reports how each ended: a fleet's member."""

from __future__ import annotations

import logging
import re
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import grpc
import torch

from superbatch.common.v1 import space_pb2
from superbatch.optimizer.v1 import optimizer_service_pb2 as pb

from .. import _calls, _study_messages as messages, conventions as names
from .._attempt import Attempt, Result
from ..client import Client
from ..errors import StopEarly, SuperbatchError
from ..records import Cost
from ..trial import Trial
from .checkpoints import CheckpointFolder
from .cost import scaled_cost
from .datasets import DATASET_NAMES, find_dataset
from .errors import DataError, ParameterError
from .results import OBJECTIVE_METRICS, CurvePoint, TrainResult
from .sampling import LocalRunSampler, SamplerFactory
from .tracing import AttemptSpan, Tracing
from .training import train
from .workloads import configure

log = logging.getLogger("superbatch.torch")

#: As PyTorch's allocators put it.
_OUT_OF_MEMORY = re.compile(r"out of memory|can't allocate memory|not enough memory", re.IGNORECASE)
#: Failures of a lease that asking again does not mend.
_HOPELESS = (
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.UNIMPLEMENTED,
)
_REMEDY = "Reduce batch_size, width or resolution, or use a machine with more memory"


class Stopping(BaseException):
    """The trainer shall end: what it holds is given back."""


@dataclass
class TrainerOptions:
    """How a trainer works.

    Attributes:
        study: Whole name of the study to work for; ``-`` as its id: any study whose requirements are met.
        worker: Unique among all workers.
        data_dir: Folder with data sets.
        device: That computes.
        sampler: Opens samplers; the default is in process.
        checkpoints: Shared by all trainers; None: none are made.
        cost_per_second: In the studies' unit.
        until_completed: Ends when the study is completed.
        tracing: Where spans go.
    """

    study: str = "projects/default/studies/-"
    worker: str = field(default_factory=messages.worker_name)
    data_dir: str | Path | None = None
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    sampler: SamplerFactory = LocalRunSampler
    checkpoints: CheckpointFolder | None = None
    cost_per_second: float = 1.0
    until_completed: bool = False
    tracing: Tracing = field(default_factory=Tracing)


class Trainer:
    """Takes one trial after the other.

    Args:
        client: Of the optimizer.
    """

    def __init__(self, client: Client, options: TrainerOptions) -> None:
        self._client, self._options = client, options
        self._stopping = threading.Event()
        self._polling = False
        self.span = AttemptSpan()
        self.trials = 0

    def run(self) -> None:
        """Works until :meth:`stop`, or until the study is completed where the options say so. An optimizer that cannot be reached is waited for.

        Raises:
            SuperbatchError: if trials are refused for good: there is no such study, or this trainer may not work for it.
        """
        failures = 0
        try:
            while not self._stopping.is_set():
                try:
                    pause, failures = self._round(), 0
                except SuperbatchError as error:
                    if error.code in _HOPELESS:
                        raise
                    failures += 1
                    pause = min(messages.MAX_PAUSE, messages.MIN_PAUSE * 2**failures)
                    log.warning("no trial could be leased: %s", error)
                if pause is None:
                    return
                self._stopping.wait(pause)
        except Stopping:
            log.info("stopping")

    def stop(self) -> None:
        """Gives back what is held, and ends :meth:`run`. To be called by a signal handler in the thread that runs."""
        self._stopping.set()
        if self._polling:
            raise Stopping

    def capabilities(self) -> dict[str, str]:
        """What the optimizer compares with studies' requirements: ``backend/torch`` and ``dataset/<name>``, each ``true``."""
        found = [name for name in DATASET_NAMES if find_dataset(name, self._options.data_dir)]
        return {name: "true" for name in ("backend/torch", *(f"dataset/{name}" for name in found))}

    def _round(self) -> float | None:
        """Leases and trains. Returns seconds to wait before the next round; None if there will be no more trials."""
        request = messages.lease_request(self._options.study, self._options.worker, messages.WAIT_SECONDS, self.capabilities())
        self._polling = True
        try:
            response = self._client._call(_calls.LEASE_TRIALS, request, messages.WAIT_SECONDS + 40)
        finally:
            self._polling = False
        for lease in response.leases:
            self._attempt(lease)
        if response.leases:
            return 0.0
        if response.study_completed and self._options.until_completed:
            log.info("%s is completed", self._options.study)
            return None
        log.debug("no trial: %s", response.reason)
        return min(messages.MAX_PAUSE, max(messages.MIN_PAUSE, response.retry_after_seconds))

    def _attempt(self, lease: pb.TrialLease) -> None:
        """One attempt at a leased trial. Raises nothing that happens to the trial: it is logged and reported."""
        # The space is not known here: numbers stay floating-point ones until the configuration is parsed.
        trial = Trial(self._client, lease, Attempt(lease, space_pb2.SearchSpace()))
        parameters, options = trial.parameters, self._options
        attributes = {
            names.ATTRIBUTE_TRIAL: trial.name,
            names.ATTRIBUTE_STUDY: trial.name.partition("/trials/")[0],
            names.ATTRIBUTE_WORKER: options.worker,
            names.ATTRIBUTE_BACKEND: "torch",
            names.ATTRIBUTE_DATASET: str(parameters.get("dataset", parameters.get("workload", ""))),
            names.ATTRIBUTE_ARCHITECTURE: str(parameters.get("architecture", "")),
            # Of another unit the trainer knows only what a second costs.
            **({names.ATTRIBUTE_COST_UNIT: "seconds"} if options.cost_per_second == 1 else {}),
        }
        log.info("%s: %s", trial.name, dict(parameters))
        started = time.monotonic()
        self.trials += 1
        try:
            with options.tracing.attempt(trial.traceparent, attributes, options.cost_per_second) as self.span, trial:
                _Attempt(trial, options, self.span, self._stopping).run()
            log.info("%s ended after %.1f s", trial.name, time.monotonic() - started)
        except Exception:
            log.exception("%s: the attempt failed", trial.name)
        finally:
            self.span = AttemptSpan()


class _Attempt:
    """What is trained and reported for one lease."""

    def __init__(self, trial: Trial, options: TrainerOptions, span: AttemptSpan, stopping: threading.Event) -> None:
        self._trial, self._options, self._span, self._stopping = trial, options, span, stopping
        self._latest: Cost | None = None
        self._stop_early = False

    def run(self) -> None:
        """Trains and ends the trial. TrialCancelled passes through: nothing more is reported then."""
        trial = self._trial
        try:
            if trial.metric not in OBJECTIVE_METRICS:
                raise ValueError(f"the study's metric is {trial.metric}; this trainer measures {', '.join(OBJECTIVE_METRICS)}")
            run = configure(trial.parameters, self._options.data_dir)
            checkpoints = self._options.checkpoints
            result = train(
                run.configuration,
                run.options(
                    seed=trial.seed,
                    device=self._options.device,
                    sampler=self._options.sampler,
                    on_point=self._on_point,
                    on_step=self._on_step,
                    stop_early=lambda: self._stop_early,
                    checkpoints=None if checkpoints is None else (checkpoints, trial.name),
                ),
            )
        except Stopping:
            trial.give_back("the trainer is stopping")
        except ParameterError as error:
            self._fail(str(error), infeasible=True)
        except DataError as error:
            self._fail(str(error))
        except (RuntimeError, MemoryError) as error:
            if not isinstance(error, MemoryError) and not _OUT_OF_MEMORY.search(str(error)):
                raise
            self._fail(f"out of memory: {error}. {_REMEDY}", infeasible=True)
        else:
            self._latest = result.cost
            if result.diverged and run.configuration.diverged == "infeasible":
                self._fail(f"training diverged at step {result.steps}", infeasible=True)
            else:
                self._complete(result)
        finally:
            if self._latest is not None:
                self._span.spent(self._latest)

    def _complete(self, result: TrainResult) -> None:
        metrics = result.metrics()
        factor = self._options.cost_per_second
        self._trial.complete(
            Result(
                metrics[self._trial.metric],
                cost=scaled_cost(result.cost, factor),
                metrics=metrics,
                stopped_early=result.ending == "stopped_early",
                prior_cost=(result.resumed_cost.total or 0.0) * factor,
            )
        )
        # Until the optimizer has the result, another trainer may have to go on from the checkpoint.
        self._forget()

    def _fail(self, reason: str, infeasible: bool = False) -> None:
        cost = None if self._latest is None else scaled_cost(self._latest, self._options.cost_per_second)
        log.warning("%s: %s", self._trial.name, reason)
        self._trial.fail(reason, infeasible=infeasible, cost=cost)
        if infeasible:
            self._forget()

    def _forget(self) -> None:
        if self._options.checkpoints is not None:
            self._options.checkpoints.remove(self._trial.name)

    def _on_step(self, cost: Cost) -> None:
        self._latest = cost
        self._trial.spent(scaled_cost(cost, self._options.cost_per_second))
        if self._stopping.is_set():
            raise Stopping
        self._obey(self._trial.check)

    def _on_point(self, point: CurvePoint) -> None:
        self._span.point(point)
        metrics = point.metrics()
        cost = scaled_cost(point.cost, self._options.cost_per_second)
        self._obey(lambda: self._trial.report(step=point.step, metrics=metrics, cost=cost))

    def _obey(self, hear: Callable[[], None]) -> None:
        try:
            hear()
        except StopEarly:
            self._stop_early = True
