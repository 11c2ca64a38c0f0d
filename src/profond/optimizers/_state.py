"""The variables of an optimizer: made, kept, put back."""

from collections.abc import Iterable, MutableMapping, Sequence
from typing import Any

import torch

from profond._weight import Weight
from profond.optimizers._keeping import set_by_number, set_from_file, set_values
from profond.optimizers._layout import Variables, path_of, stored_like


class State:
    """What an optimizer remembers from step to step.

    Args:
        name: First part of the variables' paths.
    """

    built = False
    _ready = False

    def __init__(self, name: str) -> None:
        self.name = name
        self.built = False
        self._variables: list[Weight] = []
        self._references: list[Any] = []
        self._ready = True

    def _numbers(self) -> list[Any]:
        """The part of the state that is Python numbers, as variables."""
        return []

    @property
    def variables(self) -> list[Any]:
        """The state: iteration count, learning rate if it is a number, then all others."""
        return [*self._numbers(), *self._variables]

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Weight:
        """Make a variable that belongs to the optimizer's state.

        Args:
            shape: Its sizes.
            initializer: Name of an initializer, or an initializer.
            dtype: Element type; `config.floatx()` if None.
            aggregation: Accepted for Keras's sake.
            layout: Accepted for Keras's sake.
            name: Name.
        """
        del aggregation, layout
        self._check_ready()
        from profond import initializers

        values = initializers.get(initializer)(tuple(shape), dtype=dtype)
        return self._track(values, name or "variable", None)

    def add_variable_from_reference(
        self, reference_variable: Any, name: str | None = None, initializer: Any = "zeros"
    ) -> Weight:
        """Make a variable of the shape, type, device and memory layout of a weight.

        Args:
            reference_variable: The weight.
            name: What the variable is, `"momentum"`; the weight's path goes before.
            initializer: Name of an initializer, or an initializer.
        """
        self._check_ready()
        reference = reference_variable.detach()
        if initializer == "zeros":
            values = torch.zeros_like(reference)
        else:
            from profond import initializers

            values = initializers.get(initializer)(tuple(reference.shape), dtype=reference.dtype)
            values = stored_like(values, reference)
        prefix = path_of(reference_variable).replace("/", "_").replace(":", "_")
        return self._track(values, f"{prefix}_{name or 'var'}", reference_variable)

    def add_optimizer_variables(
        self, trainable_variables: Iterable[Any], name: Any, initializer: Any = "zeros"
    ) -> Any:
        """Make one variable, or several, for each of the weights.

        Args:
            trainable_variables: The weights.
            name: What the variable is, or a list of such names.
            initializer: An initializer or its name, or one for each name.

        Returns:
            A list of variables; for a list of names, one list for each.

        Raises:
            ValueError: If there are not as many initializers as names.
        """
        names = [name] if isinstance(name, str) else list(name)
        several = isinstance(initializer, list | tuple)
        initializers = list(initializer) if several else [initializer] * len(names)
        if len(names) != len(initializers):
            raise ValueError(
                "the number of initializers must be that of names; "
                f"received name={name!r}, initializer={initializer!r}."
            )
        made = tuple(Variables() for _ in names)
        for variable in trainable_variables:
            for variables, what, init in zip(made, names, initializers, strict=True):
                variables.append(self.add_variable_from_reference(variable, what, init))
        return made[0] if isinstance(name, str) else made

    def _track(self, values: torch.Tensor, name: str, reference: Any) -> Weight:
        """Make a variable of the state out of `values`."""
        variable = Weight(values, trainable=False, name=name, path=f"{self.name}/{name}")  # type: ignore[call-arg]
        self._variables.append(variable)
        self._references.append(reference)
        return variable

    def _check_ready(self) -> None:
        """Refuse an optimizer whose base class was not initialised."""
        if not self._ready:
            raise RuntimeError(
                f"{type(self).__name__} must call `super().__init__(...)` as the first statement "
                "of its `__init__`."
            )

    def state_dict(self) -> dict[str, torch.Tensor]:
        """The state as tensors by name (`"0"`, `"1"`, ...), exact, without copies.

        Put back by `load_state_dict`, training goes on bit for bit as if it had not stopped.
        """
        return {
            str(i): variable.detach().as_subclass(torch.Tensor)
            for i, variable in enumerate(self.variables)
        }

    def load_state_dict(self, state: MutableMapping[str, Any]) -> None:
        """Put back what `state_dict` gave. The optimizer must be built.

        Raises:
            ValueError: If the state does not fit the optimizer.
        """
        self._check_built("load_state_dict")
        set_by_number(self.variables, state, repr(self.name))

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set all of `variables`.

        Raises:
            ValueError: If the optimizer is not built, or a number or a shape differs.
        """
        self._check_built("set_weights")
        set_values(self.variables, weights)

    def _check_built(self, method: str) -> None:
        if not self.built:
            raise ValueError(
                f"{self.name!r} has no variables for the weights yet: call "
                f"`optimizer.build(trainable_variables)` before `{method}`."
            )

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put the state into `store` as arrays, in the order of Keras's files."""
        for i, variable in enumerate(self.variables):
            store[str(i)] = variable.numpy()

    def load_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Take the state from `store`; warn and leave it if it is another optimizer's."""
        set_from_file(self.variables, store, repr(self.name))
