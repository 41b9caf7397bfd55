import warnings

import pytest
from conftest import unique

optuna = pytest.importorskip("optuna")

from superbatch import Boolean, Categorical, Discrete, Float, Integer  # noqa: E402
from superbatch.integrations.optuna import COST, SuperbatchPruner, SuperbatchSampler  # noqa: E402

optuna.logging.set_verbosity(optuna.logging.ERROR)

MIXED = {
    "rate": Float(1e-4, 1, log=True),
    "layers": Integer(1, 4),
    "batch": Discrete([32, 64, 128]),
    "nesterov": Boolean(),
    "optimizer": Categorical("sgd", "adam"),
    "momentum": Float(0, 0.99, when={"optimizer": ["sgd"]}),
    "beta": Float(0.5, 0.999, when={"optimizer": ["adam"]}),
}


def evaluate(trial):
    rate = trial.suggest_float("rate", 1e-4, 1, log=True)
    layers = trial.suggest_int("layers", 1, 4)
    batch = trial.suggest_categorical("batch", [32, 64, 128])
    error = (layers - 3) ** 2 / 9 + (0 if batch == 64 else 0.1) + abs(rate - 0.1)
    error += 0 if trial.suggest_categorical("nesterov", [True, False]) else 0.05
    if trial.suggest_categorical("optimizer", ["sgd", "adam"]) == "sgd":
        return error + abs(trial.suggest_float("momentum", 0, 0.99) - 0.9)
    return error + 0.2 + abs(trial.suggest_float("beta", 0.5, 0.999) - 0.9)


def test_optimize_with_30_trials_of_a_mixed_conditional_space(optimizer):
    # The algorithm with the model is the default; a quicker one of its settings keeps the test short.
    algorithm = {"entropy_search": {"representers": 12, "model": {"hyperparameter_samples": 3}}}
    sampler = SuperbatchSampler(optimizer, MIXED, name=unique("optuna"), seed=3, algorithm=algorithm)
    study = optuna.create_study(sampler=sampler)
    study.optimize(evaluate, n_trials=30)
    assert [trial.state for trial in study.trials] == [optuna.trial.TrialState.COMPLETE] * 30
    ours = sampler.study.trials()
    assert [record.state for record in ours] == ["completed"] * 30
    # Optuna ran exactly the points that the optimizer chose, active parameters only, and the optimizer knows exactly what came of them.
    for record, trial in zip(ours, study.trials):
        assert record.value == trial.value and dict(record.parameters) == trial.params
    assert {record.origin for record in ours} == {"initial_design", "model"}


def test_maximizing_costs_failures_and_parallel_jobs(optimizer):
    sampler = SuperbatchSampler(optimizer, {"x": Float(0, 1)}, name=unique("optuna"), algorithm="random")
    study = optuna.create_study(direction="maximize", sampler=sampler)

    def objective(trial):
        x = trial.suggest_float("x", 0, 1)
        trial.set_user_attr(COST, 2.5)
        if trial.number == 1:
            raise OSError("no disk")
        if trial.number == 2:
            return float("inf")
        # Not a parameter of the space: sampled independently.
        return x + 0 * trial.suggest_int("other", 1, 3)

    study.optimize(objective, n_trials=6, n_jobs=2, catch=(OSError,))
    ours = sampler.study.trials()
    states = sorted(record.state for record in ours)
    assert states == ["abandoned", "completed", "completed", "completed", "completed", "infeasible"]
    assert {record.cost.total for record in ours if record.state == "completed"} == {2.5}
    assert sampler.study.proto.spec.objective.goal == 2


def test_pruned_trials_are_stopped_early(optimizer):
    sampler = SuperbatchSampler(
        optimizer, {"x": Float(0, 1)}, name=unique("optuna"), algorithm="random", early_stopping={"median": {"min_trials": 2}}
    )
    study = optuna.create_study(sampler=sampler, pruner=SuperbatchPruner(sampler))

    def objective(trial):
        trial.suggest_float("x", 0, 1)
        value = 9.0 if trial.number == 3 else 0.0
        for step in range(3):
            trial.report(value, step)
            if trial.should_prune():
                raise optuna.TrialPruned
        return value

    study.optimize(objective, n_trials=4)
    assert [trial.state.name for trial in study.trials] == ["COMPLETE"] * 3 + ["PRUNED"]
    last = sampler.study.trial(4)
    assert (last.state, last.stopped_early, last.value) == ("completed", True, 9.0)


def test_enqueued_points_are_told_and_a_space_is_inferred(optimizer):
    sampler = SuperbatchSampler(optimizer, name=unique("optuna"), algorithm="random")
    study = optuna.create_study(sampler=sampler)
    study.enqueue_trial({"x": 0.5})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        study.optimize(lambda trial: trial.suggest_float("x", 0, 1) + trial.suggest_int("n", 2, 10, step=2), n_trials=4)
    ours = sampler.study.trials()
    # The first one was enqueued: its result was told when the space was known.
    assert len(ours) == 4 and {record.parameters["n"] % 2 for record in ours} == {0}
    assert any(record.parameters["x"] == 0.5 for record in ours)


def test_several_objectives_are_refused(optimizer):
    study = optuna.create_study(directions=["minimize", "maximize"], sampler=SuperbatchSampler(optimizer, MIXED))
    with pytest.raises(ValueError, match="several objectives"):
        study.optimize(lambda trial: (0, 0), n_trials=1)
