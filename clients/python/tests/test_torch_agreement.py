"""The PyTorch trainer agrees with the TypeScript one: the same seed gives the same run, up to rounding. The reference is computed by libs/training itself."""

import base64
import json
import subprocess

import numpy as np
import pytest
import torch
from conftest import ROOT

from superbatch.torch import (
    PARAMETERS,
    Dataset,
    RandomStream,
    Split,
    TrainOptions,
    gradient_step,
    load_dataset,
    make_optimizer,
    network_by_name,
    parse_configuration,
    prepare_run_data,
    remote_sampler,
    schedule_factor,
    train,
)
from superbatch.torch.networks import BatchNorm, normalized_by
from superbatch.torch.scores import example_scores
from superbatch.torch.gradients import gradient_norms

CPU = torch.device("cpu")


@pytest.fixture(scope="session")
def reference():
    node, program = ROOT / "node_modules" / ".bin" / "node", ROOT / "libs" / "training" / "src" / "testing" / "reference.ts"
    return json.loads(subprocess.run([node, program], check=True, capture_output=True).stdout)


def decode(text, dtype=np.float32):
    return np.frombuffer(base64.b64decode(text), dtype=dtype)


@pytest.fixture(scope="session")
def datasets():
    stream = RandomStream("colored")

    def split(size):
        pixels = (stream.uint32s(size * 243) % 256).astype(np.uint8).reshape(size, 9, 9, 3)
        return Split(pixels, np.arange(size) % 4)

    return {"digits": load_dataset("digits"), "colored": Dataset("colored", 4, split(120), split(20), flippable=True)}


def test_random_numbers_are_the_same_draw_by_draw(reference):
    expected, stream = reference["random"], RandomStream("seed 1").fork("child")
    assert stream.uint32s(5).tolist() == expected["uint32s"]
    assert stream.uniforms(5).tolist() == expected["uniforms"]
    assert stream.normals(200) == pytest.approx(expected["normals"], abs=1e-13)
    assert [stream.integer(1000) for _ in range(20)] == expected["integers"]
    assert stream.state() == expected["state"]
    assert RandomStream.restore(expected["state"]).uint32() == stream.uint32()


def test_parameters_have_the_same_names_defaults_and_descriptions(reference):
    expected = {each["name"]: (each.get("defaultValue"), each["description"]) for each in reference["parameters"]}
    assert {name: (parameter.default, parameter.description) for name, parameter in PARAMETERS.items()} == expected


def test_schedules_are_the_same(reference):
    for case in reference["schedules"]:
        configuration = parse_configuration(case["values"])
        factors = [schedule_factor(configuration, i / 20) for i in range(21)]
        assert factors == pytest.approx(case["factors"], abs=1e-12)


def test_the_digits_are_the_same(reference, datasets):
    assert datasets["digits"].checksum() == reference["digits"]["checksum"]


@pytest.mark.parametrize("name", ["digits", "colored"])
def test_splits_normalization_resolution_and_augmentation_are_the_same(reference, datasets, name):
    expected = reference[name]
    data = prepare_run_data(datasets[name], parse_configuration(expected["values"]), CPU)
    assert data.training.tolist() == decode(expected["training"], np.uint32).tolist()
    assert data.validation.tolist() == decode(expected["validation"], np.uint32).tolist()
    assert list(data.input_shape) == expected["inputShape"]
    for read, stream in (("plain", None), ("varied", RandomStream("augmentation"))):
        inputs, labels = data.train_reader.read(data.training[:32], stream)
        ours = inputs.permute(0, 2, 3, 1).numpy().ravel()
        assert labels.tolist() == expected[read]["labels"]
        assert np.abs(ours - decode(expected[read]["inputs"])[: ours.size]).max() < 1e-5


def tensors_of(network, optimizer):
    """Tensors under the names and in the layout of the TypeScript trainer."""
    found = {}
    for name, layer in network.layers.items():
        if isinstance(layer, torch.nn.Conv2d):
            found[name] = layer.weight.permute(2, 3, 1, 0)
        elif isinstance(layer, torch.nn.Linear):
            found[f"{name}/weights"], found[f"{name}/bias"] = layer.weight.T, layer.bias
        elif isinstance(layer, BatchNorm):
            found[f"{name}/scale"], found[f"{name}/shift"] = layer.weight, layer.bias
            found[f"{name}/mean"], found[f"{name}/variance"] = layer.running_mean, layer.running_var
            found[f"{name}/superBatchMean"], found[f"{name}/superBatchVariance"] = layer.super_batch_mean, layer.super_batch_var
    for name, layer in network.layers.items():
        for kind, key in (("velocity", "momentum_buffer"), ("first_moment", "exp_avg"), ("second_moment", "exp_avg_sq")):
            weight, bias = optimizer.state.get(layer.weight, {}), optimizer.state.get(getattr(layer, "bias", None), {})
            if key not in weight:
                continue
            if isinstance(layer, torch.nn.Conv2d):
                found[f"{name}/{kind}"] = weight[key].permute(2, 3, 1, 0)
            elif isinstance(layer, torch.nn.Linear):
                found[f"{name}/weights/{kind}"], found[f"{name}/bias/{kind}"] = weight[key].T, bias[key]
            else:
                found[f"{name}/scale/{kind}"], found[f"{name}/shift/{kind}"] = weight[key], bias[key]
    return {name: tensor.detach().numpy().ravel() for name, tensor in found.items()}


@pytest.mark.parametrize("index", range(5))
def test_weights_logits_losses_scores_and_updates_are_the_same(reference, datasets, index):
    expected = reference["steps"][index]
    configuration = parse_configuration(expected["values"])
    data = prepare_run_data(datasets[expected["dataset"]], configuration, CPU)
    inputs, labels = data.train_reader.read(data.training[:32])
    network = network_by_name(expected["architecture"])(
        data.input_shape, data.classes, configuration.width, RandomStream(7).fork("model").fork("init"), 0.0
    )
    optimizer = make_optimizer(network, configuration)

    def compare(stage):
        ours = tensors_of(network, optimizer)
        for each in expected[stage]:
            if stage == "initial" and each["name"].endswith(("velocity", "moment")):
                continue
            theirs = decode(each["values"])
            assert np.abs(ours[each["name"]] - theirs).max() < 1e-5 * max(1, np.abs(theirs).max()), each["name"]

    compare("initial")
    ones = np.ones(32, np.float32)
    logits = gradient_step(network, optimizer, inputs, labels, ones, 0.05, configuration.label_smoothing)
    assert logits.numpy().ravel() == pytest.approx(decode(expected["logits"]), abs=1e-5)
    scores = example_scores(logits, labels, configuration.label_smoothing)
    assert scores.losses == pytest.approx(expected["losses"], abs=1e-5)
    assert scores.upper_bounds == pytest.approx(expected["upperBounds"], abs=1e-5)
    weights = decode(expected["weights"]).copy()
    gradient_step(network, optimizer, inputs, labels, weights, 0.02, configuration.label_smoothing)
    network.eval()
    for statistics, size, scored in zip(("measured", "super_batch"), (32, 7), expected["scored"]):
        with torch.no_grad(), normalized_by(network, statistics):
            assert network(inputs[:size]).numpy().ravel() == pytest.approx(decode(scored), abs=5e-5)
    with normalized_by(network, "super_batch"):
        gradient_step(network, optimizer, inputs[:16], labels[:16], weights[:16], 0.02, configuration.label_smoothing)
    compare("after")
    network.eval()
    with torch.no_grad():
        evaluated = network(inputs).numpy().ravel()
    assert evaluated == pytest.approx(decode(expected["evaluated"]), abs=5e-5)
    norms = gradient_norms(network, inputs[:3], labels[:3], configuration.label_smoothing)
    assert norms == pytest.approx(expected["norms"], rel=1e-4)


def test_a_run_with_the_services_sampler_has_the_same_learning_curve(reference, datasets, start_replica):
    expected = reference["run"]
    options = TrainOptions(
        dataset=datasets["digits"],
        network=network_by_name("small_cnn"),
        network_name="small_cnn",
        sampler=remote_sampler([start_replica().address]),
        seed=expected["seed"],
    )
    result = train(parse_configuration(expected["values"]), options)
    assert result.importance_steps == expected["importanceSteps"] > 0
    assert [point.step for point in result.curve] == [point["step"] for point in expected["curve"]]
    for ours, theirs in zip(result.curve, expected["curve"]):
        assert ours.train_loss == pytest.approx(theirs["trainLoss"], rel=1e-3)
        assert ours.validation_loss == pytest.approx(theirs["validationLoss"], rel=1e-3)
        assert ours.tau == pytest.approx(theirs["tau"], rel=1e-3)
        # Of 360 images at most one may fall on the other side of a decision.
        assert abs(ours.validation_error - theirs["validationError"]) < 1.5 / 360
