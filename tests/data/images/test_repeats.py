"""Images that stand twice in a set."""

import shutil

import numpy as np
import pytest

from profond.data.images import first_places, images_from_arrays, open_images, repeat_warnings
from tests.data.images.helpers import class_folders, encoded, noise, real, save


def test_arrays():
    x = np.stack([noise(4, 4, seed=i) for i in (0, 1, 0, 2, 1)])
    made = images_from_arrays(x, ["a", "b", "a", "a", "a"])
    assert first_places(made).tolist() == [0, 1, 0, 3, 1]
    assert first_places(images_from_arrays(x / 255)).tolist() == [0, 1, 0, 3, 1]
    assert repeat_warnings(made, np.array([0, 1]), np.array([2, 3, 4])) == [
        "2 of 3 test images are in the training part too (image 3, image 5): the test is easier "
        "than new images will be.",
        "1 image(s) stand in the set twice with different labels (image 5).",
    ]
    assert repeat_warnings(made.take([0, 1, 3]), np.array([0]), np.array([1, 2])) == []
    # The same numbers in another shape are another image.
    assert first_places(images_from_arrays([noise(2, 8), noise(8, 2)])).tolist() == [0, 1]
    half = images_from_arrays(x, [0.5, 1, 2, 3, 4])
    assert repeat_warnings(half, np.array([0]), np.array([3])) == []


def test_files(tmp_path):
    class_folders(tmp_path / "train")
    save(tmp_path / "test" / "cat" / "new.png", noise(7, 7, seed=99))
    shutil.copy(tmp_path / "train" / "dog" / "1.png", tmp_path / "test" / "cat" / "copy.png")
    made = open_images(tmp_path)
    first = first_places(made)
    places = {name: i for i, name in enumerate(made.names)}
    again = places["train/dog/1.png"], places["test/cat/copy.png"]
    assert first[max(again)] == min(again)
    assert (first != np.arange(len(made))).sum() == 1
    parts = (np.flatnonzero(made.part == part) for part in ("train", "test"))
    said = repeat_warnings(made, *parts)
    assert said[0].startswith("1 of 2 test images are in the training part too (test/cat/copy.png)")
    assert "1 image(s) stand in the set twice with different labels" in said[1]


def test_streams(tmp_path):
    pictures = [encoded(noise(4, 4, seed=i)) for i in (0, 1, 0)]
    np.savez(
        tmp_path / "a.npz",
        jpeg=np.frombuffer(b"".join(pictures), np.uint8),
        offsets=np.cumsum([0, *map(len, pictures)]),
    )
    assert first_places(open_images(tmp_path / "a.npz")).tolist() == [0, 1, 0]


@pytest.mark.slow
def test_mnist_has_no_test_image_in_its_training_part():
    made = open_images(real("mnist"))
    first = first_places(made)
    assert (first == np.arange(70000)).all()
