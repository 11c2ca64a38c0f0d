"""Symbolic tensors: shapes worked out by running the real computation on nothing."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers, ops
from profond._symbolic import KerasTensor, infer_outputs, is_inferring, operation

EYE = torch.eye(3)
SIZES = st.one_of(st.none(), st.integers(1, 5))


@given(shape=st.lists(SIZES, min_size=1, max_size=4))
def test_inferred_shapes_are_those_of_the_computation(shape):
    def function(x):
        y = x.sum(-1, keepdim=True).expand(*x.shape[:-1], 7)
        return {"out": [y, x.reshape(x.shape[0], -1)]}

    inferred = infer_outputs(function, (KerasTensor(shape),), {})
    for batch in (4, 9):
        real = function(torch.zeros([batch if n is None else n for n in shape]))
        for symbolic, tensor in zip(inferred["out"], real["out"], strict=True):
            assert len(symbolic.shape) == tensor.ndim
            for known, size in zip(symbolic.shape, tensor.shape, strict=True):
                assert known in (None, size)
    unknown = [n is None for n in shape[:-1]]
    assert [n is None for n in inferred["out"][0].shape[:-1]] == unknown


def test_code_that_needs_values_is_tried_on_zeros():
    def function(x):
        return x * 2 if float(x.sum()) == 0 else x

    assert infer_outputs(function, (KerasTensor((None, 3)),), {}).shape == (None, 3)


def test_an_error_is_that_of_the_computation():
    with pytest.raises(RuntimeError, match="shape"):
        infer_outputs(lambda x: x @ torch.zeros(4, 2), (KerasTensor((None, 3)),), {})


def test_axes_that_depend_on_sizes_are_refused():
    def function(x):
        return x if x.shape[0] == 2 else x[None]

    with pytest.raises(ValueError, match="the number of axes of the result depends on the sizes"):
        infer_outputs(function, (KerasTensor((None,)),), {})


def test_it_is_known_that_shapes_are_inferred():
    seen = []

    def function(x):
        seen.append(is_inferring())
        return x

    infer_outputs(function, (KerasTensor((3,)),), {})
    assert seen == [True]
    assert not is_inferring()
    with pytest.raises(ZeroDivisionError):
        infer_outputs(lambda x: 1 / 0, (KerasTensor((3,)),), {})
    assert not is_inferring()


def test_recursion_is_reported_at_once():
    class Endless(layers.Layer):
        def call(self, x):
            return self(x)

    with pytest.raises(RecursionError):
        Endless()(profond.Input((2,)))


def test_nothing_random_is_drawn_and_no_weight_changes():
    normalization = layers.BatchNormalization()
    before = torch.get_rng_state()
    y = layers.Dropout(0.5)(normalization(layers.GaussianNoise(1.0)(profond.Input((3,)))))
    assert y.shape == (None, 3)
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(normalization.get_weights()[2], np.zeros(3))


def test_types_are_inferred():
    a = profond.Input((3,), dtype="int32")
    assert a.dtype == "int32"
    assert ops.cast(a, "float64").dtype == "float64"
    assert (a > 0).dtype == "bool"
    assert layers.Dense(2, dtype="mixed_bfloat16")(profond.Input((3,))).dtype == "bfloat16"


@pytest.mark.parametrize(
    "expression",
    [
        lambda x, y: x + y - 1 * x / (y + 3.0),
        lambda x, y: 2.0 ** (x % 3) // 1.5,
        lambda x, y: -abs(x) @ EYE,
        lambda x, y: (x > y) & (x <= 2.0) | (x != y),
        lambda x, y: ~(x >= y) ^ (x < 0),
        lambda x, y: x[:, 1:, None][..., 0],
        lambda x, y: 1.0 / (2.0 + y * y) - 3,
        lambda x, y: 1.0 - x[..., ::2],
    ],
)
def test_operators(expression):
    a, b = profond.Input((3,)), profond.Input((3,))
    model = profond.Model([a, b], expression(a, b))
    x, y = torch.rand(5, 3) * 4 - 2, torch.rand(5, 3)
    np.testing.assert_allclose(model([x, y]), expression(x, y), rtol=1e-5, atol=1e-6)


def test_torch_functions_record_too():
    a = profond.Input((3,))
    model = profond.Model(a, torch.relu(a) + torch.nn.functional.softplus(a))
    x = torch.randn(5, 3)
    np.testing.assert_allclose(model(x), x.relu() + torch.nn.functional.softplus(x), rtol=1e-5)


def test_numpy_on_the_left():
    a = profond.Input((3,))
    model = profond.Model(a, np.ones(3, "float32") + a)
    np.testing.assert_array_equal(model.predict(np.zeros((1, 3))), np.ones((1, 3)))


def test_functions_of_users_record_with_the_decorator():
    @operation
    def halve(x, by=2.0):
        """Divide."""
        return x / by

    assert halve.__doc__ == "Divide."
    assert float(halve(torch.ones(1), by=4.0)) == 0.25
    a = profond.Input((3,))
    model = profond.Model(a, halve(a, by=8.0))
    np.testing.assert_array_equal(model.predict(np.ones((1, 3))), np.full((1, 3), 0.125))


def test_what_a_layer_returns_unchanged_is_still_its_own():
    a = profond.Input((3,))
    out = layers.Identity(name="same")(a)
    assert out is not a
    assert [layer.name for layer in profond.Model(a, out).layers][-1] == "same"


def test_methods_that_change_the_shape():
    x = profond.Input((2, 3, 1))
    assert x.reshape((-1, 6)).shape == (None, 6)
    assert x.squeeze(-1).shape == (None, 2, 3)
