"""What every loss does: configuration, names, types, inputs, shortcuts, descent, gradients."""

import json

import numpy as np
import pytest
import torch

from profond import config, losses

keras = pytest.importorskip("keras")
from tests.losses.helpers import LOSSES, draw_data  # noqa: E402

# Arguments other than the defaults, to be kept by a configuration.
ARGUMENTS = {
    "BinaryCrossentropy": {"label_smoothing": 0.1, "axis": 0},
    "BinaryFocalCrossentropy": {"apply_class_balancing": True, "alpha": 0.3, "gamma": 1.5},
    "CategoricalCrossentropy": {"label_smoothing": 0.2},
    "CategoricalFocalCrossentropy": {"alpha": 0.4, "gamma": 3.0},
    "CategoricalGeneralizedCrossEntropy": {"q": 0.3},
    "Circle": {"gamma": 3.0, "margin": 0.3, "remove_diagonal": False},
    "CosineSimilarity": {"axis": 0},
    "Dice": {"axis": 0},
    "Huber": {"delta": 0.3},
    "SparseCategoricalCrossentropy": {"ignore_class": 1},
    "Tversky": {"alpha": 0.2, "beta": 0.9, "axis": 0},
}


@pytest.fixture(autouse=True)
def float32(keras_in_float64):
    """These tests look at the default type."""
    keras.config.set_floatx("float32")


def data_for(name, seed=0):
    y_true, y_pred = draw_data(LOSSES[name][0], (6, 3), np.random.default_rng(seed))
    return torch.from_numpy(y_true), torch.from_numpy(y_pred)


def test_every_loss_is_here():
    ours = {name for name in losses.__all__ if isinstance(getattr(losses, name), type)}
    assert ours - {"Loss", "LossFunctionWrapper"} == set(LOSSES)
    assert {name for name in dir(keras.losses) if not name.startswith("_")} <= set(losses.__all__)


@pytest.mark.parametrize("name", LOSSES)
def test_arguments_in_keras_order(name):
    from inspect import signature

    ours, theirs = (signature(getattr(m, name).__init__) for m in (losses, keras.losses))
    assert [(p.name, p.default) for p in ours.parameters.values()] == [
        (p.name, p.default) for p in theirs.parameters.values()
    ]
    function = getattr(losses, name)(**ARGUMENTS.get(name, {})).fn
    ours, theirs = signature(function), signature(getattr(keras.losses, function.__name__))
    assert [(p.name, p.default) for p in ours.parameters.values()] == [
        (p.name, p.default) for p in theirs.parameters.values()
    ]


@pytest.mark.parametrize("name", LOSSES)
def test_configuration_round_trip(name):
    arguments = ARGUMENTS.get(name, {})
    loss = getattr(losses, name)(**arguments, reduction="sum", name="mine", dtype="float64")
    description = json.loads(json.dumps(losses.serialize(loss)))
    assert description["module"] == "keras.losses"
    again = losses.deserialize(description)
    assert type(again) is type(loss)
    assert again.get_config() == loss.get_config()
    for key, value in arguments.items():
        assert getattr(again, key) == value
    y_true, y_pred = data_for(name)
    torch.testing.assert_close(again(y_true, y_pred), loss(y_true, y_pred), rtol=0, atol=0)
    default = getattr(losses, name)(**arguments)
    assert getattr(losses, name)(**arguments).get_config() == default.get_config()


@pytest.mark.parametrize("name", LOSSES)
def test_configurations_are_exchanged_with_keras(name):
    y_true, y_pred = data_for(name)
    ours = getattr(losses, name)(**ARGUMENTS.get(name, {}))
    theirs = getattr(keras.losses, name).from_config(losses.serialize(ours)["config"])
    expected = ours(y_true.float() if name != "CTC" else y_true, y_pred.float())
    torch.testing.assert_close(theirs(y_true, y_pred), expected, rtol=1e-4, atol=1e-6)
    from_keras = losses.deserialize(keras.losses.serialize(getattr(keras.losses, name)()))
    assert type(from_keras) is getattr(losses, name)


@pytest.mark.parametrize("name", LOSSES)
def test_found_by_name(name):
    cls = getattr(losses, name)
    assert type(losses.get(name)) is cls
    function = cls().fn
    assert losses.get(function.__name__) is function
    assert losses.get(function) is function
    assert type(losses.get(cls)) is cls
    assert type(losses.get({"class_name": name, "config": {}})) is cls
    assert losses.deserialize(losses.serialize(function)) is function
    resolved = losses.resolve(function.__name__, (4, 3), (4, 3))
    assert isinstance(resolved, losses.Loss)
    assert resolved.name == function.__name__


@pytest.mark.parametrize("name", LOSSES)
def test_dtype(name):
    y_true, y_pred = data_for(name)
    loss = getattr(losses, name)()
    assert loss.dtype == "float32"
    assert loss(y_true, y_pred.float()).dtype is torch.float32
    assert loss(y_true.numpy(), y_pred.numpy()).dtype is torch.float32
    assert loss(y_true, y_pred).dtype is torch.float64  # a float64 model stays one
    assert getattr(losses, name)(dtype="float32")(y_true, y_pred).dtype is torch.float32
    assert getattr(losses, name)(dtype="float64")(y_true, y_pred.float()).dtype is torch.float64
    assert loss(y_true, y_pred.to(torch.bfloat16)).dtype is torch.float32
    config.set_floatx("float64")
    assert getattr(losses, name)().dtype == "float64"
    config.set_floatx("float32")


@pytest.mark.parametrize("name", LOSSES)
def test_mean_is_that_of_the_single_losses(name):
    y_true, y_pred = data_for(name)
    arguments = ARGUMENTS.get(name, {})
    single = getattr(losses, name)(**arguments).call(y_true, y_pred)
    counted = single[getattr(single, "_keras_mask", torch.ones_like(single).bool())]
    torch.testing.assert_close(getattr(losses, name)(**arguments)(y_true, y_pred), counted.mean())
    total = getattr(losses, name)(**arguments, reduction="sum")(y_true, y_pred)
    torch.testing.assert_close(total, counted.sum())


@pytest.mark.parametrize("name", LOSSES)
def test_gradient_is_that_of_finite_differences(name):
    y_true, y_pred = data_for(name, seed=3)
    loss = getattr(losses, name)(**ARGUMENTS.get(name, {}))
    assert torch.autograd.gradcheck(
        lambda p: loss(y_true, p), (y_pred.requires_grad_(),), fast_mode=True
    )


@pytest.mark.parametrize("name", LOSSES)
def test_descent_lowers_it(name):
    y_true, y_pred = data_for(name)
    loss, values = getattr(losses, name)(), []
    weights = y_pred.clone().requires_grad_()
    for _ in range(10):
        value = loss(y_true, weights)
        (gradient,) = torch.autograd.grad(value, weights)
        values.append(value.item())
        weights = (weights - 0.02 * gradient / gradient.norm().clamp_min(1e-9)).detach()
        weights.requires_grad_()
    assert values[-1] < values[0]


# torch itself has no CTC on the meta device.
@pytest.mark.parametrize("name", [name for name in LOSSES if name != "CTC"])
def test_nothing_waits_for_the_device(name):
    # The meta device has no values: what ran there could not have looked at any.
    y_true, y_pred = data_for(name)
    value = getattr(losses, name)()(y_true.to("meta"), y_pred.to("meta"))
    assert value.shape == ()
