"""Convolutions, pooling and normalizations of masked series: padding counts nowhere."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers

# Layers whose outputs do not depend on how far series are filled up at their ends.
MAKERS = {
    "same": lambda: layers.Conv1D(3, 4, padding="same", activation="tanh", dtype="float64"),
    "dilated": lambda: layers.Conv1D(3, 2, padding="same", dilation_rate=2, dtype="float64"),
    "causal": lambda: layers.Conv1D(3, 3, padding="causal", strides=2, dtype="float64"),
    "valid": lambda: layers.Conv1D(3, 3, dtype="float64"),
    "valid strides": lambda: layers.Conv1D(2, 3, strides=2, groups=2, dtype="float64"),
    "valid dilated": lambda: layers.Conv1D(2, 2, dilation_rate=3, dtype="float64"),
    "max": lambda: layers.MaxPooling1D(2, dtype="float64"),
    "max strides": lambda: layers.MaxPooling1D(3, strides=1, dtype="float64"),
    "max same": lambda: layers.MaxPooling1D(3, strides=1, padding="same", dtype="float64"),
    "average": lambda: layers.AveragePooling1D(3, strides=2, dtype="float64"),
    "average same": lambda: layers.AveragePooling1D(4, 1, padding="same", dtype="float64"),
    "instance": lambda: layers.GroupNormalization(-1, dtype="float64"),
    "groups": lambda: layers.GroupNormalization(2, scale=False, dtype="float64"),
}


def filled_up(lengths, extra, seed=0, channels=4):
    """Series in one tensor, with NaN beyond their lengths."""
    x = np.random.default_rng(seed).normal(size=(len(lengths), max(lengths) + extra, channels))
    for row, length in enumerate(lengths):
        x[row, length:] = np.nan
    return torch.from_numpy(x)


@given(
    name=st.sampled_from(sorted(MAKERS)),
    lengths=st.lists(st.integers(4, 9), min_size=1, max_size=3),
    extra=st.integers(0, 5),
    seed=st.integers(0, 99),
)
def test_what_fills_up_does_not_change_what_counts(name, lengths, extra, seed):
    layer, entrance = MAKERS[name](), layers.PaddingMask(dtype="float64")
    x = filled_up(lengths, extra, seed).requires_grad_()
    y = layer(entrance(x))
    mask = y._keras_mask
    (slope,) = torch.autograd.grad(torch.where(mask[..., None], y, 0).square().sum(), x)
    for row, length in enumerate(lengths):
        alone = x[row : row + 1, :length].detach().requires_grad_()
        want = layer(alone)
        torch.testing.assert_close(y[row][mask[row]], want[0])
        (own_slope,) = torch.autograd.grad(want.square().sum(), alone)
        torch.testing.assert_close(slope[row, :length], own_slope[0])
        assert not slope[row, length:].any()


def test_windows_leave_out_steps_in_the_middle():
    x = torch.tensor([[[5.0], [9.0], [1.0], [3.0]]])
    mask = torch.tensor([[True, False, True, True]])
    x._keras_mask = mask  # type: ignore[attr-defined]
    highest = layers.MaxPooling1D(3, strides=1, padding="same")(x)
    assert highest[0, :, 0].tolist() == [5.0, 0.0, 3.0, 3.0]
    assert torch.equal(highest._keras_mask, mask)
    mean = layers.AveragePooling1D(3, strides=1)(x)
    assert mean[0, :, 0].tolist() == [3.0, 0.0]  # (5 + 1) / 2; the second begins where none counts
    assert mean._keras_mask.tolist() == [[True, False]]
    total = layers.Conv1D(1, 3, kernel_initializer="ones", padding="same")(x)
    assert total[0, :, 0].tolist() == [5.0, 6.0, 4.0, 4.0]
    causal = layers.Conv1D(1, 2, kernel_initializer="ones", padding="causal", strides=3)(x)
    assert causal[0, :, 0].tolist() == [5.0, 4.0]
    assert causal._keras_mask.tolist() == [[True, True]]


def test_a_mask_is_given_as_an_argument_too():
    x, mask = torch.randn(2, 5, 3), torch.arange(5) < torch.tensor([[3], [5]])
    layer = layers.Conv1D(2, 3, padding="same")
    torch.testing.assert_close(layer(x, mask=mask)[0, :3], layer(x[:1, :3])[0])
    assert getattr(layer(x), "_keras_mask", None) is None
    pool = layers.AveragePooling1D(2)
    torch.testing.assert_close(pool(x, mask=mask)[0, :1], pool(x[:1, :3])[0])


def test_normalization_over_another_axis_counts_all_places():
    x = torch.randn(2, 4, 3)
    layer = layers.GroupNormalization(-1, axis=1)
    want = layer(x)
    x._keras_mask = torch.tensor([[True, True, False, False]] * 2)  # type: ignore[attr-defined]
    torch.testing.assert_close(layer(x), want)


def test_a_padding_mask_takes_steps_without_a_value():
    x = np.ones((1, 4, 2), "float32")
    x[0, 1], x[0, 2], x[0, 3, 0] = np.nan, -1e30, np.nan
    y = layers.PaddingMask()(x)
    assert y._keras_mask.tolist() == [[True, False, False, True]]
    assert y[0, :3].tolist() == [[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]
    assert torch.isnan(y[0, 3, 0])  # missing, not padding
    assert layers.PaddingMask().compute_mask(torch.from_numpy(x)).tolist() == y._keras_mask.tolist()


def test_padding_may_be_nan_in_fit():
    x = filled_up([3, 5, 5, 2], 1).float().numpy()
    stack = [
        layers.PaddingMask(),
        layers.Conv1D(3, 3, padding="same"),
        layers.MaxPooling1D(2),
        layers.BatchNormalization(),
        layers.GlobalAveragePooling1D(),
        layers.Dense(1),
    ]
    model = profond.Sequential(stack)
    model.compile("adam", "mse")
    history = model.fit(x, np.ones((4, 1), "float32"), epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    plain = profond.Sequential(stack[1:])
    plain.compile("adam", "mse")
    with pytest.raises(ValueError, match=r"`x` must be finite"):
        plain.fit(x, np.ones((4, 1), "float32"), verbose=0)
