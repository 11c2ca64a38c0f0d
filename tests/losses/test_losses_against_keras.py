"""Every loss: values and gradients of Keras, over shapes, options, reductions, weights, masks."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from profond import losses

keras = pytest.importorskip("keras")
from tests.losses.helpers import (  # noqa: E402
    LOSSES,
    cases,
    draw_data,
    keras_loss,
    value_and_gradient,
)

REDUCTIONS = [
    "sum_over_batch_size",
    "mean",
    "sum",
    "mean_with_sample_weight",
    "none",
    None,
]


def assert_same(ours, theirs):
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-8, equal_nan=True)


@pytest.mark.parametrize("name", LOSSES)
@given(data=st.data())
def test_value_and_gradient(name, data):
    name, arguments, y_true, y_pred = data.draw(cases((name,)))
    reduction = data.draw(st.sampled_from(REDUCTIONS))
    ours = getattr(losses, name)(**arguments, reduction=reduction, dtype="float64")
    theirs = keras_loss(name, arguments, reduction=reduction)
    weights, mask = data.draw(weights_and_mask(ours, y_true, y_pred))

    def call(loss):
        def function(p):
            p = p * 1.0  # a tensor of its own, to carry the mask
            p._keras_mask = mask
            # Keras multiplies the weights by the mask in place.
            return loss(y_true, p, None if weights is None else weights.clone())

        return function

    value, gradient = value_and_gradient(call(ours), y_pred)
    keras_value, keras_gradient = value_and_gradient(call(theirs), y_pred)
    assert value.shape == keras_value.shape
    assert_same(value, keras_value)
    assert_same(gradient, keras_gradient)


@st.composite
def weights_and_mask(draw, loss, y_true, y_pred):
    """Sample weights and a mask in the shapes that Keras takes, either or both None."""
    which = draw(st.sampled_from(["neither", "neither", "weights", "mask", "both"]))
    values = loss.call(y_true, y_pred)
    shape = values.shape
    weights = mask = None
    if which == "weights" and hasattr(values, "_keras_mask"):
        which = "both"
    if which == "weights":
        shapes = [(*shape[:-1], 1), shape, (*shape, 1), ()] if shape else [()]
        weights = torch.rand(draw(st.sampled_from(shapes)), dtype=torch.float64)
    elif which == "both":  # there Keras takes only weights of the mask's own shape
        weights = torch.rand(shape, dtype=torch.float64)
    if which in ("mask", "both"):
        mask = torch.rand(shape) < 0.6
    return weights, mask


@pytest.mark.parametrize("name", LOSSES)
@settings(max_examples=settings().max_examples // 6)
@given(data=st.data())
def test_functional_form(name, data):
    name, arguments, y_true, y_pred = data.draw(cases((name,)))
    cls = getattr(losses, name)
    function = cls(**arguments).fn
    arguments = cls(**arguments)._fn_kwargs
    ours = function(y_true, y_pred, **arguments)
    theirs = getattr(keras.losses, function.__name__)(y_true, y_pred, **arguments)
    assert_same(ours, theirs)
    from_numpy = function(y_true.numpy(), y_pred.numpy(), **arguments)
    assert_same(from_numpy, theirs)


SQUEEZED = ["MeanSquaredError", "MeanAbsoluteError", "Huber", "LogCosh", "BinaryCrossentropy"]


@pytest.mark.parametrize("name", SQUEEZED)
@pytest.mark.parametrize(
    ("true_shape", "pred_shape"),
    [((4,), (4, 1)), ((4, 1), (4,)), ((4, 3), (4, 3, 1)), ((4, 3, 1), (4, 3))],
)
def test_last_axis_of_one_is_mended(name, true_shape, pred_shape):
    y_true = torch.randint(0, 2, true_shape).double()
    y_pred = torch.rand(pred_shape, dtype=torch.float64)
    for reduction in ("sum_over_batch_size", None):
        ours = getattr(losses, name)(reduction=reduction, dtype="float64")(y_true, y_pred)
        theirs = keras_loss(name, {}, reduction=reduction)(y_true, y_pred)
        assert_same(ours, theirs)


@pytest.mark.parametrize("column", [True, False])
@pytest.mark.parametrize("dtype", [torch.int32, torch.uint8, torch.float32, torch.int64])
def test_class_numbers_of_any_type(column, dtype):
    labels = torch.tensor([0, 2, 1, 2]).to(dtype)
    y_pred = torch.rand(4, 3, dtype=torch.float64)
    y_true = labels[:, None] if column else labels
    ours = losses.SparseCategoricalCrossentropy(dtype="float64")(y_true, y_pred)
    assert_same(ours, keras_loss("SparseCategoricalCrossentropy", {})(y_true, y_pred))


@pytest.mark.parametrize("from_logits", [True, False])
@given(axis=st.sampled_from([1, -2, 0, 2]), seed=st.integers(0, 999))
def test_axis_of_the_classes(from_logits, axis, seed):
    rng = np.random.default_rng(seed)
    scores = torch.from_numpy(rng.normal(size=(3, 4, 5)))
    y_pred = scores if from_logits else scores.softmax(axis)
    labels = torch.from_numpy(rng.integers(0, scores.shape[axis], (3, 4, 5))).select(axis, 0)
    one_hot = torch.nn.functional.one_hot(labels, scores.shape[axis]).double().movedim(-1, axis)
    arguments = {"from_logits": from_logits, "axis": axis}
    sparse = losses.SparseCategoricalCrossentropy(**arguments, dtype="float64")
    assert_same(
        sparse(labels, y_pred),
        keras_loss("SparseCategoricalCrossentropy", arguments)(labels, y_pred),
    )
    for name in ("CategoricalCrossentropy", "CategoricalFocalCrossentropy"):
        ours = getattr(losses, name)(**arguments, dtype="float64")
        assert_same(ours(one_hot, y_pred), keras_loss(name, arguments)(one_hot, y_pred))


def test_label_smoothing_takes_the_classes_of_its_axis():
    # Keras divides by the size of the last axis whatever `axis` is.
    y_true = torch.nn.functional.one_hot(torch.tensor([[0, 1], [2, 2]]), 3).double()
    scores = torch.randn(2, 2, 3, dtype=torch.float64)
    last = losses.categorical_crossentropy(y_true, scores, True, 0.3)
    middle = losses.categorical_crossentropy(
        y_true.transpose(1, 2), scores.transpose(1, 2), True, 0.3, axis=1
    )
    assert_same(middle, last)


def test_focal_weights_per_class():
    y_true = torch.eye(3, dtype=torch.float64)
    y_pred = torch.rand(3, 3, dtype=torch.float64).softmax(-1)
    ours = losses.CategoricalFocalCrossentropy(alpha=[0.2, 0.5, 0.9], dtype="float64")
    theirs = keras_loss("CategoricalFocalCrossentropy", {"alpha": [0.2, 0.5, 0.9]})
    assert_same(ours(y_true, y_pred), theirs(y_true, y_pred))


def test_circle_with_references():
    labels, vectors = draw_data("embedding", (4, 3), np.random.default_rng(0))
    others, references = draw_data("embedding", (6, 3), np.random.default_rng(1))
    for remove_diagonal in (True, False):
        arguments = (labels, torch.from_numpy(vectors), others, torch.from_numpy(references))
        ours = losses.circle(*arguments, remove_diagonal)
        assert_same(ours, keras.losses.circle(*arguments, remove_diagonal))


def test_custom_function_and_subclass():
    def fourth_power(y_true, y_pred, scale=1.0):
        return scale * ((y_true - y_pred) ** 4).mean(-1)

    y_true, y_pred = torch.rand(5, dtype=torch.float64), torch.rand(5, 1, dtype=torch.float64)
    weights = torch.rand(5)
    ours = losses.LossFunctionWrapper(fourth_power, scale=2.0, dtype="float64")
    theirs = keras.src.losses.losses.LossFunctionWrapper(fourth_power, scale=2.0, dtype="float64")
    assert_same(ours(y_true, y_pred), theirs(y_true, y_pred))
    assert_same(ours(y_true, y_pred, weights), theirs(y_true, y_pred, weights))

    def make(base):
        class Pinball(base):
            def __init__(self, q, **kwargs):
                super().__init__(**kwargs)
                self.q = q

            def call(self, y_true, y_pred):
                error = y_true - y_pred
                return torch.maximum(self.q * error, (self.q - 1) * error)

        return Pinball(0.3, dtype="float64")

    y_true, y_pred = torch.rand(5, 2), torch.rand(5, 2)  # float32: cast to the loss's dtype
    ours, theirs = make(losses.Loss), make(keras.losses.Loss)
    assert ours.name == theirs.name == "pinball"
    assert_same(ours(y_true, y_pred), theirs(y_true, y_pred))
    assert_same(ours(y_true, y_pred, torch.rand(5, 1)).isfinite(), torch.tensor(True))


def test_nested_targets_and_predictions():
    def both(y_true, y_pred):
        return (y_true["a"] - y_pred["a"]).square().mean(-1) + (
            y_true["b"] - y_pred["b"]
        ).abs().mean(-1)

    y_true = {"a": np.ones(4), "b": np.zeros((4, 2))}
    y_pred = {"a": torch.rand(4, 1, dtype=torch.float64), "b": torch.rand(4, 2).double()}
    ours = losses.LossFunctionWrapper(both, dtype="float64")(y_true, y_pred)
    expected = (1 - y_pred["a"]).square().mean() + y_pred["b"].abs().mean()
    assert_same(ours, expected)
