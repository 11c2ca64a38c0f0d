"""The harness: names, configurations, exact resumption, a problem learned, by every optimizer."""

import inspect
import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from profond import optimizers
from profond._weight import Weight
from tests.optimizers.helpers import NAMES, run, values_and_gradients, weights_of

keras = pytest.importorskip("keras")


@pytest.mark.parametrize("name", [*NAMES, "LossScaleOptimizer", "Optimizer"])
def test_arguments_and_defaults_are_keras(name):
    ours = inspect.signature(getattr(optimizers, name)).parameters
    theirs = inspect.signature(getattr(keras.optimizers, name).__init__).parameters
    theirs = {key: value for key, value in theirs.items() if key != "self"}
    if name == "Optimizer":  # Keras's is made in `__new__` and hides its arguments
        from keras.src.optimizers.base_optimizer import BaseOptimizer

        theirs = inspect.signature(BaseOptimizer).parameters
    assert list(ours) == list(theirs)
    for key, parameter in theirs.items():
        assert ours[key].default == parameter.default, key


@pytest.mark.parametrize("name", NAMES)
def test_names(name):
    cls = getattr(optimizers, name)
    for spelling in (name, name.lower(), name.upper()):
        assert type(optimizers.get(spelling)) is cls
    optimizer = cls()
    assert optimizers.get(optimizer) is optimizer
    assert type(optimizers.get({"class_name": name, "config": {}})) is cls
    assert optimizers.get(None) is None


ARGUMENTS = {
    "learning_rate": 0.125,
    "weight_decay": 0.25,
    "clipnorm": 0.5,
    "use_ema": True,
    "ema_momentum": 0.75,
    "ema_overwrite_frequency": 3,
    "loss_scale_factor": 2.0,
    "gradient_accumulation_steps": 2,
    "name": "mine",
}


@pytest.mark.parametrize("name", NAMES)
def test_config_round_trip(name):
    cls = getattr(optimizers, name)
    own = {
        key: {float: 0.375, bool: True, int: 2, type(None): None}[type(parameter.default)]
        for key, parameter in inspect.signature(cls).parameters.items()
        if key not in (*ARGUMENTS, "clipvalue", "global_clipnorm", "kwargs", "learning_rate_power")
    }
    if name == "Muon":
        own["exclude_layers"] = ["out"]
    original = cls(**ARGUMENTS, **own)
    config = json.loads(json.dumps(optimizers.serialize(original)))
    assert (config["module"], config["class_name"]) == ("keras.optimizers", name)
    assert {**ARGUMENTS, **own}.items() <= config["config"].items()
    again = optimizers.deserialize(config)
    assert type(again) is cls
    assert again.get_config() == original.get_config()

    if name == "Lamb":  # which Keras has forgotten in its table of names
        return
    theirs = keras.optimizers.deserialize(json.loads(json.dumps(config)))
    expected = theirs.get_config()
    assert {key: again.get_config()[key] for key in expected} == expected
    assert optimizers.get(keras.optimizers.serialize(theirs)).get_config() == again.get_config()


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_config_keeps_a_schedule(name):
    schedule = optimizers.schedules.CosineDecay(0.1, 10, warmup_target=0.2, warmup_steps=3)
    original = getattr(optimizers, name)(learning_rate=schedule)
    config = json.loads(json.dumps(optimizers.serialize(original)))
    again = optimizers.deserialize(config)
    assert type(again._learning_rate) is optimizers.schedules.CosineDecay
    assert again.get_config() == original.get_config()
    assert getattr(optimizers, name).from_config(original.get_config()).get_config() == (
        original.get_config()
    )
    theirs = keras.optimizers.deserialize(config)
    assert float(theirs.learning_rate) == pytest.approx(0.1)


@pytest.mark.parametrize("rate", ["number", "schedule"])
@pytest.mark.parametrize("name", [*NAMES, "LossScaleOptimizer"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_resumes_bit_for_bit(name, dtype, rate, tmp_path):
    start, grads = values_and_gradients(7, 0, {(1, 1), (5, 0)})

    def make():
        options = {
            "learning_rate": 0.03
            if rate == "number"
            else optimizers.schedules.ExponentialDecay(0.05, 3, 0.7),
            "use_ema": True,
            "ema_overwrite_frequency": 4,
            "gradient_accumulation_steps": 2,
            "global_clipnorm": 3.0,
        }
        if name != "Ftrl":
            options["weight_decay"] = 0.01
        if name in ("SGD", "RMSprop"):
            options["momentum"] = 0.9
        if name == "LossScaleOptimizer":
            return optimizers.LossScaleOptimizer(
                optimizers.Adam(**options), initial_scale=4.0, dynamic_growth_steps=2
            )
        return getattr(optimizers, name)(**options)

    def shrink(step, optimizer):
        if rate == "number" and step == 2:
            optimizer.learning_rate = 0.01

    weights, whole = weights_of(start, dtype), make()
    expected = run(whole, weights, grads, shrink)

    weights, first = weights_of(start, dtype), make()
    run(first, weights, grads[:3], shrink)
    save_file(first.state_dict(), tmp_path / "state.safetensors")

    weights = [Weight(w.detach().clone(), path=w.path) for w in weights]
    second = optimizers.deserialize(optimizers.serialize(first))
    second.build(weights)
    second.load_state_dict(load_file(tmp_path / "state.safetensors"))
    rest = run(second, weights, grads[3:])
    for a, b in zip(expected[3:], rest, strict=True):
        for x, y in zip(a, b, strict=True):
            assert (x == y).all()
    for key, value in whole.state_dict().items():
        assert torch.equal(value, second.state_dict()[key]), key


@pytest.mark.parametrize("name", NAMES)
def test_saved_variables(name):
    start, grads = values_and_gradients(3, 0)
    arguments = {"momentum": 0.9} if name == "SGD" else {}
    optimizer = getattr(optimizers, name)(learning_rate=0.1, **arguments)
    weights = weights_of(start)
    run(optimizer, weights, grads)
    store = {}
    optimizer.save_own_variables(store)
    assert all(isinstance(value, np.ndarray) for value in store.values())
    assert store["0"] == 3
    assert store["1"] == 0.1
    other = getattr(optimizers, name)(**arguments)
    with pytest.warns(UserWarning, match="Skipping variable loading for optimizer '.*', because"):
        other.load_own_variables(store)
    other.build(weights)
    other.load_own_variables(store)
    again = {}
    other.save_own_variables(again)
    for key, value in store.items():
        np.testing.assert_array_equal(value, again[key])
    for variable in other.variables:
        variable.assign(np.zeros(variable.shape))
    assert int(other.iterations) == 0
    assert float(other.learning_rate) == 0


RATES = {
    "SGD": 0.1,
    "Adadelta": 50.0,
    "Adafactor": 0.5,
    "Adagrad": 0.5,
    "Adam": 0.1,
    "AdamW": 0.1,
    "Adamax": 0.1,
    "Ftrl": 1.0,
    "Lamb": 0.05,
    "Lion": 0.05,
    "Muon": 0.1,
    "Nadam": 0.1,
    "RMSprop": 0.02,
}


@pytest.mark.parametrize("name", NAMES)
def test_learns_a_line(name):
    """Least squares with three outputs, whose solution is known."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(64, 4, generator=generator)
    truth = torch.randn(4, 3, generator=generator)
    y = x @ truth + 0.5
    kernel, bias = Weight(torch.full((4, 3), 0.1), name="kernel"), Weight(torch.zeros(3))
    arguments = {"weight_decay": None} if name == "Muon" else {}
    if name == "AdamW":
        arguments = {"weight_decay": 0.0}
    # Ftrl's weights are in proportion to the rate: it has to stay.
    schedule = optimizers.schedules.CosineDecay(RATES[name], 250)
    rate = RATES[name] if name == "Ftrl" else schedule
    optimizer = getattr(optimizers, name)(rate, **arguments)
    for _ in range(250):
        loss = ((x @ kernel + bias - y) ** 2).mean()
        optimizer.apply(torch.autograd.grad(loss, [kernel, bias]), [kernel, bias])
    assert loss.item() < 1e-2
    np.testing.assert_allclose(kernel.numpy(), truth.numpy(), atol=0.15)


@pytest.mark.parametrize("name", NAMES)
def test_plain_parameters_take_the_same_steps(name):
    start, grads = values_and_gradients(2, 0)
    weights = weights_of(start)
    parameters = [torch.nn.Parameter(w.detach().clone()) for w in weights]
    a = run(getattr(optimizers, name)(learning_rate=0.1), weights, grads)
    b = run(getattr(optimizers, name)(learning_rate=0.1), parameters, grads)
    for x, y in zip(a[-1], b[-1], strict=True):
        assert (x == y).all()


def test_base_class_is_no_name():
    with pytest.raises(ValueError, match="Unknown optimizer: 'optimizer'"):
        optimizers.get("optimizer")
