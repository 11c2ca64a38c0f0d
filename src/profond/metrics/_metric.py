"""`Metric`, the base class: a number that adds up over batches."""

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self

import torch

from profond._dtypes import torch_dtype
from profond._naming import snake_case, unique_name
from profond._policy import DTypePolicy
from profond._symbolic import is_inferring
from profond._tensors import default_device
from profond.config import floatx
from profond.metrics._variable import MetricVariable


def _on_real_data(update: Callable[..., Any]) -> Callable[..., Any]:
    """`update` that does nothing while a layer's `call` runs only to find out shapes."""

    @functools.wraps(update)
    def updating(self: Any, *args: Any, **kwargs: Any) -> Any:
        return None if is_inferring() else update(self, *args, **kwargs)

    return updating


class Metric:
    """A measure of predictions whose state adds up from batch to batch.

    Subclasses make their state in `__init__` with `add_variable`, change it in
    `update_state`, and compute the measure from it in `result`. Nothing of this waits for the
    device; `float(metric.result())` does.

    Args:
        dtype: Element type of the state; None is `config.floatx()`.
        name: Name in logs; made from the class's by default.
    """

    # Whether the measure is better when larger ("up") or smaller ("down"); None: not said.
    _direction: str | None = None

    def __init__(self, dtype: Any = None, name: str | None = None) -> None:
        self.name = name or unique_name(snake_case(type(self).__name__))
        self._dtype = DTypePolicy.of(dtype or floatx()).compute_dtype
        self._torch_dtype = torch_dtype(self._dtype)
        self._variables: list[MetricVariable] = []

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "update_state" in cls.__dict__:
            cls.update_state = _on_real_data(cls.__dict__["update_state"])  # type: ignore[method-assign]

    @property
    def dtype(self) -> str:
        """Name of the element type of the state, `"float32"`."""
        return self._dtype

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "sum",
        name: str | None = None,
    ) -> MetricVariable:
        """Make a part of the state.

        Args:
            shape: Its shape; () is a single number.
            initializer: A name, an initializer, or None for zeros.
            dtype: Element type; that of the metric by default.
            aggregation: How the parts of several processes become one: "sum", "mean" or
                "only_first_replica".
            name: Its name, for messages.

        Returns:
            A tensor with `assign` and `assign_add`, which works in torch expressions.

        Raises:
            RuntimeError: If `super().__init__()` has not been called.
        """
        if not hasattr(self, "_variables"):
            raise RuntimeError(
                f"{type(self).__name__}.__init__ must call `super().__init__()` before it adds "
                "variables."
            )
        wanted = self._torch_dtype if dtype is None else torch_dtype(dtype)
        if initializer in (None, "zeros", "Zeros"):
            values = torch.zeros(tuple(shape), dtype=wanted, device=default_device())
        else:
            from profond import initializers
            from profond.initializers._base import initial_values

            values = initial_values(initializers.get(initializer), tuple(shape), wanted)
        variable = MetricVariable(values, name or f"variable_{len(self._variables)}")
        variable.aggregation = aggregation  # type: ignore[attr-defined]
        self._variables.append(variable)
        return variable

    def add_weight(
        self,
        shape: Sequence[int] = (),
        initializer: Any = None,
        dtype: Any = None,
        name: str | None = None,
    ) -> MetricVariable:
        """`add_variable` by its older name."""
        return self.add_variable(shape, initializer, dtype=dtype, name=name)

    @property
    def variables(self) -> list[MetricVariable]:
        """The state: own variables, then those of metrics among the attributes."""
        variables = list(self._variables)
        for metric in self._inner_metrics():
            variables.extend(metric.variables)
        return variables

    def _inner_metrics(self) -> Iterator["Metric"]:
        """Metrics that are attributes, or in lists, tuples or dicts that are."""
        seen = {id(self)}
        for value in vars(self).values():
            if isinstance(value, dict):
                candidates: Any = value.values()
            else:
                candidates = value if isinstance(value, list | tuple) else (value,)
            for candidate in candidates:
                if isinstance(candidate, Metric) and id(candidate) not in seen:
                    seen.add(id(candidate))
                    yield candidate

    def to(self, device: Any) -> Self:
        """Bring the state to a device."""
        for variable in self.variables:
            variable.move(torch.device(device))
        return self

    def _follow(self, data: torch.Tensor) -> None:
        """Bring the state to where the data are, at the first batch that is elsewhere."""
        if self._variables and self._variables[0].device != data.device:
            self.to(data.device)

    def reset_state(self) -> None:
        """Set the state back to zeros."""
        for variable in self.variables:
            variable.zero_()

    def update_state(self, *args: Any, **kwargs: Any) -> Any:
        """Add a batch to the state; to be defined by subclasses."""
        raise NotImplementedError(f"{type(self).__name__} must define `update_state`.")

    def result(self) -> Any:
        """The measure of all batches so far, a tensor; to be defined by subclasses."""
        raise NotImplementedError(f"{type(self).__name__} must define `result`.")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Add a batch, and return the measure of all batches so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same metric."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The metric that `get_config` described."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"
