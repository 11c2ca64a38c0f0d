"""Images of a folder as batches, decoded while training goes on."""

import itertools
import math
import os
import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from profond._lookup import choose
from profond.utils import _console

if TYPE_CHECKING:
    from profond.data.images import DecodedImages

_SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
_CHANNELS = {"grayscale": 1, "rgb": 3}
_INTERPOLATIONS = {
    "bilinear": "bilinear",
    "nearest": "nearest",
    "bicubic": "bicubic",
    "area": "box",
    "lanczos3": "lanczos",
}


class ImageBatches:
    """Batches of images of a folder, with their labels.

    What `image_dataset_from_directory` returns: `fit` takes it, and a loop goes through it. The
    next batch is decoded while the last one is used.

    Args:
        images: The images in one size.
        labels: What belongs to each, or None.
        class_names: Names of the classes, None without labels.
        file_paths: Path of each image.
        batch_size: Images at a time; None gives single ones, without a batch axis.
        shuffle: Whether they come in a new random order at each pass.
        seed: Seed of this order; None takes torch's global generator.
    """

    def __init__(
        self,
        images: "DecodedImages",
        labels: torch.Tensor | None,
        class_names: list[str] | None,
        file_paths: list[str],
        batch_size: int | None,
        shuffle: bool,
        seed: int | None,
    ) -> None:
        self.images = images
        self.labels = labels
        self.class_names = class_names
        self.file_paths = file_paths
        self.batch_size = batch_size
        self.shuffle = shuffle
        # A `DataLoader`'s name for it: its state is saved with the training that draws from it.
        self.generator = None if seed is None else torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        """Number of batches."""
        return math.ceil(len(self.file_paths) / (self.batch_size or 1))

    def __iter__(self) -> Iterator[Any]:
        """The batches `x`, or `(x, y)` where there are labels; x float32 in [0, 255]."""
        rows = torch.arange(len(self.file_paths), device="cpu")
        if self.shuffle:
            rows = torch.randperm(len(rows), generator=self.generator, device="cpu")
        single = self.batch_size is None
        decoded = self.images.batches(self.batch_size or 1, rows.numpy())
        for places, pixels in zip(rows.split(self.batch_size or 1), decoded, strict=True):
            x = torch.from_numpy(pixels).to(torch.float32)
            x = x[0] if single else x
            if self.labels is None:
                yield x
            else:
                yield x, self.labels[places[0] if single else places]

    def take(self, count: int) -> Iterator[Any]:
        """The first `count` batches of a pass."""
        return itertools.islice(self, count)


def image_dataset_from_directory(
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: Any = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str = "tf",
    verbose: bool = True,
) -> Any:
    """Batches of the images of a folder, with a subfolder for each class.

    The files of a part are those of Keras with the same seed. Images are resized by Pillow,
    antialiased (Keras's are not). Those that can be decoded and kept in 1 GiB are decoded once.

    Args:
        directory: The folder; images are .bmp, .gif, .jpeg, .jpg and .png files at any depth.
        labels: `"inferred"` from the subfolders, None for no labels, or one whole number for each
            file in the order of their paths.
        label_mode: `"int"`, `"categorical"` (one-hot), `"binary"` (0 and 1, of two classes), or
            None for no labels.
        class_names: The subfolders in the order of their codes; sorted by name if None.
        color_mode: `"rgb"` or `"grayscale"`; transparency is laid on white.
        batch_size: Images at a time; None gives single ones, without a batch axis.
        image_size: (height, width), or one number.
        shuffle: Whether they come in a new random order at each pass; else sorted by path.
        seed: Seed of the order and of the split.
        validation_split: Share of the images kept for validation, in (0, 1).
        subset: With `validation_split`: `"training"`, `"validation"`, or `"both"` for two.
        interpolation: `"bilinear"`, `"nearest"`, `"bicubic"`, `"area"` or `"lanczos3"`.
        follow_links: Whether folders that are links are looked into.
        crop_to_aspect_ratio: Whether the middle of the right proportions is cut out.
        pad_to_aspect_ratio: Whether the whole image is kept, with a black border.
        data_format: None or `"channels_last"`.
        format: Accepted for Keras's sake, which returns a tf.data or a grain data set.
        verbose: Whether to say how many files there are.

    Returns:
        An iterable of `x` or `(x, y)`, with a length, `class_names` and `file_paths`; for
        `subset="both"` a list of two. x is float32 in [0, 255], (batch, height, width, channels).

    Raises:
        ValueError: If an argument is wrong, or there is no image, or one that cannot be read.
        FileNotFoundError: If there is no such folder.
    """
    from profond.data.images._image_set import ImageSet
    from profond.utils._images import _channels_last

    _channels_last(data_format)
    if format not in ("tf", "grain"):
        raise ValueError(f"`format` must be 'tf' or 'grain'; received {format!r}.")
    channels = choose(color_mode, _CHANNELS, "color mode")
    method = choose(interpolation.lower(), _INTERPOLATIONS, "interpolation")
    if crop_to_aspect_ratio and pad_to_aspect_ratio:
        raise ValueError("`crop_to_aspect_ratio` and `pad_to_aspect_ratio` exclude each other.")
    if label_mode is None:
        labels = None
    elif label_mode not in ("int", "categorical", "binary"):
        raise ValueError(
            f"`label_mode` must be 'int', 'categorical', 'binary' or None; received {label_mode!r}."
        )
    _check_split(validation_split, subset, shuffle, seed)
    seed = random.randrange(10**6) if seed is None else seed  # which `set_random_seed` starts
    paths, codes, names = _index(os.fspath(directory), labels, class_names, follow_links)
    if label_mode == "binary" and names is not None and len(names) != 2:
        raise ValueError(
            f"`label_mode='binary'` needs two classes; received {len(names)}: {', '.join(names)}."
        )
    if verbose:
        of_classes = "" if names is None else f" belonging to {len(names)} classes"
        _console.write(f"Found {len(paths)} files{of_classes}.\n")
    if shuffle:
        # Keras's own shuffling, so that its parts are ours.
        order = np.arange(len(paths))
        np.random.RandomState(seed).shuffle(order)  # noqa: NPY002
        paths = [paths[i] for i in order]
        codes = None if codes is None else codes[order]
    how = "crop" if crop_to_aspect_ratio else "fit" if pad_to_aspect_ratio else "stretch"

    def batches(rows: slice, shuffled: bool) -> ImageBatches:
        pixels, _, _ = _pixels(paths[rows], channels, directory)
        images = ImageSet(pixels, names=tuple(paths[rows])).decoded(
            image_size, how=how, interpolation=method
        )
        kept = None
        if codes is not None and names is not None:
            kept = _labels(codes[rows], str(label_mode), len(names))
        order_seed = seed if shuffled else None
        return ImageBatches(images, kept, names, paths[rows], batch_size, shuffled, order_seed)

    if not validation_split:
        return batches(slice(None), shuffle)
    held = int(validation_split * len(paths))
    parts = {"training": slice(len(paths) - held), "validation": slice(len(paths) - held, None)}
    if subset == "both":
        return [batches(parts["training"], shuffle), batches(parts["validation"], False)]
    return batches(parts[str(subset)], shuffle)


def _pixels(paths: list[str], channels: int, directory: Any) -> Any:
    from profond.data.images._encoded import encoded_pixels

    if not paths:
        raise ValueError(
            f"There is no image for this part in {os.fspath(directory)!r}; images are "
            f"{', '.join(_SUFFIXES)} files."
        )
    return encoded_pixels(paths, paths, broken="error", channels=channels)


def _check_split(
    validation_split: float | None, subset: str | None, shuffle: bool, seed: int | None
) -> None:
    if (validation_split is None) != (subset is None):
        raise ValueError(
            "`validation_split` and `subset` go together; received "
            f"validation_split={validation_split!r}, subset={subset!r}."
        )
    if validation_split is None:
        return
    if not 0 < validation_split < 1:
        raise ValueError(
            f"`validation_split` must be between 0 and 1; received {validation_split!r}."
        )
    choose(str(subset), dict.fromkeys(("training", "validation", "both")), "subset")
    if shuffle and seed is None:
        raise ValueError(
            "`seed` must be given with `validation_split` and `shuffle`, so that both parts come "
            "from the same order."
        )


def _index(
    directory: str, labels: Any, class_names: Sequence[str] | None, follow_links: bool
) -> tuple[list[str], np.ndarray | None, list[str] | None]:
    """Paths, codes and names of classes."""
    if not os.path.isdir(directory):
        raise FileNotFoundError(f"There is no folder {directory!r}.")
    inferred = isinstance(labels, str)
    if inferred and labels != "inferred":
        raise ValueError(f"`labels` must be 'inferred', None or a list; received {labels!r}.")
    if not inferred:
        if class_names is not None:
            raise ValueError("`class_names` go with `labels='inferred'` only.")
        paths = _files(directory, follow_links)
        if labels is None:
            return paths, None, None
        if len(labels) != len(paths):
            raise ValueError(
                f"`labels` must be one for each of the {len(paths)} files; received {len(labels)}."
            )
        return paths, np.asarray(labels), [str(one) for one in sorted(set(labels))]
    folders = sorted(
        one
        for one in os.listdir(directory)
        if os.path.isdir(os.path.join(directory, one)) and not one.startswith(".")
    )
    if class_names is not None:
        absent = [one for one in class_names if one not in folders]
        if absent:
            raise ValueError(
                f"`class_names` must be subfolders of {directory!r}, {', '.join(folders)}; "
                f"received {', '.join(absent)}."
            )
        folders = list(class_names)
    found = [_files(os.path.join(directory, one), follow_links) for one in folders]
    codes = np.repeat(np.arange(len(folders)), [len(one) for one in found])
    return list(itertools.chain(*found)), codes, folders


def _files(folder: str, follow_links: bool) -> list[str]:
    """The images below a folder, sorted folder by folder as Keras does."""
    walked = sorted(os.walk(folder, followlinks=follow_links), key=lambda one: one[0])
    return [
        os.path.join(root, name)
        for root, _, files in walked
        for name in sorted(files)
        if name.lower().endswith(_SUFFIXES)
    ]


def _labels(codes: np.ndarray, mode: str, classes: int) -> torch.Tensor:
    """Codes in the form that `label_mode` asks for."""
    whole = torch.from_numpy(codes.astype(np.int64))
    if mode == "int":
        return whole.to(torch.int32)
    if mode == "binary":
        return whole.to(torch.float32)[:, None]
    return torch.nn.functional.one_hot(whole, classes).to(torch.float32)
