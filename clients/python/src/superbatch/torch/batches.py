"""The data of one run after its fidelities, and how batches of it are read onto the device."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .configuration import Configuration
from .datasets import Dataset, Split, resized
from .errors import ParameterError, ParameterProblem
from .random_stream import RandomStream
from .subsets import Indices, default_validation_size, nested_subset, stratified_split

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Augmentation:
    """How training images are varied: padded by 4 of 32 pixels, cropped, mirrored (He et al. 2016, section 4.2), scaled by a strength.

    Attributes:
        pad: Images are shifted by up to so many pixels in each direction; what comes in is zero after normalization.
        flip_probability: That an image is mirrored left to right.
    """

    pad: int
    flip_probability: float

    @staticmethod
    def of_strength(strength: float, height: int, flippable: bool) -> Augmentation:
        """0: none, 1: as published, in proportion between and above."""
        return Augmentation(math.floor(strength * height / 8 + 0.5), min(0.5, strength / 2) if flippable else 0.0)


class BatchReader:
    """Reads batches of normalized examples; the examples lie on the device as they were read.

    Args:
        split: To read from.
        mean, sd: Of each channel, in the units of the stored values.
        augmentation: Applied where a stream is given.
    """

    def __init__(self, split: Split, mean: Floats, sd: Floats, augmentation: Augmentation, device: torch.device) -> None:
        self._device = device
        self._inputs, self._labels = _on_device(split, device)
        self._mean = torch.tensor(mean, dtype=torch.float32, device=device)[:, None, None]
        self._sd = torch.tensor(sd, dtype=torch.float32, device=device)[:, None, None]
        self._augmentation = augmentation

    def read(self, indices: Indices, stream: RandomStream | None = None) -> tuple[Tensor, Tensor]:
        """m × c × h × w inputs and m labels.

        Args:
            indices: m examples of the split, repetitions allowed.
            stream: Of the augmentation; None: the images as they are.
        """
        chosen = torch.from_numpy(indices).to(self._device)
        inputs = (self._inputs[chosen].float() - self._mean) / self._sd
        return (inputs if stream is None else self._vary(inputs, stream)), self._labels[chosen]

    def _vary(self, inputs: Tensor, stream: RandomStream) -> Tensor:
        pad, flip = self._augmentation.pad, self._augmentation.flip_probability
        if pad == 0 and flip == 0:
            return inputs
        m, _, height, width = inputs.shape
        down, right, mirrored = np.zeros(m, np.int64), np.zeros(m, np.int64), np.zeros(m, bool)
        for i in range(m):
            if pad > 0:
                down[i], right[i] = stream.integer(2 * pad + 1), stream.integer(2 * pad + 1)
            if flip > 0:
                mirrored[i] = stream.uniforms(1)[0] < flip
        rows = down[:, None] + np.arange(height)
        columns = right[:, None] + np.where(mirrored[:, None], np.arange(width)[::-1], np.arange(width))
        at = [torch.from_numpy(each).to(self._device) for each in (np.arange(m)[:, None, None], rows[:, :, None], columns[:, None, :])]
        padded = torch.nn.functional.pad(inputs, (pad, pad, pad, pad))
        return padded[at[0], :, at[1], at[2]].permute(0, 3, 1, 2).contiguous()


@lru_cache(maxsize=6)
def _on_device(split: Split, device: torch.device) -> tuple[Tensor, Tensor]:
    """Inputs, n × c × h × w, and labels. Once for all trials: what a trial costs does not depend on whether it was the first."""
    inputs = np.ascontiguousarray(split.inputs.transpose(0, 3, 1, 2))
    return torch.from_numpy(inputs).to(device), torch.from_numpy(split.labels).to(device)


@dataclass(frozen=True)
class RunData:
    """Which examples train, which validate, and how they are read.

    Attributes:
        training: Number i of the run is example ``training[i]`` of the training split.
        validation: Examples of the same split that measure the objective; none of them trains.
        test_size: Examples of the test split.
    """

    input_shape: tuple[int, int, int]
    classes: int
    training: Indices
    validation: Indices
    train_reader: BatchReader
    read_test: Callable[[], BatchReader]
    test_size: int

    @cached_property
    def test_reader(self) -> BatchReader:
        """Of the test split, which goes to the device only when it is asked for."""
        return self.read_test()


def prepare_run_data(dataset: Dataset, configuration: Configuration, device: torch.device) -> RunData:
    """Sets validation examples aside, takes the share of the data, reduces the resolution, and measures the normalization on what trains.

    Raises:
        ParameterError: if the data set is too small for the validation examples asked for, or the resolution does not suit it.
    """
    used = dataset if configuration.resolution is None else resized(dataset, configuration.resolution)
    size = len(used.train.labels)
    wanted = configuration.validation_examples or default_validation_size(size)
    if wanted >= size:
        message = f"must be below the {size} training examples of {dataset.name}, not {wanted}"
        raise ParameterError([ParameterProblem("validation_examples", message)])
    stream = RandomStream(f"{dataset.name}/split")
    validation, rest = stratified_split(used.train.labels, wanted / size, used.classes, stream.fork("validation"))
    training = nested_subset(rest, configuration.data_share, stream.fork("share"))
    mean, sd = channel_normalization(used.train, training)
    augmentation = Augmentation.of_strength(configuration.augmentation, used.input_shape[0], used.flippable)
    return RunData(
        input_shape=used.input_shape,
        classes=used.classes,
        training=training,
        validation=validation,
        train_reader=BatchReader(used.train, mean, sd, augmentation, device),
        read_test=lambda: BatchReader(used.test, mean, sd, augmentation, device),
        test_size=len(used.test.labels),
    )


def channel_normalization(split: Split, indices: Indices) -> tuple[Floats, Floats]:
    """Mean and standard deviation (1 if a channel does not vary) of each channel over the examples at ``indices``."""
    channels = split.inputs.shape[3]
    total, squares, count = np.zeros(channels), np.zeros(channels), 0
    for start in range(0, len(indices), 2000):
        values = split.inputs[indices[start : start + 2000]].reshape(-1, channels).astype(np.float64)
        total += values.sum(0)
        squares += (values**2).sum(0)
        count += len(values)
    mean = total / count
    variance = squares / count - mean**2
    varies = variance > 1e-12 * np.maximum(1, mean**2)
    sd: Floats = np.where(varies, np.sqrt(np.maximum(variance, 0)), 1.0)
    return mean, sd
