"""Arrays of a `.npz` file, by what their names say they are."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from profond.data._parts import PART_NAMES


def npz_arrays(path: Path) -> dict[str, np.ndarray]:
    """All arrays of a `.npz` file, by their names in small letters.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is no `.npz` file, is damaged, or holds objects.
    """
    import zipfile
    import zlib

    if not path.is_file():
        raise FileNotFoundError(f"There is no file {str(path)!r}.")
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            return {key.lower(): file[key] for key in file.files}
    except ValueError as error:
        if "allow_pickle" in str(error) or "Object arrays" in str(error):
            raise ValueError(
                f"{path.name} holds Python objects, which are not loaded, as that could run code "
                "from the file; save arrays of numbers and of text."
            ) from error
        raise ValueError(f"{path.name} is no .npz file: {error}") from error
    except (AttributeError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path.name} is no .npz file, or is damaged: {error}.") from error


def split_arrays(
    arrays: Mapping[str, np.ndarray], xs: tuple[str, ...], ys: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None]:
    """Inputs, labels and parts from arrays whose names say what they are.

    Args:
        arrays: By their names in small letters.
        xs: Names of inputs.
        ys: Names of labels.

    Returns:
        All inputs, all labels or None, and the part of each row or None.

    Raises:
        ValueError: If there are no inputs, or a part has labels and another none.
    """
    inputs, labels = arrays_by_part(arrays, xs), arrays_by_part(arrays, ys)
    if not inputs:
        raise ValueError(
            f"there must be an array {xs[0]!r}, or {xs[0] + '_train'!r} and {xs[0] + '_test'!r}; "
            f"it holds {', '.join(sorted(arrays)) or 'nothing'}."
        )
    if labels and set(labels) != set(inputs):
        raise ValueError(
            f"inputs and labels must have the same parts; received inputs {sorted(inputs)} and "
            f"labels {sorted(labels)}."
        )
    shapes = {one.shape[1:] for one in inputs.values()}
    if len(shapes) > 1:
        raise ValueError(f"the inputs of all parts must have the same shape; received {shapes}.")
    x = np.concatenate(list(inputs.values()))
    y = None
    if labels:
        for part, one in inputs.items():
            if len(labels[part]) != len(one):
                raise ValueError(
                    f"there must be one label for each input; received {len(one)} inputs and "
                    f"{len(labels[part])} labels{' in ' + part if part else ''}."
                )
        y = np.concatenate([labels[part] for part in inputs])
    split = list(inputs) != [""]
    part = np.repeat(list(inputs), [len(one) for one in inputs.values()]) if split else None
    return x, y, part


def arrays_by_part(
    arrays: Mapping[str, np.ndarray], names: tuple[str, ...]
) -> dict[str, np.ndarray]:
    """The arrays of one kind by part, "" if there is no split."""
    found: dict[str, np.ndarray] = {}
    for name in names:
        if name in arrays:
            return {"": arrays[name]}
        for mark, part in PART_NAMES.items():
            for key in (f"{name}_{mark}", f"{mark}_{name}"):
                if key in arrays:
                    found.setdefault(part, arrays[key])
        if found:
            return found
    return found
