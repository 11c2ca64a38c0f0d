"""A learned factor for each feature."""

from typing import Any

import numpy as np
import pytest
import torch

import profond
from profond import layers


def test_at_first_nothing_changes_and_then_each_feature_by_its_factor():
    x = torch.randn(4, 2, 3)
    layer = layers.Scale()
    assert torch.equal(layer(x), x)
    layer.scale.assign([2.0, 0.0, -1.0])
    expected = torch.stack([2 * x[..., 0], 0 * x[..., 1], -x[..., 2]], -1)
    torch.testing.assert_close(layer(x), expected)


def test_gradients_are_those_of_finite_differences():
    x = torch.randn(4, 3, dtype=torch.float64, requires_grad=True)
    layer = layers.Scale(dtype="float64")
    layer(x)
    scale = torch.randn(3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda x, s: torch.func.functional_call(layer, {"scale": s}, (x,)), (x, scale)
    )


def test_a_feature_that_says_nothing_is_scaled_down():
    x = np.random.default_rng(0).normal(size=(200, 2))
    model = profond.Sequential(
        [
            profond.Input((2,)),
            layers.Scale(scale_regularizer=profond.regularizers.L1(0.05)),
            layers.Dense(1, kernel_initializer="ones", trainable=False),
        ]
    )
    model.compile(profond.optimizers.Adam(0.05), "mse")
    model.fit(x, 2 * x[:, :1], epochs=30, verbose=0)
    useful, useless = model.layers[0].scale.tolist()
    assert useful == pytest.approx(2, abs=0.15)
    assert useless == pytest.approx(0, abs=0.05)


def test_whole_numbers_and_steps_of_a_series_are_scaled():
    assert layers.Scale()(np.array([[3, 4]])).tolist() == [[3.0, 4.0]]
    masked: Any = torch.randn(2, 3, 4)
    masked._keras_mask = torch.tensor([[True, True, False]] * 2)
    scaled: Any = layers.Scale()(masked)
    assert torch.equal(scaled._keras_mask, masked._keras_mask)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: layers.Scale(name="n")(profond.Input((None,))),
            "the layer 'n' needs the size of axis 1 to make its weights",
        ),
        (
            lambda: [
                layer := layers.Scale(name="n"),
                layer(torch.ones(1, 2)),
                layer(torch.ones(1, 3)),
            ],
            r"the layer 'n' must have .*size 2 on axis -1; received shape \(1, 3\)",
        ),
        (
            lambda: layers.Scale(name="n")(torch.ones(2)),
            r"the layer 'n' must have at least 2 axes; received shape \(2,\)",
        ),
    ],
)
def test_wrong_inputs(call, message):
    with pytest.raises(ValueError, match=message):
        call()
