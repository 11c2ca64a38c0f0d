"""Element types by Keras's names ("float32"), torch's and numpy's."""

from typing import Any

import torch

from profond._lookup import choose

_BY_NAME: dict[str, torch.dtype] = {
    "bool": torch.bool,
    "uint8": torch.uint8,
    "uint16": torch.uint16,
    "uint32": torch.uint32,
    "uint64": torch.uint64,
    "int8": torch.int8,
    "int16": torch.int16,
    "int32": torch.int32,
    "int64": torch.int64,
    "float16": torch.float16,
    "bfloat16": torch.bfloat16,
    "float32": torch.float32,
    "float64": torch.float64,
}
_ALIASES = {
    "float": torch.float32,
    "int": torch.int32,
    "double": torch.float64,
    "half": torch.float16,
}
_NAMES = {dtype: name for name, dtype in _BY_NAME.items()}
_OF_PYTHON: dict[Any, torch.dtype] = {bool: torch.bool, int: torch.int32, float: torch.float32}


def torch_dtype(dtype: Any) -> torch.dtype:
    """The `torch.dtype` for a name, a torch or numpy dtype, or a Python type.

    Raises:
        ValueError: If there is no such element type.
    """
    if isinstance(dtype, torch.dtype):
        return dtype
    if dtype in _OF_PYTHON:
        return _OF_PYTHON[dtype]
    name = getattr(dtype, "name", None) or getattr(dtype, "__name__", None) or str(dtype)
    return choose(name.removeprefix("torch."), {**_BY_NAME, **_ALIASES}, "dtype")


def dtype_name(dtype: Any) -> str:
    """The name of an element type as Keras writes it: `"float32"`."""
    return _NAMES[torch_dtype(dtype)]


def is_float(dtype: Any) -> bool:
    """Whether values of this element type are floating point."""
    return torch_dtype(dtype).is_floating_point
