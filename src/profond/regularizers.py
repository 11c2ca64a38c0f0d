"""Penalties on weights and activities, under the names of `keras.regularizers`.

A regularizer is any callable from a tensor to a number that is added to the training loss.
Notes 5.2 write the L2 penalty as lambda times the sum of the squared weights, without a 1/2:
that is `L2(lambda)`.
"""

import math
from typing import Any, Self

import torch

from profond import _families
from profond._tensors import convert_to_tensor

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "deserialize",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
    "serialize",
]


class Regularizer:
    """Base class of penalties: one's own overrides `__call__` and `get_config`."""

    def __call__(self, x: torch.Tensor) -> Any:
        """The penalty of the values `x`, a number or a tensor without axes."""
        del x
        return 0.0

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        raise NotImplementedError(
            f"{type(self).__name__} must override `get_config(self)` to be saved."
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The regularizer that `get_config` described."""
        return cls(**_families.decode(config))


class L1(Regularizer):
    r"""$\lambda_1 \sum_i |x_i|$, which drives values to exactly 0 (Tibshirani 1996).

    Args:
        l1: Factor >= 0.

    Raises:
        ValueError: If `l1` is negative or not finite.
    """

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = _factor(0.01 if l1 is None else l1, "l1")

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """The penalty, a tensor without axes."""
        return _sum_of_magnitudes(convert_to_tensor(x)) * self.l1

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {"l1": self.l1}


class L2(Regularizer):
    r"""$\lambda_2 \sum_i x_i^2$ (notes 5.2), which draws values towards 0.

    Args:
        l2: Factor >= 0.

    Raises:
        ValueError: If `l2` is negative or not finite.
    """

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = _factor(0.01 if l2 is None else l2, "l2")

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """The penalty, a tensor without axes."""
        return _sum_of_squares(convert_to_tensor(x)) * self.l2

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {"l2": self.l2}


class L1L2(Regularizer):
    r"""$\lambda_1 \sum_i |x_i| + \lambda_2 \sum_i x_i^2$ (Zou & Hastie 2005, elastic net).

    Args:
        l1: Factor of the magnitudes, >= 0. By the name `"l1_l2"` both factors are 0, as in
            Keras.
        l2: Factor of the squares, >= 0.

    Raises:
        ValueError: If a factor is negative or not finite.
    """

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1 = _factor(0.0 if l1 is None else l1, "l1")
        self.l2 = _factor(0.0 if l2 is None else l2, "l2")

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """The penalty, a tensor without axes."""
        x = convert_to_tensor(x)
        if not self.l1:
            return _sum_of_squares(x) * self.l2
        magnitudes = _sum_of_magnitudes(x) * self.l1
        return magnitudes + _sum_of_squares(x) * self.l2 if self.l2 else magnitudes

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {"l1": self.l1, "l2": self.l2}


class OrthogonalRegularizer(Regularizer):
    r"""Mean magnitude of the cosines between the rows (or columns) of a matrix, times `factor`.

    $\lambda \frac{2}{n (n-1)} \sum_{i<j} |\cos(x_i, x_j)|$: 0 if all are orthogonal.

    Args:
        factor: Factor >= 0.
        mode: `"rows"` or `"columns"`.

    Raises:
        ValueError: If `factor` is negative or not finite, or `mode` is unknown.
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = _factor(factor, "factor")
        if mode not in ("rows", "columns"):
            raise ValueError(f"`mode` must be 'rows' or 'columns'; received {mode!r}.")
        self.mode = mode

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """The penalty, a tensor without axes.

        Raises:
            ValueError: If `x` is not a matrix.
        """
        x = convert_to_tensor(x)
        if x.ndim != 2:
            raise ValueError(
                f"OrthogonalRegularizer applies to matrices; received shape {tuple(x.shape)}."
            )
        vectors = x if self.mode == "rows" else x.T
        n = len(vectors)
        # 1e-7 as in Keras: a vector of zeros has cosine 0 with all others, not NaN.
        units = torch.nn.functional.normalize(vectors, dim=1, eps=1e-7)
        cosines = (units @ units.T).abs()
        pairs = n * (n - 1) / 2
        return self.factor * cosines.triu(1).sum() / pairs

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {"factor": self.factor, "mode": self.mode}


l1 = L1
l2 = L2
l1_l2 = L1L2
orthogonal_regularizer = OrthogonalRegularizer

_BY_NAME: dict[str, type[Regularizer]] = {
    "L1": L1,
    "L1L2": L1L2,
    "L2": L2,
    "OrthogonalRegularizer": OrthogonalRegularizer,
    "l1": L1,
    "l1_l2": L1L2,
    "l1l2": L1L2,
    "l2": L2,
    "orthogonal_regularizer": OrthogonalRegularizer,
}


def get(identifier: Any) -> Any:
    """The regularizer that `identifier` means.

    Args:
        identifier: A name (`"l1"`, `"l2"`, `"l1_l2"`, `"orthogonal_regularizer"`), a
            configuration dict, a class, a callable from a tensor to a number, or None.

    Returns:
        A callable; None for None.

    Raises:
        ValueError: If the name is unknown.
        TypeError: If it is none of these.
    """
    return _families.interpret(identifier, _BY_NAME, "regularizer")


def serialize(regularizer: Any) -> Any:
    """The regularizer in Keras's JSON form."""
    return _families.serialize(regularizer)


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """The regularizer that `serialize` described."""
    return _families.from_config(config, _BY_NAME, custom_objects)


def _sum_of_squares(x: torch.Tensor) -> torch.Tensor:
    """The sum of x^2, for float32 and float64 by one product of x with itself."""
    if x.dtype in (torch.float32, torch.float64):
        flat = x.reshape(-1)
        return torch.dot(flat, flat)
    return x.square().sum()


def _sum_of_magnitudes(x: torch.Tensor) -> torch.Tensor:
    """The sum of |x|."""
    return x.abs().sum()


def _factor(value: Any, name: str) -> float:
    """`value` as a finite float >= 0."""
    number = isinstance(value, int | float) or hasattr(value, "__float__")
    if not number or not math.isfinite(value) or value < 0:
        raise ValueError(f"`{name}` must be a finite number >= 0; received {name}={value!r}.")
    return float(value)
