"""`keras.backend`: the few functions that Keras 3 still has there."""

from collections import Counter
from typing import Any

import torch

from profond._dtypes import dtype_name, is_float, torch_dtype
from profond._symbolic import KerasTensor
from profond.config import (
    backend,
    clear_session,
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)

__all__ = [
    "backend",
    "clear_session",
    "epsilon",
    "floatx",
    "get_uid",
    "image_data_format",
    "is_float_dtype",
    "is_int_dtype",
    "is_keras_tensor",
    "result_type",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "standardize_dtype",
]

_uids: Counter[str] = Counter()


def get_uid(prefix: str = "") -> int:
    """The number of times that `prefix` was asked for, this time included."""
    _uids[prefix] += 1
    return _uids[prefix]


def is_keras_tensor(x: Any) -> bool:
    """Whether `x` is a symbolic tensor."""
    return isinstance(x, KerasTensor)


def is_float_dtype(dtype: Any) -> bool:
    """Whether values of this element type are floating point."""
    return is_float(dtype)


def is_int_dtype(dtype: Any) -> bool:
    """Whether values of this element type are whole numbers."""
    of_torch = torch_dtype(dtype)
    return not (of_torch.is_floating_point or of_torch.is_complex or of_torch is torch.bool)


def standardize_dtype(dtype: Any) -> str:
    """The name of an element type, `"float32"`; that of `floatx()` for None."""
    return floatx() if dtype is None else dtype_name(dtype)


def result_type(*dtypes: Any) -> str:
    """The element type that an operation between values of these types gives."""
    result = torch_dtype(dtypes[0])
    for dtype in dtypes[1:]:
        result = torch.promote_types(result, torch_dtype(dtype))
    return dtype_name(result)
