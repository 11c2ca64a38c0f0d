"""To torch tensors and back: numpy, pandas, polars, lists and numbers."""

from typing import Any

import numpy as np
import torch

from profond._dtypes import dtype_name, torch_dtype
from profond._tables import table_to_array, unboxed

# While shapes are inferred, torch's default device is meta; weights still go to this one.
real_device: torch.device | None = None


def default_device() -> torch.device:
    """Torch's default device: the CPU unless `torch.set_default_device` says otherwise."""
    return real_device or torch.get_default_device()


def to_array(x: Any, floats: Any = None) -> np.ndarray:
    """A numpy array of a DataFrame, Series, list or number; of a tensor, its values.

    Args:
        x: What is converted. What a masked array hides is NaN.
        floats: See `table_to_array`.
    """
    if isinstance(x, torch.Tensor):
        return convert_to_numpy(x)
    if hasattr(x, "to_numpy"):
        return table_to_array(x, floats)
    if isinstance(x, np.ma.MaskedArray):
        return _without_mask(x)
    array = np.asarray(x)
    return unboxed(array) if array.dtype == object else array


def _without_mask(x: np.ma.MaskedArray) -> np.ndarray:
    """The values, with NaN where they are masked."""
    if not np.ma.is_masked(x):
        return np.asarray(x)
    floats = x.dtype if x.dtype.kind == "f" else np.float64
    return np.ma.filled(x.astype(floats), np.nan)


def convert_to_tensor(x: Any, dtype: Any = None) -> torch.Tensor:
    """A tensor of `x`, without a copy where the memory allows.

    Args:
        x: A tensor, numpy array, pandas or polars object, nested list or number.
        dtype: Element type; None keeps that of `x`; Python floats take `config.floatx()`.

    Returns:
        The tensor, on its own device if `x` is one, else on the default device.

    Raises:
        TypeError: If `x` holds something other than numbers.
    """
    wanted = None if dtype is None else torch_dtype(dtype)
    if isinstance(x, torch.Tensor):
        return x if wanted is None or x.dtype is wanted else x.to(wanted)
    plain = isinstance(x, int | float | list | tuple | range) and not isinstance(x, np.generic)
    if plain and _holds_tensors(x):
        return torch.stack([convert_to_tensor(item, dtype) for item in x])  # type: ignore[union-attr]
    array = to_array(x)
    if array.dtype.kind not in "biuf":
        raise TypeError(
            f"real numbers are required; received {type(x).__name__} of dtype {array.dtype}"
            + (f" (for example {array.flat[0]!r})" if array.size else "")
            + ". Encode text and dates as numbers first."
        )
    if plain and wanted is None:
        # Keras's rule for Python numbers: floats are floatx, integers int32.
        from profond.config import floatx

        if array.dtype == np.float64:
            wanted = torch_dtype(floatx())
        elif array.dtype == np.int64 and (
            array.size == 0 or (array.min() >= -(2**31) and array.max() < 2**31)
        ):
            wanted = torch.int32
    return from_array(array, wanted)


def _holds_tensors(x: Any) -> bool:
    """Whether a nested list has tensors in it."""
    while isinstance(x, list | tuple) and x:
        x = x[0]
    return isinstance(x, torch.Tensor)


def from_array(array: np.ndarray, dtype: torch.dtype | None = None) -> torch.Tensor:
    """A tensor over the memory of `array` where torch can, converted if asked."""
    owned = array.flags.writeable and all(stride >= 0 for stride in array.strides)
    if not owned or array.dtype.byteorder == ">" or array.dtype.itemsize > 8:
        # torch takes no read-only, reversed or foreign memory: one copy, in the final type.
        array = array.astype(_numpy_dtype(array.dtype, dtype), order="C")
    tensor = torch.from_numpy(array)
    device = default_device()
    if device.type != "cpu":
        tensor = tensor.to(device)
    return tensor if dtype is None else tensor.to(dtype)


def for_reading(array: np.ndarray) -> np.ndarray:
    """The same memory for torch to read, which takes no array that must not be written to.

    For those who never write into what they get: a memory-mapped file is not copied then.
    """
    if array.flags.writeable or array.dtype == object:
        return array
    return np.asarray(_Memory(array))


class _Memory:
    """The memory of an array, without the remark that it is only for reading."""

    def __init__(self, array: np.ndarray) -> None:
        self._array = array  # kept alive
        interface = dict(array.__array_interface__)
        interface["data"] = (interface["data"][0], False)
        self.__array_interface__ = interface


def _numpy_dtype(have: np.dtype, wanted: torch.dtype | None) -> Any:
    """The type that a copy of an array is made in."""
    if wanted is not None and wanted is not torch.bfloat16:
        return dtype_name(wanted)
    return np.float64 if have.itemsize > 8 else have.newbyteorder("=")


def convert_to_numpy(x: Any) -> np.ndarray:
    """The values of `x` as a numpy array; bfloat16, which numpy lacks, as float32."""
    if isinstance(x, torch.Tensor):
        x = x.detach()
        if x.dtype is torch.bfloat16:
            x = x.float()
        return x.cpu().resolve_conj().resolve_neg().numpy()
    return to_array(x)
