"""Images from IDX and .npz files."""

import gzip
import struct

import numpy as np
import pytest

from profond.data.images import open_images, read_idx, read_npz
from tests.data.images.helpers import encoded, noise, real


def idx(array, code=8):
    array = np.asarray(array)
    head = bytes([0, 0, code, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.tobytes()


def mnist_like(folder, train=3, test=2, end=".gz"):
    rng = np.random.default_rng(0)
    arrays = {}
    for begin, n in (("train", train), ("t10k", test)):
        x = rng.integers(0, 256, (n, 4, 3), np.uint8)
        y = np.arange(n, dtype=np.uint8)
        for name, array in ((f"{begin}-images-idx3", x), (f"{begin}-labels-idx1", y)):
            raw = idx(array)
            (folder / f"{name}-ubyte{end}").write_bytes(gzip.compress(raw, mtime=0) if end else raw)
        arrays[begin] = x
    return arrays


@pytest.mark.parametrize("end", [".gz", ""])
def test_idx_files_and_their_folder(tmp_path, end):
    arrays = mnist_like(tmp_path, end=end)
    one = read_idx(tmp_path / f"t10k-images-idx3-ubyte{end}")
    np.testing.assert_array_equal(one.decoded()[:][..., 0], arrays["t10k"])
    assert one.labels.tolist() == [0, 1]
    assert one.part is None
    both = open_images(tmp_path)
    assert both.part.tolist() == ["train"] * 3 + ["test"] * 2
    assert both.labels.tolist() == [0, 1, 2, 0, 1]
    np.testing.assert_array_equal(both.pixels.values[3:, ..., 0], arrays["t10k"])
    assert len(open_images(tmp_path / f"train-images-idx3-ubyte{end}")) == 3
    given = read_idx(
        tmp_path / f"train-images-idx3-ubyte{end}", tmp_path / f"train-labels-idx1-ubyte{end}"
    )
    assert given.labels.tolist() == [0, 1, 2]


def test_idx_types(tmp_path):
    for code, dtype in ((0x09, ">i1"), (0x0B, ">i2"), (0x0C, ">i4"), (0x0D, ">f4"), (0x0E, ">f8")):
        x = np.arange(12).reshape(1, 3, 4).astype(dtype)
        (tmp_path / "some.idx").write_bytes(idx(x, code))
        made = open_images(tmp_path / "some.idx")
        np.testing.assert_array_equal(made.one(0)[..., 0], x[0])
        assert made.labels is None


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", r"x.idx is no IDX file: it must begin .* received nothing"),
        (b"\x89PNG....", "x.idx is no IDX file: .* received 89 50 4e 47"),
        (
            idx(np.zeros(3, np.uint8)),
            r"must hold images, .* shape \(3,\)\. It seems .* labels",
        ),
        (idx(np.zeros((1, 2, 2), np.uint8))[:-1], "must hold 4 bytes .* received 3. Copy or down"),
        (
            gzip.compress(idx(np.zeros((9, 9, 9), np.uint8)), mtime=0)[:-9],
            "the gzip data are truncated",
        ),
    ],
)
def test_wrong_idx_files(tmp_path, raw, message):
    (tmp_path / "x.idx").write_bytes(raw)
    with pytest.raises(ValueError, match=message):
        read_idx(tmp_path / "x.idx")


def test_wrong_labels_and_no_files(tmp_path):
    (tmp_path / "a-images-idx3").write_bytes(idx(np.zeros((2, 2, 2), np.uint8)))
    (tmp_path / "a-labels-idx1").write_bytes(idx(np.zeros(3, np.uint8)))
    with pytest.raises(ValueError, match=r"a-labels-idx1 must hold one label for each of the 2 im"):
        read_idx(tmp_path / "a-images-idx3")
    with pytest.raises(FileNotFoundError, match="There is no file train-images-idx3-ubyte"):
        read_idx(tmp_path)


X, Y = np.arange(24, dtype=np.uint8).reshape(6, 2, 2), np.array([0, 1, 2, 0, 1, 2])


@pytest.mark.parametrize(
    ("arrays", "part"),
    [
        ({"x": X, "y": Y}, None),
        ({"images": X, "labels": Y[:, None]}, None),
        ({"x_train": X[:4], "y_train": Y[:4], "x_test": X[4:], "y_test": Y[4:]}, (4, 2, 0)),
        ({"X_test": X[4:], "y_test": Y[4:], "X_train": X[:4], "y_train": Y[:4]}, (4, 2, 0)),
        (
            {
                "train_images": X[:3],
                "train_labels": Y[:3, None],
                "test_images": X[3:5],
                "test_labels": Y[3:5, None],
                "val_images": X[5:],
                "val_labels": Y[5:, None],
            },
            (3, 2, 1),
        ),
    ],
)
def test_npz_arrays(tmp_path, arrays, part):
    np.savez(tmp_path / "some.npz", **arrays)
    made = open_images(tmp_path / "some.npz")
    np.testing.assert_array_equal(made.pixels.values[..., 0], X)
    assert made.labels.tolist() == Y.tolist()
    counts = None
    if made.part is not None:
        counts = tuple((made.part == one).sum() for one in ("train", "test", "validation"))
    assert counts == part
    np.savez_compressed(tmp_path / "named.npz", **arrays, classes=np.array(["a", "b", "c"]))
    assert read_npz(tmp_path / "named.npz").labels.tolist() == list("abcabc")


def test_npz_streams(tmp_path):
    pictures = [encoded(noise(4, 4, seed=i), "PNG") for i in range(3)]
    stream = np.frombuffer(b"".join(pictures), np.uint8)
    places = np.cumsum([0, *map(len, pictures)])
    arrays = {"jpeg": stream, "offsets": places}
    np.savez(tmp_path / "a.npz", **arrays)
    made = read_npz(tmp_path / "a.npz")
    assert (made.labels, made.part) == (None, None)
    np.testing.assert_array_equal(made.one(2), noise(4, 4, seed=2))
    split = {f"{p}_{k}": v for p in ("train", "test") for k, v in arrays.items()}
    split |= {"train_labels": np.array([0, 1, 1]), "test_labels": np.array([1, 0, 0])}
    np.savez(tmp_path / "b.npz", **split, classes=np.array(["cat", "dog"]))
    made = read_npz(tmp_path / "b.npz")
    assert made.labels.tolist() == ["cat", "dog", "dog", "dog", "cat", "cat"]
    assert made.part.tolist() == ["train"] * 3 + ["test"] * 3
    np.testing.assert_array_equal(made.take([5]).one(0), noise(4, 4, seed=2))
    broken = stream.copy()
    broken[places[1] : places[1] + 8] = 0
    np.savez(tmp_path / "c.npz", jpeg=broken, offsets=places)
    made = read_npz(tmp_path / "c.npz")
    assert len(made) == 2
    np.testing.assert_array_equal(made.one(1), noise(4, 4, seed=2))
    with pytest.raises(ValueError, match=r"c\.npz: 1 image cannot be read: image 2 \(it is no im"):
        read_npz(tmp_path / "c.npz", broken="error")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "a.npz: there must be an array 'x', or 'x_train' and 'x_test'; it holds nothing"),
        ({"z": X}, "it holds z"),
        (
            {"x_train": X, "x_test": X, "y_test": Y},
            r"same parts; received inputs \['test', ",
        ),
        (
            {"x_train": X, "x_test": np.zeros((2, 3, 3))},
            "inputs of all parts must have the same",
        ),
        ({"x_train": X, "y_train": Y[:2]}, "one label for each input; received 6 inputs and 2 lab"),
        ({"x": X, "y": np.array([None] * 6)}, "a.npz holds Python objects, which are not loaded"),
        ({"jpeg": X.ravel()}, "'jpeg' needs 'offsets', the n . 1 places"),
        ({"jpeg": X.ravel(), "offsets": np.array([0, 99])}, "'offsets' must grow from 0 to the 24"),
    ],
)
def test_wrong_npz_files(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(ValueError, match=message):
        read_npz(tmp_path / "a.npz")


def test_no_npz_file(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"PK\x03\x04 and nothing more")
    with pytest.raises(ValueError, match=r"a\.npz is no \.npz file, or is damaged"):
        read_npz(tmp_path / "a.npz")
    with pytest.raises(FileNotFoundError, match=r"There is no file '.*b\.npz'"):
        read_npz(tmp_path / "b.npz")


def test_mnist():
    made = open_images(real("mnist"))
    assert made.describe() == (
        "70000 images of 28 x 28 pixels, 1 channel, 10 classes, 60000 train, 10000 test"
    )
    assert made.labels[:5].tolist() == [5, 0, 4, 1, 9]


@pytest.mark.slow
def test_cifar10_as_jpeg_streams():
    made = open_images(real("cifar10/cifar10_jpeg.npz"))
    assert made.describe() == (
        "60000 images of 32 x 32 pixels, 3 channels, 10 classes, 50000 train, 10000 test"
    )
    assert made.classes[:2] == ("airplane", "automobile")
    assert made.notes == ()
