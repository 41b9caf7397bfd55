import pytest
from conftest import unique

pytest.importorskip("ray")

from ray import tune  # noqa: E402

from superbatch import Categorical, Float  # noqa: E402
from superbatch.integrations.ray import COST, SuperbatchSearch  # noqa: E402

# Ray opens sockets and files that it leaves to the interpreter's end.
pytestmark = pytest.mark.filterwarnings("ignore")

DOMAINS = {
    "rate": tune.loguniform(1e-4, 1),
    "layers": tune.randint(1, 5),
    "width": tune.qrandint(16, 64, 16),
    "nested": {"optimizer": tune.choice(["sgd", None])},
    "constant": 7,
}


def test_domains_results_and_failures(optimizer):
    search = SuperbatchSearch(optimizer, name=unique("ray"), algorithm="random", max_trials=4)
    assert search.set_search_properties("loss", "max", DOMAINS)
    assert not search.set_search_properties("loss", "max", DOMAINS)
    for index in range(4):
        config = search.suggest(f"t{index}")
        assert config["layers"] in (1, 2, 3, 4) and config["width"] in (16, 32, 48, 64) and isinstance(config["width"], int)
        assert config["nested"]["optimizer"] in ("sgd", None) and "constant" not in config
        search.on_trial_result(f"t{index}", {"loss": 0.1, "training_iteration": 1, "time_total_s": 1.5})
    search.on_trial_complete("t0", {"loss": 0.5, "time_total_s": 3})
    search.on_trial_complete("t1", {"loss": float("inf")})
    search.on_trial_complete("t2", error=True)
    search.on_trial_complete("t3", {"loss": 0.25, COST: 8, "time_total_s": 3})
    records = search.study.trials(progress=True)
    assert [record.state for record in records] == ["completed", "infeasible", "abandoned", "completed"]
    assert [records[0].cost.total, records[3].cost.total] == [3, 8]
    assert records[0].progress[0].metrics == {"loss": 0.1} and search.study.proto.spec.objective.goal == 2


def test_a_restored_driver_tells_results_as_known_ones(optimizer, tmp_path):
    space = {"x": Float(0, 1), "kind": Categorical("a", "b"), "y": Float(0, 1, when={"kind": ["a"]})}
    search = SuperbatchSearch(optimizer, space, "loss", "min", name=unique("ray"), algorithm="random", max_parallel=1, patience=0.2)
    assert search.suggest("one") is not None
    assert search.suggest("two") is None
    search.save(str(tmp_path / "state"))
    restored = SuperbatchSearch(optimizer, space)
    restored.restore(str(tmp_path / "state"))
    restored.on_trial_complete("one", {"loss": 0.5, "time_total_s": 2})
    assert [record.value for record in restored.study.trials("completed")] == [0.5]
    search.on_trial_complete("one", error=True)


def test_what_cannot_be_searched_is_said(optimizer):
    with pytest.raises(ValueError, match="nothing to search"):
        SuperbatchSearch(optimizer, metric="loss", mode="min").suggest("a")
    with pytest.raises(ValueError, match="metric and mode"):
        SuperbatchSearch(optimizer, {"x": Float(0, 1)}).suggest("a")
    with pytest.raises(ValueError, match="x: "):
        SuperbatchSearch(optimizer, {"x": tune.randn(0, 1)})


def start(ray):
    """Ray gives its own processes 30 s to start, which a busy machine may not keep."""
    for attempt in range(5):
        try:
            ray.init(num_cpus=1, include_dashboard=False, configure_logging=False, log_to_driver=False)
            return
        except Exception:
            ray.shutdown()
            if attempt == 4:
                raise


def test_tune_runs_a_study(optimizer, tmp_path):
    ray = pytest.importorskip("ray")

    def train(config):
        for step in range(3):
            tune.report({"loss": (config["rate"] - 0.1) ** 2 + 1 / (step + 1)})

    search = SuperbatchSearch(optimizer, metric="loss", mode="min", name=unique("ray"), algorithm="sobol")
    start(ray)
    try:
        config = tune.TuneConfig(search_alg=search, num_samples=4, max_concurrent_trials=1)
        results = tune.Tuner(
            train, param_space={"rate": tune.loguniform(1e-4, 1)}, tune_config=config, run_config=tune.RunConfig(storage_path=str(tmp_path), verbose=0)
        ).fit()
    finally:
        ray.shutdown()
    records = search.study.trials(progress=True)
    assert len(results) == 4 and sorted(r.metrics["loss"] for r in results) == sorted(record.value for record in records)
    assert all(len(record.progress) == 3 for record in records)
