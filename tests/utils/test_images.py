"""Pictures to arrays and files and back."""

import io
import itertools

import numpy as np
import pytest
import torch
from PIL import Image

from profond import utils

keras = pytest.importorskip("keras")


def picture(channels=3, low=0, high=256, size=(6, 9)):
    return np.random.default_rng(0).integers(low, high, (*size, channels)).astype("float32")


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("scale", [True, False])
def test_to_an_image_and_back_as_in_keras(channels, scale):
    x = picture(channels, high=200)
    ours = utils.array_to_img(x, scale=scale)
    theirs = keras.utils.array_to_img(x, scale=scale)
    assert (ours.mode, ours.size) == (theirs.mode, theirs.size)
    np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))
    back = utils.img_to_array(ours)
    assert (back.dtype, back.shape) == (np.float32, x.shape)
    if not scale:
        np.testing.assert_array_equal(back, x)


def test_constant_wide_and_out_of_range_pictures():
    assert utils.img_to_array(utils.array_to_img(np.full((2, 2, 3), 7.0))).max() == 0
    deep = utils.array_to_img(picture(1, high=1000), scale=False)
    assert deep.mode == "I"
    clipped = utils.array_to_img(np.full((1, 1, 3), 300.0), scale=False)
    assert clipped.getpixel((0, 0)) == (255, 255, 255)
    assert utils.array_to_img(torch.zeros(2, 3, 1)).size == (3, 2)


def test_types_of_arrays():
    image = utils.array_to_img(picture())
    assert utils.img_to_array(image, dtype="uint8").dtype == np.uint8
    assert utils.img_to_array(image.convert("L")).shape == (6, 9, 1)
    assert utils.array_to_img(picture(), dtype="float64").mode == "RGB"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: utils.array_to_img(np.zeros((2, 2))),
            r"`x` must have the shape .*received \(2, 2\)",
        ),
        (lambda: utils.array_to_img(np.zeros((2, 2, 2))), "with 1, 3 or 4 channels"),
        (lambda: utils.img_to_array(np.zeros((1, 2, 2, 3))), "`img` must be one picture"),
        (
            lambda: utils.img_to_array(np.zeros((2, 2)), data_format="channels_first"),
            "`data_format` must be None or 'channels_last'.*numpy.moveaxis",
        ),
    ],
)
def test_what_is_no_picture(call, message):
    with pytest.raises(ValueError, match=message):
        call()


MODES = ["grayscale", "rgb", "rgba"]
SIZES = [None, (4, 4), (12, 5), (6, 9)]
METHODS = ["nearest", "bilinear", "lanczos"]


def test_loading_as_in_keras(tmp_path):
    path = tmp_path / "picture.png"
    utils.save_img(path, picture(), scale=False)
    for choice in itertools.product(MODES, SIZES, METHODS, [False, True]):
        check_loading(path, *choice)


def check_loading(path, mode, target_size, interpolation, keep):
    options = {
        "color_mode": mode,
        "target_size": target_size,
        "interpolation": interpolation,
        "keep_aspect_ratio": keep,
    }
    ours = utils.load_img(path, **options)
    theirs = keras.utils.load_img(path, **options)
    assert (ours.mode, ours.size) == (theirs.mode, theirs.size)
    np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs))


def test_loading_from_bytes_and_deep_grey(tmp_path):
    deep = Image.fromarray(np.arange(12, dtype="uint16").reshape(3, 4) * 100)
    buffer = io.BytesIO()
    deep.save(buffer, format="png")
    again = utils.load_img(buffer, color_mode="grayscale")
    assert again.getpixel((3, 2)) == 1100
    path = tmp_path / "grey.png"
    utils.save_img(str(path), picture(1))
    assert utils.load_img(str(path).encode()).mode == "RGB"


def test_loading_refuses_what_it_does_not_know(tmp_path):
    with pytest.raises(ValueError, match="Unknown color mode: 'rbg'. Did you mean"):
        utils.load_img(tmp_path / "x.png", color_mode="rbg")
    with pytest.raises(ValueError, match="Unknown interpolation: 'bilinea'. Did you mean 'biline"):
        utils.load_img(tmp_path / "x.png", interpolation="bilinea")
    with pytest.raises(TypeError, match="`path` must be a path or an io.BytesIO; received int"):
        utils.load_img(3)


def format_and_mode(file):
    with Image.open(file) as image:
        return image.format, image.mode


def test_saving_by_name_and_by_format(tmp_path):
    path = tmp_path / "picture.jpg"
    utils.save_img(path, picture(), quality=95)
    assert format_and_mode(path) == ("JPEG", "RGB")
    buffer = io.BytesIO()
    utils.save_img(buffer, picture(), file_format="png")
    assert format_and_mode(buffer) == ("PNG", "RGB")
    with pytest.warns(UserWarning, match="JPEG has no transparency"):
        utils.save_img(path, picture(4))
    assert format_and_mode(path) == ("JPEG", "RGB")
