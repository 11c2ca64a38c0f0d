"""Class numbers as targets: the checks, and the words when they fail."""

from typing import Any

import torch

from profond._tensors import convert_to_tensor


def check_labels(
    y: Any, num_classes: int, *, ignore_class: int | None = None, name: str = "y"
) -> None:
    """Refuse class numbers that a model with `num_classes` outputs cannot predict.

    Meant to be called once on whole arrays, before training: a sparse loss does not look at
    its labels one by one, and on a GPU a wrong one ends the process.

    Args:
        y: Labels, array-like, of any shape.
        num_classes: Number of outputs of the model, > 0.
        ignore_class: A label that is allowed beside them, or None.
        name: What the labels are called, for the message.

    Raises:
        ValueError: If a label is not an integer in [0, num_classes).
    """
    try:
        labels = convert_to_tensor(y)
    except TypeError as error:
        raise ValueError(
            f"{name} must hold class numbers 0 to {num_classes - 1}: {error} Number the classes: "
            "`classes, y = numpy.unique(y, return_inverse=True)`."
        ) from error
    if not labels.dtype.is_floating_point:
        labels = labels.to(torch.int64)
    wrong = (labels < 0) | (labels >= num_classes)
    if labels.dtype.is_floating_point:
        wrong |= labels != labels.floor()  # NaN too
    if ignore_class is not None:
        wrong &= labels != ignore_class
    if not bool(wrong.any()):
        return
    first = int(wrong.flatten().nonzero()[0])
    raise ValueError(_wrong_label(labels.flatten()[first].item(), num_classes, name, first))


def _wrong_label(label: float, num_classes: int, name: str, index: int | None = None) -> str:
    """The message for a label out of range."""
    where = "" if index is None else f" (at index {index})"
    if label != label or label != int(label):
        shown, ways_out = f"{label!r}", "Class numbers are integers."
    else:
        shown = f"{int(label)}"
        if label < 0:
            ways_out = (
                "Number the classes from 0 (`numpy.unique(y, return_inverse=True)`), or give "
                f"the loss `ignore_class={shown}` if it marks what has no label."
            )
        else:
            ways_out = (
                "Number the classes from 0 (`numpy.unique(y, return_inverse=True)`), or give "
                f"the last layer {int(label) + 1} units."
            )
    return (
        f"{name} has the label {shown}{where}, but the model has {num_classes} outputs: labels "
        f"must be integers from 0 to {num_classes - 1}. {ways_out}"
    )


def check_probabilities(y: Any, loss: str, name: str = "y") -> None:
    """Refuse targets of a binary loss outside [0, 1], for which it has no least value.

    Args:
        y: Targets, array-like, of any shape.
        loss: The loss's name, for the message.
        name: What the targets are called, for the message.

    Raises:
        ValueError: If a target is outside.
    """
    labels = convert_to_tensor(y)
    if labels.dtype is torch.bool or labels.numel() == 0:
        return
    least, greatest = (float(value) for value in labels.aminmax())
    if least < 0 or greatest > 1:
        raise ValueError(
            f"{name} must lie between 0 and 1 for the loss {loss!r}; received values from "
            f"{least:g} to {greatest:g}. Number two classes 0 and 1 (`numpy.unique(y, "
            "return_inverse=True)`); for -1 and 1 there is the loss 'hinge'."
        )


# Rows looked at together, so that the look needs little memory.
_ROWS_AT_ONCE = 2**16


def class_numbers(y: torch.Tensor) -> torch.Tensor | None:
    """The class numbers (int64) of one-hot rows of shape (rows, classes); None if they are not."""
    if y.ndim != 2 or y.shape[-1] < 2 or not y.is_floating_point():
        return None
    found = []
    for rows in y.split(_ROWS_AT_ONCE):
        one = rows == 1
        if not bool(((one | (rows == 0)).all(-1) & (one.sum(-1) == 1)).all()):
            return None
        found.append(rows.argmax(-1))
    return torch.cat(found)


def remember_class_numbers(y: torch.Tensor, numbers: torch.Tensor) -> None:
    """Let one-hot targets carry their class numbers, which kernels take more quickly."""
    y._class_numbers = numbers  # type: ignore[attr-defined]


def known_class_numbers(y: torch.Tensor) -> torch.Tensor | None:
    """What `remember_class_numbers` said of these targets."""
    return getattr(y, "_class_numbers", None)
