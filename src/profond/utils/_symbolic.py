"""What is symbolic."""

from typing import Any

from profond._symbolic import KerasTensor


def is_keras_tensor(x: Any) -> bool:
    """Whether `x` is a symbolic tensor, as `Input` gives it."""
    return isinstance(x, KerasTensor)


def get_source_inputs(tensor: Any) -> Any:
    """The symbolic tensors that `tensor` is computed from, where its graph begins.

    Args:
        tensor: A symbolic tensor; anything else is returned as it is.

    Returns:
        A list, each of them once, in the order of the arguments.
    """
    if not isinstance(tensor, KerasTensor):
        return tensor
    found: dict[int, KerasTensor] = {}
    seen: set[int] = set()
    waiting = [tensor]
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        if current.node is None or not current.node.inputs:
            found[id(current)] = current
        else:
            waiting += reversed(current.node.inputs)
    return list(found.values())
