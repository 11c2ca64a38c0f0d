"""The activations that are more than a function of `ops`: options, or the logits kept."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its name everywhere

from profond import ops
from profond._symbolic import is_symbolic, operation
from profond._tensors import convert_to_tensor
from profond.ops._activation import general
from profond.ops._operands import Axis, TensorLike


def linear(x: TensorLike) -> Any:
    """`x` itself: the identity."""
    return x


def exponential(x: TensorLike) -> Any:
    """e^x."""
    return torch.exp(x) if isinstance(x, Tensor) else ops.exp(x)


def tanh(x: TensorLike) -> Any:
    """(e^x - e^-x) / (e^x + e^-x), the hyperbolic tangent."""
    return torch.tanh(x) if isinstance(x, Tensor) else ops.tanh(x)


def relu(
    x: TensorLike,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
) -> Any:
    """max(x, 0): the rectified linear unit (Nair & Hinton 2010).

    With the options: `max_value` where x >= `max_value`, x from `threshold` on, and
    `negative_slope` (x - `threshold`) below.

    Args:
        x: Numbers.
        negative_slope: Slope below `threshold`.
        max_value: Largest value, None for no bound.
        threshold: Where the rise begins.

    Returns:
        A tensor of the shape and type of x.
    """
    if isinstance(x, Tensor):
        if negative_slope == 0.0 and threshold == 0.0 and max_value is None:
            return torch.relu(x)
        return _relu_with_options(x, negative_slope, max_value, threshold)
    if is_symbolic(x):
        return operation(relu)(x, negative_slope, max_value, threshold)
    return relu(convert_to_tensor(x), negative_slope, max_value, threshold)


def _relu_with_options(
    x: Tensor, negative_slope: float, max_value: float | None, threshold: float
) -> Tensor:
    """`relu` where an option is not the default."""
    if threshold == 0.0:
        if max_value is None:
            return F.leaky_relu(x, negative_slope)
        if negative_slope == 0.0:
            return torch.clamp(torch.relu(x), max=max_value)
        return torch.clamp(F.leaky_relu(x, negative_slope), max=max_value)
    above = x if max_value is None else torch.clamp(x, max=max_value)
    return torch.where(x > threshold, above, negative_slope * (x - threshold))


def gelu(x: TensorLike, approximate: bool = False) -> Any:
    """`x` Phi(x), with Phi the standard normal distribution function (Hendrycks & Gimpel 2016).

    Args:
        x: Numbers.
        approximate: Whether to take 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) for it.
    """
    return ops.gelu(x, approximate)


def sigmoid(x: TensorLike) -> Any:
    """1 / (1 + e^-x), the logistic function.

    The result remembers x: a cross-entropy is computed from it exactly where the result itself
    rounds to 0 or 1.
    """
    if not (isinstance(x, Tensor) and x.is_floating_point()):
        return general(sigmoid, x)
    out: Any = torch.sigmoid(x)
    out._keras_logits = x
    out._keras_activation = "sigmoid"
    return out


def softmax(x: TensorLike, axis: Axis = -1) -> Any:
    """e^x / sum(e^x) without overflow: numbers in [0, 1] whose sum along `axis` is 1.

    The result along the last axis remembers x: a cross-entropy is computed from it exactly
    where the result itself rounds to 0 or 1.

    Args:
        x: Numbers.
        axis: Axis of the sum, or several; None for all of them.
    """
    if not (isinstance(x, Tensor) and x.is_floating_point()):
        return general(softmax, x, axis)
    if axis != -1 and axis != x.ndim - 1:
        return ops.softmax(x, axis)
    out: Any = torch.softmax(x, -1)
    out._keras_logits = x
    out._keras_activation = "softmax"
    return out
