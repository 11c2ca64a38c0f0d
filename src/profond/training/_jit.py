"""`jit_compile=True`: the model's computation compiled by torch, where that is possible."""

import warnings
from collections.abc import Callable
from typing import Any

import torch


def compiled_call(model: Any) -> Callable[..., Any]:
    """What `model(...)` runs instead of its own code: compiled at the first call.

    Where torch cannot compile (no C++ compiler, say), the model goes on as it is, with a warning.

    Args:
        model: A `torch.nn.Module`.
    """
    from torch._dynamo.exc import TorchDynamoException

    plain = model._call_impl
    compiled = torch.compile(plain)

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return compiled(*args, **kwargs)
        except TorchDynamoException as error:
            model.__dict__["_compiled_call_impl"] = None
            lines = str(error).strip().splitlines() or [type(error).__name__]
            warnings.warn(
                f"`jit_compile=True` has no effect on the model {model.name!r}: torch could not "
                f"compile it ({lines[0]}). It runs uncompiled. torch.compile needs a C++ "
                "compiler, g++ for example.",
                stacklevel=2,
            )
            return plain(*args, **kwargs)

    return call
