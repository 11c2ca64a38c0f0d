"""CIFAR-10 and CIFAR-100 from their binary archives: labels and pixels, byte by byte."""

import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from profond.data.images._arrays import images_from_arrays
from profond.data.images._image_set import ImageSet

_PIXELS = 3 * 32 * 32


@dataclass(frozen=True)
class CifarForm:
    """How an archive is written.

    Attributes:
        labels: Bytes of labels before the pixels of each image.
        train: Names of the files of the training part, in their order.
        test: Name of the file of the test part.
        names: Files of class names, one for each byte of labels.
    """

    labels: int
    train: tuple[str, ...]
    test: str
    names: tuple[str, ...]


CIFAR10 = CifarForm(
    1, tuple(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin", ("batches.meta.txt",)
)
CIFAR100 = CifarForm(
    2, ("train.bin",), "test.bin", ("coarse_label_names.txt", "fine_label_names.txt")
)


def read_cifar(path: Path, form: CifarForm, label: int, name: str) -> ImageSet:
    """The images of a CIFAR archive in its binary version (Krizhevsky 2009).

    The other version of the archive is made of pickles, which run code when they are loaded.

    Args:
        path: `cifar-10-binary.tar.gz` or `cifar-100-binary.tar.gz`.
        form: `CIFAR10` or `CIFAR100`.
        label: Which byte is the label: of CIFAR-100, 0 coarse, 1 fine.
        name: Name of the set.

    Returns:
        The images with their parts; labels are class names.

    Raises:
        ValueError: If a file of the archive is missing, or is no whole number of images.
    """
    wanted = {*form.train, form.test, *form.names}
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(path) as archive:
            for member in archive:
                last = member.name.rpartition("/")[2]
                if last in wanted and member.isfile():
                    file = archive.extractfile(member)
                    assert file is not None  # it is a file
                    found[last] = file.read()
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise ValueError(
            f"{path.name} is no tar archive, or is damaged: {error}. Copy or download it again."
        ) from error
    if missing := sorted(wanted - set(found)):
        raise ValueError(f"{path.name} must hold {', '.join(missing)}; it does not.")
    train = [_records(found[one], form, one) for one in form.train]
    test = _records(found[form.test], form, form.test)
    records = np.concatenate([*train, test])
    # (n, 3 * 32 * 32) -> (n, channels, height, width) -> (n, height, width, channels)
    pixels = records[:, form.labels :].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    codes = records[:, label].astype(np.int64)
    classes = found[form.names[label]].decode("ascii").split()
    part = np.repeat(["train", "test"], [len(records) - len(test), len(test)])
    return images_from_arrays(
        np.ascontiguousarray(pixels), codes, classes=classes, part=part, name=name
    )


def _records(raw: bytes, form: CifarForm, name: str) -> np.ndarray:
    """Rows of labels and pixels, (n, labels + 3072)."""
    size = form.labels + _PIXELS
    if not raw or len(raw) % size:
        raise ValueError(f"{name} must hold images of {size} bytes; received {len(raw)} bytes.")
    return np.frombuffer(raw, np.uint8).reshape(-1, size)
