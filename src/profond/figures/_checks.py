"""Arguments of the figures, checked where they come in."""

from collections.abc import Iterable, Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from profond._tensors import to_array


def numeric(values: ArrayLike, name: str) -> np.ndarray:
    """`values` as a float64 array of finite numbers.

    Raises:
        TypeError: If they are not numbers.
        ValueError: If there are none, or one is NaN or infinite.
    """
    array = to_array(values)
    if array.dtype == object and all(isinstance(value, Real) for value in array.flat):
        array = array.astype(np.float64)  # a table that mixes booleans and numbers
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"`{name}` must hold numbers; received dtype {array.dtype}. "
            "Encode text as numbers, or leave those columns out."
        )
    array = array.astype(np.float64)
    if array.size == 0:
        raise ValueError(f"`{name}` is empty; at least one value is required.")
    wrong = ~np.isfinite(array)
    if wrong.any():
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"`{name}` must be finite; {int(wrong.sum())} value(s) are NaN or infinite, "
            f"the first at {where if len(where) != 1 else where[0]}. Drop or fill them first."
        )
    return array


def vector(values: ArrayLike, name: str) -> np.ndarray:
    """One number per row: a flat array, a Series, or a table of one column.

    Raises:
        TypeError: If they are not numbers.
        ValueError: If there are several columns, no values, or values that are not finite.
    """
    array = numeric(values, name)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise ValueError(
            f"`{name}` must be one number per row; received shape {array.shape}. Choose one column."
        )
    return array


def matrix(values: ArrayLike, name: str) -> np.ndarray:
    """A table of numbers: rows, columns; a flat array is one column.

    Raises:
        TypeError: If they are not numbers.
        ValueError: If there are more than two axes, no values, or values that are not finite.
    """
    array = numeric(values, name)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise ValueError(f"`{name}` must have rows and columns; received shape {array.shape}.")
    return array


def same_length(x: np.ndarray, y: np.ndarray, names: tuple[str, str] = ("x", "y")) -> None:
    """Refuse two arrays of different lengths.

    Raises:
        ValueError: If `x` and `y` have not as many rows.
    """
    if len(x) != len(y):
        raise ValueError(
            f"`{names[0]}` and `{names[1]}` must have as many rows; received {len(x)} and {len(y)}."
        )


def standardised(x: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Inputs `(rows, columns)` and target `(rows, 1)`, each of mean 0 and standard deviation 1.

    Raises:
        TypeError: If they are not numbers.
        ValueError: If they are empty, not finite, of different lengths, or a column is constant.
    """
    table, target = matrix(x, "x"), vector(y, "y")[:, None]
    same_length(table, target)
    for values, name in ((table, "x"), (target, "y")):
        constant = values.std(axis=0) == 0
        if constant.any():
            raise ValueError(
                f"`{name}` has the same value in every row (column {int(np.argmax(constant))}); "
                "leave it out."
            )
    return (table - table.mean(axis=0)) / table.std(axis=0), (target - target.mean()) / target.std()


def together(x: object, y: object, otherwise: str) -> bool:
    """Whether both `x` and `y` are given, rather than neither.

    Raises:
        ValueError: If only one is; `otherwise` says what is used when neither is.
    """
    if (x is None) != (y is None):
        raise ValueError(f"give both `x` and `y`, or neither ({otherwise} then).")
    return x is not None


def whole(value: Any, name: str, *, least: int = 1) -> int:
    """`value` as a whole number of at least `least`.

    Raises:
        TypeError: If it is not an integer.
        ValueError: If it is too small.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"`{name}` must be a whole number; received {value!r}.")
    if value < least:
        raise ValueError(f"`{name}` must be at least {least}; received {value}.")
    return int(value)


def positive(value: Any, name: str) -> float:
    """`value` as a number above zero.

    Raises:
        TypeError: If it is not a number.
        ValueError: If it is not above zero, or not finite.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"`{name}` must be a number; received {value!r}.")
    if not (value > 0 and np.isfinite(value)):
        raise ValueError(f"`{name}` must be a finite number above 0; received {value}.")
    return float(value)


def fraction(value: Any, name: str, *, below_one: bool = True) -> float:
    """`value` as a number in [0, 1), or in [0, 1].

    Raises:
        TypeError: If it is not a number.
        ValueError: If it is outside.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"`{name}` must be a number; received {value!r}.")
    if not (0 <= value < 1 or (value == 1 and not below_one)):
        end = ")" if below_one else "]"
        raise ValueError(f"`{name}` must be in [0, 1{end}; received {value}.")
    return float(value)


def number(value: Any, name: str, *, least: float = -np.inf) -> float:
    """`value` as a finite number of at least `least`.

    Raises:
        TypeError: If it is not a number.
        ValueError: If it is too small, or not finite.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise TypeError(f"`{name}` must be a number; received {value!r}.")
    if not np.isfinite(value):
        raise ValueError(f"`{name}` must be a finite number; received {value}.")
    if value < least:
        raise ValueError(f"`{name}` must be at least {least:g}; received {value}.")
    return float(value)


def pair(values: Any, name: str) -> np.ndarray:
    """`values` as an array of two finite numbers.

    Raises:
        TypeError: If they are not numbers.
        ValueError: If they are not two, or not finite.
    """
    found = vector(values, name) if np.ndim(values) else np.atleast_1d(numeric(values, name))
    if len(found) != 2:
        raise ValueError(f"`{name}` must be two numbers; received {len(found)}.")
    return found


def several(values: Any, name: str) -> list[Any]:
    """`values` as a list of at least one; one number or text alone is a list of one.

    Raises:
        ValueError: If there are none.
    """
    found = _listed(values)
    if not found:
        raise ValueError(f"`{name}` is empty; at least one is required.")
    return found


def _listed(values: Any) -> list[Any]:
    """`values` as a list; a number or a text alone is a list of one."""
    return [values] if isinstance(values, str) or not isinstance(values, Iterable) else [*values]


def layer_sizes(hidden: Any) -> list[int]:
    """The neurons of each hidden layer; one number alone is one layer, none are no layers.

    Raises:
        TypeError: If they are not whole numbers.
        ValueError: If one is below 1.
    """
    return [whole(units, "hidden") for units in _listed(hidden)]


def different(values: Sequence[Any], name: str) -> None:
    """Refuse values of which one comes twice: they are told apart by them.

    Raises:
        ValueError: If one does.
    """
    if len(set(values)) < len(values):
        raise ValueError(f"`{name}` must differ; received {list(values)}.")


def mapping(values: Any, name: str, what: str) -> None:
    """Refuse what is not a mapping with at least one entry; `what` says of what to what.

    Raises:
        TypeError: If it is not a mapping.
        ValueError: If it is empty.
    """
    if not isinstance(values, Mapping):
        raise TypeError(
            f"`{name}` must be a mapping of {what}; received {type(values).__name__}. "
            f'Write {name}={{"a name": ...}}.'
        )
    if not values:
        raise ValueError(f"`{name}` is empty; at least one is required.")


def seed_list(seeds: int | Sequence[int]) -> list[int]:
    """The seeds: those given, or `0 .. n - 1` for a number `n`.

    Raises:
        TypeError: If they are not whole numbers.
        ValueError: If there are none, one is negative, or one comes twice.
    """
    if isinstance(seeds, int | np.integer) and not isinstance(seeds, bool):
        return list(range(whole(seeds, "seeds")))
    found = [whole(seed, "seeds", least=0) for seed in several(seeds, "seeds")]
    different(found, "seeds")
    return found


def column_names(table: Any, count: int) -> list[str]:
    """The names of a table's columns, or `x1, x2, ...`."""
    columns = getattr(table, "columns", None)
    if columns is not None and len(columns) == count:
        return [str(column) for column in columns]
    name = getattr(table, "name", None)
    if count == 1:
        return [str(name) if isinstance(name, str) else "x"]
    return [f"x{index + 1}" for index in range(count)]


def name_of(column: Any, otherwise: str) -> str:
    """The name of a Series or of a one-column table, or `otherwise`."""
    columns = getattr(column, "columns", None)
    if columns is not None and len(columns) == 1:
        return str(columns[0])
    name = getattr(column, "name", None)
    return name if isinstance(name, str) else otherwise
