"""Activation functions, each one call of torch where torch has it.

A tensor of floats goes straight to torch: nothing stands between a layer and the kernel. All
else (arrays, lists, integers, symbolic tensors) takes the slower way through `general`.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its name everywhere

from profond._symbolic import is_symbolic, operation
from profond._tensors import convert_to_tensor
from profond.ops._operands import Axis, TensorLike, to_float

# Softplus is x itself above this: e^-40 is below the precision of float64, e^40 far from
# overflow in float32. (torch's own bound, 20, is good for float32 only.)
_SOFTPLUS_LINEAR_ABOVE = 40.0


def general(function: Callable[..., Any], x: TensorLike, *args: Any) -> Any:
    """`function` on what is not a tensor of floats."""
    if is_symbolic(x):
        return operation(function)(x, *args)
    x = to_float(x)
    if x.is_complex():
        raise TypeError(f"`{function.__name__}` takes real numbers; received dtype {x.dtype}.")
    return function(x, *args)


def relu(x: TensorLike) -> Any:
    """max(x, 0): the rectified linear unit (Nair & Hinton 2010). Integers stay integers."""
    if isinstance(x, Tensor):
        return torch.relu(x)
    return operation(relu)(x) if is_symbolic(x) else torch.relu(convert_to_tensor(x))


def relu6(x: TensorLike) -> Any:
    """min(max(x, 0), 6) (Howard et al. 2017, MobileNets)."""
    if isinstance(x, Tensor) and x.is_floating_point():
        return F.relu6(x)
    return general(relu6, x)


def leaky_relu(x: TensorLike, negative_slope: float = 0.2) -> Any:
    """`x` if x > 0, else `negative_slope` x (Maas et al. 2013).

    Args:
        x: Numbers.
        negative_slope: Slope below 0.
    """
    if isinstance(x, Tensor) and x.is_floating_point():
        return F.leaky_relu(x, negative_slope)
    return general(leaky_relu, x, negative_slope)


def elu(x: TensorLike, alpha: float = 1.0) -> Any:
    """`x` if x > 0, else `alpha` (e^x - 1) (Clevert et al. 2016, eq. 15).

    Args:
        x: Numbers.
        alpha: Minus the limit for x to minus infinity.
    """
    if isinstance(x, Tensor) and x.is_floating_point():
        return F.elu(x, alpha)
    return general(elu, x, alpha)


def selu(x: TensorLike) -> Any:
    """1.0507 x if x > 0, else 1.0507 * 1.6733 (e^x - 1) (Klambauer et al. 2017, eq. 2).

    The two numbers keep mean 0 and variance 1 from layer to layer, with weights from
    `lecun_normal` and `AlphaDropout` for dropout.
    """
    if isinstance(x, Tensor) and x.is_floating_point():
        return torch.selu(x)
    return general(selu, x)


def celu(x: TensorLike, alpha: float = 1.0) -> Any:
    """`x` if x > 0, else `alpha` (e^(x / alpha) - 1) (Barron 2017): smooth for every alpha.

    Args:
        x: Numbers.
        alpha: Minus the limit for x to minus infinity, not 0.
    """
    if isinstance(x, Tensor) and x.is_floating_point():
        return torch.celu(x, alpha)
    return general(celu, x, alpha)


def gelu(x: TensorLike, approximate: bool = True) -> Any:
    """`x` Phi(x), with Phi the standard normal distribution function (Hendrycks & Gimpel 2016).

    Args:
        x: Numbers.
        approximate: Whether to take 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) for it.
            (True here, and False in `activations.gelu`, as in Keras.)
    """
    if isinstance(x, Tensor) and x.is_floating_point():
        return F.gelu(x, approximate="tanh" if approximate else "none")
    return general(gelu, x, approximate)


def glu(x: TensorLike, axis: int = -1) -> Any:
    """A sigmoid(b), where a and b are the halves of x along `axis` (Dauphin et al. 2017).

    Args:
        x: Numbers, an even number along `axis`.
        axis: The axis that is halved.
    """
    if isinstance(x, Tensor) and x.is_floating_point():
        return F.glu(x, axis)
    return general(glu, x, axis)


def silu(x: TensorLike) -> Any:
    """`x` sigmoid(x), also called swish (Ramachandran et al. 2017)."""
    if isinstance(x, Tensor) and x.is_floating_point():
        return F.silu(x)
    return general(silu, x)


swish = silu


def mish(x: TensorLike) -> Any:
    """`x` tanh(softplus(x)) (Misra 2019)."""
    if isinstance(x, Tensor) and x.is_floating_point():
        return F.mish(x)
    return general(mish, x)


def sigmoid(x: TensorLike) -> Any:
    """1 / (1 + e^-x), the logistic function."""
    if isinstance(x, Tensor) and x.is_floating_point():
        return torch.sigmoid(x)
    return general(sigmoid, x)


def log_sigmoid(x: TensorLike) -> Any:
    """log(sigmoid(x)) without underflow."""
    if isinstance(x, Tensor) and x.is_floating_point():
        return F.logsigmoid(x)
    return general(log_sigmoid, x)


def softplus(x: TensorLike) -> Any:
    """log(1 + e^x) without overflow (Dugas et al. 2001)."""
    if isinstance(x, Tensor) and x.is_floating_point():
        return F.softplus(x, 1.0, _SOFTPLUS_LINEAR_ABOVE)
    return general(softplus, x)


def softsign(x: TensorLike) -> Any:
    """`x` / (1 + |x|) (Bergstra et al. 2009)."""
    if isinstance(x, Tensor) and x.is_floating_point():
        return F.softsign(x)
    return general(softsign, x)


def tanh_shrink(x: TensorLike) -> Any:
    """`x` - tanh(x)."""
    if isinstance(x, Tensor) and x.is_floating_point():
        return F.tanhshrink(x)
    return general(tanh_shrink, x)


def soft_shrink(x: TensorLike, threshold: float = 0.5) -> Any:
    """`x` moved by `threshold` towards 0, and 0 where |x| <= `threshold`.

    Args:
        x: Numbers.
        threshold: Half the width of the zone of zeros, >= 0.
    """
    if isinstance(x, Tensor) and x.is_floating_point():
        return F.softshrink(x, threshold)
    return general(soft_shrink, x, threshold)


def hard_shrink(x: TensorLike, threshold: float = 0.5) -> Any:
    """x, and 0 where |x| <= `threshold`.

    Args:
        x: Numbers.
        threshold: Half the width of the zone of zeros, >= 0.
    """
    if isinstance(x, Tensor) and x.is_floating_point():
        return F.hardshrink(x, threshold)
    return general(hard_shrink, x, threshold)


def hard_tanh(x: TensorLike) -> Any:
    """x, but no less than -1 and no more than 1."""
    if isinstance(x, Tensor) and x.is_floating_point():
        return F.hardtanh(x)
    return general(hard_tanh, x)


def hard_sigmoid(x: TensorLike) -> Any:
    """`x` / 6 + 1/2, but no less than 0 and no more than 1."""
    if isinstance(x, Tensor) and x.is_floating_point():
        return F.hardsigmoid(x)
    return general(hard_sigmoid, x)


def hard_silu(x: TensorLike) -> Any:
    """`x` hard_sigmoid(x), also called hard swish (Howard et al. 2019, MobileNetV3)."""
    if isinstance(x, Tensor) and x.is_floating_point():
        return F.hardswish(x)
    return general(hard_silu, x)


hard_swish = hard_silu


def sparse_sigmoid(x: TensorLike) -> Any:
    """(x + 1) / 2, but no less than 0 and no more than 1 (Blondel et al. 2019)."""
    if isinstance(x, Tensor) and x.is_floating_point():
        return 0.5 * (F.hardtanh(x) + 1)
    return general(sparse_sigmoid, x)


def sparse_plus(x: TensorLike) -> Any:
    """(x + 1)^2 / 4 between -1 and 1, 0 below and x above: the integral of `sparse_sigmoid`."""
    if isinstance(x, Tensor) and x.is_floating_point():
        return torch.where(x < 1, 0.25 * torch.relu(x + 1).square(), x)
    return general(sparse_plus, x)


def squareplus(x: TensorLike, b: float = 4) -> Any:
    """(x + sqrt(x^2 + b)) / 2 (Barron 2021): like softplus without exponentials.

    Args:
        x: Numbers.
        b: Smoothness, >= 0; 0 gives `relu`.
    """
    if isinstance(x, Tensor) and x.is_floating_point():
        return 0.5 * (x + torch.sqrt(x.square() + b))
    return general(squareplus, x, b)


def threshold(x: TensorLike, threshold: float, default_value: float) -> Any:
    """`x` where x > `threshold`, else `default_value`.

    Args:
        x: Numbers.
        threshold: Bound.
        default_value: What stands at and below it.
    """
    if isinstance(x, Tensor) and x.is_floating_point():
        return F.threshold(x, threshold, default_value)
    return general(_threshold, x, threshold, default_value)


_threshold = threshold  # inside the function its argument hides its name


def softmax(x: TensorLike, axis: Axis = -1) -> Any:
    """e^x / sum(e^x) without overflow: numbers in [0, 1] whose sum is 1.

    Args:
        x: Numbers.
        axis: Axis of the sum, or several; None for all of them.
    """
    if isinstance(x, Tensor) and x.is_floating_point():
        if axis is None:
            return torch.softmax(x.reshape(-1), 0).reshape(x.shape)
        if isinstance(axis, int):
            return torch.softmax(x, axis)
        return log_softmax(x, axis).exp()
    return general(softmax, x, axis)


def log_softmax(x: TensorLike, axis: Axis = -1) -> Any:
    """log(softmax(x)) without underflow.

    Args:
        x: Numbers.
        axis: Axis of the sum, or several; None for all of them.
    """
    if isinstance(x, Tensor) and x.is_floating_point():
        if axis is None:
            return torch.log_softmax(x.reshape(-1), 0).reshape(x.shape)
        if isinstance(axis, int):
            return torch.log_softmax(x, axis)
        return x - torch.logsumexp(x, tuple(axis), keepdim=True)
    return general(log_softmax, x, axis)


def sparsemax(x: TensorLike, axis: int = -1) -> Any:
    """The point nearest to x whose elements are >= 0 and have the sum 1.

    max(x - tau, 0), with the tau that makes the sum 1 (Martins & Astudillo 2016, algorithm 1);
    unlike `softmax` it gives zeros. (Keras 3.15 on torch gives a sum below 1 where more than one
    element stays above 0; here the sum is 1.)

    Args:
        x: Numbers.
        axis: Axis of the sum.
    """
    if not (isinstance(x, Tensor) and x.is_floating_point()):
        return general(sparsemax, x, axis)
    z = x.movedim(axis, -1)
    ordered = torch.sort(z, dim=-1, descending=True).values
    rank = torch.arange(1, z.shape[-1] + 1, dtype=z.dtype, device=z.device)
    excess = torch.cumsum(ordered, -1) - 1
    # The support: the largest elements, as many as stay above their common tau.
    size = (rank * ordered > excess).sum(-1, keepdim=True)
    tau = torch.take_along_dim(excess, size - 1, -1) / size
    return torch.relu(z - tau).movedim(-1, axis)
