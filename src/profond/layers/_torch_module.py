"""A torch module as a layer."""

import contextlib
from typing import Any

import torch
from torch import nn

from profond._symbolic import KerasTensor
from profond.layers._layer import Layer


class TorchModuleWrapper(Layer):
    """Any `torch.nn.Module` in a model; `Sequential.add` wraps modules by itself.

    The module sees the tensors as they are: images with channels last, for one, so that a
    `torch.nn.Conv2d` needs a `Permute` before it. Its parameters are trained with the others.

    Args:
        module: The module, with its parameters made.
        name: Name of the layer.
        output_shape: Shape of the output, batch first (None where not known), where it cannot be
            found by running the module.
        **kwargs: `dtype`, `trainable`, as in `Layer`. The element type is by default that of
            the module's parameters; if given, the module is converted.

    Shape:
        What the module takes and gives.

    Raises:
        ValueError: If `module` is not a torch module, or a lazy one without parameters yet.
    """

    def __init__(
        self,
        module: nn.Module,
        name: str | None = None,
        output_shape: tuple[int | None, ...] | None = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(module, nn.Module):
            raise ValueError(
                f"`module` must be a torch.nn.Module; received {module!r} of type "
                f"{type(module).__name__}."
            )
        if any(isinstance(p, nn.parameter.UninitializedParameter) for p in module.parameters()):
            raise ValueError(
                "`module` must have its parameters made; received the lazy "
                f"{type(module).__name__}. Call it once on a tensor before."
            )
        floats = (p.dtype for p in module.parameters() if p.is_floating_point())
        given = kwargs.pop("dtype", None)
        super().__init__(name=name, dtype=given or next(floats, None), **kwargs)
        self.module = module
        self.built = True
        if given is not None:
            module.to(self.dtype_policy.torch_variable_dtype)
        self.output_shape = None if output_shape is None else tuple(output_shape)
        if not self._trainable:
            self.trainable = False

    def call(self, *args: Any, training: bool | None = None, **kwargs: Any) -> Any:
        """What the module answers, in its training or evaluation mode."""
        if self.module.training != bool(training):
            self.module.train(bool(training))
        with self._precision(args):
            return self.module(*args, **kwargs)

    def _precision(self, args: Any) -> Any:
        """Automatic mixed precision under a mixed policy."""
        if self.dtype_policy.compute_dtype == self.dtype_policy.variable_dtype:
            return contextlib.nullcontext()
        device = next((x.device.type for x in args if isinstance(x, torch.Tensor)), "cpu")
        return torch.autocast(device, self._compute)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """The symbolic output, of `output_shape` if that is given."""
        if self.output_shape is not None:
            return KerasTensor(self.output_shape, self.compute_dtype)
        return super().compute_output_spec(*args, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """Refused: a file names no code.

        Raises:
            TypeError: Always.
        """
        raise TypeError(
            f"the layer {self.name!r} wraps a {type(self.module).__name__}: a torch module cannot "
            "be described in a file, since its code would have to run when the file is loaded. "
            "Keep the weights with `save_weights`, and make the model in code before "
            "`load_weights`; or write the module as a `Layer`."
        )
