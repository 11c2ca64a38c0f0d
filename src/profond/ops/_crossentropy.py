"""Cross-entropies of each sample: the plain functions below the losses."""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its name everywhere

from profond import config
from profond._symbolic import operation
from profond._tensors import convert_to_tensor
from profond.ops._operands import TensorLike, canonical_axis, of_common_type, to_float


def _same_shape(target: Tensor, output: Tensor) -> None:
    """Refuse shapes that differ."""
    if target.shape != output.shape:
        raise ValueError(
            "`target` and `output` must have the same shape; received "
            f"{tuple(target.shape)} and {tuple(output.shape)}."
        )


def _log_probability(output: Tensor, from_logits: bool, axis: int) -> Tensor:
    """The logarithm of the probabilities that `output` holds or stands for."""
    if from_logits:
        return torch.log_softmax(output, axis)
    epsilon = config.epsilon()
    probability = output / output.sum(axis, keepdim=True)
    return torch.log(torch.clamp(probability, epsilon, 1.0 - epsilon))


@operation
def binary_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False
) -> Tensor:
    """-t log p - (1 - t) log(1 - p), element by element, in nats.

    Args:
        target: t, in [0, 1].
        output: p, clipped to [epsilon, 1 - epsilon] (`config.epsilon()`), or the logit of p.
        from_logits: Whether `output` is the logit.

    Raises:
        ValueError: If the shapes differ.
    """
    target, output = of_common_type(target, to_float(output))
    _same_shape(target, output)
    if from_logits:
        return F.binary_cross_entropy_with_logits(output, target, reduction="none")
    epsilon = config.epsilon()
    clipped = torch.clamp(output, epsilon, 1.0 - epsilon)
    return F.binary_cross_entropy(clipped, target, reduction="none")


@operation
def categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """-sum(t log p) over the classes, in nats.

    Args:
        target: t, of shape (batch, ..., classes).
        output: p, divided by its sum and clipped to [epsilon, 1 - epsilon], or logits.
        from_logits: Whether `output` is logits.
        axis: The axis of the classes.

    Returns:
        The shape without that axis.

    Raises:
        ValueError: If the shapes differ.
    """
    target, output = of_common_type(target, to_float(output))
    _same_shape(target, output)
    return -(target * _log_probability(output, from_logits, axis)).sum(axis)


@operation
def sparse_categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """-log p of the class `target`, in nats.

    Args:
        target: Classes, integers, of the shape of `output` without (or with size 1 at) `axis`.
        output: p, divided by its sum and clipped to [epsilon, 1 - epsilon], or logits.
        from_logits: Whether `output` is logits.
        axis: The axis of the classes.

    Returns:
        The shape without that axis.

    Raises:
        ValueError: If the shapes do not fit.
    """
    output = to_float(output)
    classes = convert_to_tensor(target).to(output.device, torch.int64)
    axis = canonical_axis(axis, output.ndim)
    if classes.ndim == output.ndim and classes.shape[axis] == 1:
        classes = classes.squeeze(axis)
    expected = output.shape[:axis] + output.shape[axis + 1 :]
    if classes.shape != expected:
        raise ValueError(
            f"`target` must have the shape {tuple(expected)} of `output` without its axis {axis}; "
            f"received {tuple(classes.shape)}."
        )
    log_probability = _log_probability(output, from_logits, axis)
    if output.ndim == 1:
        return F.nll_loss(log_probability, classes, reduction="none")
    return F.nll_loss(log_probability.movedim(axis, 1), classes, reduction="none")
