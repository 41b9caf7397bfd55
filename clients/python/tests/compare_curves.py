"""Learning curves of the small CNN by both trainers, the TypeScript one on tfjs and this package's on PyTorch, several seeds each with samplers of their own: equal within noise?

    python compare_curves.py [--data-dir DIR] [--seeds 8]

On CIFAR-10 where a folder is given (or SUPERBATCH_DATA_DIR names one), else on digits. At each point of the curves the means over seeds of error, validation loss, training loss and τ are
compared by Welch's t. Exit status 1 if one lies more than 4.5 standard errors from the other. That curves with the same draws agree to rounding is another test (test_torch_agreement.py).
"""

import argparse
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

from superbatch.torch import LocalRunSampler, configure, train

ROOT = Path(__file__).resolve().parents[3]
COMMON = {"width": 0.25, "batch_size": 32, "learning_rate": 0.05, "super_batch": 128, "tau_threshold": 1.0, "augmentation": 1}
SHARES = {"cifar10": {"data_share": 1_280 / 45_000, "validation_examples": 5_000, "epochs": 4}, "digits": {"epochs": 4}}
#: Of the t statistic. Of equal trainers one in 120 would exceed it (16 comparisons with 14 degrees of freedom); seeds are fixed, so on one machine it is always or never.
LIMIT = 4.5
METRICS = {"validation_error": "validationError", "validation_loss": "validationLoss", "train_loss": "trainLoss", "tau": "tau"}


def torch_curves(dataset, values, seeds, data_dir):
    torch.set_num_threads(1)
    run = configure({"dataset": dataset, **values}, data_dir)
    results = [train(run.configuration, run.options(sampler=LocalRunSampler, seed=seed)) for seed in seeds]
    curves = [[[getattr(point, name) for name in METRICS] for point in result.curve] for result in results]
    return np.array(curves), [result.importance_steps for result in results]


def tfjs_curves(dataset, values, seeds, data_dir):
    request = {"dataset": dataset, "values": values, "seeds": seeds, **({"dataDir": data_dir} if data_dir else {})}
    command = [ROOT / "node_modules" / ".bin" / "node", ROOT / "libs" / "training" / "src" / "testing" / "curves.ts", json.dumps(request)]
    results = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    curves = [[[point[name] for name in METRICS.values()] for point in result["curve"]] for result in results]
    return np.array(curves), [result["importanceSteps"] for result in results]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-dir", default=os.environ.get("SUPERBATCH_DATA_DIR"))
    parser.add_argument("--seeds", type=int, default=8)
    options = parser.parse_args()
    dataset = "cifar10" if options.data_dir else "digits"
    values = {**COMMON, **SHARES[dataset]}
    # Different seeds: equal ones would give both the same initial weights.
    seeds = list(range(1, 2 * options.seeds + 1))
    tfjs, tfjs_steps = tfjs_curves(dataset, values, seeds[::2], options.data_dir)
    pytorch, torch_steps = torch_curves(dataset, values, seeds[1::2], options.data_dir)
    print(f"{dataset}, small CNN, {options.seeds} seeds each; importance-sampled steps: tfjs {np.mean(tfjs_steps):.1f}, PyTorch {np.mean(torch_steps):.1f}")
    print(f"{'epoch':>5} {'metric':18} {'tfjs':>8} {'PyTorch':>8} {'difference':>11} {'its s.e.':>9} {'t':>6}")
    worst = 0.0
    for point in range(tfjs.shape[1]):
        for k, name in enumerate(METRICS):
            a, b = tfjs[:, point, k], pytorch[:, point, k]
            error = math.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
            t = (b.mean() - a.mean()) / error
            worst = max(worst, abs(t))
            print(f"{point + 1:5} {name:18} {a.mean():8.4f} {b.mean():8.4f} {b.mean() - a.mean():11.4f} {error:9.4f} {t:6.2f}")
    equal = worst < LIMIT and min(np.mean(tfjs_steps), np.mean(torch_steps)) > 0
    print(f"{'ok    ' if equal else 'FAILED'} largest |t| {worst:.2f}, allowed {LIMIT}")
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
