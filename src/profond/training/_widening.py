"""As many rows at once as are quick, where nobody could tell."""

from typing import Any

import numpy as np

from profond import _tree
from profond._symbolic import KerasTensor
from profond.training._feeds import ArrayFeed

# Rows are measured and predicted in pieces of about this many numbers where no batch size is
# given: large enough for speed, small enough to stay in the cache.
_NUMBERS_AT_ONCE = 2**19
_MEANS = ("sum_over_batch_size", "mean")


def widen(feed: Any, model: Any, step: str, callbacks: Any) -> None:
    """Let a feed whose batch size was not asked for take as many rows at once as are quick.

    Not where somebody could tell: a callback that hears of batches, a step of the user's own, a
    loss or metric whose value depends on how the rows are divided.
    """
    from profond.training._steps import Steps

    if not isinstance(feed, ArrayFeed) or _hears_batches(callbacks, step):
        return
    if getattr(type(model), step) is not getattr(Steps, step):
        return
    if step == "predict_step" or _adds_up(model):
        feed.batch_size = max(feed.batch_size, quick_rows(model, feed))


def _hears_batches(callbacks: Any, step: str) -> bool:
    """Whether a callback has a hook for the batches of an evaluation or prediction."""
    from profond.callbacks import CallbackList

    hooks = callbacks if isinstance(callbacks, CallbackList) else CallbackList(callbacks)
    kind = step.removesuffix("_step")
    return hooks.hears(f"on_{kind}_batch_begin") or hooks.hears(f"on_{kind}_batch_end")


def _adds_up(model: Any) -> bool:
    """Whether the results of batches add up to those of all rows, however they are divided."""
    from profond import losses, metrics
    from profond.training._steps import Steps

    overridden = ("compute_loss", "compute_metrics")
    if any(getattr(type(model), name) is not getattr(Steps, name) for name in overridden):
        return False
    for layer in model._flatten_layers():
        # A mask divides the loss by the number of values that are left in the batch; another's
        # layer may add to the loss what belongs to the batch as a whole.
        if _begins_masks(layer) or not layer._is_builtin():
            return False
    chosen = _tree.flatten([model._compile_loss.loss] if model._compile_loss else [])
    for loss in chosen:
        if isinstance(loss, str):
            loss = losses.resolve(loss, (), ())
        if loss is not None and not (isinstance(loss, losses.Loss) and is_ours(loss)):
            return False
        if loss is not None and not (loss._is_of_rows and loss.reduction in _MEANS):
            return False
    given = model._compile_arguments
    for metric in _tree.flatten([given["metrics"], given["weighted_metrics"]]):
        if not isinstance(metric, str | type(None)):
            if not isinstance(metric, metrics.Metric) or not is_ours(metric):
                return False
    return True


def _begins_masks(layer: Any) -> bool:
    """Whether a mask may begin at this layer."""
    from profond.layers import Embedding, Masking

    own = layer._makes_masks or isinstance(layer, Masking)
    return own or (isinstance(layer, Embedding) and layer.mask_zero)


def is_ours(thing: Any) -> bool:
    """Whether a loss, metric or function is profond's, not a wrapper of a user's function."""
    function = getattr(thing, "fn", None) or getattr(thing, "_fn", None) or thing
    return all(
        (getattr(part, "__module__", None) or "").startswith("profond.")
        for part in (thing, function)
    )


def quick_rows(model: Any, feed: ArrayFeed) -> int:
    """The number of rows whose widest layer has about `_NUMBERS_AT_ONCE` numbers."""
    widest = max(leaf[:1].numel() for leaf in feed.leaves)
    for layer in model._flatten_layers():
        for node in layer._nodes[:1]:
            for tensor in _tree.leaves_of(node.outputs):
                if isinstance(tensor, KerasTensor):
                    sizes = [n for n in tensor.shape[1:] if n is not None]
                    widest = max(widest, int(np.prod(sizes, initial=1)))
    return max(32, min(8192, _NUMBERS_AT_ONCE // max(1, widest)))
