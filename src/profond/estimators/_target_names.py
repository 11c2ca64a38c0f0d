"""Names of what is predicted."""

from typing import Any

import numpy as np


def name_of(y: Any) -> str:
    """The name of a target of a single column, "y" where it has none."""
    columns = getattr(y, "columns", None)
    name = getattr(y, "name", None) if columns is None else columns[0]
    return "y" if name is None or name == "" else str(name)


def names_of(y: Any) -> list[str]:
    """Names of the columns of a target with two axes."""
    columns = getattr(y, "columns", None)
    if columns is not None:
        return [str(name) for name in columns]
    return [f"y{k}" for k in range(np.shape(y)[1])]
