"""Targets and predictions side by side: same element type, same shape, or a clear refusal."""

from typing import Any

import torch

from profond._dtypes import torch_dtype
from profond._tensors import convert_to_tensor
from profond.config import floatx


def squeeze_or_expand(
    x1: torch.Tensor, x2: torch.Tensor, expand_rank_1: bool = True
) -> tuple[torch.Tensor, torch.Tensor]:
    """Bring two tensors whose ranks differ by one to the same rank, as Keras does.

    A last axis of size 1 that only one of them has is taken away, or given to the other if
    that one has a single axis (and `expand_rank_1`). Anything else is left as it is.
    """
    if x1.ndim == x2.ndim:
        return x1, x2
    if x1.ndim == x2.ndim + 1 and x1.shape[-1] == 1:
        if x2.ndim == 1 and expand_rank_1:
            return x1, x2.unsqueeze(-1)
        return x1.squeeze(-1), x2
    if x2.ndim == x1.ndim + 1 and x2.shape[-1] == 1:
        if x1.ndim == 1 and expand_rank_1:
            return x1.unsqueeze(-1), x2
        return x1, x2.squeeze(-1)
    return x1, x2


def as_float(x: Any) -> torch.Tensor:
    """A tensor of predictions; integers become `config.floatx()`."""
    tensor = convert_to_tensor(x)
    return tensor if tensor.dtype.is_floating_point else tensor.to(torch_dtype(floatx()))


def beside(y_true: Any, y_pred: torch.Tensor) -> torch.Tensor:
    """Targets in the element type and on the device of the predictions."""
    if not isinstance(y_true, torch.Tensor):
        y_true = convert_to_tensor(y_true)
    if y_true.dtype is y_pred.dtype and y_true.device == y_pred.device:
        return y_true
    return y_true.to(device=y_pred.device, dtype=y_pred.dtype)


def aligned(
    y_true: Any, y_pred: Any, name: str, hint: str | None = None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Targets and predictions as tensors of one type and one shape.

    A missing or superfluous last axis of size 1 is mended as in Keras; a single number as
    target stands for a whole tensor of it. Shapes that would merely broadcast are refused: the
    mean over a broadcast, (n, 1) against (n, 3) say, is not the error of any prediction.

    Args:
        y_true: Targets, array-like.
        y_pred: Predictions, array-like.
        name: Who asks, for the message.
        hint: The way out, for the message; a general one by default.

    Raises:
        ValueError: If the shapes differ.
    """
    y_pred = as_float(y_pred)
    y_true = beside(y_true, y_pred)
    if y_true.shape == y_pred.shape:
        return y_true, y_pred
    if y_true.ndim == 0:
        return y_true.expand_as(y_pred), y_pred
    true_shape, pred_shape = y_true.shape, y_pred.shape
    y_true, y_pred = squeeze_or_expand(y_true, y_pred)
    if y_true.shape != y_pred.shape:
        raise ValueError(unequal_shapes(name, true_shape, pred_shape, hint))
    return y_true, y_pred


def unequal_shapes(name: str, y_true_shape: Any, y_pred_shape: Any, hint: str | None = None) -> str:
    """The message for targets that do not fit the predictions."""
    true_shape, pred_shape = tuple(y_true_shape), tuple(y_pred_shape)
    if hint is None:
        hint = "Reshape one of them."
        if len(true_shape) == len(pred_shape) and true_shape[:-1] == pred_shape[:-1]:
            hint = (
                f"The targets have {true_shape[-1]} value(s) per row where the model has "
                f"{pred_shape[-1]} output(s): give the last layer {true_shape[-1]} unit(s), or "
                f"{pred_shape[-1]} target column(s)."
            )
    return (
        f"{name} needs `y_true` and `y_pred` of the same shape; received y_true of shape "
        f"{true_shape} and y_pred of shape {pred_shape}. {hint}"
    )
