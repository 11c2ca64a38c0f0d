"""Refusing what no numbers can be taken from, with the way to something that they can."""

import inspect
from typing import Any

import numpy as np
import torch

from profond._tables import columns_of
from profond._tensors import to_array


def refuse_unusable(data: Any, name: str) -> None:
    """Refuse an array, table or other object that holds no real numbers, or not in memory.

    Args:
        data: One leaf of what was given; lists and dicts are looked at leaf by leaf.
        name: What it is called, for the message.

    Raises:
        TypeError: If it is one.
    """
    if isinstance(data, torch.Tensor):
        _refuse_tensor(data, name)
        return
    if isinstance(data, np.ndarray) and data.dtype.kind in "biuf":
        return
    if inspect.isgeneratorfunction(data):
        raise TypeError(
            f"`{name}` is the generator function {data.__name__!r}, which has to be called: give "
            f"`{data.__name__}()`."
        )
    if hasattr(data, "nnz") and hasattr(data, "toarray"):
        raise TypeError(
            f"`{name}` must be dense; received the sparse {type(data).__name__} of scipy. Give "
            f"`{name}.toarray()`."
        )
    if hasattr(data, "collect") and hasattr(data, "lazy"):
        raise TypeError(
            f"`{name}` must be in memory; received a {type(data).__name__}. Give "
            f"`{name}.collect()`."
        )
    if hasattr(data, "columns") and hasattr(data, "dtypes"):
        _refuse_columns(data, name)
        return
    _refuse_array(data, name)


def _refuse_tensor(data: torch.Tensor, name: str) -> None:
    """Refuse a tensor that is not dense, has no values, or complex ones."""
    if data.layout is not torch.strided:
        raise TypeError(
            f"`{name}` must be dense; received a tensor of layout {data.layout}. Give "
            f"`{name}.to_dense()`."
        )
    if data.is_meta:
        raise TypeError(
            f"`{name}` must have values; received a tensor on the device 'meta', which has none."
        )
    if data.is_complex():
        raise TypeError(_complex(name, data.dtype))


def _refuse_columns(table: Any, name: str) -> None:
    """Name the columns of a table that are not numbers."""
    text = [str(label) for label, column in columns_of(table) if not _is_numeric(column)]
    if text:
        raise TypeError(
            f"`{name}` must hold numbers; the column(s) {text} hold text or dates. Encode "
            "them first (`pandas.get_dummies`), or leave the preparation to "
            "`profond.experiment.train_table`."
        )


def _refuse_array(data: Any, name: str) -> None:
    """Show the first value of an array, Series or single thing that is not made of numbers."""
    dtype = getattr(data, "dtype", None)
    kind = "U" if isinstance(data, str) else getattr(dtype, "kind", "O" if dtype else "")
    if kind == "c":
        raise TypeError(_complex(name, dtype))
    if kind not in "USOTMm" or not kind or not np.size(data):
        return
    if isinstance(data, str) or not _is_numeric(data):
        first = data if isinstance(data, str) else to_array(data).flat[0]
        kind = "text" if isinstance(first, str) else type(first).__name__
        raise TypeError(
            f"`{name}` must hold numbers; received {kind} such as {str(first)[:60]!r}. Encode it "
            "first, for example `pandas.get_dummies` for inputs or `pandas.factorize` for classes."
        )


def _is_numeric(column: Any) -> bool:
    """Whether a column holds numbers, whatever its type says."""
    kind = getattr(column.dtype, "kind", "O")
    # Most types say so of an empty column too, which takes no time to convert.
    parts = [column[:0], column]
    return kind in "biuf" or any(to_array(part).dtype.kind in "biuf" for part in parts)


def _complex(name: str, dtype: Any) -> str:
    """The message for complex numbers."""
    return (
        f"`{name}` must hold real numbers; received {dtype}. Give the real and imaginary parts as "
        f"two features: `numpy.concatenate([{name}.real, {name}.imag], axis=-1)`."
    )
