"""A ReLU that writes into its input: the same values and gradients, and only where nobody sees."""

import copy
import pickle

import numpy as np
import pytest
import torch

import profond
from profond import layers, models
from profond.models import _overwriting


def image():
    """A functional model with ReLUs after a convolution, a normalization and a sum."""
    inputs = layers.Input((6, 6, 3))
    x = layers.ReLU()(layers.Conv2D(4, 3, padding="same")(inputs))
    y = layers.Activation("relu")(
        layers.BatchNormalization()(layers.Conv2D(4, 3, padding="same")(x))
    )
    y = layers.Add()([x, y])
    return models.Model(inputs, layers.GlobalAveragePooling2D()(layers.ReLU()(y)))


def series():
    """A chain of layers over time."""
    return models.Sequential(
        [
            layers.Input((8, 3)),
            layers.Conv1D(4, 3, padding="same"),
            layers.ReLU(),
            layers.Conv1D(4, 4, padding="same"),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )


MAKERS = {"image": image, "series": series}


@pytest.fixture
def overwritten(monkeypatch):
    """Counts how often memory was written over."""
    count = []
    whole = torch.relu_
    monkeypatch.setattr(_overwriting.torch, "relu_", lambda x: count.append(x) or whole(x))
    return count


def made(kind):
    profond.utils.set_random_seed(3)
    model = MAKERS[kind]()
    x = torch.randn((2, *model.input_shape[1:]), requires_grad=True)
    return model, x


def listened_to(model):
    """The model, of whose calls somebody hears: nothing is written over."""
    for layer in model.layers:
        layer.register_forward_hook(lambda *facts: None)
    return model


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("training", [True, False])
def test_values_and_gradients_are_the_same(kind, training, overwritten):
    results = []
    for change in (lambda model: model, listened_to):
        model, x = made(kind)
        model = change(model)
        overwritten.clear()
        y = model(x, training=training)
        count = len(overwritten)
        loss = (y * torch.arange(y.numel()).reshape(y.shape)).sum()
        leaves = [x, *model.trainable_weights]
        first = torch.autograd.grad(loss, leaves, create_graph=True)
        size = torch.stack([g.square().sum() for g in first]).sum()
        (second,) = torch.autograd.grad(size, x)
        with torch.no_grad():
            answer = model(x, training=False)
        results.append((count, [y, answer, *first, second, *model.non_trainable_weights]))
    (some, ours), (none, expected) = results
    assert (some, none) == ({"image": 3, "series": 2}[kind], 0)
    for a, b in zip(ours, expected, strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
@pytest.mark.parametrize("kind", MAKERS)
def test_copies_do_the_same(kind, again, overwritten):
    model, x = made(kind)
    expected = model(x, training=True)
    count = len(overwritten)
    model, x = made(kind)
    assert torch.equal(again(model)(x, training=True), expected)
    assert len(overwritten) == 2 * count > 0


def test_what_is_read_twice_or_given_out_is_left(overwritten):
    inputs = layers.Input((5, 5, 2))
    x = layers.Conv2D(3, 3)(inputs)
    normal = layers.BatchNormalization()(x)
    rectified = layers.ReLU()(normal)
    model = models.Model(inputs, [rectified, normal])
    y, before = model(torch.randn(2, 5, 5, 2), training=True)
    assert torch.equal(y, before.clamp_min(0))
    assert (before < 0).any()
    both = models.Model(inputs, layers.Add()([rectified, normal]))
    value = torch.randn(2, 5, 5, 2)
    one, other = model(value, training=False)
    assert torch.equal(both(value, training=False), one + other)
    assert overwritten == []


def one_input(layer):
    """A model in which `layer` follows a normalization."""
    return models.Sequential([layers.Input((4, 3)), layers.BatchNormalization(), layer])


def a_change(model):
    model.layers[1].activation = profond.activations.tanh
    return model


@pytest.mark.parametrize(
    ("make", "function"),
    [
        (lambda: one_input(layers.ReLU(negative_slope=0.5)), lambda x: x.clamp_min(0.5 * x)),
        (lambda: one_input(layers.ReLU(max_value=0.5)), lambda x: x.clamp(0, 0.5)),
        (lambda: one_input(layers.Activation("tanh")), torch.tanh),
        (lambda: a_change(one_input(layers.Activation("relu"))), torch.tanh),
    ],
)
def test_other_functions_are_called_as_usual(make, function, overwritten):
    model = make()
    x = torch.randn(2, 4, 3)
    assert torch.allclose(model(x), function(model.layers[0](x)))
    assert overwritten == []


def test_a_hook_of_the_normalization_hears_its_own_output(overwritten):
    model, heard = one_input(layers.ReLU()), []
    model.layers[0].register_forward_hook(lambda layer, args, out: heard.append(out))
    y = model(torch.randn(2, 4, 3))
    assert torch.equal(y, heard[0].clamp_min(0))
    assert (heard[0] < 0).any()
    assert overwritten == []


def test_a_penalty_on_the_output_is_of_the_output(overwritten):
    model = models.Sequential(
        [
            layers.Input((4, 3)),
            layers.BatchNormalization(activity_regularizer="l2"),
            layers.ReLU(),
        ]
    )
    model.compile("sgd", "mse")
    x = np.random.default_rng(0).normal(size=(8, 4, 3)).astype("float32")
    model.fit(x, x, verbose=0)
    assert overwritten == []


def test_the_input_of_the_model_is_left(overwritten):
    inputs = layers.Input((3,))
    model = models.Model(inputs, layers.ReLU()(layers.Add()([inputs])))
    x = torch.tensor([[-1.0, 0.0, 1.0]])
    assert model(x).tolist() == [[0, 0, 1]]
    assert x.tolist() == [[-1, 0, 1]]
    assert overwritten == []


def test_a_step_of_half_precision_writes_over_too(overwritten):
    model, _ = made("image")
    model.compile("adam", "mse", precision="bfloat16")
    x = np.zeros((4, 6, 6, 3), "float32")
    model.train_on_batch(x, np.zeros((4, 4), "float32"))
    assert [one.dtype for one in overwritten] == 3 * [torch.bfloat16]
