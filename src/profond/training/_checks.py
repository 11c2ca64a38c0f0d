"""Refusing data that cannot be trained on, with the place of the fault."""

from typing import Any

import torch

from profond import _tree


def check_lengths(x: Any, y: Any, sample_weight: Any) -> int:
    """The common number of rows of all arrays.

    Raises:
        ValueError: If there are no rows, or arrays differ in their number.
    """
    lengths = {}
    for name, tree in (("x", x), ("y", y), ("sample_weight", sample_weight)):
        for position, leaf in enumerate(_tree.flatten(tree)):
            if leaf is None:
                continue
            if leaf.ndim == 0:
                raise ValueError(
                    f"`{name}` must have one row per sample; received the single number {leaf}."
                )
            several = len(_tree.flatten(tree)) > 1
            lengths[f"{name}[{position}]" if several else name] = int(leaf.shape[0])
    if not lengths:
        raise ValueError("`x` is required: arrays with one row per sample; received None.")
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} has {n}" for name, n in lengths.items())
        raise ValueError(f"all data must have the same number of rows; {found}.")
    rows = next(iter(lengths.values()))
    if rows == 0:
        raise ValueError("the data are empty: 0 rows.")
    return rows


def check_finite(data: Any, tensors: Any, name: str) -> None:
    """Refuse NaN and infinite values.

    Args:
        data: The data as they were given, for the names of columns.
        tensors: The same as tensors.
        name: `"x"` or `"y"`.

    Raises:
        ValueError: Naming the first row and column.
    """
    given = _tree.flatten(data) if isinstance(data, list | tuple | dict) else [data]
    leaves = _tree.flatten(tensors)
    paths = _paths(tensors, name)
    for position, leaf in enumerate(leaves):
        if not isinstance(leaf, torch.Tensor) or not leaf.is_floating_point():
            continue
        # A sum is not finite if a value is not; only then is each one looked at.
        if bool(torch.isfinite(leaf.sum())):
            continue
        wrong = (~torch.isfinite(leaf)).nonzero()
        if len(wrong) == 0:
            continue
        place = [int(i) for i in wrong[0]]
        value = leaf[tuple(place)].item()
        source = given[position] if len(given) == len(leaves) else None
        columns = getattr(source, "columns", None)
        where = f"row {place[0]}"
        if columns is not None and len(place) > 1:
            where = f"column {str(list(columns)[place[1]])!r}, {where}"
        elif len(place) > 1:
            where = f"column {place[1]}, {where}" if len(place) == 2 else f"index {tuple(place)}"
        count = len(wrong)
        raise ValueError(
            f"`{paths[position]}` must be finite; it has {count} value(s) that are NaN or "
            f"infinite, the first ({value}) at {where}. Drop these rows, or fill them (for example "
            "with the column's median)."
        )


def _paths(tree: Any, name: str) -> list[str]:
    """How each leaf is reached from what is called `name`, in the order of `flatten`."""
    if isinstance(tree, dict):
        return [path for key in sorted(tree) for path in _paths(tree[key], f"{name}[{key!r}]")]
    if isinstance(tree, list | tuple) and len(tree) == 1:
        return _paths(tree[0], name)
    if isinstance(tree, list | tuple):
        return [path for i, one in enumerate(tree) for path in _paths(one, f"{name}[{i}]")]
    return [name]


def check_split(rows: int, validation_split: float) -> int:
    """The number of rows that are trained on; the rest validates.

    Raises:
        ValueError: If the fraction is not in (0, 1), or leaves no rows for either part.
    """
    if not 0 < validation_split < 1:
        raise ValueError(
            f"`validation_split` must be between 0 and 1; received {validation_split!r}."
        )
    # As in Keras: the fraction of the first part is rounded down.
    train = int(rows * (1.0 - validation_split))
    if train == 0 or train == rows:
        empty = "training" if train == 0 else "validation"
        raise ValueError(
            f"`validation_split={validation_split}` of {rows} rows leaves none for {empty}. "
            "Change it, or give `validation_data=(x, y)`."
        )
    return train
