"""Nested structures: the same function over each leaf of lists, tuples and dicts."""

from collections.abc import Callable, Iterator
from typing import Any


def is_branch(tree: Any) -> bool:
    """Whether `tree` is a list, tuple or dict, and so not itself a leaf."""
    return isinstance(tree, list | tuple | dict)


def map_structure(fn: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """The same structure with `fn(leaf, ...)` in the place of each leaf."""
    if isinstance(tree, dict):
        return type(tree)(
            (key, map_structure(fn, value, *(other[key] for other in others)))
            for key, value in tree.items()
        )
    if isinstance(tree, list | tuple):
        items = (map_structure(fn, *leaves) for leaves in zip(tree, *others, strict=True))
        if hasattr(tree, "_fields"):
            return type(tree)(*items)
        return type(tree)(items)
    return fn(tree, *others)


def leaves_of(tree: Any) -> Iterator[Any]:
    """The leaves, depth first; a dict's in the order of its sorted keys, as in Keras."""
    if isinstance(tree, dict):
        for key in sorted(tree):
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
            packed = {key: pack(branch[key]) for key in sorted(branch)}
            return type(branch)((key, packed[key]) for key in branch)
        if isinstance(branch, list | tuple):
            items = [pack(item) for item in branch]
            return type(branch)(*items) if hasattr(branch, "_fields") else type(branch)(items)
        return next(remaining)

    return pack(tree)
