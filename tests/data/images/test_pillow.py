"""What becomes of one picture: modes, alpha, depth, palettes, orientation."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from profond.data.images import open_images
from tests.data.images.helpers import encoded, noise


def opened(tmp_path, image, kind="png", **options):
    path = tmp_path / f"one.{kind}"
    image.save(path, **options)
    return open_images(path)


def test_grey_colour_and_one_bit(tmp_path):
    grey = noise(channels=1)
    made = opened(tmp_path, Image.fromarray(grey))
    assert made.channels == 1
    np.testing.assert_array_equal(made.one(0)[..., 0], grey)
    np.testing.assert_array_equal(made.decoded()[:][0, ..., 0], grey)
    made = opened(tmp_path, Image.fromarray(grey > 99))
    np.testing.assert_array_equal(made.one(0)[..., 0], np.where(grey > 99, 255, 0))


def test_sixteen_bits_become_eight(tmp_path):
    deep = np.array([[0, 257, 65535], [128, 129, 32896]], np.uint16)
    made = opened(tmp_path, Image.fromarray(deep))
    assert made.one(0)[..., 0].tolist() == [[0, 1, 255], [0, 1, 128]]
    assert made.notes == ("1 image of 16 bits brought to 8 (65535 becomes 255).",)
    made = opened(tmp_path, Image.fromarray(deep), "tif")
    assert made.one(0)[0, 2, 0] == 255


def test_numbers_of_32_bits_are_refused(tmp_path):
    with pytest.raises(ValueError, match="its pixels are numbers of 32 bits, whose range is not"):
        opened(tmp_path, Image.fromarray(np.ones((2, 2), np.float32)), "tif")


def test_palettes(tmp_path):
    image = Image.fromarray(noise()).quantize(8)
    made = opened(tmp_path, image)
    np.testing.assert_array_equal(made.one(0), np.asarray(image.convert("RGB")))
    grey = Image.fromarray(noise(channels=1) // 64)
    grey.putpalette([v for k in range(4) for v in (k * 80,) * 3])
    made = opened(tmp_path, grey)
    assert made.channels == 1
    assert set(np.unique(made.one(0)).tolist()) == {0, 80, 160, 240}


def test_alpha_is_laid_on_white(tmp_path):
    pixels = np.zeros((1, 3, 4), np.uint8)
    pixels[..., 3] = [[0, 255, 51]]
    made = opened(tmp_path, Image.fromarray(pixels))
    assert made.one(0).tolist() == [[[255] * 3, [0] * 3, [204] * 3]]
    pixels = np.array([[[100, 0], [100, 255]]], np.uint8)
    made = opened(tmp_path, Image.fromarray(pixels))
    assert made.one(0)[..., 0].tolist() == [[255, 100]]
    image = Image.fromarray(np.array([[7, 8]], np.uint8))
    made = opened(tmp_path, image, transparency=7)
    assert made.one(0)[..., 0].tolist() == [[255, 8]]


def test_cmyk(tmp_path):
    made = opened(tmp_path, Image.new("CMYK", (4, 4), (0, 255, 255, 0)), "tif")
    assert made.one(0)[0, 0].tolist() == [255, 0, 0]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_that_of_pillow(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    raw = encoded(noise(40, 24), "JPEG", exif=exif, quality=95)
    expected = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(raw))))
    made = open_images([Image.open(io.BytesIO(raw))])
    np.testing.assert_array_equal(made.one(0), expected)
    assert made.size == expected.shape[:2]


def test_orientation_and_a_smaller_size(tmp_path):
    pixels = np.zeros((160, 80, 3), np.uint8)
    pixels[:80] = 255  # white above, black below
    exif = Image.Exif()
    exif[0x0112] = 6  # turned to the right to be upright: white right of black
    path = tmp_path / "turned.jpg"
    Image.fromarray(pixels).save(path, exif=exif)
    made = open_images(path)
    assert made.size == (80, 160)
    x = made.decoded((8, 16))[:][0, ..., 0]
    assert (x[:, :7] < 5).all()
    assert (x[:, 9:] > 250).all()


def test_the_first_frame_of_several(tmp_path):
    first, second = (Image.fromarray(noise(seed=i)).quantize(4) for i in (1, 2))
    path = tmp_path / "moving.gif"
    first.save(path, save_all=True, append_images=[second])
    made = open_images(path)
    np.testing.assert_array_equal(made.one(0), np.asarray(first.convert("RGB")))
    name = str(path)
    assert made.notes == (f"Only the first frame is read of 1 file with several: {name}.",)
