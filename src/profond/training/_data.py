"""From what people pass to `fit`, `evaluate` and `predict` to feeds of batches."""

import inspect
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from profond import _tree
from profond._lookup import refuse_unknown_keywords
from profond._symbolic import KerasTensor, infer_outputs
from profond._tensors import convert_to_tensor, to_array
from profond.training._checks import check_finite, check_lengths, check_split
from profond.training._feeds import ArrayFeed, Batch, IterableFeed, to_tensors, unpack

__all__ = ["unpack"]

# Rows are measured and predicted in pieces of about this many numbers where no batch size is
# given: large enough for speed, small enough to stay in the cache.
_NUMBERS_AT_ONCE = 2**18


def refuse_unknown(unknown: Mapping[str, Any], method: Any) -> None:
    """Refuse keywords that `method` does not have."""
    names = [
        p.name
        for p in inspect.signature(method).parameters.values()
        if p.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    refuse_unknown_keywords(unknown, names, method.__name__)


def check_fit_arguments(epochs: Any, batch_size: Any, steps: Any, verbose: Any) -> None:
    """Refuse numbers that make no sense.

    Raises:
        ValueError: Naming the argument.
    """
    counts: dict[str, Any] = {
        "epochs": epochs,
        "batch_size": batch_size,
        "steps_per_epoch": steps,
    }
    for name, value in counts.items():
        if value is None and name != "epochs":
            continue
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise ValueError(f"`{name}` must be an integer >= 1; received {value!r}.")
    if verbose not in ("auto", 0, 1, 2, True, False):
        raise ValueError(f"`verbose` must be 0, 1, 2 or 'auto'; received {verbose!r}.")


def check_batch_size(batch_size: Any) -> int | None:
    """A number of rows >= 1, or None.

    Raises:
        ValueError: If it is something else.
    """
    if batch_size is None:
        return None
    whole = isinstance(batch_size, int | np.integer) and not isinstance(batch_size, bool)
    if not whole or batch_size < 1:
        raise ValueError(f"`batch_size` must be an integer >= 1; received {batch_size!r}.")
    return int(batch_size)


def float_dtype(model: Any) -> torch.dtype:
    """The type that float data are converted to once: float64 if any layer computes in it."""
    layers = model._flatten_layers()
    double = any(layer.dtype_policy.torch_compute_dtype is torch.float64 for layer in layers)
    return torch.float64 if double else torch.float32


def is_iterable_source(x: Any) -> bool:
    """Whether `x` yields batches by itself: not an array, table, or structure of these."""
    if isinstance(x, list | tuple | dict | str | bytes) or x is None:
        return False
    if isinstance(x, torch.utils.data.DataLoader) or hasattr(x, "num_batches"):
        return True
    if (
        isinstance(x, torch.Tensor | np.ndarray)
        or hasattr(x, "to_numpy")
        or hasattr(x, "__array__")
    ):
        return False
    if isinstance(x, torch.utils.data.Dataset):
        raise ValueError(
            "a torch `Dataset` gives single samples: wrap it in "
            "`torch.utils.data.DataLoader(dataset, batch_size=32, shuffle=True)`."
        )
    return hasattr(x, "__next__") or hasattr(x, "__iter__") or hasattr(x, "__getitem__")


def training_feed(
    model: Any,
    x: Any,
    y: Any,
    sample_weight: Any,
    *,
    batch_size: int | None,
    shuffle: bool | str,
    validation_split: float = 0.0,
    class_weight: Mapping[int, float] | None = None,
    steps: int | None = None,
) -> tuple[Any, ArrayFeed | None]:
    """The feed to train on, and one of the rows held out for validation, if any are.

    Raises:
        ValueError: If the data do not fit together, are empty or not finite.
    """
    if is_iterable_source(x):
        if y is not None or sample_weight is not None:
            raise ValueError(
                "`y` and `sample_weight` must be None when `x` yields batches; let it yield "
                "(x, y) or (x, y, sample_weight)."
            )
        if validation_split:
            raise ValueError(
                "`validation_split` needs data in memory; give `validation_data` instead."
            )
        return iterable_feed(model, x, steps, class_weight, shuffle=bool(shuffle)), None
    parts = array_parts(model, x, y, sample_weight)
    tx, ty, tw = parts
    _check_values(model, (x, y, sample_weight), (tx, ty, tw))
    _check_targets(model, tx, ty)
    if class_weight is not None:
        tw = class_weights(ty, tw, class_weight)
    rows = check_lengths(tx, ty, tw)
    if shuffle not in (True, False, "batch"):
        raise ValueError(f"`shuffle` must be True, False or 'batch'; received {shuffle!r}.")
    size = min(batch_size or 32, rows)
    if not validation_split:
        return ArrayFeed(tx, ty, tw, batch_size=size, shuffle=shuffle), None
    kept = check_split(rows, validation_split)
    head = _tree.map_structure(lambda t: None if t is None else t[:kept], (tx, ty, tw))
    plain_weight = None if sample_weight is None else parts[2]
    tail = _tree.map_structure(lambda t: None if t is None else t[kept:], (tx, ty, plain_weight))
    return (
        ArrayFeed(*head, batch_size=min(size, kept), shuffle=shuffle),
        ArrayFeed(*tail, batch_size=min(size, rows - kept)),
    )


def plain_feed(
    model: Any,
    x: Any,
    y: Any,
    sample_weight: Any,
    batch_size: int | None,
    steps: int | None,
    predicting: bool = False,
) -> Any:
    """A feed in the order of the data.

    Raises:
        ValueError: If the data do not fit together or are empty.
    """
    if is_iterable_source(x):
        return iterable_feed(model, x, steps, None)
    batch_size = check_batch_size(batch_size)
    tx, ty, tw = array_parts(model, x, y, sample_weight)
    rows = check_lengths(tx, ty, tw)
    if not predicting:
        _check_values(model, (x, y, sample_weight), (tx, ty, tw))
        _check_targets(model, tx, ty)
    return ArrayFeed(tx, ty, tw, batch_size=min(batch_size or 32, rows))


def validation_feed(model: Any, data: Any, batch_size: int | None, steps: int | None) -> Any:
    """The feed for `validation_data`.

    Raises:
        ValueError: If it is a tuple of something else than two or three parts.
    """
    if is_iterable_source(data):
        return iterable_feed(model, data, steps, None)
    parts = tuple(data) if isinstance(data, list | tuple) else (data,)
    if len(parts) not in (2, 3):
        what = f"a tuple of {len(parts)}" if isinstance(data, list | tuple) else type(data).__name__
        raise ValueError(
            f"`validation_data` must be (x, y) or (x, y, sample_weight); received {what}."
        )
    try:
        return plain_feed(model, *unpack(parts), batch_size, steps)
    except (TypeError, ValueError) as error:
        raise type(error)(f"`validation_data`: {error}") from None


def array_parts(model: Any, x: Any, y: Any, sample_weight: Any) -> Batch:
    """Inputs, targets and weights as tensors.

    Raises:
        ValueError: If lengths differ or there are no rows.
        TypeError: If they are not numbers.
    """
    if x is None:
        raise ValueError("`x` is required: arrays with one row per sample; received None.")
    for name, data in (("x", x), ("y", y), ("sample_weight", sample_weight)):
        _refuse_text(data, name)
    tx, ty, tw = as_tensors((x, y, sample_weight), float_dtype(model))
    check_lengths(tx, ty, tw)
    return tx, ty, tw


def as_tensors(batch: Batch, dtype: torch.dtype) -> Batch:
    """The parts as tensors; targets that are truth values as numbers, to be computed with."""
    x, y, w = (None if part is None else to_tensors(part, dtype) for part in batch)
    y = _tree.map_structure(
        lambda t: t.to(dtype) if t is not None and t.dtype is torch.bool else t, y
    )
    return x, y, w


def _refuse_text(data: Any, name: str) -> None:
    """Name the columns of a table, or the first value, that are not numbers.

    Raises:
        TypeError: If there are any.
    """
    columns = getattr(data, "columns", None)
    if columns is not None and hasattr(data, "dtypes"):
        text = [str(column) for column in columns if not _is_numeric(data[column])]
        if text:
            raise TypeError(
                f"`{name}` must hold numbers; the column(s) {text} hold text or dates. Encode "
                "them first (`pandas.get_dummies`), or leave the preparation to "
                "`profond.experiment.train_table`."
            )
        return
    for leaf in _tree.leaves_of(data):
        if isinstance(leaf, str) or (_is_text_array(leaf) and not _is_numeric(leaf)):
            first = str(leaf if isinstance(leaf, str) else to_array(leaf).flat[0])
            raise TypeError(
                f"`{name}` must hold numbers; received text such as {first!r}. Encode it first, "
                "for example `pandas.get_dummies` for inputs or `pandas.factorize` for classes."
            )


def _is_text_array(leaf: Any) -> bool:
    """Whether `leaf` is an array, or Series, whose type leaves open that it holds text."""
    dtype = getattr(leaf, "dtype", None)
    if dtype is None or isinstance(leaf, torch.Tensor):
        return False
    return getattr(dtype, "kind", "O") in "USOT" and np.size(leaf) > 0


def _is_numeric(column: Any) -> bool:
    """Whether a column holds numbers, whatever its type says."""
    kind = getattr(column.dtype, "kind", "O")
    return kind in "biuf" or to_array(column).dtype.kind in "biuf"


def _check_values(model: Any, given: Batch, tensors: Batch) -> None:
    """Refuse NaN and infinite values, unless a layer says that it takes them."""
    if any(getattr(layer, "accepts_non_finite", False) for layer in model._flatten_layers()):
        return
    for name, data, converted in zip(("x", "y", "sample_weight"), given, tensors, strict=True):
        check_finite(data, converted, name)


def _check_targets(model: Any, x: Any, y: Any) -> None:
    """Refuse targets that the loss cannot be computed for, such as unknown class numbers."""
    from profond import losses

    ensure_built(model, lambda: (x, y, None))  # the number of outputs is known then
    compile_loss = model.__dict__["_compile_loss"]
    outputs = getattr(model, "_tensors", None) or getattr(model, "_flat_outputs", None)
    if compile_loss is None or not outputs or not isinstance(y, torch.Tensor):
        return
    shape = outputs[-1].shape
    loss = compile_loss.single(y.shape, shape)
    if loss is not None and shape and shape[-1] is not None:
        losses.check_targets(loss, y, shape)


def class_weights(y: Any, sample_weight: Any, class_weight: Mapping[int, float]) -> torch.Tensor:
    """One weight per row from its class, times its sample weight.

    Raises:
        ValueError: If there are several targets, or no labels, or weights that are not numbers.
    """
    for label, weight in class_weight.items() if isinstance(class_weight, Mapping) else [(0, "")]:
        whole = isinstance(label, int | float | np.number) and float(label).is_integer()
        if not whole or label < 0 or not isinstance(weight, int | float | np.number):
            raise ValueError(
                "`class_weight` must be a dict from class numbers to weights, such as "
                f"`{{0: 1.0, 1: 5.0}}`; received {class_weight!r}."
            )
    if not isinstance(y, torch.Tensor):
        raise ValueError(
            "`class_weight` needs one target; for several, give `sample_weight` instead."
        )
    labels = y
    if y.ndim > 1:
        labels = y.argmax(-1) if y.shape[-1] > 1 else y[..., 0]
    labels = labels.long()
    count = max(int(labels.max()), int(max(class_weight, default=0))) + 1
    table = torch.ones(count, dtype=torch.float32, device=y.device)
    for label, weight in class_weight.items():
        table[int(label)] = float(weight)
    weights = table[labels]
    return weights if sample_weight is None else weights * sample_weight


def iterable_feed(
    model: Any,
    source: Any,
    steps: int | None,
    class_weight: Mapping[int, float] | None,
    shuffle: bool = False,
) -> IterableFeed:
    """A feed from something that yields batches."""
    dtype = float_dtype(model)

    def convert(batch: Batch) -> Batch:
        x, y, w = as_tensors(batch, dtype)
        if class_weight is not None:
            w = class_weights(y, w, class_weight)
        return x, y, w

    return IterableFeed(source, convert, steps, shuffle)


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
    # A mask divides the loss by the number of values that are left in the batch.
    if any(_begins_masks(layer) for layer in model._flatten_layers()):
        return False
    chosen = _tree.flatten([model._compile_loss.loss] if model._compile_loss else [])
    for loss in chosen:
        if not isinstance(loss, str | type(None)):
            if not isinstance(loss, losses.Loss) or not _is_ours(loss):
                return False
            if loss.reduction not in ("sum_over_batch_size", "mean"):
                return False
    given = model._compile_arguments
    for metric in _tree.flatten([given["metrics"], given["weighted_metrics"]]):
        if not isinstance(metric, str | type(None)):
            if not isinstance(metric, metrics.Metric) or not _is_ours(metric):
                return False
    return True


def _begins_masks(layer: Any) -> bool:
    """Whether a mask may begin at this layer."""
    from profond.layers import Embedding, Masking

    own = layer._makes_masks or isinstance(layer, Masking)
    return own or (isinstance(layer, Embedding) and layer.mask_zero)


def _is_ours(thing: Any) -> bool:
    """Whether a loss or metric is one of profond's, not a wrapper of a user's function."""
    function = getattr(thing, "fn", None) or getattr(thing, "_fn", None)
    return type(thing).__module__.startswith("profond.") and (
        function is None or getattr(function, "__module__", "").startswith("profond.")
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


def small_input(model: Any, x: Any, batch_size: int | None) -> torch.Tensor | None:
    """A few rows as one tensor for the short way through `predict`; None if it is not that."""
    if x.ndim < 2 or len(x) > (batch_size or 32) or len(x) == 0:
        return None
    if isinstance(x, np.ndarray):
        if x.dtype.kind not in "biuf":
            return None
        x = convert_to_tensor(x)
    elif x.device != torch.get_default_device():
        return None
    # float32, the usual type, is left to the model, which a walk through its layers would cost.
    if x.is_floating_point() and x.dtype is not torch.float32:
        x = x.to(float_dtype(model))
    return x


def packed(batch: Batch) -> Any:
    """A batch as Keras hands it to `train_step`: x alone, (x, y) or (x, y, sample_weight)."""
    x, y, w = batch
    if w is not None:
        return x, y, w
    if y is not None:
        return x, y
    return (x,) if isinstance(x, list | tuple) else x


def validates(frequency: int | list[int], epoch: int) -> bool:
    """Whether there is a validation after this epoch (counted from 0).

    Raises:
        ValueError: If `frequency` is neither a number >= 1 nor a list.
    """
    if isinstance(frequency, int) and frequency >= 1:
        return (epoch + 1) % frequency == 0
    if isinstance(frequency, list | tuple | set):
        return (epoch + 1) in frequency
    raise ValueError(
        f"`validation_freq` must be an integer >= 1 or a list of epochs; received {frequency!r}."
    )


def ensure_built(model: Any, first_batch: Any) -> None:
    """Build a model that is not built, for the shapes of the first batch."""
    if model.built:
        return
    from profond.layers._layer import Layer
    from profond.models._sequential import Sequential

    x, _, _ = first_batch()
    if type(model).call is Layer.call:
        return  # a model whose `train_step` is all there is (a GAN, say)

    def placeholder(leaf: Any) -> Any:
        return None if leaf is None else KerasTensor((None, *leaf.shape[1:]), leaf.dtype)

    if isinstance(model, Sequential):
        model.build((None, *model.only(x).shape[1:]))
        return
    infer_outputs(model, (_tree.map_structure(placeholder, x),), {})


class LateBar:
    """A progress bar that appears only when the work has taken a while.

    Args:
        total: Number of steps, None if not known.
    """

    def __init__(self, total: int | None) -> None:
        self._total = total
        self._start = time.monotonic()
        self._bar: Any = None

    def update(self, step: int) -> None:
        """Take note of a step."""
        if self._bar is None:
            if time.monotonic() - self._start < 2.0:
                return
            from profond.utils import Progbar

            self._bar = Progbar(target=self._total)
        self._bar.update(step)

    def close(self) -> None:
        """End the bar, if it appeared."""
        if self._bar is not None and self._total is not None:
            self._bar.update(self._total, finalize=True)


late_bar = LateBar
