"""The state of a metric: a tensor that is updated in place and answers to Keras's words."""

from typing import Any

import numpy as np
import torch

from profond._dtypes import dtype_name
from profond._tensors import convert_to_numpy, convert_to_tensor


class MetricVariable(torch.Tensor):
    """A tensor that a metric adds up in; it is never trained and keeps no graph.

    In torch's eyes it is a tensor, and what is computed from it is a plain tensor.

    Args:
        data: The values at the start.
        name: Name, for messages.
    """

    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    _name: str

    def __new__(cls, data: torch.Tensor, name: str = "variable") -> "MetricVariable":
        """Wrap a copy of `data`."""
        with torch.inference_mode(False):  # one made inside could not be updated outside
            copy = data.detach().clone()
            variable = torch.Tensor._make_subclass(cls, copy, False)
        variable._name = name
        return variable

    @property
    def name(self) -> str:  # type: ignore[override]
        """Name, for messages."""
        return self._name

    @property
    def path(self) -> str:
        """The name."""
        return self._name

    @property
    def trainable(self) -> bool:
        """Always False."""
        return False

    @property
    def value(self) -> torch.Tensor:
        """The tensor: the variable itself."""
        return self

    def assign(self, value: Any) -> "MetricVariable":
        """Set the values in place, on the device of `value` if it is a tensor.

        Raises:
            ValueError: If the shapes differ.
        """
        tensor = self._incoming(value)
        if tensor.shape != self.shape:
            raise ValueError(
                f"`value` must have the shape {tuple(self.shape)} of the metric's variable "
                f"{self.name!r}; received {tuple(tensor.shape)}."
            )
        self.copy_(tensor)
        return self

    def assign_add(self, value: Any) -> "MetricVariable":
        """Add `value` in place."""
        self.add_(self._incoming(value))
        return self

    def assign_sub(self, value: Any) -> "MetricVariable":
        """Subtract `value` in place."""
        self.sub_(self._incoming(value))
        return self

    def move(self, device: torch.device) -> None:
        """Bring the values to `device`."""
        torch.utils.swap_tensors(self, MetricVariable(self.to(device), self._name))

    def _incoming(self, value: Any) -> torch.Tensor:
        """A value to be assigned, without its graph, on the variable's device."""
        if not isinstance(value, torch.Tensor):
            return convert_to_tensor(value, self.dtype).to(self.device)
        if value.device != self.device:
            self.move(value.device)
        return value.detach()

    def numpy(self, *, force: bool = False) -> np.ndarray:  # type: ignore[override]
        """The values as a numpy array of their own."""
        del force
        return convert_to_numpy(self).copy()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:  # type: ignore[override]
        del copy
        return np.array(convert_to_numpy(self), dtype=dtype)

    def __deepcopy__(self, memo: dict[int, Any]) -> "MetricVariable":
        if id(self) not in memo:
            memo[id(self)] = MetricVariable(self, self._name)
        return memo[id(self)]

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return MetricVariable, (self.detach(), self._name)

    def __repr__(self, *, tensor_contents: Any = None) -> str:
        del tensor_contents
        return (
            f"<MetricVariable name={self.name}, shape={tuple(self.shape)}, "
            f"dtype={dtype_name(self.dtype)}, value={self.numpy()}>"
        )
