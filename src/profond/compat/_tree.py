"""`keras.tree`: the same function over each leaf of nested lists, tuples and dicts."""

from typing import Any

from profond._tree import flatten, is_branch, map_structure, pack_like

__all__ = ["flatten", "is_nested", "map_structure", "pack_sequence_as"]


def is_nested(structure: Any) -> bool:
    """Whether `structure` is a list, tuple or dict."""
    return is_branch(structure)


def pack_sequence_as(structure: Any, flat_sequence: list[Any]) -> Any:
    """The structure with the leaves of `flat_sequence`, in the order of `flatten`."""
    return pack_like(structure, flat_sequence)
