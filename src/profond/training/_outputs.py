"""Outputs of a model as numpy arrays."""

from typing import Any

import numpy as np
import torch

from profond import _tree
from profond._tensors import convert_to_numpy


def as_numpy(outputs: Any, inputs: Any) -> Any:
    """The outputs as arrays that share no memory with the inputs."""
    kept = {_storage(leaf) for leaf in _tree.leaves_of(inputs)}

    def apart(output: Any) -> np.ndarray:
        array = convert_to_numpy(output)
        return array.copy() if _storage(output) in kept else array

    return (
        apart(outputs) if isinstance(outputs, torch.Tensor) else _tree.map_structure(apart, outputs)
    )


def _storage(leaf: Any) -> int | None:
    """Where the memory of a tensor begins."""
    return leaf.untyped_storage().data_ptr() if isinstance(leaf, torch.Tensor) else None


def joined(*parts: Any) -> np.ndarray:
    """The rows of several batches in one array."""
    if isinstance(parts[0], torch.Tensor):
        return convert_to_numpy(torch.cat(parts))
    return np.concatenate([np.asarray(part) for part in parts])
