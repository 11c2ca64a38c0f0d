"""How weights lie in memory: what a gradient must agree with before a kernel may see it.

The fused kernels walk through the memory of weight, gradient and state side by side, without
looking at shapes or strides. So these are compared here at each step, cheaply; what differs is
copied into the layout of the weight.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch

# Where variables are: None for all that the optimizer was built with, in order, else indices.
Places = list[int] | None


class Variables(list[Any]):
    """Variables, and beside them plain tensors over the same memory.

    Operations on subclasses of `torch.Tensor` cost half a microsecond more for each; what has
    no part in autograd needs no `torch.no_grad()`.
    """

    def __init__(self, variables: Iterable[Any] = ()) -> None:
        super().__init__(variables)
        self._plain: list[Any] = []

    def at(self, places: Places) -> list[torch.Tensor]:
        """The plain tensors at `places`, which are not to be kept."""
        if len(self._plain) != len(self):
            self.look()
        plain = self._plain
        return plain if places is None else [plain[place] for place in places]

    def look(self) -> None:
        """Take the memory that the variables have now."""
        self._plain = [v if v is None else v.detach().as_subclass(torch.Tensor) for v in self]


class Layouts:
    """Address, shape, strides and type of each weight, as they were when last looked at.

    Args:
        variables: The weights.
    """

    def __init__(self, variables: Variables) -> None:
        self._variables = variables
        self._look()

    def _look(self) -> None:
        variables = self._variables
        variables.look()
        self._facts = [(v.shape, v.stride(), v.dtype) for v in variables]
        self._addresses = [v.data_ptr() for v in variables]
        kinds = {(v.device, v.dtype) for v in variables}
        self.uniform = len(kinds) <= 1
        self._groups = (
            []
            if self.uniform
            else [
                [place for place, v in enumerate(variables) if (v.device, v.dtype) == kind]
                for kind in sorted(kinds, key=str)
            ]
        )
        # Kernels need weights without gaps or overlaps.
        dense = all(torch.empty_like(v).stride() == v.stride() for v in variables)
        full = all(dtype in (torch.float32, torch.float64) for _, dtype in kinds)
        types = {device.type for device, _ in kinds}
        self.on_cpu = dense and full and types == {"cpu"}
        self.fusable = self.on_cpu or (
            dense and types == {"cuda"} and all(dtype.is_floating_point for _, dtype in kinds)
        )
        self._scalars: dict[Any, list[torch.Tensor]] = {}

    def agree(self, grads: Sequence[Any]) -> bool:
        """Whether every gradient is there, as its weight lies, and no weight has moved."""
        try:
            for grad, (shape, stride, dtype) in zip(grads, self._facts, strict=True):
                if (
                    grad is None
                    or grad.dtype is not dtype
                    or grad.shape != shape
                    or grad.stride() != stride
                    or grad.requires_grad
                ):
                    return False
        except AttributeError:  # a list, an array
            return False
        return self._addresses == [variable.data_ptr() for variable in self._variables]

    def renew(self, states: Iterable[tuple[Any, Any]]) -> bool:
        """If weights moved, look again, and lay out the state that belongs to them.

        Args:
            states: Pairs of a variable of the state and its weight (or None).

        Returns:
            Whether any had moved.
        """
        variables = self._variables
        facts = [(v.shape, v.stride(), v.dtype) for v in variables]
        if facts == self._facts and self._addresses == [v.data_ptr() for v in variables]:
            return False
        self._look()
        for state, weight in states:
            if weight is not None:
                state.data = stored_like(state.detach(), weight.detach())
        return True

    def scalars(self, value: float, weights: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        """The same number for each of the weights, as tensors on their device."""
        key = (value, weights[0].device, len(weights))
        if key not in self._scalars:
            number = torch.tensor(value, dtype=torch.float32, device=weights[0].device)
            self._scalars[key] = [number] * len(weights)
        return self._scalars[key]

    def groups(self, grads: Sequence[Any], places: Places) -> Iterator[tuple[list[Any], Places]]:
        """Gradients and places, those of one device and element type together."""
        where = range(len(grads)) if places is None else places
        by_place = dict(zip(where, grads, strict=True))
        for group in self._groups:
            chosen = [place for place in group if place in by_place]
            if chosen:
                yield [by_place[place] for place in chosen], chosen


def stored_like(tensor: torch.Tensor, reference: torch.Tensor) -> torch.Tensor:
    """`tensor` with the device, type and strides of `reference`, itself if it has them."""
    if tensor.layout is not torch.strided:
        tensor = tensor.to_dense()
    if (
        tensor.dtype is reference.dtype
        and tensor.device == reference.device
        and tensor.stride() == reference.stride()
    ):
        return tensor
    return torch.empty_like(reference, requires_grad=False).copy_(tensor)


def both(first: Places, second: Places) -> Places:
    """The places that are in `first` and in `second`."""
    if first is None:
        return second
    if second is None:
        return first
    wanted = set(second)
    return [place for place in first if place in wanted]


def path_of(variable: Any) -> str:
    """What to call a weight: its path, else its name."""
    return getattr(variable, "path", None) or name_of(variable)


def name_of(variable: Any) -> str:
    """A weight's short name; plain parameters have none."""
    return getattr(variable, "name", None) or "parameter"
