"""Initial values of weights, under the names of `keras.initializers`."""

import functools
from typing import Any

import numpy as np
import torch

from profond import _families
from profond._naming import snake_case
from profond._tensors import convert_to_tensor
from profond.initializers._base import Initializer, element_type, sizes
from profond.initializers._constant import STFT, Constant, Identity, Ones, Zeros
from profond.initializers._random import (
    Orthogonal,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
)
from profond.initializers._scaling import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
)

constant = Constant
glorot_normal = GlorotNormal
glorot_uniform = GlorotUniform
he_normal = HeNormal
he_uniform = HeUniform
identity = IdentityInitializer = Identity
lecun_normal = LecunNormal
lecun_uniform = LecunUniform
ones = Ones
orthogonal = OrthogonalInitializer = Orthogonal
random_normal = RandomNormal
random_uniform = RandomUniform
stft = STFTInitializer = STFT
truncated_normal = TruncatedNormal
variance_scaling = VarianceScaling
zeros = Zeros

__all__ = [
    "STFT",
    "Constant",
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "Identity",
    "IdentityInitializer",
    "Initializer",
    "LecunNormal",
    "LecunUniform",
    "Ones",
    "Orthogonal",
    "OrthogonalInitializer",
    "RandomNormal",
    "RandomUniform",
    "STFTInitializer",
    "TruncatedNormal",
    "VarianceScaling",
    "Zeros",
    "constant",
    "deserialize",
    "get",
    "glorot_normal",
    "glorot_uniform",
    "he_normal",
    "he_uniform",
    "identity",
    "lecun_normal",
    "lecun_uniform",
    "ones",
    "orthogonal",
    "random_normal",
    "random_uniform",
    "serialize",
    "stft",
    "truncated_normal",
    "variance_scaling",
    "zeros",
]

_CLASSES = (
    Constant,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    Identity,
    LecunNormal,
    LecunUniform,
    Ones,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    STFT,
    TruncatedNormal,
    VarianceScaling,
    Zeros,
)
_BY_NAME: dict[str, type[Initializer]] = {
    **{cls.__name__: cls for cls in _CLASSES},
    **{snake_case(cls.__name__): cls for cls in _CLASSES},
    "IdentityInitializer": Identity,
    "OrthogonalInitializer": Orthogonal,
    "STFTInitializer": STFT,
    "normal": RandomNormal,
    "uniform": RandomUniform,
    "one": Ones,
    "zero": Zeros,
}


def get(identifier: Any) -> Any:
    """The initializer that `identifier` means.

    Args:
        identifier: A name (`"glorot_uniform"`, `"GlorotUniform"`, `"zeros"`, ...), a
            configuration dict, a class, a callable `(shape, dtype=None)`, a tensor or array
            with the values themselves, or None.

    Returns:
        A callable `(shape, dtype=None) -> tensor`; None for None.

    Raises:
        ValueError: If the name is unknown.
        TypeError: If it is none of these.
    """
    if isinstance(identifier, torch.Tensor | np.ndarray | np.generic):
        return functools.partial(_copy_of, identifier)  # unlike a closure, a pickle holds it
    return _families.interpret(identifier, _BY_NAME, "initializer")


def serialize(initializer: Any) -> Any:
    """The initializer in Keras's JSON form."""
    return _families.serialize(initializer)


def deserialize(config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
    """The initializer that `serialize` described."""
    return _families.from_config(config, _BY_NAME, custom_objects)


def _copy_of(values: Any, shape: Any, dtype: Any = None) -> torch.Tensor:
    """A copy of `values`, which must have the shape that is asked for."""
    if tuple(values.shape) != sizes(shape):
        raise ValueError(
            f"the values given as initializer have shape {tuple(values.shape)}; "
            f"the weight needs shape {sizes(shape)}."
        )
    return convert_to_tensor(values, element_type(dtype)).detach().clone()
