"""The networks of the suite's TypeScript trainer (libs/training/src/architecture) in PyTorch: the same layers, names, initial weights and moving statistics."""

from __future__ import annotations

import math
import re
from contextlib import contextmanager
from typing import Callable, Iterator, Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .random_stream import RandomStream

#: Names for lists and messages. Any ``resnet<6n+2>`` and ``wrn_<6n+4>_<k>`` is understood besides.
NETWORK_NAMES = ("mlp", "small_cnn", "resnet8", "resnet20", "resnet32", "resnet56", "wrn_16_4", "wrn_28_2", "wrn_28_10")

_STAGES = (16, 32, 64)


class Network(nn.Module):
    """What all networks have: named layers that draw their initial weights from streams of their own.

    ``forward`` maps n × c × h × w normalized inputs to n × classes logits.

    Attributes:
        dropout: Share of values set to zero in training.
    """

    def __init__(self, stream: RandomStream, dropout: float = 0.0) -> None:
        super().__init__()
        self._stream = stream
        self.dropout = dropout
        self.layers = nn.ModuleDict()

    def declare_filter(self, name: str, size: int, inputs: int, outputs: int) -> None:
        """A convolution without bias, from N(0, 2 / (size² · inputs)) (He et al. 2015, eq. 10)."""
        convolution = nn.Conv2d(inputs, outputs, size, bias=False)
        drawn = self._normal(name, (size, size, inputs, outputs), 2 / (size * size * inputs))
        convolution.weight.data.copy_(drawn.permute(3, 2, 0, 1))
        self.layers[name] = convolution

    def declare_dense(self, name: str, inputs: int, outputs: int, gain: float = 1.0) -> None:
        """A dense layer from N(0, gain / inputs), bias 0; gain 2 before a ReLU, 1 for logits."""
        dense = nn.Linear(inputs, outputs)
        dense.weight.data.copy_(self._normal(name, (inputs, outputs), gain / inputs).T)
        dense.bias.data.zero_()
        self.layers[name] = dense

    def declare_norm(self, name: str, channels: int) -> None:
        """Batch norm with scale 1 and shift 0."""
        self.layers[name] = BatchNorm(channels)

    def convolve(self, name: str, x: Tensor, stride: int = 1) -> Tensor:
        """Zero-padded to keep ceil(size / stride) rows and columns; odd padding goes below and right."""
        weight = self.layers[name].weight
        assert isinstance(weight, Tensor)
        top, bottom = _same_padding(x.shape[2], weight.shape[2], stride)
        left, right = _same_padding(x.shape[3], weight.shape[3], stride)
        if top == bottom and left == right:
            return F.conv2d(x, weight, stride=stride, padding=(top, left))
        return F.conv2d(F.pad(x, (left, right, top, bottom)), weight, stride=stride)

    def normalize(self, name: str, x: Tensor) -> Tensor:
        """Batch norm."""
        layer = self.layers[name]
        assert isinstance(layer, BatchNorm)
        return layer(x)

    def convolve_normalize_relu(self, name: str, x: Tensor, stride: int = 1) -> Tensor:
        """Convolution, batch norm ``name/norm``, ReLU."""
        return F.relu(self.normalize(f"{name}/norm", self.convolve(name, x, stride)))

    def drop(self, x: Tensor) -> Tensor:
        """Dropout (Srivastava et al. 2014), in training only."""
        return F.dropout(x, self.dropout, self.training) if self.dropout > 0 else x

    def parameter_groups(self, weight_decay: float) -> list[dict[str, object]]:
        """For torch.optim: weight decay applies to filters and matrices, not to biases and batch norm's scale and shift."""
        own = list(self.parameters())
        return [
            {"params": [p for p in own if p.ndim > 1], "weight_decay": weight_decay},
            {"params": [p for p in own if p.ndim <= 1], "weight_decay": 0.0},
        ]

    @property
    def parameter_count(self) -> int:
        """Number of trained values."""
        return sum(parameter.numel() for parameter in self.parameters())

    def _normal(self, name: str, shape: tuple[int, ...], variance: float) -> Tensor:
        values = self._stream.fork(name).normals(math.prod(shape)) * math.sqrt(variance)
        return torch.from_numpy(values).float().reshape(shape)


#: Whose statistics normalize: in training the batch's and else the moving ones (``usual``), or those of the super-batch that was scored last. Its first chunk
#: measures them (``measured``).
Statistics = Literal["usual", "measured", "super_batch"]


class BatchNorm(nn.Module):
    """Batch norm (Ioffe and Szegedy 2015) whose moving variance is the biased one, unlike in torch.nn.BatchNorm2d.

    An importance-sampled batch consists of hard examples, some of them repeated, so that its statistics are not the data's. It is normalized by those of the super-batch
    that it is drawn from, a uniform sample, and differentiated as in batch renormalization (Ioffe 2017, algorithm 1).
    """

    MOMENTUM, EPSILON = 0.9, 1e-5
    statistics: Statistics = "usual"

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_var", torch.ones(channels))
        self.register_buffer("super_batch_mean", torch.zeros(channels))
        self.register_buffer("super_batch_var", torch.ones(channels))
        self.running_mean: Tensor
        self.running_var: Tensor
        self.super_batch_mean: Tensor
        self.super_batch_var: Tensor

    def forward(self, x: Tensor) -> Tensor:
        if self.statistics == "super_batch":
            if self.training:
                return self._renormalize(x)
            return self._normalize_by(x, self.super_batch_mean, self.super_batch_var)
        if self.statistics == "usual" and not self.training:
            return self._normalize_by(x, self.running_mean, self.running_var)
        y, mean, variance = self._normalize_by_itself(x, self.weight, self.bias)
        with torch.no_grad():
            self.running_mean.lerp_(mean, 1 - self.MOMENTUM)
            self.running_var.lerp_(variance, 1 - self.MOMENTUM)
            if self.statistics == "measured":
                self.super_batch_mean.copy_(mean)
                self.super_batch_var.copy_(variance)
        return y

    def _normalize_by(self, x: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
        return F.batch_norm(x, mean, variance, self.weight, self.bias, False, 0.0, self.EPSILON)

    def _normalize_by_itself(self, x: Tensor, weight: Tensor | None, bias: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """The normalized batch, times weight plus bias if they are given, its mean and its biased variance."""
        # A momentum of 1 leaves the batch's own statistics in the buffers.
        mean, variance = torch.zeros_like(self.running_mean), torch.ones_like(self.running_var)
        y = F.batch_norm(x, mean, variance, weight, bias, True, 1.0, self.EPSILON)
        count = x.numel() / x.shape[1]
        return y, mean, variance * ((count - 1) / count)

    def _renormalize(self, x: Tensor) -> Tensor:
        normalized, mean, variance = self._normalize_by_itself(x, None, None)
        with torch.no_grad():
            inverse = (self.super_batch_var + self.EPSILON).rsqrt()
            r, d = (variance + self.EPSILON).sqrt() * inverse, (mean - self.super_batch_mean) * inverse
        renormalized = normalized * _by_channel(r, x) + _by_channel(d, x)
        return renormalized * _by_channel(self.weight, x) + _by_channel(self.bias, x)


@contextmanager
def normalized_by(network: nn.Module, statistics: Statistics) -> Iterator[None]:
    """What all layers of batch norm are normalized by in the block."""
    layers = [layer for layer in network.modules() if isinstance(layer, BatchNorm)]
    for layer in layers:
        layer.statistics = statistics
    try:
        yield
    finally:
        for layer in layers:
            layer.statistics = "usual"


def _by_channel(values: Tensor, x: Tensor) -> Tensor:
    return values.view(1, -1, *[1] * (x.ndim - 2))


def _same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class Mlp(Network):
    """A multilayer perceptron: two hidden layers of 128 · width ReLUs, dropout behind each."""

    def __init__(self, shape: tuple[int, int, int], classes: int, width: float, stream: RandomStream, dropout: float) -> None:
        super().__init__(stream, dropout)
        inputs = math.prod(shape)
        for name in ("hidden1", "hidden2"):
            self.declare_dense(name, inputs, _scaled(128, width), 2)
            inputs = _scaled(128, width)
        self.declare_dense("logits", inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        # In the order of the other trainer's memory: pixel by pixel.
        x = x.permute(0, 2, 3, 1).flatten(1)
        for name in ("hidden1", "hidden2"):
            x = self.drop(F.relu(self.layers[name](x)))
        logits: Tensor = self.layers["logits"](x)
        return logits


class SmallCnn(Network):
    """Three 3 × 3 convolutions of 32, 64 and 128 channels (times width), each with batch norm and ReLU, max pooling between them, mean, dropout, logits."""

    def __init__(self, shape: tuple[int, int, int], classes: int, width: float, stream: RandomStream, dropout: float) -> None:
        super().__init__(stream, dropout)
        inputs = shape[2]
        for i, channels in enumerate((32, 64, 128), start=1):
            self.declare_filter(f"conv{i}", 3, inputs, _scaled(channels, width))
            self.declare_norm(f"conv{i}/norm", _scaled(channels, width))
            inputs = _scaled(channels, width)
        self.declare_dense("logits", inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        for i in (1, 2, 3):
            # Images of a single row or column are not pooled, so that any input shape can be mapped.
            if i > 1 and min(x.shape[2:]) > 1:
                x = F.max_pool2d(x, 2)
            x = self.convolve_normalize_relu(f"conv{i}", x)
        logits: Tensor = self.layers["logits"](self.drop(x.mean((2, 3))))
        return logits


class Resnet(Network):
    """The residual network for CIFAR (He et al. 2016, "Deep Residual Learning", section 4.2), shortcuts without parameters (option A), dropout before the logits.

    Args:
        depth: 6n + 2: 8, 20, 32, 44, 56, 110.

    Raises:
        ValueError: for another depth.
    """

    def __init__(
        self, depth: int, shape: tuple[int, int, int], classes: int, width: float, stream: RandomStream, dropout: float
    ) -> None:
        super().__init__(stream, dropout)
        if depth < 8 or (depth - 2) % 6:
            raise ValueError(f"a residual network's depth must be 6n + 2, not {depth}")
        self._blocks = list(_blocks((depth - 2) // 6))
        inputs = shape[2]
        for name, stage in [("stem", 0)] + [(f"{block}/conv{k}", stage) for block, stage, _ in self._blocks for k in (1, 2)]:
            outputs = _scaled(_STAGES[stage], width)
            self.declare_filter(name, 3, inputs, outputs)
            self.declare_norm(f"{name}/norm", outputs)
            inputs = outputs
        self.declare_dense("logits", inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.convolve_normalize_relu("stem", x)
        for block, _, stride in self._blocks:
            y = self.convolve_normalize_relu(f"{block}/conv1", x, stride)
            y = self.normalize(f"{block}/conv2/norm", self.convolve(f"{block}/conv2", y))
            shortcut = x[:, :, ::stride, ::stride]
            x = F.relu(y + F.pad(shortcut, (0, 0, 0, 0, 0, y.shape[1] - shortcut.shape[1])))
        logits: Tensor = self.layers["logits"](self.drop(x.mean((2, 3))))
        return logits


class WideResnet(Network):
    """The wide residual network WRN-d-k (Zagoruyko and Komodakis 2016), dropout between a block's convolutions, 1 × 1 convolutions as first shortcuts.

    Args:
        depth: d = 6n + 4: 10, 16, 22, 28, 40.
        widening: k, at least 1.

    Raises:
        ValueError: for others.
    """

    def __init__(
        self, depth: int, widening: int, shape: tuple[int, int, int], classes: int, width: float, stream: RandomStream, dropout: float
    ) -> None:
        super().__init__(stream, dropout)
        if depth < 10 or (depth - 4) % 6:
            raise ValueError(f"a wide residual network's depth must be 6n + 4, not {depth}")
        if widening < 1:
            raise ValueError(f"the widening factor must be a positive integer, not {widening}")
        self._blocks = list(_blocks((depth - 4) // 6))
        inputs = _scaled(_STAGES[0], width)
        self.declare_filter("stem", 3, shape[2], inputs)
        for block, stage, _ in self._blocks:
            outputs = _scaled(_STAGES[stage] * widening, width)
            self.declare_norm(f"{block}/norm1", inputs)
            self.declare_filter(f"{block}/conv1", 3, inputs, outputs)
            self.declare_norm(f"{block}/norm2", outputs)
            self.declare_filter(f"{block}/conv2", 3, outputs, outputs)
            if block.endswith("block1"):
                self.declare_filter(f"{block}/shortcut", 1, inputs, outputs)
            inputs = outputs
        self.declare_norm("norm", inputs)
        self.declare_dense("logits", inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.convolve("stem", x)
        for block, _, stride in self._blocks:
            activated = F.relu(self.normalize(f"{block}/norm1", x))
            y = F.relu(self.normalize(f"{block}/norm2", self.convolve(f"{block}/conv1", activated, stride)))
            y = self.convolve(f"{block}/conv2", self.drop(y))
            x = y + (self.convolve(f"{block}/shortcut", activated, stride) if block.endswith("block1") else x)
        logits: Tensor = self.layers["logits"](F.relu(self.normalize("norm", x)).mean((2, 3)))
        return logits


def _blocks(per_stage: int) -> Iterator[tuple[str, int, int]]:
    """Name, stage from 0, and stride of each block."""
    for stage in range(3):
        for block in range(per_stage):
            yield f"stage{stage + 1}/block{block + 1}", stage, 2 if stage > 0 and block == 0 else 1


def _scaled(channels: int, width: float) -> int:
    """Channels of a layer after the width multiplier, at least 1; halves are rounded up."""
    return max(1, math.floor(channels * width + 0.5))


#: Makes a network: input shape (h, w, c), classes, width, random stream of the initial weights, dropout.
NetworkFactory = Callable[[tuple[int, int, int], int, float, RandomStream, float], Network]


def network_by_name(name: str) -> NetworkFactory:
    """A network of the registry.

    Raises:
        ValueError: naming the known networks.
    """
    if name == "mlp":
        return Mlp
    if name == "small_cnn":
        return SmallCnn
    if match := re.fullmatch(r"resnet(\d{1,4})", name):
        depth = int(match[1])
        if depth >= 8 and (depth - 2) % 6 == 0:
            return lambda *arguments: Resnet(depth, *arguments)
    if match := re.fullmatch(r"wrn_(\d{1,4})_(\d{1,3})", name):
        wide, k = int(match[1]), int(match[2])
        if wide >= 10 and (wide - 4) % 6 == 0 and k >= 1:
            return lambda *arguments: WideResnet(wide, k, *arguments)
    raise ValueError(f"must be one of {', '.join(NETWORK_NAMES)} (or any resnet<6n+2>, wrn_<6n+4>_<k>), not {name}")
