"""One run: a network trained by importance-sampled SGD and evaluated on validation examples, as the TypeScript trainer does it (libs/training)."""

from __future__ import annotations

import math
import resource
import sys
import time
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Callable

import grpc
import numpy as np
import torch
from torch import Tensor

from ..importance_sampling.errors import FieldError
from ..importance_sampling.sampler import Task
from ..importance_sampling.spec import SessionSpec
from ..records import Cost
from .batches import BatchReader, RunData, prepare_run_data
from .checkpoints import CheckpointFolder, fingerprint_of
from .configuration import Configuration, schedule_factor
from .cost import CostMeter, Phase, add_costs
from .datasets import Dataset
from .errors import ParameterError, ParameterProblem
from .gradients import gradient_norms, gradient_step, make_optimizer
from .networks import Network, NetworkFactory, Statistics, normalized_by
from .random_stream import RandomStream
from .results import CurvePoint, Ending, TrainResult
from .sampling import RunSampler, SamplerFactory
from .scores import SCHEMES, ExampleScores, Floats, example_scores
from .subsets import Indices

#: Examples of one forward pass without gradient: many, since nothing is kept for a backward pass.
FORWARD_CHUNK = 256
#: A loss this many times that of guessing is an explosion: no further training brings it back within a budget.
EXPLOSION = 1000
_NO_COST = Cost(0.0)


@dataclass
class TrainOptions:
    """What a run needs besides its configuration.

    Attributes:
        dataset: What is learned.
        network: Makes the network.
        network_name: For checkpoints: a run is continued only with the same network.
        sampler: Opens the sampler that chooses each step's examples. The run closes it.
        seed: Of initialization, dropout, augmentation and the sampler.
        device: That computes.
        on_point: Called after each evaluation. What it raises ends the run.
        on_step: Called after each step with the cost so far. What it raises ends the run.
        stop_early: Asked after each step: True ends the run with what it has reached, as if its budget were used.
        report_test_error: Also measures the error on the test split at the end; not part of the cost.
        checkpoints: Where checkpoints are kept, and under which name; None: none are made. The last one stays when the run ends: whoever has brought its result to
            safety removes it.
    """

    dataset: Dataset
    network: NetworkFactory
    network_name: str
    sampler: SamplerFactory
    seed: int
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    on_point: Callable[[CurvePoint], None] | None = None
    on_step: Callable[[Cost], None] | None = None
    stop_early: Callable[[], bool] | None = None
    report_test_error: bool = False
    checkpoints: tuple[CheckpointFolder, str] | None = None


def train(configuration: Configuration, options: TrainOptions) -> TrainResult:
    """Trains one network.

    Raises:
        ParameterError: if configuration, data and network do not fit together.
        grpc.RpcError: as a remote sampler fails.
    """
    devices = [options.device] if options.device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        # Dropout draws from it; all else has streams of its own.
        torch.manual_seed(RandomStream(options.seed).fork("model").fork("dropout").uint32())
        run = _Run(configuration, options)
        try:
            return run.run()
        finally:
            run.sampler.close()


@dataclass
class _State:
    """What counts in a run, besides its tensors."""

    step: int = 0
    importance_steps: int = 0
    importance_sampling: bool = False
    seen: int = 0
    loss_sum: float = 0.0
    loss_steps: int = 0
    curve: list[CurvePoint] = field(default_factory=list)


class _Run:
    def __init__(self, configuration: Configuration, options: TrainOptions) -> None:
        self.configuration, self.options = configuration, options
        stream = RandomStream(options.seed)
        self.meter = CostMeter(options.device)
        with self.meter.measure("data"):
            self.data: RunData = prepare_run_data(options.dataset, configuration, options.device)
        self.examples = len(self.data.training)
        self.batch_size = min(configuration.batch_size, self.examples)
        self.super_batch = min(max(configuration.super_batch, self.batch_size), self.examples)
        self.network = self._make_network(stream.fork("model").fork("init"))
        self.optimizer = make_optimizer(self.network, configuration)
        self.augmentation = stream.fork("augmentation")
        self.spec = SessionSpec(
            examples=self.examples,
            batch_size=self.batch_size,
            super_batch_size=self.super_batch,
            scheme=SCHEMES[configuration.score],
            prefetch=configuration.prefetch,
            threshold=configuration.tau_threshold,
            seed=stream.fork("sampler").uint32(),
        )
        self.state = _State()
        self.resumed_cost, self.resumed_step, self.earlier = _NO_COST, 0, 0.0
        dataset = options.dataset
        self.fingerprint = fingerprint_of(
            configuration, options.network_name, dataset.name, dataset.train.inputs.shape, self.spec, options.seed
        )
        self.sampler: RunSampler = self._resume() or options.sampler(self.spec)
        self.started = self.saved_at = time.perf_counter()

    def run(self) -> TrainResult:
        """All steps, from the first task to the result."""
        configuration, options = self.configuration, self.options
        evaluation_steps = max(1, math.floor(configuration.evaluation_epochs * self.examples / self.batch_size + 0.5))
        with self.meter.measure("data"):
            task = self.sampler.next()
        while True:
            if task.scores != "none" and self.state.step > self.resumed_step:
                self._save()
            if task.action == "score":
                scores = self._score(self._resolve(task))
            else:
                reached = self._step(task)
                if reached is None:
                    return self._finish("diverged")
                scores = reached
                if options.on_step is not None:
                    options.on_step(self.meter.cost())
                done = self._progress() >= 1
                stopped = options.stop_early is not None and options.stop_early()
                if done or stopped or self.state.step % evaluation_steps == 0:
                    if not self._evaluate_now():
                        return self._finish("diverged")
                if done or stopped:
                    return self._finish("finished" if done else "stopped_early")
            # Weights that are finite can still overflow in the next forward pass.
            if not np.isfinite(scores).all():
                return self._finish("diverged")
            with self.meter.measure("scoring" if task.action == "score" else "data"):
                task = self.sampler.next(None if task.scores == "none" else scores)

    def _make_network(self, stream: RandomStream) -> Network:
        configuration, data = self.configuration, self.data
        try:
            network = self.options.network(data.input_shape, data.classes, configuration.width, stream, configuration.dropout)
        except ValueError as error:
            raise ParameterError([ParameterProblem("architecture", f"{self.options.network_name}: {error}")]) from error
        return network.to(self.options.device)

    def _resolve(self, task: Task) -> Indices:
        """Examples of the split from numbers of the run's examples."""
        return self.data.training[task.indices.astype(np.int64)]

    def _progress(self) -> float:
        """Share of the budget that is used; at least 1 at the end."""
        budget = self.configuration.budget
        if budget.kind == "seconds":
            return self._elapsed() / budget.amount
        if budget.kind == "steps":
            return self.state.step / budget.amount
        # Without the tolerance 0.1 epochs of 300 examples would be one step more than 1.5 of 20.
        return self.state.step / max(1, math.ceil(budget.amount * self.examples / self.batch_size - 1e-9))

    def _elapsed(self) -> float:
        return self.earlier + time.perf_counter() - self.started

    def _tau(self) -> float:
        status = self.sampler.status()
        return 0.0 if status is None else status.tau

    def _step(self, task: Task) -> Floats | None:
        """One gradient step. Returns scores of the mini-batch's examples, or None if the step diverged."""
        assert task.weights is not None
        configuration, state = self.configuration, self.state
        with self.meter.measure("data"):
            inputs, labels = self.data.train_reader.read(self._resolve(task), self.augmentation)
        rate = configuration.learning_rate * schedule_factor(configuration, self._progress())
        # A uniform mini-batch has weights of exactly 1. Where scores are remembered losses no super-batch was passed through the network.
        by_importance = bool((task.weights != 1).any())
        statistics: Statistics = "super_batch" if by_importance and configuration.score != "loss_history" else "usual"
        with self.meter.measure("gradient"), normalized_by(self.network, statistics):
            logits = gradient_step(self.network, self.optimizer, inputs, labels, task.weights, rate, configuration.label_smoothing)
        state.step += 1
        state.seen += len(labels)
        state.importance_sampling = by_importance
        state.importance_steps += state.importance_sampling
        scores = example_scores(logits, labels, configuration.label_smoothing)
        loss = float((scores.losses * task.weights).sum()) / len(labels)
        if not bool(logits.isfinite().all()) or not loss <= EXPLOSION * math.log(self.data.classes):
            return None
        state.loss_sum += loss
        state.loss_steps += 1
        return scores.of_kind(configuration.score)

    def _score(self, indices: Indices) -> Floats:
        """Scores of a super-batch, batch norm by the statistics of its first chunk; the step that follows is normalized by them too."""
        configuration = self.configuration
        scores: list[Floats] = []

        def use(inputs: Tensor, labels: Tensor, result: ExampleScores) -> None:
            exact = configuration.score == "gradient_norm"
            scores.append(gradient_norms(self.network, inputs, labels, configuration.label_smoothing) if exact else result.of_kind(configuration.score))

        self._forward_all(self.data.train_reader, indices, self.meter, "scoring", use, configuration.label_smoothing)
        return np.concatenate(scores)

    def _forward_all(
        self,
        reader: BatchReader,
        indices: Indices,
        meter: CostMeter,
        phase: Phase,
        use: Callable[[Tensor, Tensor, ExampleScores], None],
        smoothing: float = 0.0,
    ) -> None:
        self.network.eval()
        for start in range(0, len(indices), FORWARD_CHUNK):
            with meter.measure("data"):
                inputs, labels = reader.read(indices[start : start + FORWARD_CHUNK])
            statistics: Statistics = "usual" if phase != "scoring" else "measured" if start == 0 else "super_batch"
            with meter.measure(phase), torch.no_grad(), normalized_by(self.network, statistics):
                result = example_scores(self.network(inputs), labels, smoothing)
            with meter.measure(phase):
                use(inputs, labels, result)

    def _evaluate(self, reader: BatchReader, indices: Indices, meter: CostMeter) -> tuple[float, float]:
        """Error and mean loss in nats, without label smoothing."""
        results: list[ExampleScores] = []
        self._forward_all(reader, indices, meter, "evaluation", lambda _inputs, _labels, result: results.append(result))
        wrong, loss = sum(each.wrong for each in results), sum(float(each.losses.sum()) for each in results)
        return wrong / len(indices), loss / len(indices)

    def _evaluate_now(self) -> bool:
        """Adds a point to the curve. Returns False if the model has diverged."""
        error, loss = self._evaluate(self.data.train_reader, self.data.validation, self.meter)
        if not math.isfinite(loss):
            return False
        state = self.state
        point = CurvePoint(
            step=state.step,
            epoch=state.seen / self.examples,
            train_loss=state.loss_sum / state.loss_steps if state.loss_steps else loss,
            validation_error=error,
            validation_loss=loss,
            tau=self._tau(),
            importance_sampling=state.importance_sampling,
            importance_steps=state.importance_steps,
            cost=self.meter.cost(),
        )
        state.loss_sum, state.loss_steps = 0.0, 0
        state.curve.append(point)
        if self.options.on_point is not None:
            self.options.on_point(point)
        return True

    def _finish(self, ending: Ending) -> TrainResult:
        state, data, cost = self.state, self.data, self.meter.cost()
        last = state.curve[-1] if state.curve else None
        test_error = None
        if self.options.report_test_error and ending != "diverged":
            test_error, _ = self._evaluate(data.test_reader, np.arange(data.test_size), CostMeter(self.options.device))
        return TrainResult(
            ending=ending,
            validation_error=last.validation_error if last else 1 - 1 / data.classes,
            validation_loss=last.validation_loss if last else math.log(data.classes),
            test_error=test_error,
            steps=state.step,
            importance_steps=state.importance_steps,
            epochs=state.seen / self.examples,
            classes=data.classes,
            examples=self.examples,
            batch_size=self.batch_size,
            super_batch=self.super_batch,
            parameters=self.network.parameter_count,
            curve=tuple(state.curve),
            cost=cost,
            resumed_cost=self.resumed_cost,
            resumed_step=self.resumed_step,
            # Kibibytes, but on macOS bytes.
            peak_memory_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        )

    def _save(self) -> None:
        """Called while a task is at hand whose report the sampler waits for: its state then leads to this very task."""
        if self.options.checkpoints is None:
            return
        folder, name = self.options.checkpoints
        if time.perf_counter() - self.saved_at < folder.seconds:
            return
        saved: dict[str, Any] = {
            "run": asdict(self.state),
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "augmentation": self.augmentation.state(),
            "dropout": _random_state(self.options.device),
            "sampler": self.sampler.state(),
            "elapsed": self._elapsed(),
            "cost": asdict(add_costs(self.resumed_cost, self.meter.cost())),
        }
        folder.save(name, self.fingerprint, saved)
        self.saved_at = time.perf_counter()

    def _resume(self) -> RunSampler | None:
        """Goes on from the checkpoint, if there is one of this very run. Returns the sampler that goes on from there."""
        if self.options.checkpoints is None:
            return None
        folder, name = self.options.checkpoints
        saved = folder.load(name, self.fingerprint)
        if saved is None:
            return None
        try:
            sampler = self.options.sampler(self.spec, saved["sampler"])
        except (FieldError, grpc.RpcError) as error:
            if isinstance(error, grpc.Call) and error.code() != grpc.StatusCode.INVALID_ARGUMENT:
                raise
            # It would be refused in every attempt: the run starts from the beginning.
            return None
        self.network.load_state_dict(saved["network"])
        self.optimizer.load_state_dict(saved["optimizer"])
        self.augmentation = RandomStream.restore(saved["augmentation"])
        _restore_random(self.options.device, saved["dropout"])
        curve = [CurvePoint(**{**point, "cost": Cost(**point["cost"])}) for point in saved["run"]["curve"]]
        self.state = replace(_State(**saved["run"]), curve=curve)
        self.resumed_cost, self.resumed_step, self.earlier = Cost(**saved["cost"]), self.state.step, saved["elapsed"]
        return sampler


def _random_state(device: torch.device) -> Tensor:
    return torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()


def _restore_random(device: torch.device, state: Tensor) -> None:
    if device.type == "cuda":
        torch.cuda.set_rng_state(state, device)
    else:
        torch.set_rng_state(state)
