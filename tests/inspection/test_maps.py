"""Class activation maps against their definitions, and what layers give."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

import profond
from profond.architectures import lenet, resnet
from profond.inspection import class_activation_map, feature_maps, grad_cam, learned_filters
from profond.inspection._network import head_of
from profond.layers import (
    BatchNormalization,
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    Input,
    Masking,
    MaxPooling2D,
    Rescaling,
    SeparableConv1D,
)
from profond.models import Model


def of_series(outputs=3, activation="softmax", masked=False):
    stack = [Input((20, 2)), *([Masking(0.0)] if masked else [])]
    stack += [Conv1D(5, 3, padding="same", activation="relu", name="c1")] if not masked else []
    stack += [
        *([Dense(5, activation="relu", name="d1")] if masked else []),
        GlobalAveragePooling1D(),
        Dropout(0.5),
        Dense(outputs, activation=activation, bias_initializer="normal", name="head"),
    ]
    return profond.Sequential(stack)


def of_images(outputs=4, **options):
    model = resnet((12, 15, 3), outputs, blocks=(1, 1), filters=(4, 6), **options)
    # In a model with preparation before it, as an estimator has it.
    return profond.Sequential([Input((12, 15, 3)), Rescaling(0.5), model])


def scores(model, x):
    """What the head gives before softmax, from a model that ends in one."""
    return np.log(model.predict(x, verbose=0).astype(np.float64))


def normal(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


@pytest.mark.parametrize("build", [of_series, of_images])
def test_the_mean_of_a_map_and_the_bias_is_the_score_of_the_class(build):
    options = {"output_activation": None} if build is of_images else {"activation": None}
    model = build(**options)
    x = normal(6, 20, 2) if build is of_series else normal(6, 12, 15, 3)
    logits = model.predict(x, verbose=0)
    for index in (0, 2, np.array([0, 1, 2, 0, 1, 2])):
        maps = class_activation_map(model, x, index)
        assert maps.shape == ((6, 20) if build is of_series else (6, 6, 8))
        bias = np.asarray(head_of(model).bias.detach())
        chosen = np.broadcast_to(index, 6)
        found = maps.reshape(6, -1).mean(1) + bias[chosen]
        np.testing.assert_allclose(found, logits[np.arange(6), chosen], rtol=1e-4, atol=1e-5)


def test_the_likeliest_class_is_the_default_whatever_the_last_activation():
    model, x = of_series(), 10 * normal(60, 20, 2)
    head = model.get_layer("head")
    rng = np.random.default_rng(1)
    head.set_weights([rng.normal(size=(5, 3)), np.zeros(3)])
    best = model.predict(x, verbose=0).argmax(1)
    assert len(set(best)) > 1
    np.testing.assert_array_equal(
        class_activation_map(model, x), class_activation_map(model, x, best)
    )
    np.testing.assert_array_equal(grad_cam(model, x), grad_cam(model, x, best))


@pytest.mark.parametrize("build", [of_series, of_images])
def test_grad_cam_is_the_positive_part_of_the_map_where_means_are_pooled(build):
    model = build()
    x = normal(4, 20, 2) if build is of_series else normal(4, 12, 15, 3)
    for index in (0, 1):
        maps = class_activation_map(model, x, index)
        count = maps[0].size
        gradient = grad_cam(model, x, index, relu=False)
        np.testing.assert_allclose(gradient * count, maps, rtol=1e-4, atol=1e-6)
        positive = grad_cam(model, x, index)
        np.testing.assert_allclose(positive * count, np.maximum(maps, 0), rtol=1e-4, atol=1e-6)


def test_one_output_speaks_for_the_second_class():
    for activation in ("sigmoid", None):
        model, x = of_series(1, activation), normal(5, 20, 2)
        for_it, against = (class_activation_map(model, x, index) for index in (1, 0))
        np.testing.assert_allclose(for_it, -against, rtol=1e-6)
        chances = model.predict(x, verbose=0)[:, 0]
        chances = 1 / (1 + np.exp(-chances)) if activation is None else chances
        bias = float(model.get_layer("head").bias.detach())
        np.testing.assert_allclose(
            for_it.mean(1) + bias, np.log(chances / (1 - chances)), rtol=1e-3, atol=1e-4
        )
        count = for_it[0].size
        np.testing.assert_allclose(
            grad_cam(model, x, 0, relu=False) * count, against, rtol=1e-4, atol=1e-6
        )


def test_masked_steps_have_no_part():
    model, x = of_series(masked=True, activation=None), normal(3, 20, 2)
    x[0, 15:] = 0
    maps = class_activation_map(model, x, 1)
    assert np.isnan(maps[0, 15:]).all() and np.isfinite(maps[0, :15]).all()
    hidden = feature_maps(model, x, ["d1"])["d1"]
    assert np.isnan(hidden[0, 15:]).all() and np.isfinite(hidden[1]).all()
    bias = float(model.get_layer("head").bias[1].detach())
    logits = model.predict(x, verbose=0)[:, 1]
    np.testing.assert_allclose(np.nanmean(maps, 1) + bias, logits, rtol=1e-4, atol=1e-6)


def test_grad_cam_by_hand_in_a_network_with_dense_layers():
    """Selvaraju et al., equations 1 and 2, written out for LeNet with its own weights."""
    model, x = lenet((16, 16, 1), 3, output_activation="softmax"), normal(2, 16, 16, 1)
    for name, shape in (("conv2", (2, 2)), ("conv1", (12, 12)), ("pool1", (6, 6))):
        maps = Model(model.input, model.get_layer(name).output)(x).detach().requires_grad_()
        rest, passed = maps, False
        for layer in model.layers:
            if passed and layer.name != "fc3":
                rest = layer(rest)
            passed = passed or layer.name == name
        head = model.get_layer("fc3")
        score = (rest @ head.kernel + head.bias)[:, 2].sum()
        (gradient,) = torch.autograd.grad(score, maps)
        alpha = gradient.mean((1, 2))
        expected = F.relu((maps * alpha[:, None, None]).sum(-1)).detach()
        found = grad_cam(model, x, 2, layer=name)
        assert found.shape == (2, *shape)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-7)
    np.testing.assert_array_equal(grad_cam(model, x, 2), grad_cam(model, x, 2, layer="conv2"))


def test_a_frozen_network_has_maps_too_and_nothing_is_left_behind():
    model, x = of_images(), normal(2, 12, 15, 3)
    before = grad_cam(model, x, 1)
    model.trainable = False
    np.testing.assert_array_equal(grad_cam(model, x, 1), before)
    with torch.no_grad():
        np.testing.assert_array_equal(grad_cam(model, x, 1), before)
    feature_maps(model, x)
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())
    assert all(weight.grad is None for weight in model.weights)


def test_feature_maps_are_what_layers_give():
    model, x = of_images(), normal(2, 12, 15, 3)
    found = feature_maps(model, x)
    assert list(found)[:2] == ["resnet/conv1", "resnet/layer1_0_conv1"] and len(found) == 6
    inner = model.layers[-1]
    body = Model(inner.input, inner.get_layer("layer1_0_relu2").output)
    expected = body(torch.from_numpy(x) * 0.5).detach()
    one = feature_maps(model, x, ["resnet/layer1_0_relu2"])
    np.testing.assert_allclose(one["resnet/layer1_0_relu2"], expected, rtol=1e-5, atol=1e-6)


def test_learned_filters_are_the_kernels():
    model = lenet((16, 16, 1), 3)
    first = learned_filters(model)
    np.testing.assert_array_equal(first, model.get_layer("conv1").get_weights()[0])
    first[:] = 0  # a copy
    assert model.get_layer("conv1").get_weights()[0].any()
    assert learned_filters(model, "conv2").shape == (5, 5, 6, 16)
    separable = profond.Sequential([Input((9, 2)), SeparableConv1D(4, 3, name="s"), Flatten()])
    assert learned_filters(separable).shape == (3, 2, 1)


def test_what_does_not_fit_is_told():
    model, x = lenet((16, 16, 1), 3), normal(2, 16, 16, 1)
    with pytest.raises(
        ValueError, match=r"needs a network that ends in global average pooling .* "
    ):
        class_activation_map(model, x)
    with pytest.raises(ValueError, match=r"`layer` must give maps.*'fc1' gives shape \(2, 120\)"):
        grad_cam(model, x, layer="fc1")
    with pytest.raises(ValueError, match=r"layer.*'conv9'"):
        grad_cam(model, x, layer="conv9")
    with pytest.raises(
        ValueError, match=r"`x` must have the axes of the input of the model 'lenet"
    ):
        grad_cam(model, x[0])
    with pytest.raises(
        ValueError, match=r"`class_index` must be from 0 to 2, as the model has 3 o"
    ):
        grad_cam(model, x, 3)
    with pytest.raises(ValueError, match=r"or one for each of the 2 samples; received \[0, 1, 2\]"):
        grad_cam(model, x, [0, 1, 2])
    with pytest.raises(ValueError, match=r"`layers` must give maps; 'fc1' gives \(2, 120\)\. Thos"):
        feature_maps(model, x, ["fc1"])
    with pytest.raises(
        ValueError, match=r"`layer` must be a convolution; 'pool1' is a MaxPooling2"
    ):
        learned_filters(model, "pool1")
    dense = profond.Sequential([Input((4,)), Dense(3, name="d")], name="flat")
    with pytest.raises(ValueError, match=r"the model 'flat' has no convolution"):
        learned_filters(dense)
    stack = [Input((8, 8, 1)), Conv2D(3, 3), BatchNormalization(), MaxPooling2D(2)]
    open_ended = profond.Sequential([*stack, GlobalAveragePooling2D()], name="open")
    with pytest.raises(
        ValueError, match=r"must end in a `Dense` layer .* it ends in GlobalAverage"
    ):
        grad_cam(open_ended, normal(1, 8, 8, 1))
    between = [GlobalAveragePooling2D(), Dense(4), Dense(2)]
    with pytest.raises(ValueError, match=r"global average pooling and a `Dense` layer; the model"):
        class_activation_map(profond.Sequential([*stack, *between]), normal(1, 8, 8, 1))
