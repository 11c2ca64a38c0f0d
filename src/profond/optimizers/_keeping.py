"""The state of an optimizer, put back into its variables."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np


def set_values(variables: Sequence[Any], values: Sequence[Any]) -> None:
    """Assign one value to each variable, or nothing at all.

    Raises:
        ValueError: If the numbers or a shape differ.
    """
    if len(variables) != len(values):
        raise ValueError(
            f"`weights` must have {len(variables)} entries, as `optimizer.variables`; "
            f"received {len(values)}."
        )
    for variable, value in zip(variables, values, strict=True):
        if tuple(variable.shape) != tuple(np.shape(value)):
            raise ValueError(
                f"the optimizer's variable {variable.name!r} has shape {tuple(variable.shape)}; "
                f"received {tuple(np.shape(value))}."
            )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def set_by_number(variables: Sequence[Any], state: Mapping[str, Any], whose: str) -> None:
    """Assign `state["0"]`, `state["1"]`, ... to the variables.

    Raises:
        ValueError: If the state is that of another optimizer.
    """
    keys = [str(i) for i in range(len(variables))]
    if set(state) != set(keys):
        raise ValueError(
            f"the state must have the {len(variables)} variables of {whose}; "
            f"received {len(state)}: it is that of another optimizer."
        )
    set_values(variables, [state[key] for key in keys])


def set_from_file(variables: Sequence[Any], store: Mapping[str, Any], whose: str) -> None:
    """As `set_by_number`, from a model's file: warn and leave what does not fit, as Keras."""
    if len(store) != len(variables):
        warnings.warn(
            f"Skipping variable loading for optimizer {whose}, because it has {len(variables)} "
            f"variables whereas the saved optimizer has {len(store)} variables. (Before "
            "`optimizer.build(...)` it has none for the weights.)",
            stacklevel=3,
        )
        return
    for i, variable in enumerate(variables):
        variable.assign(np.asarray(store[str(i)]))
