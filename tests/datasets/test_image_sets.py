"""Image sets in the form of `keras.datasets`."""

import numpy as np
import pytest

from profond import datasets
from profond.data.images._cifar import CIFAR10, CIFAR100
from tests.data.images.helpers import DATA
from tests.data.images.test_idx_and_npz import mnist_like
from tests.data.images.test_known import cifar_archive


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("PROFOND_DATA", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_grey_sets(name, folder):
    (folder / name).mkdir()
    arrays = mnist_like(folder / name)
    (x, y), (x_test, y_test) = getattr(datasets, name).load_data()
    np.testing.assert_array_equal(x, arrays["train"])
    np.testing.assert_array_equal(x_test, arrays["t10k"])
    assert (y.tolist(), y_test.tolist()) == ([0, 1, 2], [0, 1])
    assert {one.dtype for one in (x, y, x_test, y_test)} == {np.dtype(np.uint8)}


def test_the_file_of_keras_is_used(folder, monkeypatch):
    kept = folder / "home" / ".keras" / "datasets"
    kept.mkdir(parents=True)
    x, y = np.arange(8, dtype=np.uint8).reshape(2, 2, 2), np.array([7, 3], np.uint8)
    np.savez(kept / "mnist.npz", x_train=x, y_train=y, x_test=x[:1], y_test=y[:1])
    (x_train, y_train), (x_test, _) = datasets.mnist.load_data()
    np.testing.assert_array_equal(x_train, x)
    assert (y_train.tolist(), x_test.shape, y_train.dtype) == ([7, 3], (1, 2, 2), np.uint8)
    np.savez(folder / "other.npz", x_train=x[:1], y_train=y[:1], x_test=x, y_test=y)
    assert len(datasets.mnist.load_data(str(folder / "other.npz"))[0][0]) == 1


def test_coloured_sets(folder):
    (folder / "cifar10").mkdir()
    (folder / "cifar100").mkdir()
    tens = cifar_archive(folder / "cifar10" / "cifar-10-binary.tar.gz", CIFAR10, ["a", "b"])
    cents = cifar_archive(folder / "cifar100" / "cifar-100-binary.tar.gz", CIFAR100, ["a", "b"])
    (x, y), (x_test, y_test) = datasets.cifar10.load_data()
    assert (x.shape, y.shape, x_test.shape) == ((10, 32, 32, 3), (10, 1), (2, 32, 32, 3))
    assert (x.dtype, y.dtype) == (np.uint8, np.uint8)
    assert y_test[:, 0].tolist() == tens["test_batch.bin"][:, 0].tolist()
    for mode, byte in (("fine", 1), ("coarse", 0)):
        (x, y), _ = datasets.cifar100.load_data(label_mode=mode)
        assert y[:, 0].tolist() == cents["train.bin"][:, byte].tolist()
        assert (y.dtype, y.shape) == (np.int64, (2, 1))
    with pytest.raises(ValueError, match="`label_mode` must be 'fine' or 'coarse'; received 'fin'"):
        datasets.cifar100.load_data("fin")


def test_mnist_itself(monkeypatch):
    if not (DATA / "mnist").exists():
        pytest.skip("the data set mnist is not here (PROFOND_DATA)")
    monkeypatch.setenv("PROFOND_DATA", str(DATA))
    (x, y), (x_test, y_test) = datasets.mnist.load_data()
    assert (x.shape, x_test.shape) == ((60000, 28, 28), (10000, 28, 28))
    # The means of all pixels that are given everywhere: 0.1307 and 0.1325 of 255.
    assert x.mean() / 255 == pytest.approx(0.1307, abs=5e-5)
    assert x_test.mean() / 255 == pytest.approx(0.1325, abs=5e-5)
    assert np.bincount(y).tolist()[:3] == [5923, 6742, 5958]
    assert len(y_test) == 10000
