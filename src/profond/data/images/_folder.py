"""Images from a folder with one subfolder for each class."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from profond.data._parts import PART_NAMES, PARTS
from profond.data.images._encoded import encoded_pixels, listed
from profond.data.images._image_set import ImageSet

SUFFIXES = frozenset(
    ".jpg .jpeg .jpe .jfif .png .bmp .dib .gif .tif .tiff .webp .avif .ppm .pgm .pbm .pnm .tga "
    ".jp2 .ico".split()
)
_UNREAD = frozenset(".heic .heif .svg .cr2 .nef .arw .dng .raw .psd".split())


def images_from_folder(
    path: str | Path,
    *,
    broken: str = "skip",
    channels: int | None = None,
    verbose: bool = True,
) -> ImageSet:
    """A set of the images below a folder, labelled by the subfolders they are in.

    `path/CLASS/...`, the files of a class in folders of any depth; or `path/train/CLASS/...` and
    `path/test/CLASS/...` (also `val`, `validation`), which gives each image its part. A folder
    without subfolders is a set without labels. Only headers are read here: pixels are decoded
    when they are asked for.

    Args:
        path: The folder.
        broken: "skip" leaves out images that cannot be read, with a note; "error" refuses them.
        channels: 1 (grey) or 3 (colours); None takes 1 if all images are grey, else 3.
        verbose: Whether a bar is shown on a terminal where looking at the files takes more than a
            second.

    Returns:
        The images sorted by path; labels are names of folders, names are paths below `path`.

    Raises:
        FileNotFoundError: If there is no such folder.
        ValueError: If there is no image in it, none can be read, one cannot and `broken` is
            "error", or one part has classes and another none.
    """
    root = Path(path)
    if not root.is_dir():
        hint = " It is a file, which `open_images` reads." if root.is_file() else ""
        raise FileNotFoundError(f"There is no folder {str(path)!r}.{hint}")
    found = _Found(root)
    folders = _folders(root)
    parts = [one.name for one in folders if one.name.lower() in PART_NAMES]
    if parts and len(parts) == len(folders):
        for one in folders:
            found.add(one, PART_NAMES[one.name.lower()])
    else:
        found.add(root, "")
    if not found.files:
        raise ValueError(
            f"There is no image in {str(path)!r}. Expected are one folder for each class, or "
            "folders train and test with those in them" + found.about_others() + "."
        )
    if None in found.labels and len(set(found.labels)) > 1:
        bare = found.parts[found.labels.index(None)]
        raise ValueError(
            f"All parts must have class folders or none; received none in the part {bare!r} of "
            f"{str(path)!r}. The folder of one part can be given alone."
        )
    names = [one.relative_to(root).as_posix() for one in found.files]
    pixels, rows, notes = encoded_pixels(
        found.files, names, broken=broken, channels=channels, verbose=verbose
    )
    labels = np.array(found.labels, dtype=object)[rows]
    part = np.array(found.parts)[rows]
    labelled = labels[0] is not None
    classes = tuple(sorted(set(labels.tolist()))) if labelled else ()
    if parts and len(parts) < len(folders):
        other = [one.name for one in folders if one.name not in parts]
        notes = (
            *notes,
            f"The folders {listed(parts)} are taken for classes, as there are others beside them: "
            f"{listed(other)}.",
        )
    return ImageSet(
        pixels,
        labels if labelled else None,
        part if part[0] else None,
        names=tuple(names[i] for i in rows),
        name=root.resolve().name,
        classes=classes,
        notes=(*notes, *found.notes(), *notes_of_classes(labels if labelled else None, part)),
    )


def notes_of_classes(labels: np.ndarray | None, part: np.ndarray | None) -> Iterator[str]:
    """What is to be said of the classes: only one, or one that is not learned."""
    if labels is None:
        return
    names = set(labels.tolist())
    if len(names) == 1:
        yield f"All images are of one class, {names.pop()!r}."
    if part is not None and "train" in part:
        for one in PARTS[1:]:
            unseen = sorted(set(labels[part == one].tolist()) - set(labels[part == "train"]))
            if unseen:
                yield f"Class(es) {listed(unseen)} of the part {one!r} are not in 'train'."


@dataclass
class _Found:
    """What is below a folder."""

    root: Path
    files: list[Path] = field(default_factory=list)
    labels: list[str | None] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    unlabelled: list[str] = field(default_factory=list)

    def add(self, holder: Path, part: str) -> None:
        """The class folders in `holder`, or its images if it has no folders."""
        classes = _folders(holder)
        direct = self._images(holder, deep=False)
        if classes:
            self.unlabelled += map(self._below, direct)
        else:
            self._append(direct, None, part)
        for one in classes:
            images = self._images(one, deep=True)
            if not images:
                self.empty.append(self._below(one))
            self._append(images, one.name, part)

    def _append(self, images: list[Path], label: str | None, part: str) -> None:
        self.files += images
        self.labels += [label] * len(images)
        self.parts += [part] * len(images)

    def _images(self, folder: Path, *, deep: bool) -> list[Path]:
        """The images in a folder; the names of other files are noted."""
        images = []
        for one in sorted(folder.rglob("*") if deep else folder.iterdir()):
            # Hidden ones are those of the system (.DS_Store, ._photo.jpg).
            if one.is_dir() or any(p.startswith(".") for p in one.relative_to(folder).parts):
                continue
            if one.suffix.lower() in SUFFIXES:
                images.append(one)
            elif one.name != "Thumbs.db":
                self.others.append(self._below(one))
        return images

    def _below(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()

    def about_others(self) -> str:
        """What else there is, for a message."""
        return f"; there are {listed(self.others)}" if self.others else ""

    def notes(self) -> Iterator[str]:
        """What was left out."""
        unread = [one for one in self.others if Path(one).suffix.lower() in _UNREAD]
        others = [one for one in self.others if Path(one).suffix.lower() not in _UNREAD]
        if unread:
            yield (
                f"{len(unread)} file(s) of kinds that are not read left out: {listed(unread)}. "
                "Convert them to JPEG or PNG."
            )
        if others:
            yield f"{len(others)} file(s) that are no images left out: {listed(others)}."
        if self.empty:
            yield f"Class folder(s) without an image left out: {listed(self.empty)}."
        if self.unlabelled:
            yield f"{len(self.unlabelled)} image(s) in no class folder left out: " + (
                f"{listed(self.unlabelled)}."
            )


def _folders(path: Path) -> list[Path]:
    """The folders in a folder, without hidden ones."""
    return sorted(
        one
        for one in path.iterdir()
        if one.is_dir() and not one.name.startswith(".") and one.name != "__MACOSX"
    )
