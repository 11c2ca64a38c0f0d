"""Targets that a model's losses cannot be computed for, refused before they are used."""

from typing import Any

import torch

from profond import _tree


def check_targets(model: Any, y: Any, sample_weight: Any) -> None:
    """Refuse targets such as unknown class numbers, all of them at once.

    Raises:
        ValueError: Naming the first one that does not fit its loss.
    """
    from profond import losses

    for name, loss, target, shape in _with_losses(model, y):
        # What has no weight may be marked by a number that is no probability.
        if sample_weight is None or not _is_binary(loss):
            losses.check_targets(loss, target, shape, name)


def check_batch_of_targets(model: Any, y: Any) -> None:
    """Refuse class numbers that are not whole, which no kernel notices.

    Others that are wrong are noticed there; here, nothing may wait for a device.

    Raises:
        ValueError: Naming the first one.
    """
    from profond import losses

    floats = [
        leaf.is_floating_point() and leaf.device.type == "cpu"
        for leaf in _tree.leaves_of(y)
        if isinstance(leaf, torch.Tensor)
    ]
    if not any(floats):
        return
    for name, loss, target, shape in _with_losses(model, y):
        if getattr(loss, "_labels_are_integers", False) and target.is_floating_point():
            losses.check_targets(loss, target, shape, name)


def _with_losses(model: Any, y: Any) -> list[tuple[str, Any, Any, Any]]:
    """The name, loss, targets and shape of each output, where they are known before a step."""
    compile_loss = model.__dict__["_compile_loss"]
    outputs = _symbolic_outputs(model)
    if compile_loss is None or outputs is None or y is None:
        return []
    return [
        (name, loss, target, output.shape)
        for name, loss, target, output in compile_loss.by_output(y, outputs)
        if len(output.shape) and output.shape[-1] is not None
    ]


def _symbolic_outputs(model: Any) -> Any:
    """The outputs of a Sequential or functional model that is built; None for another."""
    tensors = model.__dict__.get("_tensors")
    if tensors:
        return tensors[-1]
    return model.__dict__.get("_outputs_struct")


def _is_binary(loss: Any) -> bool:
    """Whether a loss compares probabilities of one thing each."""
    from profond import losses

    return isinstance(loss, losses.BinaryCrossentropy | losses.BinaryFocalCrossentropy)
