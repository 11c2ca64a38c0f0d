"""The notes' chapter 3 in closed form, gradients known by hand, exactness from logits."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from profond import losses


def softmax_output(logits, activation="softmax"):
    """Predictions that know their logits, as those of a model's last layer do."""
    y_pred = logits.softmax(-1) if activation == "softmax" else logits.sigmoid()
    y_pred._keras_logits = logits
    y_pred._keras_activation = activation
    return y_pred


@given(
    errors=st.lists(st.floats(-100, 100), min_size=1, max_size=20),
)
def test_mse_of_the_notes(errors):
    # 3.1: (1/n) sum of squared norms, here of one output.
    y_pred = torch.tensor(errors, dtype=torch.float64)[:, None]
    loss = losses.MeanSquaredError()(torch.zeros_like(y_pred), y_pred)
    assert loss.item() == pytest.approx(math.fsum(e * e for e in errors) / len(errors))


def test_mse_over_outputs():
    # With d outputs Keras's mean is the notes' mean of squared norms divided by d.
    y_pred = torch.tensor([[3.0, 4.0], [0.0, 1.0]])
    assert losses.MeanSquaredError()(torch.zeros(2, 2), y_pred).item() == (25 + 1) / 2 / 2


@given(labels=st.lists(st.integers(0, 3), min_size=1, max_size=10), seed=st.integers(0, 999))
def test_logistic_loss_of_the_notes(labels, seed):
    # 3.2: (1/n) sum of -log p(correct class), whatever way the labels are given.
    p = np.random.default_rng(seed).dirichlet(np.ones(4), len(labels))
    expected = -math.fsum(math.log(p[i, c]) for i, c in enumerate(labels)) / len(labels)
    one_hot = torch.eye(4, dtype=torch.float64)[labels]
    y_pred = torch.from_numpy(p)
    logits = y_pred.log() + 1.7  # softmax takes the constant away
    for loss in (
        losses.SparseCategoricalCrossentropy()(torch.tensor(labels), y_pred),
        losses.CategoricalCrossentropy()(one_hot, y_pred),
        losses.SparseCategoricalCrossentropy(from_logits=True)(torch.tensor(labels), logits),
        losses.CategoricalCrossentropy(from_logits=True)(one_hot, logits),
        losses.SparseCategoricalCrossentropy()(torch.tensor(labels), softmax_output(logits)),
        losses.CategoricalCrossentropy()(one_hot, softmax_output(logits)),
    ):
        assert loss.item() == pytest.approx(expected, rel=1e-6)


def test_logistic_loss_of_two_classes():
    p = torch.tensor([[0.8], [0.3]], dtype=torch.float64)
    y = torch.tensor([[1.0], [0.0]], dtype=torch.float64)
    expected = -(math.log(0.8) + math.log(0.7)) / 2
    assert losses.BinaryCrossentropy()(y, p).item() == pytest.approx(expected)
    logits = (p / (1 - p)).log()
    assert losses.BinaryCrossentropy()(y, softmax_output(logits, "sigmoid")).item() == (
        pytest.approx(expected)
    )


@pytest.mark.parametrize("sparse", [True, False])
def test_gradient_from_logits_is_p_minus_y(sparse):
    logits = torch.randn(7, 3, dtype=torch.float64, requires_grad=True)
    labels = torch.randint(0, 3, (7,))
    one_hot = torch.eye(3, dtype=torch.float64)[labels]
    if sparse:
        loss = losses.SparseCategoricalCrossentropy()(labels, softmax_output(logits))
    else:
        loss = losses.CategoricalCrossentropy()(one_hot, softmax_output(logits))
    loss.backward()
    torch.testing.assert_close(logits.grad, (logits.detach().softmax(-1) - one_hot) / 7)


def test_exact_where_probabilities_round():
    # p = e^-200 rounds to 0: from the probability the loss would stop at -log(epsilon) = 16.1.
    logits = torch.tensor([[200.0, 0.0, 0.0]])
    y_pred = softmax_output(logits)
    assert losses.SparseCategoricalCrossentropy()(torch.tensor([1]), y_pred).item() == 200.0
    assert losses.CategoricalCrossentropy()(torch.tensor([[0.0, 1, 0]]), y_pred).item() == 200.0
    binary = softmax_output(torch.tensor([[200.0]]), "sigmoid")
    assert losses.BinaryCrossentropy()(torch.tensor([[0.0]]), binary).item() == 200.0
    for loss in (losses.SparseCategoricalCrossentropy(), losses.CategoricalCrossentropy()):
        y_true = torch.tensor([1]) if "sparse" in loss.name else torch.tensor([[0.0, 1, 0]])
        clipped = loss(y_true, y_pred.detach())
        assert clipped.item() == pytest.approx(-math.log(1e-7), rel=1e-4)


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "sum", None])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("lead", [(6,), (6, 2)])
def test_logits_behind_are_used_in_every_form(reduction, weighted, lead):
    # Every way through a loss with known logits equals `from_logits=True`.
    labels = torch.randint(0, 4, lead)
    logits = 30 * torch.randn(*lead, 4)
    weights = torch.rand(6) if weighted else None
    binary = 30 * torch.randn(*lead, 1)
    for name, y_true, scores, activation in (
        ("SparseCategoricalCrossentropy", labels, logits, "softmax"),
        ("SparseCategoricalCrossentropy", labels[..., None], logits, "softmax"),
        ("CategoricalCrossentropy", torch.eye(4)[labels], logits, "softmax"),
        ("BinaryCrossentropy", (labels > 1)[..., None], binary, "sigmoid"),
        ("BinaryCrossentropy", labels > 1, binary, "sigmoid"),
    ):
        cls = getattr(losses, name)
        known = cls(reduction=reduction)(y_true, softmax_output(scores, activation), weights)
        given_ = cls(reduction=reduction, from_logits=True)(y_true, scores, weights)
        torch.testing.assert_close(known, given_)


def test_logits_of_the_other_activation_are_not_used():
    # Categorical cross-entropy of sigmoid outputs divides them by their sum.
    logits = torch.randn(5, 3)
    one_hot = torch.eye(3)[torch.randint(0, 3, (5,))]
    sigmoid = softmax_output(logits, "sigmoid")
    plain = losses.CategoricalCrossentropy()(one_hot, sigmoid.detach())
    torch.testing.assert_close(losses.CategoricalCrossentropy()(one_hot, sigmoid), plain)
    softmax = softmax_output(logits)
    plain = losses.BinaryCrossentropy()(one_hot, softmax.detach())
    torch.testing.assert_close(losses.BinaryCrossentropy()(one_hot, softmax), plain)


def test_logits_survive_a_change_of_type():
    logits = torch.tensor([[90.0, 0.0]], dtype=torch.bfloat16)
    loss = losses.SparseCategoricalCrossentropy()(torch.tensor([1]), softmax_output(logits))
    assert loss.item() == 90.0
    assert loss.dtype is torch.float32


def test_layers_give_the_logits():
    layers = pytest.importorskip("profond.layers")
    layer = layers.Dense(3, activation="softmax", kernel_initializer="zeros")
    x = torch.ones(2, 4)
    layer(x)
    with torch.no_grad():
        layer.bias.copy_(torch.tensor([200.0, 0.0, 0.0]))
    loss = losses.SparseCategoricalCrossentropy()(torch.tensor([1, 1]), layer(x))
    assert loss.item() == 200.0


def test_limits_of_generalized_cross_entropy():
    labels, p = torch.tensor([0, 1]), torch.tensor([[0.7, 0.3], [0.4, 0.6]], dtype=torch.float64)
    nearly_log = losses.categorical_generalized_cross_entropy(labels, p, 1e-6)
    torch.testing.assert_close(
        nearly_log, -torch.tensor([0.7, 0.6], dtype=torch.float64).log(), rtol=1e-5, atol=0
    )
    nearly_absolute = losses.categorical_generalized_cross_entropy(labels, p, 1 - 1e-9)
    torch.testing.assert_close(nearly_absolute, torch.tensor([0.3, 0.4], dtype=torch.float64))


def test_focal_with_gamma_zero_is_cross_entropy():
    y_true, y_pred = torch.eye(3)[[0, 2]], torch.rand(2, 3).softmax(-1)
    torch.testing.assert_close(
        losses.categorical_focal_crossentropy(y_true, y_pred, alpha=1.0, gamma=0.0),
        losses.categorical_crossentropy(y_true, y_pred),
    )
    torch.testing.assert_close(
        losses.binary_focal_crossentropy(y_true, y_pred, gamma=0.0),
        losses.binary_crossentropy(y_true, y_pred),
    )


def test_tversky_of_halves_is_dice():
    y_true, y_pred = torch.randint(0, 2, (4, 5)).float(), torch.rand(4, 5)
    torch.testing.assert_close(
        losses.tversky(y_true, y_pred), losses.dice(y_true, y_pred), rtol=1e-5, atol=1e-6
    )


def test_log_cosh_does_not_overflow():
    values = losses.log_cosh(torch.zeros(2, 1), torch.tensor([[1000.0], [-1000.0]]))
    torch.testing.assert_close(values, torch.full((2,), 1000 - math.log(2)))


def test_one_weight_per_sample_weighs_its_time_steps():
    # Keras multiplies (batch, time) by (batch,) along time, or fails.
    y_true, y_pred = torch.rand(3, 3, 2), torch.rand(3, 3, 2)
    weights = torch.tensor([1.0, 0.0, 2.0])
    single = losses.MeanSquaredError(reduction=None)(y_true, y_pred)
    weighted = losses.MeanSquaredError(reduction=None)(y_true, y_pred, weights)
    torch.testing.assert_close(weighted, single * weights[:, None])
    mask = torch.tensor([[1, 1, 0], [1, 0, 0], [1, 1, 1]]).bool()
    masked = y_pred.clone()
    masked._keras_mask = mask
    both = losses.MeanSquaredError(reduction="sum")(y_true, masked, weights)
    torch.testing.assert_close(both, (single * weights[:, None] * mask).sum())


def test_mask_is_the_mean_over_valid_entries():
    y_pred = torch.rand(4, 5, 1)
    mask = torch.rand(4, 5) < 0.5
    y_pred._keras_mask = mask
    loss = losses.MeanAbsoluteError()(torch.zeros(4, 5, 1), y_pred)
    torch.testing.assert_close(loss, y_pred[..., 0][mask].mean())
    y_pred._keras_mask = torch.zeros(4, 5, dtype=torch.bool)
    assert losses.MeanAbsoluteError()(torch.zeros(4, 5, 1), y_pred).item() == 0.0


def test_empty_batch_is_zero():
    for name in ("MeanSquaredError", "CategoricalCrossentropy", "BinaryCrossentropy"):
        loss = getattr(losses, name)()(torch.zeros(0, 3), torch.zeros(0, 3, requires_grad=True))
        assert loss.item() == 0.0


def test_nan_is_passed_on():
    y_pred = torch.tensor([[math.nan, 0.5]])
    for name in ("MeanSquaredError", "CategoricalCrossentropy", "BinaryCrossentropy"):
        assert getattr(losses, name)()(torch.tensor([[0.0, 1.0]]), y_pred).isnan()


def test_a_subclass_with_its_own_call_is_called():
    class Doubled(losses.MeanSquaredError):
        def call(self, y_true, y_pred):
            return 2 * super().call(y_true, y_pred)

    y_true, y_pred = torch.zeros(2, 1), torch.ones(2, 1)
    assert Doubled()(y_true, y_pred).item() == 2.0


def test_lists_of_arrays():
    rows = [np.array([1.0, 2.0]), np.array([0.0, 0.0])]
    assert losses.MeanSquaredError()(rows, torch.zeros(2, 2)).item() == 1.25
    assert losses.MeanSquaredError()(rows, rows).item() == 0.0


def test_scalar_target_stands_for_all():
    assert losses.MeanSquaredError()(1.0, torch.zeros(3, 2)).item() == 1.0
