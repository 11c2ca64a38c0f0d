"""What is symbolic."""

from typing import Any

from profond._symbolic import KerasTensor


def is_keras_tensor(x: Any) -> bool:
    """Whether `x` is a symbolic tensor, as `Input` gives it."""
    return isinstance(x, KerasTensor)
