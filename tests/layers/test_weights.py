"""How a layer's weights begin, are penalised, kept in bounds, named and set."""

import inspect

import numpy as np
import pytest
import torch

import profond
from profond import layers
from tests.layers.helpers import ALL_CASES, CASES


def owner_of(layer):
    """What has the weights: a recurrent layer's cell, or the layer itself."""
    return getattr(layer, "cell", layer)


def options(suffix):
    """Each layer's arguments of this kind: (case, argument, the weight's name)."""
    seen = set()
    for case in ALL_CASES:
        for argument in inspect.signature(getattr(layers, case.name)).parameters:
            if argument.endswith(suffix) and argument != "activity_regularizer":
                name = WEIGHT.get((case.name[:5], argument.removesuffix(suffix)))
                name = name or argument.removesuffix(suffix)
                if (case.name, name) in seen or case.arguments.get(SWITCH.get(name, "")) is False:
                    continue
                if case.name == "EinsumDense" and "bias_axes" not in case.arguments:
                    continue
                # The first vectors of the one begin at 0, and layers inside the other have them.
                if case.name in ("TableEmbedding", "TransformerEncoder"):
                    continue
                seen.add((case.name, name))
                yield pytest.param(case, argument, name, id=f"{case.name}-{argument}")


# The weight that an argument is about, where it is not named after it.
WEIGHT = {
    ("Depth", "depthwise"): "kernel",
    ("Separ", "depthwise"): "depthwise_kernel",
    ("Separ", "pointwise"): "pointwise_kernel",
    ("GRU", "recurrent"): "recurrent_kernel",
    ("LSTM", "recurrent"): "recurrent_kernel",
    ("Simpl", "recurrent"): "recurrent_kernel",
}
# The argument that says whether there is a weight at all.
SWITCH = {"bias": "use_bias", "beta": "center", "gamma": "scale"}


def built(case, **more):
    layer = getattr(layers, case.name)(**{**case.arguments, **more})
    layer(case.data())
    return layer


@pytest.mark.parametrize(("case", "argument", "name"), list(options("_initializer")))
def test_a_weight_begins_as_its_initializer_says(case, argument, name):
    layer = built(case, **{argument: profond.initializers.Constant(0.37)})
    weight = getattr(owner_of(layer), name)
    assert torch.equal(weight.detach(), torch.full_like(weight, 0.37))
    assert weight.name == name
    owner = owner_of(layer)
    assert weight.path == f"{owner.path}/{name}"
    assert owner.path in (layer.name, f"{layer.name}/{owner.name}")


@pytest.mark.parametrize(("case", "argument", "name"), list(options("_regularizer")))
def test_a_penalty_is_on_its_weight(case, argument, name):
    initializer = {argument.replace("regularizer", "initializer"): "ones"}
    layer = built(case, **{argument: profond.regularizers.L2(0.5)}, **initializer)
    (loss,) = layer.losses
    assert loss.item() == pytest.approx(0.5 * getattr(owner_of(layer), name).numel())


@pytest.mark.parametrize(("case", "argument", "name"), list(options("_constraint")))
def test_a_constraint_holds_for_its_weight(case, argument, name):
    inputs = case.inputs()
    arguments = {argument: profond.constraints.NonNeg()}
    initializer = argument.replace("constraint", "initializer")
    begin = {initializer: profond.initializers.Constant(-1.0)}
    layer = getattr(layers, case.name)(**{**case.arguments, **arguments, **begin})
    h = layers.Flatten()(layer(inputs))
    model = profond.Model(inputs, layers.Dense(1)(h))
    model.compile(profond.optimizers.SGD(0.01), "mse")
    model.fit(case.data(), np.ones((4, 1)), batch_size=4, verbose=0)
    assert getattr(owner_of(layer), name).min() >= 0


@pytest.mark.parametrize("case", CASES, ids=str)
def test_weights_are_those_of_keras(case):
    keras = pytest.importorskip("keras")
    ours, theirs, x = case.make(), case.make(keras), case.data()
    ours(x), theirs(x)
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    assert [w.name for w in ours.trainable_weights] == [w.name for w in theirs.trainable_weights]
    for have, want in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert have.shape == want.shape
        assert have.dtype == want.dtype
    values = [w + 1 for w in theirs.get_weights()]
    ours.set_weights(values)
    for have, want in zip(ours.get_weights(), values, strict=True):
        np.testing.assert_array_equal(have, want)
    assert ours.count_params() == theirs.count_params()


def test_frozen_weights_are_not_trained():
    layer = layers.Dense(2, trainable=False)
    layer.build((None, 3))
    assert layer.trainable_weights == []
    assert len(layer.non_trainable_weights) == 2
    assert not layer.kernel.requires_grad
    layer.trainable = True
    assert [w.name for w in layer.trainable_weights] == ["kernel", "bias"]
    norm = layers.BatchNormalization()
    norm.build((None, 3))
    norm.trainable = False
    norm.trainable = True
    assert [w.name for w in norm.non_trainable_weights] == ["moving_mean", "moving_variance"]


def test_wrong_weights_are_refused_and_nothing_changes():
    layer = layers.Dense(2, name="d")
    with pytest.raises(ValueError, match="0 weights are required by the layer 'd'.*not built yet"):
        layer.set_weights([np.zeros((3, 2)), np.zeros(2)])
    layer.build((None, 3))
    before = layer.get_weights()
    with pytest.raises(ValueError, match=r"2 weights are required by the layer 'd'; received 1\."):
        layer.set_weights([np.zeros((3, 2))])
    with pytest.raises(ValueError, match=r"'d/bias' has the shape \(2,\); received \(3,\)"):
        layer.set_weights([np.zeros((3, 2)), np.zeros(3)])
    np.testing.assert_array_equal(layer.kernel.numpy(), before[0])


def test_get_weights_are_copies():
    layer = layers.Dense(2)
    layer.build((None, 3))
    (kernel, _), before = layer.get_weights(), layer.kernel.numpy().copy()
    kernel += 1
    np.testing.assert_array_equal(layer.kernel.numpy(), before)


def test_a_weight_does_not_share_the_memory_of_an_array():
    values = np.ones((3, 2), "float32")
    layer = layers.Dense(2, kernel_initializer=lambda shape, dtype: values)
    layer.build((None, 3))
    layer.kernel.assign_add(torch.ones(3, 2))
    assert values.max() == 1


def test_an_initializer_must_return_the_shape_it_is_asked_for():
    layer = layers.Dense(2, name="d", kernel_initializer=lambda shape, dtype: torch.ones(3))
    with pytest.raises(ValueError, match=r"weight 'kernel' .* 'd' must return the shape \(3, 2\)"):
        layer.build((None, 3))


def test_the_number_of_parameters_is_not_known_before():
    with pytest.raises(ValueError, match="the layer 'd' is not built"):
        layers.Dense(2, name="d").count_params()
