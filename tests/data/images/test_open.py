"""Which reader opens what."""

import numpy as np
import pytest
import torch
from PIL import Image

from profond.data.images import open_images
from tests.data.images.helpers import class_folders, noise, save

X = np.zeros((2, 4, 4), np.uint8)


def test_paths(tmp_path):
    class_folders(tmp_path / "pets")
    made = open_images(str(tmp_path / "pets"))
    assert (len(made), made.source) == (6, str(tmp_path / "pets"))
    assert made.take([0]).source == made.source
    one = save(tmp_path / "one.jpeg", noise())
    assert open_images(one).names == (str(one),)
    (tmp_path / "list.csv").write_text("path,label\none.jpeg,a\n")
    assert open_images(tmp_path / "list.csv").labels.tolist() == ["a"]


def test_lists_of_paths(tmp_path):
    paths = [save(tmp_path / f"{i}.png", noise(seed=i)) for i in range(3)]
    made = open_images([str(one) for one in paths], ["a", "b", "a"])
    assert made.labels.tolist() == ["a", "b", "a"]
    assert open_images((paths, [0, 1, 0])).labels.tolist() == [0, 1, 0]
    assert open_images(tuple(paths[:2])).labels is None
    made = open_images([*paths[:2], tmp_path / "none.png"], [5, 6, 7])
    assert made.labels.tolist() == [5, 6]
    with pytest.raises(ValueError, match=r"received 3 paths and labels of the shape \(1,\)"):
        open_images(paths, ["a"])


def test_arrays_and_pairs():
    assert open_images(X).labels is None
    assert open_images(X, ["a", "b"]).labels.tolist() == ["a", "b"]
    assert open_images((X, [0, 1])).labels.tolist() == [0, 1]
    assert open_images((torch.zeros(2, 4, 4, 3), torch.tensor([0, 1]))).channels == 3
    assert len(open_images((X[0], X[1]))) == 2  # two images, not images and labels
    assert open_images(([X[0], noise()[..., 0]], np.array([0, 1]))).labels.tolist() == [0, 1]
    assert len(open_images([Image.fromarray(noise())])) == 1
    made = open_images(X)
    assert open_images(made) is made


def test_what_cannot_be_opened(tmp_path):
    class_folders(tmp_path / "pets")
    with pytest.raises(FileNotFoundError, match=r"no file or folder .*pet'\. Did you mean .*pets'"):
        open_images(tmp_path / "pet")
    with pytest.raises(FileNotFoundError, match=r"no folder '.*a.b'.*a' does not exist"):
        open_images(tmp_path / "a" / "b")
    (tmp_path / "x.doc").write_text("?")
    with pytest.raises(ValueError, match=r"x\.doc is of no kind that is known; give a folder"):
        open_images(tmp_path / "x.doc")
    with pytest.raises(ValueError, match="is a web address; download the images"):
        open_images("https://example.com/a.png")
    with pytest.raises(ValueError, match="`labels` are given with arrays .* with a path, '.*pets'"):
        open_images(tmp_path / "pets", [1])
