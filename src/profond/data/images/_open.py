"""Open images, whatever form they have."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from profond._lookup import nearest
from profond.data._frames import pandas_frame
from profond.data.images._arrays import images_from_arrays
from profond.data.images._csv import images_from_csv
from profond.data.images._encoded import encoded_pixels
from profond.data.images._folder import SUFFIXES, images_from_folder
from profond.data.images._idx import find_idx, read_idx
from profond.data.images._image_set import ImageSet
from profond.data.images._known import KNOWN, known_images
from profond.data.images._npz import read_npz

_TABLES = (".csv", ".tsv", ".txt")
_COMPRESSED = (".gz", ".bz2", ".xz")


def open_images(
    source: Any,
    labels: Any = None,
    *,
    broken: str = "skip",
    channels: int | None = None,
    verbose: bool = True,
) -> ImageSet:
    """A set of images from anything that holds some.

    Args:
        source: One of

            - "digits", "mnist", "fashion_mnist", "cifar10" or "cifar100" (see `known_images`);
            - a folder: of class folders, of train and test, of images, or of MNIST's IDX files;
            - a CSV or TSV file or a data frame with the columns path and label;
            - a `.npz` file; an IDX file (`train-images-idx3-ubyte.gz`); an image file;
            - an array or tensor, `(x, y)`, a list of arrays or of Pillow images;
            - a list of paths of images;
            - an `ImageSet`, which comes back as it is.
        labels: One per image, for arrays and lists of paths.
        broken: "skip" leaves out images that cannot be read, with a note; "error" refuses them.
        channels: 1 (grey) or 3 (colours) for images in files; None takes 1 if all are grey.
        verbose: Whether a bar is shown on a terminal where looking at many files takes more than a
            second.

    Raises:
        FileNotFoundError: If there is no such file or folder.
        ValueError: If there are no images in it, or `labels` are given for what has its own.
    """
    if isinstance(source, str | Path):
        if labels is not None:
            raise ValueError(
                "`labels` are given with arrays and lists of paths; received them with a path, "
                f"{str(source)!r}, whose files or folders tell the labels."
            )
        found = _open_path(Path(source), str(source), broken, channels, verbose)
        return replace(found, source=str(source))
    if isinstance(source, ImageSet):
        return source
    if pandas_frame(source) is not None:
        return images_from_csv(source, broken=broken, channels=channels, verbose=verbose)
    if isinstance(source, tuple) and len(source) == 2 and labels is None and _is_pair(source):
        source, labels = source
    if isinstance(source, list | tuple) and source and isinstance(source[0], str | Path):
        return _from_paths(source, labels, broken, channels, verbose)
    return images_from_arrays(source, labels)


def _is_pair(source: tuple[Any, Any]) -> bool:
    """Whether a tuple is images and labels, not two images: labels have one axis, or two."""
    x, y = source
    if isinstance(x, str | Path):
        return not isinstance(y, str | Path)
    if isinstance(x, list | tuple):
        return not hasattr(y, "shape") or len(y.shape) == 1
    return len(getattr(x, "shape", ())) in (3, 4) and np.ndim(y) in (1, 2)


def _open_path(
    path: Path, given: str, broken: str, channels: int | None, verbose: bool
) -> ImageSet:
    if given.startswith(("http://", "https://")):
        raise ValueError(f"{given} is a web address; download the images and give their folder.")
    if given in KNOWN and not path.exists():
        return known_images(given)
    if path.is_dir():
        if find_idx(path):
            return read_idx(path)
        return images_from_folder(path, broken=broken, channels=channels, verbose=verbose)
    if not path.exists():
        raise FileNotFoundError(_not_found(path, given))
    suffixes = [one.lower() for one in path.suffixes]
    plain = [one for one in suffixes if one not in _COMPRESSED]
    suffix = plain[-1] if plain else ""
    if suffix == ".npz":
        return read_npz(path, broken=broken)
    if suffix in SUFFIXES:
        return _from_paths([path], None, "error", channels, verbose)
    if "idx" in path.name:
        return read_idx(path)
    if suffix in _TABLES:
        return images_from_csv(path, broken=broken, channels=channels, verbose=verbose)
    raise ValueError(
        f"{path.name} is of no kind that is known; give a folder of class folders, a CSV file "
        "with the columns path and label, a .npz file, IDX files, or an image."
    )


def _from_paths(
    paths: Any, labels: Any, broken: str, channels: int | None, verbose: bool
) -> ImageSet:
    """Images of a list of files."""
    from profond.data._labels import as_labels

    names = [str(one) for one in paths]
    y = None if labels is None else as_labels(labels)
    if y is not None and y.shape != (len(names),):
        raise ValueError(
            f"There must be one label per image; received {len(names)} paths and labels of the "
            f"shape {y.shape}."
        )
    pixels, rows, notes = encoded_pixels(
        [Path(one) for one in paths], names, broken=broken, channels=channels, verbose=verbose
    )
    return ImageSet(
        pixels,
        None if y is None else y[rows],
        names=tuple(names[i] for i in rows),
        notes=notes,
    )


def _not_found(path: Path, given: str) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"There is no folder {given!r}: {str(folder)!r} does not exist."
    beside = nearest(path.name, [one.name for one in folder.iterdir()])
    near = str(folder / beside) if beside else nearest(given, KNOWN)
    hint = f" Did you mean {near!r}?" if near else ""
    return f"There is no file or folder {given!r}.{hint} Known sets: {', '.join(KNOWN)}."
