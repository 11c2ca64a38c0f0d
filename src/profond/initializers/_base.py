"""What an initializer is, and what all of them need."""

from collections.abc import Callable, Sequence
from typing import Any, Self

import torch

from profond import _families
from profond._dtypes import dtype_name, torch_dtype
from profond._tensors import convert_to_tensor, default_device


class Initializer:
    """Gives the values that a weight has before training.

    An initializer is any callable `(shape, dtype=None) -> tensor or array`. One's own class
    overrides `__call__`, and `get_config` where the constructor takes arguments. `dtype` comes as
    a name, `"float32"`, as in Keras; where that is an error, as for torch's functions, once
    more as torch's element type:

        class Alternating(Initializer):
            def __init__(self, size):
                self.size = size

            def __call__(self, shape, dtype=None):
                values = torch.full(shape, self.size, dtype=dtype)
                values[1::2] *= -1
                return values

            def get_config(self):
                return {"size": self.size}
    """

    def __call__(self, shape: Sequence[int] | int, dtype: Any = None) -> torch.Tensor:
        """Values of the given shape.

        Args:
            shape: Sizes, all of them known.
            dtype: Element type; `config.floatx()` if None.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must override `__call__(self, shape, dtype=None)`."
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The initializer that `get_config` described."""
        return cls(**_families.decode(config))

    def clone(self) -> Self:
        """An equal initializer with its own state."""
        return type(self).from_config(self.get_config())


def sizes(shape: Sequence[int] | int) -> tuple[int, ...]:
    """`shape` as a tuple of ints.

    Raises:
        ValueError: If a size is None or negative.
    """
    given = (shape,) if isinstance(shape, int) else tuple(shape)
    if any(size is None or int(size) < 0 for size in given):
        raise ValueError(f"`shape` must have known sizes >= 0; received shape={given}.")
    return tuple(int(size) for size in given)


def element_type(dtype: Any) -> torch.dtype:
    """`dtype` as torch's, `config.floatx()` for None."""
    if dtype is None:
        from profond.config import floatx

        dtype = floatx()
    return torch_dtype(dtype)


def generator_for(seed: Any) -> torch.Generator | None:
    """The source of random numbers that `seed` stands for; None is torch's global one.

    An int starts a new generator each time, so that the same values come again; a
    `random.SeedGenerator` gives another start each time.
    """
    device = default_device()
    if seed is None or device.type == "meta":  # nothing is drawn on the meta device
        return None
    if not isinstance(seed, int):
        seed = sum(int(part) for part in seed.next())  # (start, count of draws)
    return torch.Generator(device).manual_seed(seed & 0xFFFFFFFF)


def initial_values(
    initializer: Callable[..., Any], shape: tuple[int, ...], dtype: torch.dtype
) -> torch.Tensor:
    """What an initializer gives for a weight, in the type that the weight has.

    One that is not profond's own gets the type by name, as in Keras, so that numpy's functions
    and `dtype == "float32"` work in it; those of torch take no name, so it may get torch's type
    after that.
    """
    if (getattr(initializer, "__module__", None) or "").startswith("profond."):
        return convert_to_tensor(initializer(shape, dtype=dtype), dtype)
    try:
        values = initializer(shape, dtype=dtype_name(dtype))
    except (TypeError, RuntimeError) as error:  # `tensor.to("float32")` looks for a device
        try:
            values = initializer(shape, dtype=dtype)
        except (TypeError, RuntimeError):
            raise error from None
    return convert_to_tensor(values, dtype)
