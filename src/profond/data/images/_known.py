"""The image sets that everybody knows, by name."""

import warnings
from collections.abc import Callable

from profond._lookup import choose
from profond.data._bundled import bundled_file
from profond.data._fetch import RemoteFile, fetch, given_folder
from profond.data.images._cifar import CIFAR10, CIFAR100, CifarForm, read_cifar
from profond.data.images._idx import find_idx, read_idx
from profond.data.images._image_set import ImageSet
from profond.data.images._npz import read_npz

# The checksums are those that the publishers and TensorFlow Datasets give.
MNIST_MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
FASHION_MIRRORS = (
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
)
CIFAR_MIRRORS = ("https://www.cs.toronto.edu/~kriz/",)
_IDX = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
_MNIST_SHA256 = (
    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
)
_FASHION_SHA256 = (
    "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
    "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
    "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
    "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
)
MNIST_FILES: dict[str, str] = dict(zip(_IDX, _MNIST_SHA256, strict=True))
FASHION_FILES: dict[str, str] = dict(zip(_IDX, _FASHION_SHA256, strict=True))
CIFAR10_FILES = {
    "cifar-10-binary.tar.gz": "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"
}
CIFAR100_FILES = {
    "cifar-100-binary.tar.gz": "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec"
}
FASHION_CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
    "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip


def known_images(name: str) -> ImageSet:
    """A well-known set of images, with its official training and test parts.

    It is looked for in the folder `name` below `PROFOND_DATA`, then in the cache
    (`PROFOND_CACHE`, else `~/.cache/profond`), and downloaded into the cache if it is in neither.

    Args:
        name: "digits" (1000 + 500 images of MNIST, inside the package), "mnist" (LeCun et al.
            1998, CC BY-SA 3.0), "fashion_mnist" (Xiao et al. 2017), "cifar10" or "cifar100"
            (Krizhevsky 2009).

    Raises:
        ValueError: If there is no such set.
        OSError: If it is not on this machine and cannot be downloaded.
    """
    return choose(name, KNOWN, "image set")()


def cifar100(label: str = "fine") -> ImageSet:
    """CIFAR-100 with its 100 classes, or with the 20 groups of them.

    Args:
        label: "fine" or "coarse".
    """
    byte = choose(label, {"coarse": 0, "fine": 1}, "kind of label")
    return _cifar("cifar100", CIFAR100_FILES, CIFAR100, byte)


def _digits() -> ImageSet:
    with bundled_file("digits.npz") as path:
        return read_npz(path)


def _mnist() -> ImageSet:
    return _idx("mnist", MNIST_FILES, MNIST_MIRRORS)


def _fashion_mnist() -> ImageSet:
    return _idx("fashion_mnist", FASHION_FILES, FASHION_MIRRORS, FASHION_CLASSES)


def _cifar10() -> ImageSet:
    folder = given_folder("cifar10")
    archive, streams = "cifar-10-binary.tar.gz", "cifar10_jpeg.npz"
    if folder and (folder / streams).is_file() and not (folder / archive).is_file():
        warnings.warn(
            f"CIFAR-10 is read from {streams}, JPEG images with losses: results differ a little "
            f"from those on the original, {archive} in the same folder.",
            stacklevel=2,
        )
        return read_npz(folder / streams)
    return _cifar("cifar10", CIFAR10_FILES, CIFAR10, 0)


def _idx(
    name: str, files: dict[str, str], mirrors: tuple[str, ...], classes: tuple[str, ...] = ()
) -> ImageSet:
    folder = given_folder(name)
    if folder is None or set(find_idx(folder)) != {"train", "test"}:
        folder = fetch(_remote(files, mirrors), name)[0].parent
    return read_idx(folder, classes=classes)


def _cifar(name: str, files: dict[str, str], form: CifarForm, label: int) -> ImageSet:
    folder, archive = given_folder(name), next(iter(files))
    if folder and (folder / archive).is_file():
        return read_cifar(folder / archive, form, label, name)
    return read_cifar(fetch(_remote(files, CIFAR_MIRRORS), name)[0], form, label, name)


def _remote(files: dict[str, str], mirrors: tuple[str, ...]) -> list[RemoteFile]:
    return [RemoteFile(name, sha256, mirrors) for name, sha256 in files.items()]


KNOWN: dict[str, Callable[[], ImageSet]] = {
    "digits": _digits,
    "mnist": _mnist,
    "fashion_mnist": _fashion_mnist,
    "cifar10": _cifar10,
    "cifar100": cifar100,
}
