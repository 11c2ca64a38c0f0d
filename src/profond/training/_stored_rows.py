"""Inputs that are not in memory, and are read by rows."""

import math
from typing import Any

import numpy as np
import torch

from profond._tensors import convert_to_tensor, default_device


class StoredRows:
    """Inputs that are read by rows, with what is asked of a tensor before any row is needed.

    Attributes:
        shape: (rows, ...).
        ndim: Number of axes.
        dtype: The type of the tensors that `read` gives.
        device: Where batches go.
        finite: Whether NaN and infinite values are refused.
    """

    def __init__(
        self, source: Any, float_dtype: torch.dtype, *, name: str = "x", begin: int = 0,
        end: int | None = None,
    ) -> None:  # fmt: skip
        try:
            have = np.dtype(source.dtype)
        except TypeError:
            have = None
        if have is None or have.kind not in "biuf":
            raise TypeError(
                f"`{name}` that is read by rows must have a `dtype` of numpy's numbers; received "
                f"{source.dtype!r}."
            )
        self._source, self._float_dtype, self._name = source, float_dtype, name
        self._have = have
        self._begin = begin
        self._end = len(source) if end is None else end
        self.shape = torch.Size([self._end - begin, *source.shape[1:]])
        self.ndim = len(self.shape)
        self.dtype: torch.dtype = self._tensor(np.empty((0, *self.shape[1:]), have)).dtype
        self.device = default_device()
        self.finite = False

    def __getitem__(self, rows: slice) -> "StoredRows":
        """A part of them; nothing is read."""
        begin, end, _ = rows.indices(self.shape[0])
        part = StoredRows(
            self._source,
            self._float_dtype,
            name=self._name,
            begin=self._begin + begin,
            end=self._begin + end,
        )
        part.finite = self.finite
        return part

    def numel(self) -> int:
        """Numbers of all rows."""
        return math.prod(self.shape)

    def element_size(self) -> int:
        """Bytes of a number."""
        return self.dtype.itemsize

    def read(self, rows: np.ndarray) -> torch.Tensor:
        """The rows of these places, in their order, on the CPU.

        Raises:
            ValueError: If the source gives something of another shape, or a value is not finite
                and is to be.
        """
        # A file is read in one direction, and h5py takes numbers no other way.
        places, back = np.unique(rows + self._begin, return_inverse=True)
        adjacent = len(places) and places[-1] - places[0] + 1 == len(places)
        asked = slice(int(places[0]), int(places[-1]) + 1) if adjacent else places
        values = np.asarray(self._source[asked])
        if values.shape != (len(places), *self.shape[1:]) or values.dtype != self._have:
            raise ValueError(
                f"`{self._name}[rows]` must give an array of {self._have} and the shape "
                f"{(len(places), *self.shape[1:])} for {len(places)} rows; received {values.dtype} "
                f"and {values.shape}."
            )
        if self.finite and values.dtype.kind == "f":
            self._refuse_non_finite(values, places)
        if len(back) != len(places) or (back != np.arange(len(back))).any():
            values = values[back]
        # What a model writes into its input must not reach the source.
        return self._tensor(np.require(values, requirements=["C", "W", "O"]))

    def _tensor(self, values: np.ndarray) -> torch.Tensor:
        return convert_to_tensor(values, self._float_dtype if self._have.kind == "f" else None)

    def _refuse_non_finite(self, values: np.ndarray, places: np.ndarray) -> None:
        with np.errstate(over="ignore", invalid="ignore"):
            sums = values.reshape(len(values), -1).sum(axis=1, dtype=np.float64)
        for i in np.flatnonzero(~np.isfinite(sums)):
            if not np.isfinite(values[i]).all():
                raise ValueError(
                    f"`{self._name}` must be finite; row {places[i]} holds NaN or an infinite "
                    "value. Leave such rows out, or fill them where they are read."
                )
