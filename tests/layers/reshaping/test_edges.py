"""Padding, cropping and up-sampling: their laws, and what they refuse."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers

NUMBER = st.integers(0, 3)
PAIR = st.tuples(NUMBER, NUMBER)


@given(time=PAIR, space=st.tuples(PAIR, PAIR), seed=st.integers(0, 99))
def test_what_padding_adds_cropping_takes_away(time, space, seed):
    rng = np.random.default_rng(seed)
    series, images = (
        torch.from_numpy(rng.normal(size=s)).float() for s in ((2, 3, 2), (2, 3, 4, 1))
    )
    padded = layers.ZeroPadding1D(time)(series)
    torch.testing.assert_close(padded.sum(), series.sum())
    assert torch.equal(layers.Cropping1D(time)(padded), series)
    padded = layers.ZeroPadding2D(space)(images)
    torch.testing.assert_close(padded.sum(), images.sum())
    cropped = layers.Cropping2D(space)(padded)
    assert torch.equal(cropped, images)
    assert cropped.is_contiguous()


@given(size=st.tuples(st.integers(1, 3), st.integers(1, 3)), seed=st.integers(0, 99))
def test_the_mean_of_repeated_pixels_is_the_pixel(size, seed):
    images = torch.from_numpy(np.random.default_rng(seed).normal(size=(2, 3, 4, 2)))
    larger = layers.UpSampling2D(size, dtype="float64")(images)
    assert larger.is_contiguous()
    torch.testing.assert_close(layers.AveragePooling2D(size, dtype="float64")(larger), images)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic"])
def test_larger_images_are_contiguous(interpolation):
    y = layers.UpSampling2D(2, interpolation=interpolation)(torch.randn(2, 3, 4, 3))
    assert y.is_contiguous()
    assert y.shape == (2, 6, 8, 3)


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.UpSampling1D(0), "`size` must be a positive integer; received size=0"),
        (lambda: layers.UpSampling1D((2,)), r"`size` must be a positive integer; .*\(2,\)"),
        (lambda: layers.UpSampling2D((2, 0)), r"`size` must be an integer >= 1, or.*\(2, 0\)"),
        (
            lambda: layers.UpSampling2D(interpolation="lanczos3"),
            "`interpolation` must be one of 'nearest', 'bilinear', 'bicubic'; received 'lanczos3'",
        ),
        (lambda: layers.UpSampling2D(interpolation=None), "`interpolation` must be one of .*None"),
        (lambda: layers.UpSampling2D(2, "channels_first"), "`data_format` must be None"),
        (
            lambda: layers.ZeroPadding1D((1, 2, 3)),
            r"`padding` must be an integer >= 0, or a tuple of 2 of them; received \(1, 2, 3\)",
        ),
        (lambda: layers.ZeroPadding1D(-1), "`padding` must be an integer >= 0, .* received -1"),
        (lambda: layers.ZeroPadding1D(1, "channels_first"), "`data_format` must be None"),
        (
            lambda: layers.ZeroPadding2D((1, 2, 3)),
            r"`padding` must be an integer >= 0, a tuple of 2 of them, or a tuple of 2 pairs "
            r"\(before, after\), such as \(\(1, 2\), \(0, 3\)\); received \(1, 2, 3\)",
        ),
        (lambda: layers.ZeroPadding2D(((1, 2), (1,))), r"2 pairs .* received \(\(1, 2\), \(1,\)\)"),
        (lambda: layers.ZeroPadding2D(1.5), "`padding` must be .* received 1.5"),
        (lambda: layers.ZeroPadding2D(1, "channels_first"), "`data_format` must be None"),
        (lambda: layers.Cropping1D((1, -1)), r"`cropping` must be .* received \(1, -1\)"),
        (lambda: layers.Cropping2D(-1), "`cropping` must be an integer >= 0.* received -1"),
        (lambda: layers.Cropping2D(1, "channels_first"), "`data_format` must be None"),
    ],
)
def test_wrong_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: layers.Cropping1D((1, 2), name="n")(torch.ones(2, 3, 1)),
            r"`cropping` of the layer 'n' must leave something of axis 1; received "
            r"cropping=1 \+ 2 there, for the size 3",
        ),
        (
            lambda: layers.Cropping2D(((0, 0), (2, 2)), name="n")(profond.Input((9, 4, 1))),
            r"of the layer 'n' must leave something of axis 2; received cropping=2 \+ 2 .*size 4",
        ),
        (
            lambda: layers.UpSampling2D(name="n")(torch.ones(2, 3, 4)),
            r"the input of the layer 'n' must have 4 axes; received shape \(2, 3, 4\)",
        ),
        (
            lambda: layers.UpSampling1D(name="n")(torch.ones(2, 3)),
            r"the input of the layer 'n' must have 3 axes; received shape \(2, 3\)",
        ),
        (
            lambda: layers.ZeroPadding1D(name="n")(torch.ones(2, 3)),
            r"the input of the layer 'n' must have 3 axes; received shape \(2, 3\)",
        ),
        (
            lambda: layers.ZeroPadding2D(name="n")(torch.ones(2, 3, 4)),
            r"the input of the layer 'n' must have 4 axes; received shape \(2, 3, 4\)",
        ),
    ],
)
def test_wrong_inputs(call, message):
    with pytest.raises(ValueError, match=message):
        call()
