"""The sets that everybody knows."""

import gzip
import hashlib
import io
import tarfile

import numpy as np
import pytest

from profond.data.images import _known, known_images, open_images
from profond.data.images._cifar import CIFAR10, CIFAR100, read_cifar
from tests.data.images.helpers import DATA
from tests.data.images.test_idx_and_npz import mnist_like

RNG = np.random.default_rng(0)


def cifar_archive(path, form, classes, images=2):
    """A small archive in the form of CIFAR; gives its records by file."""
    records = {}
    with tarfile.open(path, "w:gz") as archive:
        for name in (*form.train, form.test):
            pixels = RNG.integers(0, 256, (images, 3072), np.uint8)
            labels = RNG.integers(0, 2, (images, form.labels), np.uint8)
            records[name] = np.concatenate([labels, pixels], axis=1)
        contents = {name: one.tobytes() for name, one in records.items()}
        contents |= {name: "\n".join(classes).encode() + b"\n\n" for name in form.names}
        for name, content in contents.items():
            info = tarfile.TarInfo(f"cifar/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return records


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """No data, no cache, and mirrors that are folders of this machine."""
    monkeypatch.delenv("PROFOND_DATA", raising=False)
    monkeypatch.setenv("PROFOND_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    mirror = (tmp_path / "mirror").as_uri() + "/"
    (tmp_path / "mirror").mkdir()
    for name in ("MNIST_MIRRORS", "FASHION_MIRRORS", "CIFAR_MIRRORS"):
        monkeypatch.setattr(_known, name, (mirror,))
    return tmp_path


def publish(monkeypatch, folder, name):
    """Make what is in `folder` the published files of a set."""
    sums = {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in sorted(folder.iterdir())}
    monkeypatch.setattr(_known, name, sums)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])
def test_idx_sets_are_downloaded_and_kept(name, nowhere, monkeypatch):
    arrays = mnist_like(nowhere / "mirror")
    publish(monkeypatch, nowhere / "mirror", f"{name.split('_')[0].upper()}_FILES")
    made = open_images(name)
    np.testing.assert_array_equal(
        made.take(made.part == "train").decoded()[:][..., 0], arrays["train"]
    )
    assert made.part.tolist() == ["train"] * 3 + ["test"] * 2
    assert made.name == name
    for file in (nowhere / "mirror").iterdir():
        file.unlink()
    np.testing.assert_array_equal(known_images(name).labels, made.labels)
    names = ["T-shirt/top", "Trouser", "Pullover", "T-shirt/top", "Trouser"]
    assert made.labels.tolist() == (names if "_" in name else [0, 1, 2, 0, 1])


def test_given_files_come_first(nowhere, monkeypatch):
    (nowhere / "mnist").mkdir()
    mnist_like(nowhere / "mnist", train=4)
    monkeypatch.setenv("PROFOND_DATA", str(nowhere))
    assert len(known_images("mnist")) == 6


@pytest.mark.parametrize("given", [True, False])
def test_cifar_archives(given, nowhere, monkeypatch):
    folder = nowhere / "cifar10" if given else nowhere / "mirror"
    folder.mkdir(exist_ok=True)
    records = cifar_archive(folder / "cifar-10-binary.tar.gz", CIFAR10, ["cat", "dog"])
    if given:
        monkeypatch.setenv("PROFOND_DATA", str(nowhere))
    else:
        publish(monkeypatch, folder, "CIFAR10_FILES")
    made = known_images("cifar10")
    assert made.part.tolist() == ["train"] * 10 + ["test"] * 2
    assert made.classes == ("cat", "dog")
    second = records["data_batch_2.bin"][1]
    assert made.labels[3] == ("cat", "dog")[second[0]]
    # 1024 bytes of red, row by row, then green, then blue
    pixel = made.one(3)[2, 5].tolist()
    assert pixel == [second[1 + channel * 1024 + 2 * 32 + 5] for channel in range(3)]


def test_both_labels_of_cifar100(nowhere, monkeypatch):
    (nowhere / "cifar100").mkdir()
    path = nowhere / "cifar100" / "cifar-100-binary.tar.gz"
    records = cifar_archive(path, CIFAR100, ["a", "b"], images=5)
    monkeypatch.setenv("PROFOND_DATA", str(nowhere))
    names = np.array(["a", "b"])
    labels = np.concatenate([records["train.bin"], records["test.bin"]])[:, :2]
    assert known_images("cifar100").labels.tolist() == names[labels[:, 1]].tolist()
    assert _known.cifar100("coarse").labels.tolist() == names[labels[:, 0]].tolist()
    with pytest.raises(ValueError, match="Unknown kind of label: 'fin'. Did you mean 'fine'"):
        _known.cifar100("fin")


def test_damaged_archives(tmp_path):
    path = tmp_path / "cifar-10-binary.tar.gz"
    path.write_bytes(gzip.compress(b"no archive"))
    with pytest.raises(ValueError, match="cifar-10-binary.tar.gz is no tar archive, or is damaged"):
        read_cifar(path, CIFAR10, 0, "cifar10")
    cifar_archive(path, CIFAR100, ["a", "b"])
    with pytest.raises(ValueError, match="must hold batches.meta.txt, data_batch_1.bin, .*it does"):
        read_cifar(path, CIFAR10, 0, "cifar10")
    with tarfile.open(path, "w:gz") as archive:
        for name in (*CIFAR10.train, CIFAR10.test, *CIFAR10.names):
            info = tarfile.TarInfo(name)
            info.size = 3
            archive.addfile(info, io.BytesIO(b"abc"))
    with pytest.raises(ValueError, match="data_batch_1.bin must hold images of 3073 bytes; recei"):
        read_cifar(path, CIFAR10, 0, "cifar10")


def test_names_that_are_not_known(nowhere):
    with pytest.raises(ValueError, match="Unknown image set: 'minst'. Did you mean 'mnist'"):
        known_images("minst")
    with pytest.raises(FileNotFoundError, match="'minst'. Did you mean 'mnist'. Known sets: d"):
        open_images("minst")
    with pytest.raises(OSError, match="The data set 'cifar10' is not on this machine, and cannot"):
        known_images("cifar10")


@pytest.mark.slow
def test_cifar10_with_losses_says_so(monkeypatch):
    if not (DATA / "cifar10" / "cifar10_jpeg.npz").exists():
        pytest.skip("the data set cifar10 is not here (PROFOND_DATA)")
    monkeypatch.setenv("PROFOND_DATA", str(DATA))
    with pytest.warns(UserWarning, match="CIFAR-10 is read from cifar10_jpeg.npz, JPEG images"):
        made = known_images("cifar10")
    assert len(made) == 60000


def test_the_bundled_digits_are_the_first_of_mnist():
    made = open_images("digits")
    assert made.describe() == (
        "1500 images of 28 x 28 pixels, 1 channel, 10 classes, 1000 train, 500 test"
    )
    train, test = (np.bincount(made.labels[made.part == part]) for part in ("train", "test"))
    assert (train.tolist(), test.tolist()) == ([100] * 10, [50] * 10)
    if not (DATA / "mnist").exists():
        pytest.skip("the data set mnist is not here (PROFOND_DATA)")
    whole = open_images(DATA / "mnist")
    for part, n in (("train", 100), ("test", 50)):
        rows = np.flatnonzero(whole.part == part)
        y = whole.labels[rows]
        first = np.sort(np.concatenate([np.flatnonzero(y == k)[:n] for k in range(10)]))
        np.testing.assert_array_equal(
            made.pixels.values[made.part == part], whole.pixels.values[rows[first]]
        )
        np.testing.assert_array_equal(made.labels[made.part == part], y[first])
