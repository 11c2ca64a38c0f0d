"""The door of a network: the shape and type of what comes in."""

from collections.abc import Sequence
from typing import Any

from profond import config
from profond._dtypes import dtype_name
from profond._symbolic import KerasTensor, Node
from profond.layers._layer import Layer


class InputLayer(Layer):
    """The input of a network.

    Args:
        shape: Shape of one sample, None where any size will do; without the batch axis.
        batch_size: Number of samples, if it is fixed.
        dtype: Element type of the input.
        sparse: Accepted for Keras's sake; only False.
        ragged: Accepted for Keras's sake; only False.
        batch_shape: Shape with the batch axis, in the place of `shape` and `batch_size`.
        input_tensor: A symbolic tensor to take shape and type from.
        optional: Whether the input may be None.
        name: Name of the layer and of its input.
        input_shape: The same as `shape`, the word of the notes and of Keras 2.
        batch_input_shape: The same as `batch_shape`.

    Raises:
        ValueError: If the shape is missing, given twice, or has a negative size.
    """

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        sparse: bool | None = None,
        ragged: bool | None = None,
        batch_shape: Any = None,
        input_tensor: KerasTensor | None = None,
        optional: bool = False,
        name: str | None = None,
        *,
        input_shape: Any = None,
        batch_input_shape: Any = None,
        trainable: bool = True,
    ) -> None:
        super().__init__(name=name, trainable=trainable)
        if sparse or ragged:
            raise ValueError("sparse and ragged inputs are not supported; give dense arrays.")
        if input_tensor is not None:
            batch_shape, dtype = input_tensor.shape, dtype or input_tensor.dtype
        shape = input_shape if shape is None else shape
        batch_shape = batch_input_shape if batch_shape is None else batch_shape
        if shape is not None and batch_shape is not None:
            raise ValueError("give `shape` or `batch_shape`, not both.")
        if shape is None and batch_shape is None:
            raise ValueError("`shape` is required, the shape of one sample, such as `(4,)`.")
        if batch_shape is None:
            batch_shape = (batch_size, *_as_shape(shape, "shape"))
        self.batch_shape = _as_shape(batch_shape, "batch_shape")
        self.input_dtype_name = dtype_name(dtype or config.floatx())
        self.optional = optional
        self.built = True
        self.autocast = False
        self.supports_masking = True
        self._open()

    def _open(self) -> None:
        """Make the symbolic input tensor."""
        self.output_tensor = KerasTensor(self.batch_shape, self.input_dtype_name, name=self.name)
        self._nodes.append(Node(self, (), {}, self.output_tensor))

    def __getstate__(self) -> dict[str, Any]:
        """All but the symbolic tensor, which is made anew."""
        state = super().__getstate__()
        state["output_tensor"] = None
        state["_arguments"] = ((), {"batch_shape": self.batch_shape})
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up a copied or pickled state."""
        super().__setstate__(state)
        self._open()

    def call(self, inputs: Any) -> Any:
        """The input as it is."""
        return inputs

    @property
    def dtype(self) -> str:
        """Element type of the input."""
        return self.input_dtype_name

    @property
    def output(self) -> KerasTensor:
        """The symbolic input tensor."""
        return self.output_tensor

    @property
    def input(self) -> KerasTensor:
        """The symbolic input tensor."""
        return self.output_tensor

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same layer."""
        config = {
            "batch_shape": self.batch_shape,
            "dtype": self.input_dtype_name,
            "sparse": False,
            "name": self.name,
        }
        return {**config, "optional": True} if self.optional else config


def _as_shape(shape: Any, name: str) -> tuple[int | None, ...]:
    """A shape as a tuple of sizes.

    Raises:
        ValueError: If it is none.
    """
    if isinstance(shape, int):
        shape = (shape,)
    if not isinstance(shape, Sequence) or isinstance(shape, str):
        raise ValueError(f"`{name}` must be a tuple of sizes such as `(4,)`; received {shape!r}.")
    for n in shape:
        if n is not None and (not hasattr(n, "__index__") or n < 0):
            raise ValueError(
                f"`{name}` must have sizes >= 0, or None where any will do; received {shape!r}."
            )
    return tuple(None if n is None else int(n) for n in shape)


def Input(  # noqa: N802 - Keras's name
    shape: Any = None,
    batch_size: int | None = None,
    dtype: Any = None,
    sparse: bool | None = None,
    ragged: bool | None = None,
    batch_shape: Any = None,
    name: str | None = None,
    tensor: KerasTensor | None = None,
    optional: bool = False,
) -> KerasTensor:
    """A symbolic input tensor, where a functional model begins.

    Args:
        shape: Shape of one sample, None where any size will do; without the batch axis.
        batch_size: Number of samples, if it is fixed.
        dtype: Element type of the input.
        sparse: Accepted for Keras's sake; only False.
        ragged: Accepted for Keras's sake; only False.
        batch_shape: Shape with the batch axis, in the place of `shape` and `batch_size`.
        name: Name of the input.
        tensor: A symbolic tensor to take shape and type from.
        optional: Whether the input may be None.

    Returns:
        The symbolic tensor.
    """
    layer = InputLayer(
        shape=shape,
        batch_size=batch_size,
        dtype=dtype,
        sparse=sparse,
        ragged=ragged,
        batch_shape=batch_shape,
        name=name,
        input_tensor=tensor,
        optional=optional,
    )
    return layer.output_tensor
