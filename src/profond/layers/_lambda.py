"""A function as a layer."""

import inspect
from collections.abc import Callable
from typing import Any

from profond._symbolic import KerasTensor
from profond.layers._layer import Layer


class Lambda(Layer):
    """The function `function` of the input, without weights.

    A model with a named function is saved if the function is registered with
    `saving.register_keras_serializable`, or of `profond.ops` or `activations`. One with a
    `lambda` is refused: its code would have to be in the file, and to run when it is loaded.

    Args:
        function: A function of the tensor; if it has parameters named `mask` and `training`,
            it gets these too.
        output_shape: Shape of a sample of the output, or a function from the input's shape to
            the whole shape, where it cannot be found by running the function.
        mask: Mask of the output, or a function of input and mask; None if it has none.
        arguments: Further keyword arguments of the function.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        What the function takes and gives.

    Raises:
        ValueError: If `function` is not callable.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise ValueError(f"`function` must be callable; received {function!r}.")
        self.function = function
        self.output_shape = output_shape
        self.mask = mask
        self.arguments = arguments or {}
        self.supports_masking = self._makes_masks = mask is not None
        try:
            parameters = set(inspect.signature(function).parameters)
        except ValueError:  # some functions written in C do not tell
            parameters = set()
        self._also = tuple(name for name in ("mask", "training") if name in parameters)

    def call(self, inputs: Any, mask: Any = None, training: bool | None = None) -> Any:
        """The function of the input."""
        also = {"mask": mask, "training": training}
        return self.function(
            inputs, **{**self.arguments, **{name: also[name] for name in self._also}}
        )

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask that the constructor was given, or its function of input and mask."""
        return self.mask(inputs, previous_mask) if callable(self.mask) else self.mask

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """The symbolic output, of `output_shape` if that is given."""
        if self.output_shape is None:
            return super().compute_output_spec(*args, **kwargs)
        from profond import _tree

        if callable(self.output_shape):
            shapes = _tree.map_structure(lambda tensor: tensor.shape, args[0])
            shape: Any = self.output_shape(shapes)
            return KerasTensor(shape, self.compute_dtype)
        batch = _tree.flatten(args[0])[0].shape[0]
        return KerasTensor((batch, *self.output_shape), self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same layer.

        Raises:
            TypeError: If a function is a lambda.
        """
        for name in ("function", "output_shape", "mask"):
            if getattr(getattr(self, name), "__name__", "") == "<lambda>":
                raise TypeError(
                    f"the layer {self.name!r} cannot be saved: its `{name}` is a lambda, whose "
                    "code would have to run when the file is loaded. Write a named function and "
                    "register it with `profond.saving.register_keras_serializable()`."
                )
        config = super().get_config()
        config["arguments"] = config["arguments"] or {}
        return {k: v for k, v in config.items() if v is not None or k == "function"}
