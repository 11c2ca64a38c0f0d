"""Nested structures: the same function over each leaf of lists, tuples and dicts."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any


def is_branch(tree: Any) -> bool:
    """Whether `tree` is a list, tuple or dict, and so not itself a leaf."""
    return isinstance(tree, list | tuple | dict)


def map_structure(fn: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """The same structure with `fn(leaf, ...)` in the place of each leaf."""
    if isinstance(tree, dict):
        items = (
            map_structure(fn, value, *(other[key] for other in others))
            for key, value in tree.items()
        )
        return remade(tree, items)
    if isinstance(tree, list | tuple):
        items = (map_structure(fn, *leaves) for leaves in zip(tree, *others, strict=True))
        return remade(tree, items)
    return fn(tree, *others)


def remade(branch: Any, children: Iterable[Any]) -> Any:
    """A branch of the same kind, with the same keys in their order, and other children."""
    if isinstance(branch, defaultdict):
        return type(branch)(branch.default_factory, zip(branch, children, strict=True))
    if isinstance(branch, dict):
        return type(branch)(zip(branch, children, strict=True))
    return type(branch)(*children) if hasattr(branch, "_fields") else type(branch)(children)


def sorted_keys(branch: dict[Any, Any]) -> list[Any]:
    """The keys in increasing order; those of several types by type first, as optree has it."""
    try:
        return sorted(branch)
    except TypeError:
        pass
    try:
        return sorted(branch, key=lambda key: (_type_name(key), key))
    except TypeError:  # of a type without an order: as they stand
        return list(branch)


def _type_name(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__qualname__}"


def leaves_of(tree: Any) -> Iterator[Any]:
    """The leaves, depth first; a dict's in the order of its sorted keys, as in Keras."""
    if isinstance(tree, dict):
        for key in sorted_keys(tree):
            yield from leaves_of(tree[key])
    elif isinstance(tree, list | tuple):
        for item in tree:
            yield from leaves_of(item)
    else:
        yield tree


def flatten(tree: Any) -> list[Any]:
    """The leaves as a list, depth first; a dict's in the order of its sorted keys."""
    return list(leaves_of(tree))


def pack_like(tree: Any, leaves: list[Any]) -> Any:
    """The structure of `tree` with `leaves`, in the order of `flatten`."""
    remaining = iter(leaves)

    def pack(branch: Any) -> Any:
        if isinstance(branch, dict):
            packed = {key: pack(branch[key]) for key in sorted_keys(branch)}
            return remade(branch, (packed[key] for key in branch))
        if isinstance(branch, list | tuple):
            return remade(branch, [pack(item) for item in branch])
        return next(remaining)

    return pack(tree)
