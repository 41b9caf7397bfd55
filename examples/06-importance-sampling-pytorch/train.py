"""Importance-sampled SGD in a plain PyTorch loop, on CIFAR-10, next to uniform SGD.

    python train.py --data-dir /path/to/cifar-10-batches-bin --compare

The loop is `train` below; the rest reads the data, makes a network, and prints. Without --address the sampler runs in process; with it, in the service.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from superbatch.importance_sampling import ImportanceSampler, RemoteImportanceSampler, Sampler, SessionSpec
from superbatch.importance_sampling.torch import upper_bound_scores


@dataclass(frozen=True)
class Preset:
    """Sizes of a run: images to train and test on, b, B, gradient steps."""

    images: int
    test_images: int
    batch_size: int
    super_batch_size: int
    steps: int


PRESETS = {
    "small": Preset(images=5_000, test_images=1_000, batch_size=32, super_batch_size=96, steps=700),
    "full": Preset(images=50_000, test_images=10_000, batch_size=128, super_batch_size=640, steps=15_000),
}


def read_images(folder: Path, names: list[str], count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The first `count` images (n × 3 × 32 × 32, standardized) and labels of CIFAR-10's binary files."""
    records = np.concatenate([np.fromfile(folder / name, dtype=np.uint8).reshape(-1, 3073) for name in names])[:count]
    pixels = torch.from_numpy(records[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32))
    mean, sd = torch.tensor([125.3, 123.0, 113.9]), torch.tensor([63.0, 62.1, 66.7])
    return (pixels - mean[:, None, None]) / sd[:, None, None], torch.from_numpy(records[:, 0].astype(np.int64))


def network() -> nn.Module:
    """Three convolutions and a linear layer; 24,000 weights."""

    def block(inputs: int, outputs: int) -> list[nn.Module]:
        return [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]

    return nn.Sequential(*block(3, 16), *block(16, 32), *block(32, 64), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def train(model: nn.Module, images: torch.Tensor, labels: torch.Tensor, sampler: Sampler, preset: Preset) -> None:
    """The loop: do what the sampler says, and give it the scores that it asks for."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    step = 0
    task = sampler.next()
    while step < preset.steps:
        indices = torch.from_numpy(task.indices.astype(np.int64))
        x, y = images[indices], labels[indices]
        if task.action == "score":
            with torch.no_grad():
                logits = model(x)
        else:
            logits = model(x)
            losses = F.cross_entropy(logits, y, reduction="none")
            loss = (torch.from_numpy(task.weights) * losses).sum() / preset.batch_size
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
        scores = None if task.scores == "none" else upper_bound_scores(logits, y).numpy()
        task = sampler.next(scores)


def error_of(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> float:
    """Share of wrong predictions."""
    with torch.no_grad():
        wrong = sum(int((model(x).argmax(1) != y).sum()) for x, y in zip(images.split(500), labels.split(500)))
    return wrong / len(labels)


def run(scheme: str, options: argparse.Namespace, folder: Path) -> bool:
    """Trains one network and prints how it went. Returns whether it learned, and used importance sampling if it was to."""
    preset = PRESETS[options.preset]
    images, labels = read_images(folder, [f"data_batch_{k}.bin" for k in range(1, 6)], preset.images)
    test_images, test_labels = read_images(folder, ["test_batch.bin"], preset.test_images)
    torch.manual_seed(options.seed)
    model = network()
    spec = SessionSpec(
        examples=len(labels),
        batch_size=preset.batch_size,
        super_batch_size=preset.super_batch_size,
        scheme=scheme,
        threshold=options.threshold,
        seed=options.seed,
    )
    sampler = RemoteImportanceSampler([options.address], spec) if options.address else ImportanceSampler(spec)
    started = time.monotonic()
    train(model, images, labels, sampler, preset)
    seconds = time.monotonic() - started
    status = sampler.status()
    sampler.close()
    error = error_of(model, test_images, test_labels)
    print(
        f"{scheme:12s} {preset.steps} steps, {status.importance_rounds} by importance, tau {status.tau:.2f}: "
        f"test error {error:.3f} after {seconds:.0f} s",
        flush=True,
    )
    return error < 0.8 and (scheme == "uniform" or status.importance_rounds > 0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("SUPERBATCH_DATA_DIR"), help="CIFAR-10's binary files (default: SUPERBATCH_DATA_DIR)")
    parser.add_argument("--preset", choices=PRESETS, default="small")
    parser.add_argument("--scheme", default="upper-bound", help="uniform, upper-bound, loss or loss-history")
    parser.add_argument("--threshold", type=float, help="tau above which importance sampling is on (default: where it pays)")
    parser.add_argument("--address", help="host:port of the importance-sampler service (default: in process)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--compare", action="store_true", help="train with uniform sampling first; exit 1 if a network learned nothing or importance sampling never came on")
    options = parser.parse_args()
    if not options.data_dir:
        parser.error("--data-dir or SUPERBATCH_DATA_DIR must name the folder of CIFAR-10's binary files")
    folder = Path(options.data_dir)
    schemes = ["uniform", options.scheme] if options.compare else [options.scheme]
    good = [run(scheme, options, folder) for scheme in schemes]
    return 0 if all(good) or not options.compare else 1


if __name__ == "__main__":
    sys.exit(main())
