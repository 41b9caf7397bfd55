"""Classification data, read completely into memory: the suite's digits, CIFAR-10 and CIFAR-100, and arrays of one's own."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Mapping

import numpy as np
from numpy.typing import NDArray

from .errors import DataError, ParameterError, ParameterProblem
from .random_stream import RandomStream
from .subsets import stratified_split


@dataclass(frozen=True, eq=False)
class Split:
    """Examples as they lie in memory.

    Attributes:
        inputs: n × h × w × c, uint8 or float32.
        labels: n class indices, int64.
    """

    inputs: NDArray[np.generic]
    labels: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Dataset:
    """A classification problem.

    Attributes:
        name: That a configuration refers to, such as ``cifar10``. The choice of validation examples depends on it.
        classes: At least 2.
        train: What training and validation examples are taken from.
        test: Held out; no trial's objective is measured on it.
        flippable: Whether a mirrored image is still an example of its class.
    """

    name: str
    classes: int
    train: Split
    test: Split
    flippable: bool = False

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Height, width and channels."""
        _, h, w, c = self.train.inputs.shape
        return h, w, c

    def checksum(self) -> str:
        """SHA-256 of all inputs and labels (as bytes): equal data, equal checksums, in the TypeScript trainer too."""
        digest = hashlib.sha256()
        for split in (self.train, self.test):
            digest.update(np.ascontiguousarray(split.inputs).tobytes())
            digest.update(split.labels.astype(np.uint8).tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class _Cifar:
    """The binary layout of CIFAR (Krizhevsky 2009): records of label bytes, the last of which is the class, and 3072 bytes, channel by channel."""

    folder: str
    classes: int
    label_bytes: int
    train_files: tuple[str, ...]
    test_files: tuple[str, ...]
    per_file: tuple[int, int]


_CIFAR: Mapping[str, _Cifar] = {
    "cifar10": _Cifar("cifar-10-batches-bin", 10, 1, tuple(f"data_batch_{i}.bin" for i in range(1, 6)), ("test_batch.bin",), (10_000, 10_000)),
    "cifar100": _Cifar("cifar-100-binary", 100, 2, ("train.bin",), ("test.bin",), (50_000, 10_000)),
}

#: Data sets that can be loaded by name.
DATASET_NAMES = ("digits", *_CIFAR)


def find_dataset(name: str, data_dir: str | Path | None) -> Path | None:
    """Folder of a data set's files, quickly; None if it is not there. ``digits`` comes with the package."""
    if name == "digits":
        return Path(str(files("superbatch.torch") / "data"))
    layout = _CIFAR[name]
    for folder in [] if data_dir is None else [Path(data_dir) / layout.folder, Path(data_dir)]:
        if (folder / layout.train_files[0]).is_file():
            return folder
    return None


@lru_cache(maxsize=4)
def load_dataset(name: str, data_dir: str | Path | None = None) -> Dataset:
    """Reads a data set, once: later calls return the same one.

    Args:
        name: One of :data:`DATASET_NAMES`.
        data_dir: Folder with the data set's files, or with the folder that its archive unpacks to.

    Raises:
        ValueError: for another name.
        DataError: if it is not there, or corrupt.
    """
    if name not in DATASET_NAMES:
        raise ValueError(f"unknown data set {name}: it must be one of {', '.join(DATASET_NAMES)}")
    folder = find_dataset(name, data_dir)
    if name == "digits":
        return _read_digits()
    if folder is None:
        place = "(no data folder given)" if data_dir is None else str(data_dir)
        remedy = "Download its binary version, unpack it, and name its folder by --data-dir or SUPERBATCH_DATA_DIR"
        raise DataError(place, f"{name} is not there", remedy)
    layout = _CIFAR[name]
    train = _read_cifar(folder, layout, layout.train_files, layout.per_file[0])
    test = _read_cifar(folder, layout, layout.test_files, layout.per_file[1])
    return Dataset(name, layout.classes, train, test, flippable=True)


def _read_cifar(folder: Path, layout: _Cifar, names: tuple[str, ...], per_file: int) -> Split:
    size = layout.label_bytes + 3072
    remedy = "Download the binary version again and unpack it into this folder"
    parts = []
    for name in names:
        file = folder / name
        try:
            data = np.fromfile(file, dtype=np.uint8)
        except OSError as error:
            raise DataError(str(file), f"the file cannot be read ({error.strerror})", remedy) from error
        if data.size != per_file * size:
            raise DataError(str(file), f"{data.size} bytes instead of {per_file * size}", remedy)
        parts.append(data.reshape(per_file, size))
    records = np.concatenate(parts)
    labels = records[:, layout.label_bytes - 1].astype(np.int64)
    if labels.max() >= layout.classes:
        raise DataError(str(folder), f"label {labels.max()} is out of range: there are classes 0 to {layout.classes - 1}", remedy)
    images = records[:, layout.label_bytes :].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return Split(np.ascontiguousarray(images), labels)


def _read_digits() -> Dataset:
    """Optical recognition of handwritten digits (Alpaydin and Kaynak 1998, UCI; CC BY 4.0): 8 × 8 pixels in 0 … 16; one fifth of each class is the test split."""
    file = files("superbatch.torch") / "data" / "digits.csv.gz"
    try:
        text = gzip.decompress(file.read_bytes()).decode("ascii")
    except OSError as error:
        raise DataError(str(file), "the file cannot be read", "Install the package again, or run clients/python/generate.py in the repository") from error
    values = np.array([line.split(",") for line in text.split()], dtype=np.uint8)
    images, labels = values[:, :64].reshape(-1, 8, 8, 1), values[:, 64].astype(np.int64)
    test, train = stratified_split(labels, 0.2, 10, RandomStream("digits"))
    return Dataset("digits", 10, Split(images[train], labels[train]), Split(images[test], labels[test]))


@lru_cache(maxsize=8)
def resized(dataset: Dataset, side: int) -> Dataset:
    """The same data with images of ``side`` × ``side`` pixels, each the mean of the area that it covers. Computed once per resolution.

    Raises:
        ParameterError: if the images are not square, or smaller.
    """
    height, width, _ = dataset.input_shape
    if height != width:
        raise ParameterError([ParameterProblem("resolution", f"{dataset.name} has no square images ({height} × {width})")])
    if side > height:
        message = f"must be an integer from 1 to {height} pixels for {dataset.name}, not {side}"
        raise ParameterError([ParameterProblem("resolution", message)])
    if side == height:
        return dataset
    edges = np.arange(side + 1) * (height / side)
    # Share of each new pixel's side that each old pixel covers; rows sum to 1.
    overlap = np.minimum(edges[1:, None], np.arange(1, height + 1)) - np.maximum(edges[:-1, None], np.arange(height))
    weights = np.maximum(overlap, 0) * (side / height)

    def reduce(split: Split) -> Split:
        chunks = [part(split.inputs[start : start + 1000]) for start in range(0, len(split.inputs), 1000)]
        return replace(split, inputs=np.concatenate(chunks))

    def part(inputs: NDArray[np.generic]) -> NDArray[np.generic]:
        mixed = np.einsum("yh,nhwc,xw->nyxc", weights, inputs.astype(np.float64), weights, optimize=True)
        # Halves up, as JavaScript rounds; the tolerance puts what rounding has brought just below a half at it.
        return np.floor(mixed + 0.5 + 1e-9).astype(np.uint8) if inputs.dtype == np.uint8 else mixed.astype(np.float32)

    return replace(dataset, train=reduce(dataset.train), test=reduce(dataset.test))
