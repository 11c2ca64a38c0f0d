"""Functions, torch modules and other layers as layers."""

import copy
import json

import numpy as np
import pytest
import torch

import profond
from profond import layers


def described(layer):
    return json.loads(json.dumps(profond.saving.serialize_keras_object(layer)))


# Lambda


@profond.saving.register_keras_serializable("tests")
def times(x, factor=2.0, training=None):
    return x * factor * (10 if training else 1)


@profond.saving.register_keras_serializable("tests")
def no_mask(inputs, mask):
    return inputs[..., 0] > 0


def test_a_function_is_a_layer():
    layer = layers.Lambda(times, arguments={"factor": 3.0})
    x = torch.ones(2, 3)
    assert torch.equal(layer(x), 3 * x)
    assert torch.equal(layer(x, training=True), 30 * x)
    assert layer(profond.Input((3,))).shape == (None, 3)


def test_the_mask_reaches_the_function_and_leaves_it():
    def counted(x, mask=None):
        return x * mask.unsqueeze(-1)

    x = torch.randn(2, 3, 1)
    mask = torch.tensor([[True, True, False]] * 2)
    y = layers.Lambda(counted, mask=lambda inputs, mask: mask)(x, mask=mask)
    assert y[:, 2].abs().max() == 0
    assert torch.equal(y._keras_mask, mask)
    made = layers.Lambda(lambda x: x, mask=no_mask)
    for _ in range(2):
        assert torch.equal(made(torch.randn(2, 3, 1).abs())._keras_mask, torch.ones(2, 3) > 0)
    fixed = layers.Lambda(lambda x: x, mask=mask)
    assert torch.equal(fixed(x)._keras_mask, mask)


def test_a_named_function_is_saved_by_its_name():
    layer = layers.Lambda(times, arguments={"factor": 3.0}, mask=no_mask, name="l")
    again = profond.saving.deserialize_keras_object(described(layer))
    assert again.function is times
    assert again.mask is no_mask
    assert again.name == "l"
    x = torch.ones(2, 3)
    assert torch.equal(again(x), layer(x))
    assert again.get_config() == layer.get_config()


def test_functions_of_the_library_need_no_registration():
    again = profond.saving.deserialize_keras_object(described(layers.Lambda(profond.ops.square)))
    assert again(torch.tensor([3.0])).tolist() == [9.0]


def test_an_unregistered_function_is_given_when_loading():
    def mine(x):
        return x + 1

    description = described(layers.Lambda(mine))
    with pytest.raises(ValueError, match="Unknown function 'mine'.*register_keras_serializable"):
        profond.saving.deserialize_keras_object(description)
    again = profond.saving.deserialize_keras_object(description, custom_objects={"mine": mine})
    assert again.function is mine


@pytest.mark.parametrize("argument", ["function", "output_shape", "mask"])
def test_a_lambda_is_not_saved(argument):
    functions = {"function": times, argument: lambda x, mask=None: x}
    layer = layers.Lambda(**functions, name="l")
    with pytest.raises(TypeError, match=f"the layer 'l' cannot be saved: its `{argument}` is a"):
        layer.get_config()
    model = profond.Sequential([layers.Lambda(lambda x: x)])
    with pytest.raises(TypeError, match="cannot be saved: its `function` is a lambda"):
        model.to_json()


def test_a_lambda_in_a_file_is_not_run():
    description = described(layers.Lambda(times))
    description["config"]["function"] = {"class_name": "__lambda__", "config": {"code": "4wAA"}}
    with pytest.raises(ValueError, match="the file holds a Python lambda, which profond does not"):
        profond.saving.deserialize_keras_object(description)


def test_the_lambda_of_keras_is_exchanged():
    keras = pytest.importorskip("keras")
    theirs = keras.layers.Lambda(keras.ops.square, output_shape=(3,), name="l")
    description = json.loads(json.dumps(keras.saving.serialize_keras_object(theirs)))
    ours = profond.saving.deserialize_keras_object(description)
    assert ours.function is profond.ops.square
    assert ours(profond.Input((3,))).shape == (None, 3)


def test_an_output_shape_is_believed():
    def odd(x):
        return torch.from_numpy(np.asarray(x)[:, :2])  # numpy: not on the meta device

    inputs = profond.Input((5,))
    assert layers.Lambda(odd, output_shape=(2,))(inputs).shape == (None, 2)
    assert layers.Lambda(odd, output_shape=lambda s: (s[0], 2))(inputs).shape == (None, 2)
    assert layers.Lambda(odd)(inputs).shape == (None, 2)  # found on zeros
    layer = layers.Lambda(times, output_shape=(2,))
    assert profond.saving.deserialize_keras_object(described(layer)).output_shape == [2]


@pytest.mark.wrong_types
def test_a_lambda_layer_needs_a_function():
    with pytest.raises(ValueError, match="`function` must be callable; received 3"):
        layers.Lambda(3)


# TorchModuleWrapper


class Scaled(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(4, 3)
        self.drop = torch.nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(self.linear(x))


def test_a_torch_module_is_a_layer():
    module = Scaled()
    layer = layers.TorchModuleWrapper(module, name="t")
    x = torch.randn(6, 4)
    assert torch.equal(layer(x), module.linear(x))
    assert not torch.equal(layer(x, training=True), module.linear(x))
    assert layer(profond.Input((4,))).shape == (None, 3)
    assert len(layer.trainable_weights) == 2
    assert layer.count_params() == 15
    layer.trainable = False
    assert layer.trainable_weights == []
    assert not module.linear.weight.requires_grad


def test_it_is_trained_and_its_weights_are_saved(tmp_path):
    def model():
        return profond.Sequential(
            [profond.Input((4,)), torch.nn.Linear(4, 3), layers.Dense(1), torch.nn.Tanh()]
        )

    first, second = model(), model()
    before = first.get_weights()
    first.compile("sgd", "mse")
    x = np.random.default_rng(0).normal(size=(8, 4)).astype("float32")
    first.fit(x, np.ones((8, 1)), verbose=0)
    for old, new in zip(before, first.get_weights(), strict=True):
        assert not np.array_equal(old, new)
    first.save_weights(tmp_path / "w.safetensors")
    second.load_weights(tmp_path / "w.safetensors")
    np.testing.assert_array_equal(second(x).detach(), first(x).detach())


def test_the_type_is_that_of_the_module_or_the_one_given():
    double = torch.nn.Linear(4, 3, dtype=torch.float64)
    assert layers.TorchModuleWrapper(double)(np.ones((2, 4), "float32")).dtype is torch.float64
    given = layers.TorchModuleWrapper(torch.nn.Linear(4, 3), dtype="float64")
    assert given(np.ones((2, 4))).dtype is torch.float64
    mixed = layers.TorchModuleWrapper(torch.nn.Linear(4, 3), dtype="mixed_bfloat16")
    assert mixed(np.ones((2, 4))).dtype is torch.bfloat16
    assert mixed.module.weight.dtype is torch.float32
    assert layers.TorchModuleWrapper(torch.nn.ReLU()).dtype == "float32"


def test_several_inputs_and_a_given_shape():
    layer = layers.TorchModuleWrapper(torch.nn.Bilinear(2, 3, 4))
    assert layer(torch.ones(5, 2), torch.ones(5, 3)).shape == (5, 4)
    shaped = layers.TorchModuleWrapper(torch.nn.Identity(), output_shape=(None, 7))
    assert shaped(profond.Input((4,))).shape == (None, 7)
    frozen = layers.TorchModuleWrapper(torch.nn.Linear(2, 2), trainable=False)
    assert frozen.trainable_weights == []


def test_a_module_is_not_described():
    layer = layers.TorchModuleWrapper(torch.nn.Linear(2, 2), name="t")
    with pytest.raises(TypeError, match="the layer 't' wraps a Linear: a torch module cannot"):
        layer.get_config()
    assert copy.deepcopy(layer).count_params() == 6


@pytest.mark.wrong_types
def test_what_cannot_be_wrapped():
    with pytest.raises(ValueError, match=r"`module` must be a torch\.nn\.Module; received 3"):
        layers.TorchModuleWrapper(3)
    with pytest.raises(ValueError, match="received the lazy LazyLinear. Call it once"):
        layers.TorchModuleWrapper(torch.nn.LazyLinear(3))


# Wrapper


@profond.saving.register_keras_serializable("tests")
class Twice(layers.Wrapper):
    def call(self, inputs):
        return self.layer(self.layer(inputs))


@profond.saving.register_keras_serializable("tests")
class Times(layers.Wrapper):
    def __init__(self, layer, factor, **kwargs):
        super().__init__(layer, **kwargs)
        self.factor = factor

    def call(self, inputs):
        return self.factor * self.layer(inputs)

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


@pytest.mark.parametrize("wrap", [Twice, lambda layer: Times(layer, 3)])
def test_a_layer_around_another(wrap):
    layer = wrap(layers.Dense(4, activation="tanh", name="inside"))
    y = layer(torch.ones(2, 4))
    assert y.shape == (2, 4)
    assert layer.layer.built
    assert [w.name for w in layer.weights] == ["kernel", "bias"]
    assert layer.layer.kernel.path.endswith("/inside/kernel")
    again = profond.saving.deserialize_keras_object(described(layer))
    assert again.layer.get_config() == layer.layer.get_config()
    again(torch.ones(2, 4))
    again.set_weights(layer.get_weights())
    assert torch.equal(again(torch.ones(2, 4)), y)


@pytest.mark.wrong_types
def test_only_layers_are_wrapped():
    with pytest.raises(ValueError, match="`layer` must be a layer; received 3 of type int"):
        layers.Wrapper(3)
