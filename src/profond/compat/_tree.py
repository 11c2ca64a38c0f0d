"""`keras.tree`: the same function over each leaf of nested lists, tuples and dicts."""

from collections.abc import Callable, Iterator
from typing import Any

from profond import _tree
from profond._tree import flatten, is_branch, pack_like, remade, sorted_keys

__all__ = [
    "MAP_TO_NONE",
    "assert_same_paths",
    "assert_same_structure",
    "flatten",
    "flatten_with_path",
    "is_nested",
    "lists_to_tuples",
    "map_shape_structure",
    "map_structure",
    "map_structure_up_to",
    "pack_sequence_as",
    "traverse",
]


class MAP_TO_NONE:  # noqa: N801 - Keras's name
    """What a function given to `traverse` answers to put None in the place of a part."""


Path = tuple[Any, ...]


def is_nested(structure: Any) -> bool:
    """Whether `structure` is a list, tuple or dict."""
    return is_branch(structure)


def pack_sequence_as(structure: Any, flat_sequence: list[Any]) -> Any:
    """The structure with the leaves of `flat_sequence`, in the order of `flatten`."""
    return pack_like(structure, flat_sequence)


def flatten_with_path(structure: Any) -> list[tuple[Path, Any]]:
    """The leaves in the order of `flatten`, each with the keys and positions that lead to it."""
    return list(_with_paths(structure, ()))


def _with_paths(structure: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if not is_branch(structure):
        yield path, structure
        return
    for key, child in _children(structure):
        yield from _with_paths(child, (*path, key))


def map_structure(func: Callable[..., Any], *structures: Any, none_is_leaf: bool = True) -> Any:
    """The same structure with `func(leaf, ...)` in the place of each leaf.

    Args:
        func: Takes as many leaves as there are structures.
        *structures: Structures of the same layout.
        none_is_leaf: Whether None is given to `func` too; otherwise it stays.

    Raises:
        TypeError: If there is no structure, or `func` cannot be called.
        ValueError: If the layouts differ.
    """
    _check_function(func)
    if not structures:
        raise TypeError("`map_structure` needs one structure or more.")
    for other in structures[1:]:
        assert_same_structure(structures[0], other)

    def apply(*leaves: Any) -> Any:
        if not none_is_leaf and leaves[0] is None:
            return None
        return func(*leaves)

    return _tree.map_structure(apply, *structures)


def map_structure_up_to(shallow_structure: Any, func: Callable[..., Any], *structures: Any) -> Any:
    """`map_structure` that goes only as deep as `shallow_structure`.

    Raises:
        TypeError: If there is no structure, or `func` cannot be called.
        ValueError: If a structure differs from the shallow one, as far as that goes.
    """
    _check_function(func)
    if not structures:
        raise TypeError("`map_structure_up_to` needs one structure or more.")
    if not is_branch(shallow_structure):
        return func(*structures)
    for other in structures:
        _check_level(shallow_structure, other, ())
    inside = [[child for _, child in _children(other)] for other in structures]
    mapped = [
        map_structure_up_to(child, func, *(children[place] for children in inside))
        for place, (_, child) in enumerate(_children(shallow_structure))
    ]
    return _remade(shallow_structure, mapped)


def map_shape_structure(func: Callable[[Any], Any], structure: Any) -> Any:
    """The same structure with `func(shape)` in the place of each tuple or list of sizes."""
    _check_function(func)
    if not is_branch(structure) or _is_shape(structure):
        return func(structure)
    children = [map_shape_structure(func, child) for _, child in _children(structure)]
    return _remade(structure, children)


def traverse(func: Callable[[Any], Any], structure: Any, top_down: bool = True) -> Any:
    """The structure with what `func` answers in the place of its parts.

    Args:
        func: Gets the whole structure and each part of it, leaves included. What it answers
            takes the place of the part; None leaves it (`MAP_TO_NONE` puts None there).
        structure: Nested lists, tuples and dicts.
        top_down: Whether `func` gets a part before the parts inside it, which then are not
            visited where it answers; otherwise it gets them first.

    Raises:
        TypeError: If `func` cannot be called.
    """
    _check_function(func)
    answer = func(structure) if top_down else None
    if answer is None and is_branch(structure):
        children = [traverse(func, child, top_down) for _, child in _children(structure)]
        structure = _remade(structure, children)
    if not top_down:
        answer = func(structure)
    if answer is None:
        return structure
    return None if answer is MAP_TO_NONE else answer


def lists_to_tuples(structure: Any) -> Any:
    """The structure with a tuple in the place of each list."""
    return traverse(
        lambda part: tuple(part) if isinstance(part, list) else None, structure, top_down=False
    )


def assert_same_structure(a: Any, b: Any, check_types: Any = None) -> None:
    """Refuse two structures that are not nested in the same way, in the same kinds of branches.

    Args:
        a: A structure.
        b: Another one.
        check_types: Accepted for Keras's sake.

    Raises:
        ValueError: If they differ; it says where.
    """
    del check_types
    _check_same(a, b, ())


def assert_same_paths(a: Any, b: Any) -> None:
    """Refuse two structures in which other keys and positions lead to the leaves.

    Raises:
        ValueError: If they differ; it says which are in one of them only.
    """
    paths = [{path for path, _ in flatten_with_path(structure)} for structure in (a, b)]
    if paths[0] != paths[1]:
        only = [sorted(paths[0] - paths[1], key=str), sorted(paths[1] - paths[0], key=str)]
        raise ValueError(
            f"the structures do not have the same paths: {only[0]} only in the first, {only[1]} "
            "only in the second."
        )


def _check_same(a: Any, b: Any, path: Path) -> None:
    _check_level(a, b, path)
    if is_branch(a):
        for (key, one), (_, other) in zip(_children(a), _children(b), strict=True):
            _check_same(one, other, (*path, key))


def _check_level(a: Any, b: Any, path: Path) -> None:
    """Refuse two branches of another kind, length or other keys, or a branch beside a leaf."""
    dicts = isinstance(a, dict) and isinstance(b, dict)
    same = is_branch(a) == is_branch(b) and (dicts or not is_branch(a) or type(a) is type(b))
    if same and is_branch(a):
        same = set(a) == set(b) if dicts else len(a) == len(b)
    if not same:
        raise ValueError(
            f"the structures are not nested in the same way: at the path {path}, {a!r} in the "
            f"first and {b!r} in the second."
        )


def _children(branch: Any) -> list[tuple[Any, Any]]:
    """The keys or positions in a branch and what is there, in the order of `flatten`."""
    if isinstance(branch, dict):
        return [(key, branch[key]) for key in sorted_keys(branch)]
    return list(enumerate(branch))


def _remade(branch: Any, children: list[Any]) -> Any:
    """A branch of the same kind with other children, in the order of `_children`."""
    if isinstance(branch, dict):
        by_key = dict(zip(sorted_keys(branch), children, strict=True))
        children = [by_key[key] for key in branch]
    return remade(branch, children)


def _is_shape(value: Any) -> bool:
    return all(size is None or isinstance(size, int) for size in value)


def _check_function(func: Any) -> None:
    if not callable(func):
        raise TypeError(f"`func` must be a function; received {func!r}.")
