"""The kinds of data that a run may be about."""

import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from profond._lookup import unknown

if TYPE_CHECKING:
    from profond.experiment._kind import Kind
    from profond.experiment._run_description import RunDescription

# Where the description and the kind are, by name: what trains is not imported for `--help`.
_DESCRIPTIONS = {
    "table": ("profond.experiment._schema", "Experiment"),
    "series": ("profond.experiment._series_schema", "SeriesExperiment"),
    "images": ("profond.experiment._image_schema", "ImageExperiment"),
}
_KINDS = {
    "table": ("profond.experiment._table_kind", "TableKind"),
    "series": ("profond.experiment._series_kind", "SeriesKind"),
    "images": ("profond.experiment._image_kind", "ImageKind"),
}


NAMES = tuple(_DESCRIPTIONS)


def description_class(kind: str) -> type["RunDescription"]:
    """The class of the descriptions of a kind.

    Raises:
        ValueError: If there is no such kind.
    """
    if kind not in _DESCRIPTIONS:
        raise ValueError(unknown(kind, _DESCRIPTIONS, "kind of data"))
    module, name = _DESCRIPTIONS[kind]
    return getattr(import_module(module), name)


def described_by(sections: Mapping[str, Any]) -> "RunDescription":
    """A description from its sections, of the kind that `data.kind` says: a table by default.

    Raises:
        ValueError: If a name is unknown or a value wrong.
    """
    data = dict(sections.get("data", {}))
    kind = data.pop("kind", "table")
    known = description_class(str(kind))
    return known(**{**sections, "data": data} if "data" in sections else sections)


def guessed_kind(data: Any) -> str:
    """The kind of data that a path or a name most likely is: a table, if nothing else.

    See `profond.data.images.holds_images` for images. A `.ts` file, a part of a set of the UCR
    archive (`NAME_TRAIN.tsv`, or NAME alone beside it), a folder with one and an `.npz` file that
    holds no images are series.
    """
    from profond.data.images import holds_images
    from profond.data.series import BUNDLED_SERIES, SeriesSet
    from profond.data.series._open import file_of_set

    if isinstance(data, SeriesSet):
        return "series"
    if holds_images(data):
        return "images"
    if not isinstance(data, str | os.PathLike):
        return "table"
    path = Path(data)
    if path.is_dir():  # no table is one; if it is empty, it is said what is missing in it
        return "series" if any(path.glob("*_TRAIN.*")) else "images"
    if not path.exists() and (str(data) in BUNDLED_SERIES or file_of_set(str(data)) is not None):
        return "series"
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if ".ts" in suffixes or ".npz" in suffixes:
        return "series"
    parted = path.name.split(".")[0].upper().endswith(("_TRAIN", "_TEST"))
    return "series" if parted and {".tsv", ".txt"} & set(suffixes) else "table"


def kind_of(experiment: "RunDescription") -> "Kind":
    """The kind of data that a description is about."""
    return kind_named(experiment.kind)


def kind_named(kind: str) -> "Kind":
    """The kind of data of a name.

    Raises:
        ValueError: If there is no such kind.
    """
    if kind not in _KINDS:
        raise ValueError(unknown(kind, _KINDS, "kind of data"))
    module, name = _KINDS[kind]
    return getattr(import_module(module), name)()
