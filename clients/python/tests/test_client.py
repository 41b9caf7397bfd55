import threading
import time

import pytest
from conftest import SPACE, Replica, unique

import superbatch
from superbatch import (
    Boolean,
    Categorical,
    Client,
    Constraint,
    Cost,
    Discrete,
    Fidelity,
    Fixed,
    Float,
    Infeasible,
    Integer,
    InvalidArgument,
    Result,
)


def test_a_study_from_its_creation_to_its_recommendation(client):
    space = {
        "rate": Float(1e-4, 1, log=True),
        "kind": Categorical("a", "b"),
        "depth": Integer(1, 4, when={"kind": ["b"]}),
        "batch": Discrete([32, 64, 128], fidelity=Fidelity(target=128, effect="small")),
        "flag": Boolean(),
        "constant": Fixed("as it is"),
    }
    study = client.create_study(unique(), space, "error", max_trials=6, seed=3, labels={"made": "by a test"})
    parameters = []

    def objective(trial):
        parameters.append(trial.parameters)
        return Result(trial.parameters["rate"], Cost(gradient=2.0, data=0.5), {"other": 1.0})

    recommendation = study.run(objective)
    assert len(parameters) == 6
    for point in parameters:
        assert isinstance(point["rate"], float) and 1e-4 <= point["rate"] <= 1
        assert ("depth" in point) == (point["kind"] == "b")
        assert isinstance(point.get("depth", 1), int) and isinstance(point["flag"], bool)
        assert point["batch"] in (32, 64, 128) and point["constant"] == "as it is"
    assert recommendation is not None and recommendation.parameters["batch"] == 128
    assert recommendation.observed_value == pytest.approx(min(p["rate"] for p in parameters), abs=1)
    trials = study.trials("completed")
    assert [record.number for record in trials] == [1, 2, 3, 4, 5, 6]
    assert trials[0].cost == Cost(2.5, 0, 2.0, 0, 0.5) and trials[0].metrics == {"other": 1.0}
    assert study.refresh().state == "completed"
    with pytest.raises(superbatch.StudyCompleted):
        study.ask()


def test_bounds_of_other_metrics_decide_what_is_recommended(client):
    bounds = [superbatch.OutcomeConstraint("latency_ms", at_most=20), superbatch.OutcomeConstraint("accuracy", at_least=0.5, at_most=1)]
    study = client.create_study(unique(), SPACE, "loss", algorithm="random", outcome_constraints=bounds)
    kept = [(each.metric, each.HasField("at_least"), each.HasField("at_most")) for each in study.proto.spec.outcome_constraints]
    assert kept == [("latency_ms", False, True), ("accuracy", True, True)]
    with study.ask() as trial:
        with pytest.raises(InvalidArgument) as refusal:
            trial.complete(Result(0.1, 1.0, {"accuracy": 0.9}))
        assert [violation.path for violation in refusal.value.violations] == ['measurement.metrics["latency_ms"]']
        trial.complete(Result(0.1, 1.0, {"accuracy": 0.9, "latency_ms": 21.0}))
    first = study.recommendation()
    assert first.constraints_unmet and first.feasibility == 0
    point = {name: value for name, value in study.trial(1).parameters.items()}
    study.add([point], values=[0.4], costs=[1.0], metrics=[{"accuracy": 0.9, "latency_ms": 20.0}])
    second = study.recommendation()
    assert not second.constraints_unmet and second.feasibility == 1 and second.observed_value == 0.4
    assert "constraints hold" in second._repr_html_()
    with pytest.raises(ValueError, match="metrics"):
        study.add([point], values=[0.4], costs=[1.0], metrics=[])
    with pytest.raises(InvalidArgument, match="outcome_constraints"):
        client.create_study(unique(), SPACE, "loss", outcome_constraints=[superbatch.OutcomeConstraint("loss", at_most=1)])


def test_a_name_is_taken_once_unless_the_caller_would_go_on_with_the_study_that_has_it(client):
    name = unique()
    first = client.create_study(name, SPACE, "loss", seed=1)
    assert client.create_study(name, SPACE, "loss", exist_ok=True).name == first.name
    with pytest.raises(superbatch.AlreadyExists) as caught:
        client.create_study(name, SPACE, "accuracy", goal="maximize")
    assert caught.value.reason == "STUDY_ALREADY_EXISTS" and caught.value.remedy != ""


def test_every_wrong_field_is_named_at_once(client):
    space = {"a": Float(1, 0), "b": Float(0, 1, log=True), "c": Categorical("one")}
    with pytest.raises(InvalidArgument) as caught:
        client.create_study(unique(), space, "loss", max_trials=3, constraints=[Constraint({"nobody": 1}, 1)])
    paths = [violation.path for violation in caught.value.violations]
    assert any(path.startswith("study.spec.space.parameters[0].float") for path in paths)
    assert any(path.startswith("study.spec.space.parameters[1].float") for path in paths)
    assert any(path.startswith("study.spec.space.parameters[2].categorical") for path in paths)
    assert any(path.startswith("study.spec.space.constraints[0]") for path in paths)
    assert caught.value.reason == "INVALID_FIELDS"


def test_misspelt_options_are_refused_before_anything_is_sent(client):
    with pytest.raises(TypeError, match="max_trails"):
        client.create_study(unique(), SPACE, "loss", max_trails=3)
    with pytest.raises(ValueError, match="GOAL_LARGEST"):
        client.create_study(unique(), SPACE, "loss", goal="largest")
    with pytest.raises(ValueError, match="one other alone"):
        client.create_study(unique(), {**SPACE, "z": Boolean(when={"x": [1], "n": [1]})}, "loss")


def test_unknown_studies_are_not_found(client):
    with pytest.raises(superbatch.NotFound) as caught:
        client.study("nobody")
    assert caught.value.reason == "STUDY_NOT_FOUND"


def test_a_context_manager_ends_a_trial_as_its_block_ended(study):
    with study.ask() as trial:
        trial.report(step=1, value=0.5, metrics={"more": 2})
        trial.complete(0.25, cost=3)
    assert study.trial(trial.number).state == "completed"
    assert study.trial(trial.number).progress[0].metrics == {"loss": 0.5, "more": 2}

    with pytest.raises(ZeroDivisionError), study.ask() as trial:
        1 / 0
    assert study.trial(trial.number).state == "suggested" and trial.ended

    with study.ask() as trial:
        raise Infeasible("out of memory")
    assert (study.trial(trial.number).state, study.trial(trial.number).reason) == ("infeasible", "out of memory")

    with pytest.raises(KeyboardInterrupt), study.ask() as trial:
        raise KeyboardInterrupt
    returned = study.trial(trial.number)
    assert returned.state == "suggested"

    with study.ask() as trial:
        pass
    assert study.trial(trial.number).attempts >= 1 and study.trial(trial.number).state == "suggested"


def test_abandoned_and_given_back(study):
    with study.ask() as trial:
        trial.abandon("never again")
    assert study.trial(trial.number).state == "abandoned"
    with study.ask() as trial:
        trial.give_back()
    assert study.trial(trial.number).state == "suggested"
    with pytest.raises(RuntimeError, match="has ended"):
        trial.complete(1)


def test_heartbeats_keep_the_lease_and_a_silent_worker_loses_it(client):
    study = client.create_study(unique(), SPACE, "loss", algorithm="random", lease_seconds=1)
    with study.ask() as trial:
        time.sleep(2.5)
        trial.complete(1)
    record = study.trial(trial.number)
    assert record.state == "completed" and record.attempts == 1


def test_a_deleted_study_cancels_its_trials(client):
    study = client.create_study(unique(), SPACE, "loss", algorithm="random")
    with study.ask() as trial:
        study.delete()
        with pytest.raises(superbatch.TrialCancelled):
            trial.report(step=1, value=1)
        trial.check()
    assert trial.ended


def test_hopeless_trials_are_stopped_early_with_their_last_value(client):
    rule = {"median": {"min_trials": 2}}
    study = client.create_study(unique(), SPACE, "loss", algorithm="random", early_stopping=rule)
    for _ in range(3):
        with study.ask() as trial:
            trial.report(step=1, value=0)
            trial.complete(0)
    with study.ask() as trial:
        trial.report(step=1, value=9, cost=Cost(gradient=4))
        pytest.fail("was not stopped")
    record = study.trial(trial.number)
    assert (record.state, record.value, record.stopped_early, record.cost.total) == ("completed", 9, True, 4)


def test_run_in_parallel_and_with_exceptions(client):
    study = client.create_study(unique(), SPACE, "loss", algorithm="random", max_trials=8, max_parallel=4)
    at_once = threading.Barrier(3, timeout=20)

    def objective(trial):
        if trial.number <= 3:
            at_once.wait()
        if trial.number == 5:
            raise OSError("no disk")
        return trial.parameters["x"]

    assert study.run(objective, parallel=3, catch=(OSError,)) is not None
    assert len(study.trials("completed")) == 8 or study.trial(5).state == "failed"
    failing = client.create_study(unique(), SPACE, "loss", algorithm="random")
    with pytest.raises(ZeroDivisionError):
        failing.run(lambda trial: 1 / 0, parallel=2)
    assert study.run(lambda trial: 1.0, trials=0) is not None
    assert failing.run(lambda trial: 1.0, trials=2) is not None
    assert len(failing.trials("completed")) == 2


def test_tables(client, study):
    study.run(lambda trial: 0.5, trials=2)
    frame = study.to_pandas()
    assert list(frame.index[:2]) == [1, 2] and frame.loc[1, "value"] == 0.5 and "params_x" in frame.columns
    assert "<td>completed</td>" in study.trials()._repr_html_()
    assert "completed" in study._repr_html_() and "loss" in study._repr_html_()
    assert "recommended" in study.recommendation()._repr_html_()
    assert study.name in [other.name for other in client.studies()]
    with study.ask() as trial:
        assert "<td>x</td>" in trial._repr_html_() and "x" in repr(trial)
        trial.complete(1)


def test_added_points_and_results_and_predictions(client):
    study = client.create_study(unique(), SPACE, "loss", max_trials=9)
    points = [{"x": i / 4, "n": 1 + i} for i in range(5)]
    added = study.add(points, values=[(p["x"] - 0.5) ** 2 for p in points], costs=[1] * 5, labels={"from": "before"})
    assert [record.state for record in added] == ["completed"] * 5 and added[0].labels == {"from": "before"}
    study.add([{"x": 0.125, "n": 7}])
    with study.ask() as trial:
        assert trial.parameters == {"x": 0.125, "n": 7}
        trial.complete(0.14, cost=1)
    low, high = study.predict([{"x": 0.5, "n": 3}, {"x": 1.0, "n": 5}])
    assert low.mean < high.mean and low.sd > 0 and low.expected_cost > 0
    with pytest.raises(ValueError, match="together"):
        study.add(points, values=[1] * 5)


def test_paused_resumed_and_watched(client):
    study = client.create_study(unique(), SPACE, "loss", algorithm="random", max_trials=1)
    study.pause()
    with pytest.raises(superbatch.NoTrial):
        study.ask(timeout=0.3)
    study.resume()
    study.run(lambda trial: 1.0)
    study.set_budget(max_trials=2)
    study.run(lambda trial: 2.0)
    kinds = []
    for event in study.watch():
        kinds.append(event.kind)
        if kinds.count("trial_completed") == 2:
            break
    assert kinds[0] == "study_created" and "trial_leased" in kinds


def test_an_optimizer_that_is_away_for_a_while_is_waited_for(tmp_path, start_replica):
    store = f"sqlite:{tmp_path / 'store.sqlite'}"
    first: Replica = start_replica("optimizer", "--store", store)
    with Client(first.address) as client:
        study = client.create_study(unique(), SPACE, "loss", algorithm="random", lease_seconds=60)
        with study.ask() as trial:
            first.kill()
            restarted = threading.Timer(1.0, lambda: start_replica("optimizer", "--store", store, "--listen", first.address))
            restarted.start()
            trial.complete(0.5)
            restarted.join()
        assert study.trial(trial.number).value == 0.5


def test_an_absent_optimizer_is_unavailable():
    with Client("127.0.0.1:1", timeout=0.5) as client, pytest.raises(superbatch.SuperbatchError) as caught:
        client.study("any")
    assert caught.value.code.name in ("UNAVAILABLE", "DEADLINE_EXCEEDED")


def test_half_a_key_pair_is_refused(tmp_path):
    with pytest.raises(ValueError, match="belong together"):
        Client(certificate="a.pem")
    with pytest.raises(ValueError, match="needs TLS"):
        Client(certificate="a.pem", key="a.key")
