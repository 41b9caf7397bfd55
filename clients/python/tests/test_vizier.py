import pytest
from conftest import unique

pytest.importorskip("vizier")

from vizier.service import clients  # noqa: E402
from vizier.service import pyvizier as vz  # noqa: E402

import superbatch  # noqa: E402
from superbatch.integrations.vizier import serve  # noqa: E402

# google-vizier's own deprecations.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture
def gateway(client):
    server, gateway, port = serve(client, "127.0.0.1:0")
    clients.environment_variables.server_endpoint = f"127.0.0.1:{port}"
    yield gateway
    server.stop(0).wait()
    gateway.close()


def config(algorithm="RANDOM_SEARCH", conditional=True):
    study = vz.StudyConfig(algorithm=algorithm)
    root = study.search_space.root
    root.add_float_param("rate", 1e-4, 1.0, scale_type=vz.ScaleType.LOG)
    root.add_int_param("layers", 1, 4)
    root.add_discrete_param("batch", [32, 64, 128])
    root.add_bool_param("nesterov")
    optimizer = root.add_categorical_param("optimizer", ["sgd", "adam"])
    if conditional:
        optimizer.select_values(["sgd"]).add_float_param("momentum", 0.0, 0.99)
    study.metric_information.append(vz.MetricInformation(name="accuracy", goal=vz.ObjectiveMetricGoal.MAXIMIZE))
    return study


def test_the_real_client_completes_a_study(gateway, client):
    name = unique()
    study = clients.Study.from_study_config(config("DEFAULT"), owner="tester", study_id=name)
    for _ in range(8):
        for trial in study.suggest(count=1):
            parameters = trial.parameters
            assert isinstance(parameters["nesterov"], bool) and parameters["batch"] in (32, 64, 128)
            assert ("momentum" in parameters) == (parameters["optimizer"] == "sgd")
            value = 1 - abs(parameters["rate"] - 0.1)
            trial.add_measurement(vz.Measurement({"accuracy": value / 2}, elapsed_secs=1, steps=1))
            trial.complete(vz.Measurement({"accuracy": value}, elapsed_secs=2, steps=2))
    done = list(study.trials().get())
    assert [trial.status for trial in done] == [vz.TrialStatus.COMPLETED] * 8
    (best,) = study.optimal_trials().get()
    assert best.final_measurement.metrics["accuracy"].value == max(trial.final_measurement.metrics["accuracy"].value for trial in done)
    assert [len(trial.measurements) for trial in done] == [1] * 8
    # The optimizer knows the same.
    ours = client.study(f"vizier-tester-{name}")
    records = ours.trials("completed")
    assert [record.value for record in records] == [trial.final_measurement.metrics["accuracy"].value for trial in done]
    assert {record.cost.total for record in records} == {2} and "model" in {record.origin for record in records}
    # A second program finds the study by its name, and its configuration as it was.
    again = clients.Study.from_resource_name(study.resource_name)
    assert again.materialize_study_config().search_space == study.materialize_study_config().search_space
    again.set_state(vz.StudyState.ABORTED)
    assert again.suggest(count=1) == []
    again.delete()
    with pytest.raises(superbatch.NotFound):
        ours.refresh()


def test_workers_and_ends(gateway):
    # Vizier's client adds no trials to studies with conditional spaces.
    study = clients.Study.from_study_config(config(conditional=False), owner="tester", study_id=unique())
    mine, = study.suggest(count=1, client_id="a")
    again, = study.suggest(count=1, client_id="a")
    other, = study.suggest(count=1, client_id="b")
    assert mine.id == again.id != other.id
    assert not mine.check_early_stopping()
    mine.stop()
    assert mine.check_early_stopping() and mine.materialize().status == vz.TrialStatus.STOPPING
    mine.complete(infeasible_reason="out of memory")
    assert mine.materialize().infeasible
    other.add_measurement(vz.Measurement({"accuracy": 0.25}, elapsed_secs=1, steps=3))
    other.complete()
    assert other.materialize().final_measurement.metrics["accuracy"].value == 0.25
    known = vz.Trial(parameters={**other.parameters}, final_measurement=vz.Measurement({"accuracy": 0.75}))
    added = study.add_trial(known)
    assert added.materialize().status == vz.TrialStatus.COMPLETED
    left, = study.suggest(count=1, client_id="c")
    left.delete()
    assert left.id not in {trial.id for trial in study.trials()}


def test_what_superbatch_has_not_is_refused(gateway):
    two = config()
    two.metric_information.append(vz.MetricInformation(name="second", goal=vz.ObjectiveMetricGoal.MINIMIZE))
    with pytest.raises(Exception, match="exactly one metric"):
        clients.Study.from_study_config(two, owner="tester", study_id=unique())
    share = with_safety(desired_min_safe_trials_fraction=0.5)
    with pytest.raises(Exception, match="desired_min_safe_trials_fraction"):
        clients.Study.from_study_config(share, owner="tester", study_id=unique())
    with pytest.raises(Exception, match="there is no algorithm NSGA2"):
        clients.Study.from_study_config(config("NSGA2"), owner="tester", study_id=unique())


def with_safety(**options):
    study = config()
    latency = vz.MetricInformation(name="latency", goal=vz.ObjectiveMetricGoal.MINIMIZE, safety_threshold=20.0, **options)
    # First, so that the objective has to be looked for.
    study.metric_information = vz.MetricsConfig([latency, *study.metric_information])
    recall = vz.MetricInformation(name="recall", goal=vz.ObjectiveMetricGoal.MAXIMIZE, safety_threshold=0.5)
    study.metric_information.append(recall)
    return study


def test_metrics_for_safety_are_constraints(gateway, client):
    name = unique()
    study = clients.Study.from_study_config(with_safety(), owner="tester", study_id=name)
    constraints = client.study(f"vizier-tester-{name}").proto.spec.outcome_constraints
    assert [(each.metric, each.HasField("at_least"), each.at_least, each.at_most) for each in constraints] == [
        ("latency", False, 0, 20),
        ("recall", True, 0.5, 0),
    ]
    for accuracy, latency in ((0.9, 30.0), (0.6, 20.0), (0.5, 10.0)):
        (trial,) = study.suggest(count=1)
        trial.complete(vz.Measurement({"accuracy": accuracy, "latency": latency, "recall": 0.7}, elapsed_secs=2))
    (best,) = study.optimal_trials().get()
    assert best.final_measurement.metrics["accuracy"].value == 0.6
    (trial,) = study.suggest(count=1)
    with pytest.raises(Exception, match="recall"):
        trial.complete(vz.Measurement({"accuracy": 1.0, "latency": 1.0}, elapsed_secs=2))
