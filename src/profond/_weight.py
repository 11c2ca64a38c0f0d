"""A weight: an `nn.Parameter` that also answers to Keras's words."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from profond._dtypes import dtype_name, torch_dtype
from profond._naming import unique_name
from profond._numpy_protocol import NumpyProtocol
from profond._symbolic import is_inferring
from profond._tensors import convert_to_numpy, convert_to_tensor


class Weight(NumpyProtocol, nn.Parameter):
    """A tensor that belongs to a layer, trained or not.

    In torch's eyes it is an `nn.Parameter`, at no cost in operations. `requires_grad` says
    whether it is trained now; a weight made with `trainable=False` (a moving average, a
    table) never is, whatever its layer's `trainable` is set to. `dtype` is torch's: where Keras
    has `weight.dtype == "float32"`, compare with `torch.float32`, or the name that
    `keras.backend.standardize_dtype(weight.dtype)` gives.

    Args:
        initializer: The values: a tensor, which is not copied, anything that becomes one (a
            number, a list, an array), or the name of an initializer or a function of
            `(shape, dtype)`.
        shape: The shape that an initializer is asked for.
        dtype: Element type; None keeps that of the values.
        trainable: Whether the weight is learned.
        autocast: Whether it is converted to the type of the computation under a mixed
            precision policy.
        aggregation: Accepted for Keras's sake.
        synchronization: Accepted for Keras's sake.
        name: Short name, `"kernel"`; `"variable"`, `"variable_1"`, ... by default.
        path: Name with those of the layers around it, `"sequential/dense/kernel"`.
        regularizer: Penalty added to the training loss, or None.
        constraint: Function applied to the values after each training step, or None.

    Raises:
        ValueError: If an initializer comes without `shape`.
    """

    regularizer: Callable[[torch.Tensor], torch.Tensor] | None
    constraint: Callable[[torch.Tensor], torch.Tensor] | None

    def __new__(
        cls,
        initializer: Any,
        shape: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str | None = "none",
        synchronization: str | None = "auto",
        name: str | None = None,
        *,
        path: str | None = None,
        regularizer: Any = None,
        constraint: Any = None,
    ) -> "Weight":
        """Wrap the values, or make them."""
        del aggregation, synchronization
        data = _values(initializer, shape, dtype)
        learned = trainable and (data.is_floating_point() or data.is_complex())
        weight = torch.Tensor._make_subclass(cls, data.detach(), learned)
        weight._learned = learned
        weight._name = name or unique_name("variable")
        weight._path = path or weight._name
        weight.regularizer = regularizer
        weight.constraint = constraint
        weight.autocast = autocast
        return weight

    if TYPE_CHECKING:  # `nn.Parameter` declares a constructor with other arguments

        def __init__(
            self,
            initializer: Any,
            shape: Any = None,
            dtype: Any = None,
            trainable: bool = True,
            autocast: bool = True,
            aggregation: str | None = "none",
            synchronization: str | None = "auto",
            name: str | None = None,
            *,
            path: str | None = None,
            regularizer: Any = None,
            constraint: Any = None,
        ) -> None: ...

    autocast: bool
    _learned: bool
    _name: str
    _path: str
    _source: "Weight | None" = None

    def cast(self, dtype: torch.dtype) -> "Weight":
        """This weight in another type, seen by autograd; assigning to it assigns to this one."""
        converted = self.to(dtype).as_subclass(Weight)
        vars(converted).update(vars(self))
        converted._source = self
        return converted

    @property
    def name(self) -> str:  # type: ignore[override]
        """Short name, `"kernel"`."""
        return self._name

    @property
    def path(self) -> str:
        """Name with those of the layers around it, `"sequential/dense/kernel"`."""
        return self._path

    @property
    def trainable(self) -> bool:
        """Whether the weight is trained now."""
        return self.requires_grad

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self.requires_grad_(bool(value) and (self.is_floating_point() or self.is_complex()))

    @property
    def value(self) -> "Weight":
        """The tensor: the weight itself."""
        return self

    def _change(self, method: str, value: torch.Tensor) -> None:
        """Change the weight of the layer in place; not where only shapes are inferred."""
        if not is_inferring():
            stored = self if self._source is None else self._source
            with torch.no_grad():
                getattr(stored, method)(value.to(stored))

    def assign(self, value: Any) -> "Weight":
        """Set the values in place.

        Raises:
            ValueError: If the shapes differ.
        """
        tensor = convert_to_tensor(value)
        if tuple(tensor.shape) != tuple(self.shape):
            raise ValueError(
                f"`value` must have the shape {tuple(self.shape)} of the weight {self.path!r}; "
                f"received {tuple(tensor.shape)}."
            )
        self._change("copy_", tensor)
        return self

    def assign_add(self, value: Any) -> "Weight":
        """Add `value` in place."""
        self._change("add_", convert_to_tensor(value))
        return self

    def assign_sub(self, value: Any) -> "Weight":
        """Subtract `value` in place."""
        self._change("sub_", convert_to_tensor(value))
        return self

    def numpy(self, *, force: bool = False) -> np.ndarray:  # type: ignore[override]
        """The values as a numpy array."""
        del force
        return convert_to_numpy(self)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:  # type: ignore[override]
        return np.array(convert_to_numpy(self), dtype=dtype, copy=copy)

    def __deepcopy__(self, memo: dict[int, Any]) -> "Weight":
        if id(self) not in memo:
            memo[id(self)] = _rebuild(
                self.detach().clone(memory_format=torch.preserve_format), *self._facts()
            )
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return _rebuild, (self.detach().as_subclass(torch.Tensor), *self._facts())

    def _facts(self) -> tuple[Any, ...]:
        """All there is to know beside the values."""
        return (
            self._learned,
            self.requires_grad,
            self._name,
            self._path,
            self.regularizer,
            self.constraint,
            self.autocast,
        )

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        del tensor_contents
        if self.is_meta:
            return f"<Weight path={self.path}, shape={tuple(self.shape)}, on the meta device>"
        return (
            f"<Weight path={self.path}, shape={tuple(self.shape)}, "
            f"dtype={dtype_name(self.dtype)}, value={self.numpy()}>"
        )


def _values(initializer: Any, shape: Any, dtype: Any) -> torch.Tensor:
    """The values of a new weight; those of a tensor are not copied."""
    if isinstance(initializer, torch.Tensor):
        return convert_to_tensor(initializer, dtype)
    if not isinstance(initializer, str) and not callable(initializer):
        return convert_to_tensor(initializer, dtype).clone()  # it may be the memory of an array
    if shape is None:
        raise ValueError(f"`shape` is required with an initializer; received {initializer!r}.")
    from profond import initializers
    from profond.config import floatx
    from profond.initializers._base import initial_values

    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    return initial_values(initializers.get(initializer), shape, torch_dtype(dtype or floatx()))


def _rebuild(
    data: torch.Tensor,
    learned: bool,
    requires_grad: bool,
    name: str,
    path: str,
    regularizer: Any,
    constraint: Any,
    autocast: bool,
) -> Weight:
    """A weight from its values and facts, after a copy or a pickle."""
    weight = Weight(
        data,
        trainable=learned,
        name=name,
        path=path,
        regularizer=regularizer,
        constraint=constraint,
        autocast=autocast,
    )
    weight.requires_grad_(requires_grad)
    return weight
