"""Which paths and names mean images."""

import numpy as np

from profond.data.images import holds_images, images_from_arrays
from tests.data.images.helpers import class_folders, noise, save
from tests.data.images.test_idx_and_npz import mnist_like


def test_images(tmp_path):
    class_folders(tmp_path / "deep" / "train")
    save(tmp_path / "one.JPG", noise())
    (tmp_path / "list.csv").write_text("path;label\npictures/a.png;cat\n")
    (tmp_path / "bare.txt").write_text("a.jpg\tcat\n")
    (tmp_path / "idx").mkdir()
    mnist_like(tmp_path / "idx")
    np.savez(tmp_path / "grey.npz", x_train=np.zeros((2, 4, 4), np.uint8))
    np.savez(tmp_path / "colour.npz", y=np.zeros(2), x=np.zeros((2, 4, 4, 3)))
    np.savez(tmp_path / "jpeg.npz", train_jpeg=np.zeros(9, np.uint8))
    names = "deep one.JPG list.csv bare.txt idx grey.npz colour.npz jpeg.npz".split()
    for name in [*names, "idx/train-images-idx3-ubyte.gz"]:
        assert holds_images(tmp_path / name), name
    assert holds_images("digits")
    assert holds_images(images_from_arrays(np.zeros((1, 2, 2))))


def test_other_things(tmp_path):
    (tmp_path / "table.csv").write_text("path,price\nnorth,3.5\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "bytes.txt").write_bytes(b"\x00\x01\x02" * 9)
    (tmp_path / "series.ts").write_text("@data\n1,2\n")
    (tmp_path / "bad.npz").write_bytes(b"PK")
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("a")
    np.savez(tmp_path / "series.npz", X_train=np.zeros((2, 4, 3), np.float32), y_train=[0, 1])
    for one in tmp_path.iterdir():
        assert not holds_images(one), one
    for one in ("boston", "nowhere", 3, np.zeros((2, 4, 4)), None):
        assert not holds_images(one)
