"""Decoded batches: sizes, threads, the cache."""

import copy
import os
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from profond.data.images import images_from_arrays, images_from_folder, open_images
from tests.data.images.helpers import class_folders, noise, save


@given(
    height=st.integers(1, 20),
    width=st.integers(1, 20),
    size=st.tuples(st.integers(1, 20), st.integers(1, 20)),
    channels=st.sampled_from([1, 2, 3, 4]),
    how=st.sampled_from(["fit", "crop", "stretch"]),
    real=st.booleans(),
)
def test_any_picture_fills_any_frame(height, width, size, channels, how, real):
    x = np.full((2, height, width, channels), 100, np.uint8)
    made = images_from_arrays(x.astype(np.float32) if real else x)
    out = made.decoded(size, how=how, fill=7)[:]
    assert out.shape == (2, *size, channels)
    assert out.dtype == (np.float32 if real else np.uint8)
    inside = np.isclose(out, 100)
    assert (inside | (out == 7)).all()
    assert inside.any()
    if how != "fit":
        assert inside.all()
    else:  # the frame is filled in one direction at least
        assert inside.any((0, 2, 3)).all() or inside.any((0, 1, 3)).all()


def test_fit_crop_and_stretch():
    x = np.zeros((1, 4, 8, 1), np.uint8)
    x[:, :, :4] = 200  # left half
    made = images_from_arrays(x)

    def row(how, **more):
        return made.decoded((8, 8), how=how, interpolation="nearest", **more)[:][0, :, :, 0]

    stretched = row("stretch")
    assert (stretched == stretched[:1]).all()
    assert stretched[0].tolist() == [200] * 4 + [0] * 4
    fitted = row("fit", fill=9)
    assert fitted[:, 0].tolist() == [9, 9, 200, 200, 200, 200, 9, 9]
    cropped = row("crop")
    assert cropped[0].tolist() == [200] * 4 + [0] * 4  # columns 2 to 6 of the picture
    small = made.decoded((2, 4))[:][0, :, :, 0]
    assert small[0, 0] == 200
    assert small[0, 3] == 0


def test_resizing_is_that_of_pillow():
    pixels = noise(30, 20)
    image = Image.fromarray(pixels)
    for name, method in (("bilinear", 2), ("bicubic", 3), ("lanczos", 1), ("box", 4)):
        expected = np.asarray(image.resize((10, 15), method))
        for source in ([image], pixels[None]):
            out = open_images(source).decoded((15, 10), interpolation=name)[:][0]
            np.testing.assert_array_equal(out, expected)
    real = noise(30, 20).astype(np.float64) / 255
    out = images_from_arrays(real[None]).decoded((15, 10))[:][0]
    expected = Image.fromarray(real[..., 1].astype(np.float32)).resize((10, 15), 2)
    np.testing.assert_allclose(out[..., 1], np.asarray(expected), rtol=1e-6)


def test_a_large_photo_is_close_to_its_full_decoding(tmp_path):
    smooth = np.asarray(Image.fromarray(noise(8, 12)).resize((1200, 800), 3))
    path = save(tmp_path / "photo.jpg", smooth, quality=95)
    out = open_images(path).decoded((64, 64), how="crop")[:][0].astype(int)
    full = Image.open(path).resize((64, 64), 2, box=(200, 0, 1000, 800))
    assert np.abs(out - np.asarray(full)).max() <= 4


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("cache", [True, False, None])
def test_rows_in_any_order_with_and_without_cache(tmp_path, threads, cache):
    written = np.stack(list(class_folders(tmp_path, per_class=10).values()))
    images = images_from_folder(tmp_path).decoded(threads=threads, cache=cache)
    assert images.cached == (cache is not False)
    assert images.shape == written.shape
    for rows in ([3, 3, 0], slice(2, 15, 3), np.arange(20) % 2 == 0, np.arange(20), [-1]):
        np.testing.assert_array_equal(images[rows], written[rows])
    assert images[[]].shape == (0, 6, 5, 3)
    with pytest.raises(IndexError):
        images[[20]]


def test_the_cache_does_not_read_twice_and_is_left_out_of_copies(tmp_path):
    written = np.stack(list(class_folders(tmp_path).values()))
    made = images_from_folder(tmp_path)
    kept, read_again = made.decoded(), made.decoded(cache_bytes=6 * 6 * 5 * 3 - 1)
    assert (kept.cached, read_again.cached) == (True, False)
    kept[:]
    read_again[:]
    fresh = copy.deepcopy(kept)
    (tmp_path / "cat" / "0.png").unlink()
    np.testing.assert_array_equal(kept[:], written)
    kept[:][0] = 0  # what is given out is a copy
    np.testing.assert_array_equal(kept[:], written)
    for one in (read_again, fresh):
        with pytest.raises(ValueError, match="Image 'cat/0.png' cannot be read"):
            one[:]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_fork_decodes_with_threads_of_its_own(tmp_path):
    written = np.stack(list(class_folders(tmp_path).values()))
    images = images_from_folder(tmp_path).decoded(threads=2, cache=False)
    images[:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of threads in a process that forks
        child = os.fork()
    if not child:
        os._exit(0 if np.array_equal(images[:], written) else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_batches_one_after_the_other(tmp_path):
    written = np.stack(list(class_folders(tmp_path, per_class=4).values()))
    images = images_from_folder(tmp_path).decoded(threads=2)
    parts = list(images.batches(3))
    assert [len(one) for one in parts] == [3, 3, 2]
    np.testing.assert_array_equal(np.concatenate(parts), written)
    order = [7, 0, 3]
    np.testing.assert_array_equal(np.concatenate(list(images.batches(2, order))), written[order])
    assert list(images.batches(2, np.arange(0))) == []
    next(images.batches(2))  # a loop that is broken off leaves nothing behind
    with pytest.raises(ValueError, match="`batch_size` must be at least 1; received 0"):
        next(images.batches(0))


def test_an_array_of_the_wanted_size_is_not_copied_twice():
    x = np.zeros((3, 4, 4, 1), np.uint8)
    images = images_from_arrays(x).decoded()
    assert not images.cached
    assert not images_from_arrays(x).decoded((4, 4), cache=True).cached
    assert images_from_arrays(x).decoded((5, 4)).cached


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 0}, r"`size` must be \(height, width\), two positive whole numbers; received 0"),
        ({"size": (3, 2.5)}, r"`size` must be .* received \(3, 2\.5\)"),
        ({"size": (3, 2, 1)}, r"`size` must be .* received \(3, 2, 1\)"),
        ({"size": "3"}, "`size` must be .* received '3'"),
        ({}, r"`size` must be given, .* of different sizes; from 2 x 3 to 4 x 5"),
        ({"size": 3, "how": "fill"}, "Unknown way to resize: 'fill'.* Available: crop, fit, stre"),
        ({"size": 3, "interpolation": "cubic"}, "Unknown interpolation: 'cubic'"),
        ({"size": 3, "threads": 0}, "`threads` must be a whole number from 1 on; received 0"),
        ({"size": 3, "fill": 256}, r"`fill` must be in \[0, 255\]; received 256"),
    ],
)
@pytest.mark.wrong_types
def test_wrong_options(options, message):
    made = images_from_arrays([noise(2, 5), noise(4, 3)])
    with pytest.raises(ValueError, match=message):
        made.decoded(**options)
