"""From what people pass to `fit`, `evaluate` and `predict` to feeds of batches."""

import inspect
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from profond import _tree
from profond._lookup import refuse_unknown_keywords
from profond._rows import is_row_source
from profond._symbolic import KerasTensor, infer_outputs
from profond._tensors import convert_to_tensor
from profond.training._arguments import rows_per_batch
from profond.training._checks import check_finite, check_lengths, check_split
from profond.training._class_weights import class_weights
from profond.training._feeds import ArrayFeed, Batch, IterableFeed, as_tree, to_tensors, unpack
from profond.training._row_feed import array_feed
from profond.training._stored_rows import StoredRows
from profond.training._targets import check_batch_of_targets, check_targets
from profond.training._usable import refuse_unusable
from profond.training._widening import is_ours

__all__ = ["unpack"]


def refuse_unknown(unknown: Mapping[str, Any], method: Any) -> None:
    """Refuse keywords that `method` does not have."""
    names = [
        p.name
        for p in inspect.signature(method).parameters.values()
        if p.kind is not inspect.Parameter.VAR_KEYWORD
    ]
    refuse_unknown_keywords(unknown, names, method.__name__)


def float_dtype(model: Any) -> torch.dtype:
    """The type that float data are converted to once: float64 if any layer computes in it."""
    layers = model._flatten_layers()
    double = any(layer.dtype_policy.torch_compute_dtype is torch.float64 for layer in layers)
    return torch.float64 if double else torch.float32


def is_iterable_source(x: Any, name: str = "x") -> bool:
    """Whether `x` yields batches by itself: not an array, table, or structure of these.

    Raises:
        TypeError: If it is something that looks like it, but is not.
        ValueError: If it is a torch `Dataset`.
    """
    if isinstance(x, list | tuple | dict | range | str | bytes) or x is None:
        return False
    if isinstance(x, torch.utils.data.DataLoader) or hasattr(x, "num_batches"):
        return True
    if (
        isinstance(x, torch.Tensor | np.ndarray)
        or hasattr(x, "to_numpy")
        or hasattr(x, "__array__")
        or is_row_source(x)
    ):
        return False
    refuse_unusable(x, name)
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
    tx, ty, plain_weight = array_parts(model, x, y, sample_weight)
    tw = plain_weight
    _check_data(model, (x, y, sample_weight), (tx, ty, tw))
    if class_weight is not None:
        tw = class_weights(ty, tw, class_weight)
    rows = check_lengths(tx, ty, tw)
    if shuffle not in (True, False, "batch"):
        raise ValueError(f"`shuffle` must be True, False or 'batch'; received {shuffle!r}.")
    kept = check_split(rows, validation_split) if validation_split else rows
    size = rows_per_batch(batch_size, kept, steps)
    if kept == rows:
        return array_feed(tx, ty, tw, batch_size=size, shuffle=shuffle), None
    head = _tree.map_structure(lambda t: None if t is None else t[:kept], (tx, ty, tw))
    tail = _tree.map_structure(lambda t: None if t is None else t[kept:], (tx, ty, plain_weight))
    return (
        array_feed(*head, batch_size=size, shuffle=shuffle),
        array_feed(*tail, batch_size=rows_per_batch(batch_size, rows - kept, None)),
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
    tx, ty, tw = array_parts(model, x, y, sample_weight)
    rows = check_lengths(tx, ty, tw)
    if not predicting:
        _check_data(model, (x, y, sample_weight), (tx, ty, tw))
    return array_feed(tx, ty, tw, batch_size=rows_per_batch(batch_size, rows, steps))


def validation_feed(model: Any, data: Any, batch_size: int | None, steps: int | None) -> Any:
    """The feed for `validation_data`.

    Raises:
        ValueError: If it is a tuple of something else than two or three parts.
    """
    if is_iterable_source(data, "validation_data"):
        return iterable_feed(model, data, steps, None)
    parts = tuple(data) if isinstance(data, list | tuple) else (data,)
    if len(parts) not in (2, 3):
        what = f"a tuple of {len(parts)}" if isinstance(data, list | tuple) else type(data).__name__
        raise ValueError(
            f"`validation_data` must be (x, y) or (x, y, sample_weight); received {what}."
        )
    try:
        feed = plain_feed(model, *unpack(parts), batch_size, steps)
        _check_shapes(model, feed.tree[0])  # now, not after the first epoch
    except (TypeError, ValueError) as error:
        raise type(error)(f"`validation_data`: {error}") from None
    return feed


def _check_shapes(model: Any, x: Any) -> None:
    """Refuse inputs of other shapes than the model declares, if it does.

    Raises:
        ValueError: If one does not fit.
    """
    from profond.models._functional import Functional

    symbols = _tree.map_structure(lambda t: None if t is None else KerasTensor(t.shape, t.dtype), x)
    door = model.__dict__.get("_door")
    if door is not None:
        door.admit(model.only(symbols), model.name)
    elif isinstance(model, Functional):
        model._matched_inputs(symbols)


def array_parts(model: Any, x: Any, y: Any, sample_weight: Any) -> Batch:
    """Inputs, targets and weights as tensors; inputs that are read by rows as `StoredRows`.

    Raises:
        ValueError: If lengths differ or there are no rows.
        TypeError: If they are not numbers.
    """
    if x is None:
        raise ValueError("`x` is required: arrays with one row per sample; received None.")
    _refuse_rows(model, x)
    # Feeds copy the rows of each batch.
    dtype = float_dtype(model)
    x = _tree.map_structure(
        lambda leaf: StoredRows(leaf, dtype) if is_row_source(leaf) else leaf, as_tree(x)
    )
    tx, ty, tw = as_tensors((x, y, sample_weight), dtype, only_read=True)
    check_lengths(tx, ty, tw)
    return tx, ty, tw


def _refuse_rows(model: Any, x: Any) -> None:
    """Refuse a list of rows, which would be as many inputs.

    Raises:
        ValueError: If `x` is one.
    """
    from profond.models._sequential import Sequential

    if not isinstance(x, list | tuple) or len(x) < 2:
        return
    inputs = 1 if isinstance(model, Sequential) else len(getattr(model, "inputs", None) or x)
    shapes = {tuple(getattr(row, "shape", ())) for row in x}
    if len(x) != inputs and len(shapes) == 1 and shapes != {()}:
        shape = shapes.pop()
        kind = "torch" if isinstance(x[0], torch.Tensor) else "numpy"
        raise ValueError(
            f"`x` is a list of {len(x)} arrays of the shape {shape}, which stand for as many "
            f"inputs; the model {model.name!r} has {inputs}. If they are rows, give one array: "
            f"`{kind}.stack(x)`."
        )


def as_tensors(batch: Batch, dtype: torch.dtype, only_read: bool = False) -> Batch:
    """The parts as tensors; targets that are truth values as numbers, to be computed with."""
    x, y, w = (
        None if part is None else to_tensors(part, dtype, name, only_read)
        for name, part in zip(("x", "y", "sample_weight"), batch, strict=True)
    )
    y = _tree.map_structure(
        lambda t: t.to(dtype) if t is not None and t.dtype is torch.bool else t, y
    )
    return x, y, w


def _check_data(model: Any, given: Batch, tensors: Batch) -> None:
    """Refuse values that cannot be computed with, and shapes that the model does not take."""
    _check_values(model, given, tensors)
    _, y, w = tensors
    ensure_built(model, lambda: tensors)  # the number of outputs is known then
    check_targets(model, y, w)


def _check_values(model: Any, given: Batch, tensors: Batch) -> None:
    """Refuse NaN and infinite values where what becomes of them is known: nothing good."""
    x_taken = any(_may_take_non_finite(layer) for layer in model._flatten_layers())
    compile_loss = model.__dict__["_compile_loss"]
    chosen = _tree.flatten(compile_loss.loss if compile_loss else None)
    y_taken = any(callable(loss) and not is_ours(loss) for loss in chosen)
    names = ("x", "y", "sample_weight")
    for name, data, converted in zip(names, given, tensors, strict=True):
        if not (name == "x" and x_taken) and not (name == "y" and y_taken):
            check_finite(data, converted, name)
            for leaf in _tree.leaves_of(converted):
                if isinstance(leaf, StoredRows):
                    leaf.finite = True  # looked at when they are read


def _may_take_non_finite(layer: Any) -> bool:
    """Whether a layer makes numbers of NaN, or may, being another's work."""
    from profond.layers import Lambda

    says_so = getattr(layer, "accepts_non_finite", False)
    return says_so or isinstance(layer, Lambda) or not layer._is_builtin()


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
        if model.built:
            check_batch_of_targets(model, y)
        if class_weight is not None:
            w = class_weights(y, w, class_weight)
        return x, y, w

    return IterableFeed(source, convert, steps, shuffle)


def small_input(model: Any, x: Any, batch_size: int | None) -> torch.Tensor | None:
    """A few rows as one tensor for the short way through `predict`; None if it is not that."""
    if x.ndim < 2 or len(x) > (batch_size or 32) or len(x) == 0:
        return None
    if isinstance(x, np.ndarray):
        if x.dtype.kind not in "biuf":
            return None
        x = convert_to_tensor(x)
    elif x.device != torch.get_default_device() or x.layout is not torch.strided or x.is_complex():
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
