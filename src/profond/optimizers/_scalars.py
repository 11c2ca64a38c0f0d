"""A number of the optimizer, seen as the variable that Keras makes of it."""

from collections.abc import Callable
from typing import Any

import torch

from profond._tensors import convert_to_tensor
from profond._weight import Weight


class ScalarVariable(Weight):
    """A tensor without axes that shows a Python number and passes on what is assigned to it.

    The learning rate and the iteration count are Python numbers, which cost nothing per step;
    this is what `optimizer.learning_rate` and `optimizer.iterations` give to look at and to
    `assign` to. float64 and int64, so that the number is kept exactly.
    """

    _write: Callable[[Any], None]

    @classmethod
    def of(cls, value: float, name: str, path: str, write: Callable[[Any], None]) -> Any:
        """The variable that shows `value` and hands new values to `write`."""
        dtype = torch.int64 if isinstance(value, int) else torch.float64
        data = torch.tensor(value, dtype=dtype, device="cpu")
        variable = cls(data, trainable=False, name=name, path=path)
        variable._write = write
        return variable

    def assign(self, value: Any) -> "ScalarVariable":
        """Set the optimizer's number."""
        number = convert_to_tensor(value).detach().cpu().to(self.dtype)
        self._write(number.item())
        super().assign(number)
        return self

    def assign_add(self, value: Any) -> "ScalarVariable":
        """Add to the optimizer's number."""
        return self.assign(self.detach() + convert_to_tensor(value, self.dtype))

    def assign_sub(self, value: Any) -> "ScalarVariable":
        """Subtract from the optimizer's number."""
        return self.assign(self.detach() - convert_to_tensor(value, self.dtype))

    def __format__(self, format_spec: str) -> str:
        return format(self.item(), format_spec)
