"""A study of a residual network on CIFAR-10, to be worked off by a fleet of PyTorch trainers.

    python study.py --preset resnet20                       # creates it, and prints what there is to recommend when it is completed
    superbatch-torch-trainer --data-dir DIR                 # on each machine with a GPU

The super-batch size B is a fidelity: small ones are cheap, and the study recommends for B = all training examples.
"""

from __future__ import annotations

import argparse
import sys
import time

import superbatch as sb

#: By name: architecture, trials, training examples used, largest B that is tried, and what is fixed besides.
PRESETS = {
    "resnet20": dict(architecture="resnet20", trials=60, examples=45_000, batch_size=128, largest=8, fixed=dict(epochs=60, augmentation=1, schedule="cosine")),
    "small": dict(architecture="resnet8", trials=8, examples=1_600, batch_size=32, largest=8, fixed=dict(epochs=4, width=0.5, tau_threshold=1.05)),
}


def space(dataset: str, preset: str) -> sb.Space:
    """Learning rate, momentum, weight decay, and B as a fidelity whose target is the training set."""
    chosen = PRESETS[preset]
    # Of CIFAR-10's 50,000 and digits' 1,438 training examples so many are left when validation examples are set aside.
    left = {"cifar10": 45_000, "digits": 1_078}[dataset]
    used = min(chosen["examples"], left)
    batch_size = chosen["batch_size"]
    fixed = {"dataset": dataset, "architecture": chosen["architecture"], "batch_size": batch_size, "data_share": used / left, **chosen["fixed"]}
    return {
        "learning_rate": sb.Float(0.003, 0.5, log=True),
        "momentum": sb.Float(0, 0.97),
        "weight_decay": sb.Float(1e-6, 1e-2, log=True),
        "super_batch": sb.Integer(batch_size, batch_size * chosen["largest"], log=True, fidelity=sb.Fidelity(target=used, effect="small")),
        **{name: sb.Fixed(value) for name, value in fixed.items()},
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="127.0.0.1:7601", help="of the optimizer (default: %(default)s)")
    parser.add_argument("--preset", choices=PRESETS, default="small", help="resnet20: as published, for GPUs; small: minutes on a processor (default)")
    parser.add_argument("--dataset", choices=["cifar10", "digits"], default="cifar10")
    parser.add_argument("--name", help="of the study (default: of data set and preset)")
    parser.add_argument("--trials", type=int, help="how many (default: the preset's)")
    options = parser.parse_args(arguments)
    with sb.Client(options.address) as client:
        study = client.create_study(
            options.name or f"{options.dataset}-{options.preset}",
            space(options.dataset, options.preset),
            "validation_error",
            exist_ok=True,
            transform="log",
            max_trials=options.trials or PRESETS[options.preset]["trials"],
            requirements={"backend/torch": "true", f"dataset/{options.dataset}": "true"},
        )
        print(f"{study.name}: waiting for trainers")
        shown, active = 0, True
        while active:
            active = study.refresh().state == "active"
            completed = study.trials("completed")
            for trial in completed[shown:]:
                print(f"trial {trial.number} by {trial.worker}: error {trial.value:.4f} in {trial.cost.total:.0f} s", flush=True)
            shown = len(completed)
            time.sleep(2 if active else 0)
        print(study.recommendation())
    return 0


if __name__ == "__main__":
    sys.exit(main())
