"""What each of the networks that are trained together gets: rows, random numbers, callbacks."""

from collections.abc import Callable, Iterable, Sequence
from numbers import Integral
from typing import Any

import torch

from profond.callbacks import (
    BackupAndRestore,
    Callback,
    CallbackList,
    LearningRateScheduler,
    ReduceLROnPlateau,
    SwapEMAWeights,
)
from profond.training import _data
from profond.training._arguments import check_fraction
from profond.training._checks import check_split
from profond.training._feeds import ArrayFeed
from profond.training._row_feed import RowFeed
from profond.training._stack_measures import Rows

ALONE = "Call `fit` on each model."


def as_rows(feed: Any, model: Any) -> Rows:
    """The data of a feed of arrays.

    Raises:
        ValueError: If they are anything else than a table and its targets.
    """
    if not isinstance(feed, ArrayFeed) or isinstance(feed, RowFeed):
        raise ValueError(f"`x` must be an array, not batches, for `fit_together`. {ALONE}")
    x, y, weight = feed.tree
    x = model.only(x)
    if x.ndim != 2:
        raise ValueError(f"`x` must have the shape (rows, features); received {tuple(x.shape)}.")
    _data._check_shapes(model, x)
    if not isinstance(y, torch.Tensor):
        raise ValueError(f"`y` must be one array of targets; received {type(y).__name__}.")
    if weight is not None and weight.ndim != 1:
        raise ValueError(
            "`sample_weight` must have one number per row, shape (rows,), for `fit_together`; "
            f"received {tuple(weight.shape)}. {ALONE}"
        )
    numbers = feed.leaves[-1] if feed._knows_labels else None
    return Rows(x.to(model.weights[0].dtype), y, numbers, weight)


def divided(
    models: Sequence[Any],
    data: Rows,
    rows: Any,
    validation_rows: Any,
    validation_data: Any,
    validation_split: float,
) -> tuple[list[torch.Tensor], Rows | None, list[torch.Tensor] | None]:
    """For each model the rows that it learns from; validation data; or the rows that it measures.

    Raises:
        ValueError: If several ways of validation are asked for.
    """
    check_fraction(validation_split, "validation_split")
    ways = {
        "validation_rows": validation_rows is not None,
        "validation_data": validation_data is not None,
        "validation_split": bool(validation_split),
    }
    asked = [name for name, there in ways.items() if there]
    if len(asked) > 1 or (validation_split and rows is not None):
        both = asked if len(asked) > 1 else ["validation_split", "rows"]
        raise ValueError(
            f"`{both[0]}` and `{both[1]}` must not be given both. Name the rows of each part by "
            "`rows` and `validation_rows`."
        )
    count, device = len(data.x), data.x.device
    everything = torch.arange(count, device=device)
    if validation_split:
        kept = check_split(count, validation_split)
        return [everything[:kept]] * len(models), None, [everything[kept:]] * len(models)
    learned = _places(rows, "rows", len(models), count, device) or [everything] * len(models)
    if validation_data is not None:
        feed = _data.validation_feed(models[0], validation_data, 1, None)
        return learned, as_rows(feed, models[0]), None
    return learned, None, _places(validation_rows, "validation_rows", len(models), count, device)


def _places(
    given: Any, name: str, models: int, count: int, device: torch.device
) -> list[torch.Tensor] | None:
    """The rows of each model.

    Raises:
        ValueError: If there is not one array of places per model, or a place is none.
    """
    if given is None:
        return None
    found = [torch.as_tensor(places, device=device) for places in given]
    if len(found) != models:
        raise ValueError(
            f"`{name}` must have one array of places per model, {models}; received {len(found)}."
        )
    for model, places in enumerate(found):
        whole = places.dtype not in (torch.bool, torch.float32, torch.float64)
        if places.ndim != 1 or len(places) == 0 or not whole:
            raise ValueError(
                f"`{name}[{model}]` must be a list of whole numbers, the places of rows; received "
                f"{given[model]!r}."
            )
        if int(places.min()) < 0 or int(places.max()) >= count:
            raise ValueError(
                f"`{name}[{model}]` must be places from 0 to {count - 1}; received some from "
                f"{int(places.min())} to {int(places.max())}."
            )
    return [places.long() for places in found]


def generators_of(seeds: Any, count: int) -> list[torch.Generator]:
    """What each model draws from.

    Raises:
        ValueError: If there is not one seed per model, or it is none.
    """
    given = torch.randint(2**32, (count,), device="cpu").tolist() if seeds is None else list(seeds)
    if len(given) != count:
        raise ValueError(f"`seeds` must have one seed per model, {count}; received {len(given)}.")
    found = []
    for seed in given:
        if isinstance(seed, torch.Generator):
            found.append(seed)
            continue
        whole = isinstance(seed, Integral) and not isinstance(seed, bool)
        if not whole or not 0 <= int(seed) < 2**32:
            raise ValueError(
                "`seeds` must be whole numbers from 0 to 4294967295, or torch generators; received "
                f"{seed!r}."
            )
        found.append(torch.Generator().manual_seed(int(seed)))
    if len({id(generator) for generator in found}) < count:
        raise ValueError("`seeds` must not hold the same generator twice.")
    return found


_BY_RATE = (BackupAndRestore, LearningRateScheduler, ReduceLROnPlateau, SwapEMAWeights)
_UNHEARD = (
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_test_batch_begin",
    "on_test_batch_end",
)


def hooks_of(
    models: Sequence[Any],
    callbacks: Callable[[int], Iterable[Callback]] | None,
    epochs: int,
    batch_size: int,
    learned: Sequence[torch.Tensor],
) -> list[CallbackList]:
    """The callbacks of each model as one, each with a `History`.

    Raises:
        TypeError: If `callbacks` is not a function.
        ValueError: If a callback needs what happens to one model alone, or is another model's.
    """
    if callbacks is not None and not callable(callbacks):
        raise TypeError(
            "`callbacks` must be a function from a model's place to its callbacks, such as "
            f"`lambda place: [EarlyStopping(patience=5)]`; received {callbacks!r}."
        )
    found = [
        CallbackList(
            None if callbacks is None else list(callbacks(place)),
            add_history=True,
            model=model,
            verbose=0,
            epochs=epochs,
            steps=-(-len(learned[place]) // min(batch_size, len(learned[place]))),
        )
        for place, model in enumerate(models)
    ]
    each = [callback for hooks in found for callback in hooks.callbacks]
    if len({id(callback) for callback in each}) < len(each):
        raise ValueError(
            "`callbacks` must give each model callbacks of its own; it gave two models the same "
            "one. Make them inside of the function."
        )
    for hooks in found:
        for callback in hooks.callbacks:
            name = type(callback).__name__
            if isinstance(callback, _BY_RATE):
                raise ValueError(
                    f"{name} cannot be used in `fit_together`: all models have one learning rate, "
                    f"and their state is stacked. Use a schedule in the optimizers. {ALONE}"
                )
        heard = [hook for hook in _UNHEARD if hooks.hears(hook)]
        if heard:
            raise ValueError(
                f"`callbacks` must not listen to batches in `fit_together`; one has `{heard[0]}`. "
                f"{ALONE}"
            )
    return found
