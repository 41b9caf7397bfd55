"""The PyTorch trainer against a real optimizer, mostly as a process of its own."""

import signal
import time

import numpy as np
import pytest
import torch
from conftest import unique
from torch_trainers import SPACE, TrainerProcess, start_trainer, wait_for

import superbatch as sb
from superbatch.torch import (
    CheckpointFolder,
    DataError,
    LocalRunSampler,
    ParameterError,
    TrainOptions,
    configure,
    load_dataset,
    network_by_name,
    parse_configuration,
    train,
)

# A fixture of the tests below.
__all__ = ["start_trainer"]


def test_a_study_is_worked_off(client, start_trainer, start_replica):
    study = client.create_study(unique(), SPACE, "validation_error", algorithm="random", max_trials=3, seed=1)
    flags = ["--study", study.name, "--until-completed", "--cost-per-second", "2", "--worker", "torch-1"]
    sampler = start_replica("importance-sampler").address
    status, log = start_trainer(*flags, "--sampler-address", sampler).end()
    assert status == 0, log
    trials = study.trials("completed", progress=True)
    assert len(trials) == 3
    for trial in trials:
        assert trial.worker == "torch-1"
        assert trial.value == trial.metrics["validation_error"] < 0.7
        assert trial.metrics["importance_share"] > 0.5
        assert [point.metrics["epoch"] for point in trial.progress] == pytest.approx([1, 2], abs=0.06)
        parts = trial.cost.scoring + trial.cost.gradient + trial.cost.evaluation + trial.cost.data
        assert 0 < trial.cost.gradient and 0 < trial.cost.scoring and parts <= trial.cost.total + 1e-9


def test_wrong_parameters_make_a_trial_infeasible_and_name_each(client, start_trainer):
    space = {"dataset": sb.Fixed("digits"), "learning_rate": sb.Float(1, 2), "width": sb.Fixed(-1), "depth": sb.Integer(1, 3)}
    study = client.create_study(unique(), space, "validation_error", algorithm="random", max_trials=1)
    start_trainer("--study", study.name)
    wait_for(lambda: study.trials("infeasible"))
    reason = study.trials("infeasible")[0].reason
    assert "width: must be a number in (0, 64]" in reason and "depth: is not known" in reason


def test_a_run_that_diverges_has_the_error_of_guessing_or_is_infeasible(client, start_trainer):
    space = {**SPACE, "learning_rate": sb.Float(1e6, 1e7, log=True), "optimizer": sb.Fixed("sgd")}
    for diverged, state in (("penalty", "completed"), ("infeasible", "infeasible")):
        study = client.create_study(
            unique(), {**space, "diverged": sb.Fixed(diverged)}, "validation_error", algorithm="random", max_trials=1, max_cost=60
        )
        start_trainer("--study", study.name)
        wait_for(lambda: study.trials(state))
        trial = study.trials(state)[0]
        if state == "completed":
            assert trial.value == pytest.approx(0.9) and trial.metrics["diverged"] == 1
            assert trial.metrics["validation_loss"] == pytest.approx(np.log(10))
        else:
            assert "diverged at step" in trial.reason


def test_sigterm_gives_the_trial_back_at_once(client, start_trainer):
    study = client.create_study(unique(), {**SPACE, "epochs": sb.Fixed(100_000)}, "validation_error", algorithm="random", max_trials=1)
    trainer = start_trainer("--study", study.name)
    wait_for(lambda: any(trial.progress for trial in study.trials(progress=True)))
    trainer.process.send_signal(signal.SIGTERM)
    status, log = trainer.end(30)
    assert status == 0, log
    [trial] = study.trials()
    assert trial.state == "suggested" and trial.attempts <= 1


def test_an_idle_trainer_ends_at_sigterm_at_once(start_trainer, study):
    study.pause()
    trainer = start_trainer("--study", study.name)
    wait_for(trainer.catches_sigterm)
    trainer.process.send_signal(signal.SIGTERM)
    assert trainer.end(15)[0] == 0


def test_a_hopeless_trial_is_stopped_early(client, start_trainer):
    space = {**SPACE, "epochs": sb.Fixed(100_000)}
    rule = {"median": {"min_trials": 2}}
    study = client.create_study(unique(), space, "validation_error", algorithm="random", max_trials=3, early_stopping=rule)
    for _ in range(2):
        with study.ask() as trial:
            trial.report(step=1, value=0.001)
            trial.complete(0.001)
    status, log = start_trainer("--study", study.name, "--until-completed").end()
    assert status == 0, log
    last = study.trials("completed")[-1]
    assert last.stopped_early and 0.001 < last.value < 1 and last.metrics["epoch"] < 100


def test_a_deleted_study_cancels_its_trial_and_the_trainer_goes_on(client, start_trainer):
    space = {**SPACE, "epochs": sb.Fixed(100_000)}
    project = sb.Client(client._connection.address, project=unique("p"))
    study = project.create_study("first", space, "validation_error", algorithm="random", max_trials=1)
    trainer = start_trainer("--study", f"{study.name.rpartition('/')[0]}/-")
    wait_for(lambda: any(trial.progress for trial in study.trials(progress=True)))
    study.delete()
    other = project.create_study("second", SPACE, "validation_error", algorithm="random", max_trials=1)
    wait_for(lambda: other.trials("completed"))
    assert trainer.process.poll() is None
    project.close()


def test_after_kill_9_another_trainer_goes_on_from_the_checkpoint(client, start_trainer, tmp_path):
    space = {**SPACE, "epochs": sb.Fixed(60), "evaluation_epochs": sb.Fixed(1)}
    study = client.create_study(unique(), space, "validation_error", algorithm="random", max_trials=1, lease_seconds=5)
    flags = ["--study", study.name, "--until-completed", "--checkpoint-dir", str(tmp_path), "--checkpoint-seconds", "0.2"]
    first = start_trainer(*flags)
    wait_for(lambda: any(len(trial.progress) > 3 for trial in study.trials(progress=True)))
    first.process.kill()
    first.process.communicate()
    assert list(tmp_path.glob("*.torch"))
    status, log = start_trainer(*flags).end()
    assert status == 0, log
    [trial] = study.trials("completed", progress=True)
    assert trial.attempts == 2
    steps = [point.step for point in trial.progress]
    assert steps == sorted(steps) and trial.metrics["epoch"] == pytest.approx(60, abs=0.1)
    assert not list(tmp_path.glob("*.torch"))


def test_a_continued_run_is_the_undisturbed_one(tmp_path):
    configuration = parse_configuration({"width": 0.25, "epochs": 3, "batch_size": 32, "tau_threshold": 0.5, "dropout": 0.2, "augmentation": 1})

    class Killed(Exception):
        pass

    def options(**others):
        network = network_by_name("small_cnn")
        return TrainOptions(load_dataset("digits"), network, "small_cnn", LocalRunSampler, seed=3, **others)

    whole = train(configuration, options())
    folder = CheckpointFolder(tmp_path, 0)
    steps = []

    def kill(cost):
        steps.append(cost)
        if len(steps) == 50:
            raise Killed

    with pytest.raises(Killed):
        train(configuration, options(checkpoints=(folder, "trial"), on_step=kill))
    resumed = train(configuration, options(checkpoints=(folder, "trial")))
    assert resumed.resumed_step in (48, 49) and resumed.resumed_cost.total > 0
    assert [(p.step, p.validation_error, p.train_loss) for p in resumed.curve] == [
        (p.step, p.validation_error, p.train_loss) for p in whole.curve
    ]
    # Another run's checkpoint, or a damaged one, is not used.
    assert train(parse_configuration({"width": 0.25, "steps": 3}), options(checkpoints=(folder, "trial"))).resumed_step == 0
    next(tmp_path.glob("*.torch")).write_bytes(b"damaged" * 100)
    assert train(parse_configuration({"width": 0.25, "steps": 3}), options(checkpoints=(folder, "trial"))).resumed_step == 0


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--until-completed"], "needs --study"),
        (["--threads", "0"], "at least 1"),
        (["--cost-per-second", "-1"], "above 0"),
        (["--device", "cuda:99"], "cannot be used here"),
        (["--optimizer-key", "key.pem"], "certificate and key belong together"),
    ],
)
def test_wrong_options_are_named(start_trainer, flags, message):
    status, log = start_trainer(*flags).end()
    assert status == 2 and message in log


def test_a_study_that_is_not_there_ends_the_trainer_and_says_so(start_trainer):
    status, log = start_trainer("--study", "nowhere").end()
    assert status == 1 and "STUDY_NOT_FOUND" in log and "Traceback" not in log


def test_an_optimizer_that_is_away_is_waited_for():
    trainer = TrainerProcess("127.0.0.1:1", "--study", "somewhere")
    wait_for(trainer.catches_sigterm)
    time.sleep(2)
    assert trainer.process.poll() is None
    trainer.process.send_signal(signal.SIGTERM)
    assert trainer.end(30)[0] == 0


def test_describe_and_help_tell_what_it_can_do(start_trainer, tmp_path):
    status, text = start_trainer("describe", "--data-dir", str(tmp_path)).end()
    assert status == 0 and "resnet20" in text and "cifar10              missing" in text and "learning_rate" in text
    status, text = start_trainer("--help").end()
    assert status == 0 and "SUPERBATCH_TORCH_TRAINER_DATA_DIR" in text


def test_missing_and_corrupt_data_say_what_to_do(tmp_path):
    with pytest.raises(DataError, match="cifar10 is not there.*SUPERBATCH_DATA_DIR"):
        load_dataset("cifar10", tmp_path)
    for name in [f"data_batch_{i}.bin" for i in range(1, 6)]:
        (tmp_path / name).write_bytes(b"short")
    with pytest.raises(DataError, match="data_batch_1.bin: 5 bytes instead of 30730000"):
        load_dataset("cifar10", tmp_path)


def test_all_wrong_parameters_are_named_at_once():
    with pytest.raises(ParameterError) as caught:
        configure({"dataset": "digits", "architecture": "resnet9", "epochs": 1, "steps": 2.5, "score": "best", "prefetch": True})
    assert sorted(problem.parameter for problem in caught.value.problems) == ["architecture", "prefetch", "score", "steps"]
    with pytest.raises(ParameterError, match="only one of"):
        configure({"dataset": "digits", "epochs": 1, "steps": 2})
    with pytest.raises(ParameterError, match="dataset: must be one of digits"):
        configure({"dataset": "imagenet"})


@pytest.mark.parametrize("score", ["uniform", "loss", "upper_bound", "gradient_norm", "loss_history"])
def test_every_score_trains(score):
    values = {"dataset": "digits", "width": 0.25, "steps": 60, "score": score, "tau_threshold": 0.5, "super_batch": 64, "prefetch": 1}
    run = configure(values)
    result = train(run.configuration, run.options(sampler=LocalRunSampler, seed=5, device=torch.device("cpu"), report_test_error=True))
    assert result.ending == "finished" and result.steps == 60
    assert result.test_error < 0.6
    assert (result.importance_steps > 20) == (score != "uniform")
