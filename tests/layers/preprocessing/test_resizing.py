"""Images in another size, against Keras's layers."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from profond import layers

SIZES = st.integers(1, 12)


def compare(name, x, *args, **kwargs):
    keras = pytest.importorskip("keras")
    theirs = getattr(keras.layers, name)(*args, **kwargs)(x).detach().cpu().numpy()
    ours = getattr(layers, name)(*args, **kwargs)(x).numpy()
    assert ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-4)


@given(
    size=st.tuples(SIZES, SIZES),
    height=SIZES,
    width=SIZES,
    channels=st.sampled_from([1, 3, 5]),
    interpolation=st.sampled_from(["bilinear", "nearest", "bicubic"]),
    how=st.sampled_from(["", "crop_to_aspect_ratio", "pad_to_aspect_ratio"]),
    antialias=st.booleans(),
    seed=st.integers(0, 9),
)
def test_resizing(size, height, width, channels, interpolation, how, antialias, seed):
    x = np.random.default_rng(seed).uniform(0, 255, (2, *size, channels)).astype("float32")
    options = {how: True} if how else {}
    antialias = antialias and width > 1  # which torch, and so Keras, gets wrong: see below
    options |= {"interpolation": interpolation, "antialias": antialias, "fill_value": 7.0}
    compare("Resizing", x, height, width, **options)


@pytest.mark.parametrize("height", [1, 2, 4, 7])
@pytest.mark.parametrize("width", [1, 2])
def test_antialias_is_that_of_pillow(height, width):
    x = np.random.default_rng(0).uniform(0, 255, (1, 3, 4, 1)).astype("float32")
    expected = np.asarray(Image.fromarray(x[0, ..., 0]).resize((width, height), 2))
    out = layers.Resizing(height, width, antialias=True)(x)
    np.testing.assert_allclose(out[0, ..., 0], expected, rtol=1e-5)


@given(size=st.tuples(SIZES, SIZES), height=SIZES, width=SIZES, single=st.booleans())
def test_center_crop(size, height, width, single):
    x = np.random.default_rng(0).uniform(0, 255, (2, *size, 3)).astype("float32")
    compare("CenterCrop", x[0] if single else x, height, width)


def test_whole_numbers_stay_whole_numbers():
    x = np.random.default_rng(0).integers(0, 256, (2, 9, 7, 3), np.uint8)
    for interpolation in ("bilinear", "nearest", "bicubic"):
        compare("Resizing", x, 5, 12, interpolation=interpolation)
    assert layers.Resizing(3, 3)(x).dtype == torch.uint8
    assert layers.CenterCrop(3, 3)(x).dtype == torch.float32
    assert layers.Resizing(3, 3)(x[0]).shape == (3, 3, 3)
    both = layers.Resizing(3, 3)({"images": x, "labels": np.arange(2)})
    assert (both["images"].shape, both["labels"].tolist()) == ((2, 3, 3, 3), [0, 1])
    assert layers.CenterCrop(3, 3)({"images": x})["images"].shape == (2, 3, 3, 3)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: layers.Resizing(0, 3), "`height` must be a positive integer; received height=0"),
        (lambda: layers.CenterCrop(3, "3"), "`width` must be a positive integer"),
        (lambda: layers.Resizing(3, 3, "lanczos3"), "`interpolation` must be one of .*'lanczos3'"),
        (lambda: layers.Resizing(3, 3, fill_mode="edge"), "`fill_mode` must be one of 'constant'"),
        (
            lambda: layers.Resizing(3, 3, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True),
            "`crop_to_aspect_ratio` and `pad_to_aspect_ratio` exclude each other",
        ),
        (
            lambda: layers.CenterCrop(3, 3)(np.zeros((3, 3), "float32")),
            r"needs images, \(batch, height, width, channels\).* received the shape \(3, 3\)",
        ),
    ],
)
@pytest.mark.wrong_types
def test_wrong_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()
