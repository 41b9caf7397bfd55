"""Writes importance.json: Sobol indices of known functions by SALib, and fANOVA importances of a study's trials by Optuna's evaluator.

    pip install SALib optuna scikit-learn
    python libs/insight/golden/importance.py

Both are independent of this repository; the tests of libs/insight compare with the stored numbers. With --check nothing is written: the stored
numbers are compared with what the installed libraries say (check.sh installs them).
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.importance import FanovaImportanceEvaluator, get_param_importances
from SALib.analyze import sobol as analyze
from SALib.sample import sobol as sample


def ishigami(u):
    x = -math.pi + 2 * math.pi * u
    return np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def g_function(u):
    a = np.array([0, 1, 4.5, 9, 99])
    return np.prod((np.abs(4 * u - 2) + a) / (1 + a), axis=1)


def network(u):
    """An error as networks have it: of log learning rate, momentum, layers (1 to 6) and optimizer (sgd, adam, lion), all of the unit cube."""
    rate, momentum, layers, optimizer = u[:, 0], u[:, 1], np.floor(u[:, 2] * 6), np.floor(u[:, 3] * 3)
    best = np.where(optimizer == 0, 0.7, 0.4)
    return numeric(np.column_stack([rate - best + 0.5, momentum, (layers + 0.5) / 6])) + np.array([0.0, 0.03, 0.08])[optimizer.astype(int)]


def numeric(u):
    """The same without an optimizer."""
    rate, momentum, layers = u[:, 0], u[:, 1], np.floor(u[:, 2] * 6)
    return 0.1 + 0.6 * (rate - 0.5 + 0.2 * momentum) ** 2 + 0.2 * (momentum - 0.8) ** 2 + 0.02 * np.abs(layers - 3)


def sobol_indices(function, dimensions):
    problem = {"num_vars": dimensions, "names": [f"x{i}" for i in range(dimensions)], "bounds": [[0, 1]] * dimensions}
    points = sample.sample(problem, 2**14, calc_second_order=False, seed=1)
    result = analyze.analyze(problem, function(points), calc_second_order=False, seed=1)
    return {
        "first": result["S1"].tolist(),
        "firstError": result["S1_conf"].tolist(),
        "total": result["ST"].tolist(),
        "totalError": result["ST_conf"].tolist(),
    }


# Linear scales: Optuna's evaluator takes a logarithmic parameter for uniform on its plain scale. Its forest smooths small effects away, the less
# the more trials there are: log_rate has a share of 0.78 with 200 trials, 0.74 with 500, 0.73 with 1,000; by SALib it has 0.69.
distributions = {
    "log_rate": FloatDistribution(-4, 0),
    "momentum": FloatDistribution(0, 1),
    "layers": IntDistribution(1, 6),
    "optimizer": CategoricalDistribution(["sgd", "adam", "lion"]),
}


def observe(function, dimensions, count):
    """Uniform trials with a little noise."""
    rng = np.random.default_rng(7)
    u = rng.random((count, dimensions)).round(4)
    values = function(u) + 0.002 * rng.standard_normal(len(u))

    def parameters(row):
        point = [round(float(-4 + 4 * row[0]), 4), float(row[1]), int(row[2] * 6) + 1]
        if dimensions == 4:
            point.append(["sgd", "adam", "lion"][int(row[3] * 3)])
        return dict(zip(distributions, point))

    return [{"parameters": parameters(row), "value": round(float(value), 5)} for row, value in zip(u, values)]


def categorical_study():
    """Compared with SALib only: Optuna's evaluator lets one-hot columns of a category vary on their own, which overstates categories."""
    return {"trials": observe(network, 4, 200), "names": list(distributions), "sobol": sobol_indices(network, 4)}


def numeric_study():
    trials = observe(numeric, 3, 500)
    names = list(distributions)[:3]
    target = optuna.create_study()
    target.add_trials(
        [
            optuna.trial.create_trial(
                params=trial["parameters"],
                distributions={name: distributions[name] for name in names},
                value=trial["value"],
            )
            for trial in trials
        ]
    )
    runs = [get_param_importances(target, evaluator=FanovaImportanceEvaluator(seed=seed)) for seed in range(8)]
    shares = np.array([[run[name] for name in names] for run in runs])
    return {
        "trials": trials,
        "names": names,
        "fanova": shares.mean(axis=0).tolist(),
        "fanovaSpread": shares.std(axis=0, ddof=1).tolist(),
        "sobol": sobol_indices(numeric, 3),
    }


optuna.logging.set_verbosity(optuna.logging.WARNING)
golden = {
    "ishigami": sobol_indices(ishigami, 3),
    "gFunction": sobol_indices(g_function, 5),
    "numericStudy": numeric_study(),
    "categoricalStudy": categorical_study(),
}
file = Path(__file__).with_suffix(".json")


def differences(now, stored, path=""):
    """Where the two differ: by more than 0.01 in an index or share, which other versions of the libraries may move a little, and at all in a trial."""
    if isinstance(stored, dict):
        if set(now) != set(stored):
            return [f"{path}: {sorted(now)} instead of {sorted(stored)}"]
        return [line for key in stored for line in differences(now[key], stored[key], f"{path}.{key}")]
    if isinstance(stored, list):
        if len(now) != len(stored):
            return [f"{path}: {len(now)} instead of {len(stored)}"]
        return [line for i in range(len(stored)) for line in differences(now[i], stored[i], f"{path}[{i}]")]
    if ".trials" in path or isinstance(stored, str):
        return [] if now == stored else [f"{path}: {now} instead of {stored}"]
    return [] if abs(now - stored) <= 0.01 else [f"{path}: {now:.4f} instead of {stored:.4f}"]


if "--check" in sys.argv:
    wrong = differences(json.loads(json.dumps(golden)), json.loads(file.read_text()))
    print("\n".join(wrong) or "SALib and Optuna say what importance.json has")
    sys.exit(1 if wrong else 0)
file.write_text(json.dumps(golden) + "\n")
