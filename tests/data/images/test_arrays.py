"""Images from arrays."""

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

from profond.data.images import ImageSet, images_from_arrays
from profond.data.images._sources import ArrayPixels
from tests.data.images.helpers import noise

NAN = np.nan


def test_arrays_of_all_kinds():
    x = noise(2, 3, 4).astype(np.int64).reshape(4, 2, 3)
    for given in (x, torch.tensor(x), x.astype(np.uint8), x[..., None], list(x), x.tolist()):
        made = images_from_arrays(given)
        assert (made.size, made.channels, made.dtype) == ((2, 3), 1, np.uint8)
        np.testing.assert_array_equal(made.decoded()[:][..., 0], x)
    for kind in (np.float16, np.float32, np.float64):
        made = images_from_arrays(x.astype(kind) / 255)
        assert made.dtype == np.float32
        out = made.decoded()[:]
        assert out.dtype == np.float32
        np.testing.assert_allclose(out[..., 0], x.astype(kind) / 255, rtol=1e-3)
    made = images_from_arrays(np.array([[[True, False]]]))
    assert made.one(0).ravel().tolist() == [255, 0]
    assert made.notes == ("True is 255, False is 0.",)
    made = images_from_arrays(np.array([[[0, 300]]], np.uint16))
    assert made.one(0).ravel().tolist() == [0, 300]
    assert made.notes == ("Whole numbers from 0 to 300 are kept as float32, as they are.",)


def test_lists_of_different_sizes():
    parts = [noise(2, 3), noise(5, 4)]
    made = images_from_arrays(parts, ["a", "b"])
    assert made.sizes.tolist() == [[2, 3], [5, 4]]
    np.testing.assert_array_equal(made.one(1), parts[1])
    np.testing.assert_array_equal(made.take([1]).decoded()[:][0], parts[1])
    assert images_from_arrays([parts[0] / 255, parts[1]]).dtype == np.float32
    pictures = images_from_arrays([Image.fromarray(one) for one in parts])
    np.testing.assert_array_equal(pictures.one(0), parts[0])


def test_labels_of_all_kinds():
    x = np.zeros((3, 2, 2), np.uint8)
    for labels, kept in (
        (["a", "b", "a"], ["a", "b", "a"]),
        (pd.Series(["a", "b", "a"]), ["a", "b", "a"]),
        (np.array([[0], [1], [0]]), [0, 1, 0]),
        (torch.eye(3)[:, [2, 0, 1]], [1, 2, 0]),
        ([0.5, 1.5, 2], [0.5, 1.5, 2]),
    ):
        assert images_from_arrays(x, labels).labels.tolist() == kept
    made = images_from_arrays(x, [2, 0, 2], classes=["a", "b", "c"], part=["train", "test", "test"])
    assert made.labels.tolist() == ["c", "a", "c"]
    assert made.classes == ("a", "b", "c")
    assert made.take([2]).labels.tolist() == ["c"]
    assert images_from_arrays(x, ["b", "a", "a"], classes=["a", "b"]).classes == ("a", "b")
    assert made.describe() == ("3 images of 2 x 2 pixels, 1 channel, 2 classes, 1 train, 2 test")
    assert images_from_arrays(x, [0.5, 1, 2]).describe() == "3 images of 2 x 2 pixels, 1 channel"


ZEROS = np.zeros((2, 4, 4), np.uint8)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: images_from_arrays([]), "There must be at least one image; received none"),
        (lambda: images_from_arrays(ZEROS[:0]), r"at least one image with a pixel; .*\(0, 4, 4, 1"),
        (
            lambda: images_from_arrays(ZEROS[0]),
            r"received \(4, 4\)\. One image .* `x\[None\]",
        ),
        (
            lambda: images_from_arrays(np.zeros((8, 9, 3))),
            r"shape \(8, 9, 3\) seems to be one image with colours, which is given as `x.None.`",
        ),
        (lambda: images_from_arrays(np.zeros((1, 2, 3, 4, 5))), r"\(images, height, width, chann"),
        (
            lambda: images_from_arrays(np.zeros((2, 3, 8, 8))),
            r"Channels must come last, .* received the shape \(2, 3, 8, 8\).* `numpy.moveaxis",
        ),
        (lambda: images_from_arrays(["a"]), "Images must hold numbers; received an array of <U1"),
        (
            lambda: images_from_arrays([np.zeros(3), np.zeros(3)]),
            r"an array \(height, width\) .* received the shape \(3,\) for image 1",
        ),
        (
            lambda: images_from_arrays([np.zeros((2, 2, 3)), np.zeros((3, 2, 1))]),
            "same number of channels; received 3 in image 1 and 1 in image 2",
        ),
        (
            lambda: images_from_arrays([np.zeros((2, 2)), np.zeros((0, 2))]),
            r"Image 2 has no pixel: its shape is \(0, 2, 1\)",
        ),
        (
            lambda: images_from_arrays(np.array([[[0.0]], [[NAN]]])),
            "Image 2 holds NaN or an infinite value; replace it",
        ),
        (
            lambda: images_from_arrays([np.zeros((2, 2)), np.full((1, 1), np.inf)]),
            "Image 2 holds NaN or an infinite value",
        ),
        (
            lambda: images_from_arrays(ZEROS, [1]),
            r"one label per image; received 2 images and labels of the shape \(1,\)\. One-hot",
        ),
        (lambda: images_from_arrays(ZEROS, ["a", None]), "Image 2 has no label"),
        (lambda: images_from_arrays(ZEROS, [1.0, NAN]), "Image 2 has no label"),
        (
            lambda: images_from_arrays(ZEROS, [0, 2], classes=["a", "b"]),
            r"Labels must be codes from 0 to 1 where 2 `classes` are named.*received \[0, 2\]",
        ),
        (
            lambda: images_from_arrays(ZEROS, part=["train"]),
            r"`part` must say the part of each of the 2 images; received the shape \(1,\)",
        ),
        (
            lambda: images_from_arrays(ZEROS, part=["train", "tset"]),
            "`part` must hold 'train', 'test' and 'validation'; received 'tset'",
        ),
        (
            lambda: ImageSet(ArrayPixels(ZEROS[..., None]), names=("a",)),
            "one name per image; received 2 images and 1 names",
        ),
        (lambda: images_from_arrays(ZEROS).take([]), "at least one image; received none"),
    ],
)
def test_wrong_arrays(make, message):
    with pytest.raises(ValueError, match=message):
        make()
