"""Networks of one shape trained together, each as it would be alone."""

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
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
from profond.training._arguments import check_count, check_epoch, check_fraction
from profond.training._checks import check_split
from profond.training._feeds import ArrayFeed
from profond.training._interrupt import Interruption, stop_on_interrupt
from profond.training._stack_measures import Rows
from profond.training._stack_run import Network, StackRun
from profond.training._stackable import weights_of, why_not_stackable
from profond.trials._runs import _progress

# Weights, gradients and Adam's two means of a stack, in bytes, that still stay in the cache of a
# core. (4 of the Iris networks of the notes; 8 take as long each, 32 a fifth longer.)
_STACK_BYTES = 10 * 2**20
_ALONE = "Call `fit` on each model."


def why_not_together(models: Sequence[Any]) -> str | None:
    """What keeps `fit_together` from training these models, or None.

        if why_not_together(models) is None:
            histories = fit_together(models, x, y, seeds=range(len(models)))
        else:
            histories = [model.fit(x, y) for model in models]

    Args:
        models: The models, built and compiled.

    Returns:
        The first thing found, in words: "model 2 ('sequential_2') differs from model 0
        ('sequential') in its layer 1: Dense(8, relu, True), not Dense(16, relu, True)".
    """
    return why_not_stackable(models) if len(models) else "there are no models"


def fit_together(
    models: Sequence[Any],
    x: Any,
    y: Any,
    *,
    seeds: Sequence[int | torch.Generator] | None = None,
    rows: Sequence[Any] | None = None,
    validation_rows: Sequence[Any] | None = None,
    validation_data: Any = None,
    validation_split: float = 0.0,
    batch_size: int | None = None,
    epochs: int = 1,
    shuffle: bool = True,
    callbacks: Callable[[int], Iterable[Callback]] | None = None,
    class_weight: dict[int, float] | None = None,
    sample_weight: Any = None,
    workers: int | None = None,
    verbose: bool = False,
) -> list[Any]:
    """Train models of the same shape, several at a time in one batched computation.

    Each ends as after `fit` on its own with its seed, but for rounding: the same order of rows, the
    same dropout, early stopping of its own. Steps of small networks are mostly calls and waiting
    for memory; a step of several at once costs little more than one of a single.

        models = [build(seed) for seed in range(32)]
        histories = fit_together(
            models, x, y, seeds=range(32), epochs=200, validation_split=0.2,
            callbacks=lambda place: [EarlyStopping(patience=10, restore_best_weights=True)],
        )

    Models are stacks of `Dense`, `Activation` and `Dropout` layers, all alike but for their
    weights, with a loss that is a mean over rows, L1 or L2 penalties, and an optimizer of the same
    kind and options each: SGD, Adam, AdamW, RMSprop, Adagrad, Adadelta, Adamax or Lion.

    Args:
        models: The models, built and compiled.
        x: Inputs, (rows, features), of which every model may have its own part.
        y: Targets.
        seeds: For each model, the seed that alone would be set (`utils.set_random_seed`) before its
            `fit`, or a `torch.Generator` on the CPU to draw from. By default seeds are drawn from
            torch's global generator.
        rows: For each model, the places of the rows that it learns from; all by default. Data of
            different origin can be joined in one array for this.
        validation_rows: For each model, the places of the rows that it is measured on after each
            epoch.
        validation_data: `(x, y)` or `(x, y, sample_weight)`, the same for all.
        validation_split: Fraction in (0, 1) of the last rows, kept for validation by all.
        batch_size: Rows of a step; 32 by default.
        epochs: Number of passes over the data.
        shuffle: Whether rows come in a new order at each epoch.
        callbacks: Called with the place of each model in `models`, gives the model's callbacks. Of
            their methods those for epochs and for the training's begin and end are called, one
            callback at a time, in whichever thread trains the model.
        class_weight: Weight of each class in the training, by number.
        sample_weight: Weight of each row.
        workers: How many threads; one per core by default. The results do not depend on it, but
            for rounding.
        verbose: Whether to show a progress bar, on standard error.

    Returns:
        The `History` of each model. After Ctrl-C they end early, and have `interrupted` set.

    Raises:
        ValueError: If the models cannot be trained together (`why_not_together`), or data or
            arguments do not fit.
        TypeError: If `callbacks` is not a function.
    """
    models = list(models)
    reason = why_not_together(models)
    if reason is not None:
        raise ValueError(f"these models cannot be trained together: {reason}. {_ALONE}")
    if workers is not None and (type(workers) is not int or workers < 1):
        raise ValueError(f"`workers` must be a whole number >= 1; received {workers!r}.")
    batch_size = check_count(batch_size, "batch_size") or 32
    epochs = check_epoch(epochs, "epochs")
    generators = _generators(seeds, len(models))
    feed, _ = _data.training_feed(
        models[0], x, y, sample_weight, batch_size=1, shuffle=False, class_weight=class_weight
    )
    data = _as_rows(feed, models[0])
    learned, held_out, measured = _divided(
        models, data, rows, validation_rows, validation_data, validation_split
    )
    if measured is not None and held_out is None:
        # Class weights are for the training alone, as in `fit`.
        plain = _data.plain_feed(models[0], x, y, sample_weight, 1, None)
        held_out = _as_rows(plain, models[0])
    hooks = _hooks(models, callbacks, epochs, batch_size, learned)
    networks = [
        Network(model, generators[i], learned[i], None if measured is None else measured[i], own)
        for i, (model, own) in enumerate(zip(models, hooks, strict=True))
    ]
    loss = models[0]._compile_loss.single(data.y.shape, models[0].output_shape)
    lock = threading.Lock()
    with stop_on_interrupt() as interruption, _progress(verbose, len(models), 0) as advance:
        runs = [
            StackRun(
                stack,
                data,
                held_out,
                loss=loss,
                batch_size=batch_size,
                epochs=epochs,
                shuffle=shuffle,
                lock=lock,
                interruption=interruption,
            )
            for stack in _stacks(networks, workers or os.cpu_count() or 1)
        ]

        def done(run: StackRun) -> None:
            for _ in range(run.count):
                advance()

        _carry_out(runs, workers or os.cpu_count() or 1, interruption, done)
    return [own.history for own in hooks]


def _as_rows(feed: Any, model: Any) -> Rows:
    """The data of a feed of arrays.

    Raises:
        ValueError: If they are anything else than a table and its targets.
    """
    if not isinstance(feed, ArrayFeed):
        raise ValueError(f"`x` must be an array, not batches, for `fit_together`. {_ALONE}")
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
            f"received {tuple(weight.shape)}. {_ALONE}"
        )
    numbers = feed.leaves[-1] if feed._knows_labels else None
    return Rows(x.to(model.weights[0].dtype), y, numbers, weight)


def _divided(
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
        return learned, _as_rows(feed, models[0]), None
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


def _generators(seeds: Any, count: int) -> list[torch.Generator]:
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


def _hooks(
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
                    f"and their state is stacked. Use a schedule in the optimizers. {_ALONE}"
                )
        heard = [hook for hook in _UNHEARD if hooks.hears(hook)]
        if heard:
            raise ValueError(
                f"`callbacks` must not listen to batches in `fit_together`; one has `{heard[0]}`. "
                f"{_ALONE}"
            )
    return found


def _stacks(networks: Sequence[Network], workers: int) -> list[list[Network]]:
    """The networks in stacks: of equal numbers of rows, for all workers, not too large."""
    alike: dict[tuple[int, int], list[Network]] = defaultdict(list)
    for network in networks:
        measured = network.validation_rows
        alike[len(network.rows), 0 if measured is None else len(measured)].append(network)
    weights = weights_of(networks[0].model)
    each = 4 * sum(weight.numel() * weight.element_size() for weight in weights)
    largest = max(1, _STACK_BYTES // each)
    found = []
    for group in alike.values():
        # As many stacks as keep all workers busy to the end.
        count = -(-len(group) // largest)
        count = min(len(group), -(-count // workers) * workers)
        bounds = [len(group) * k // count for k in range(count + 1)]
        found += [group[a:b] for a, b in zip(bounds, bounds[1:], strict=False)]
    return found


def _carry_out(
    runs: Sequence[StackRun],
    workers: int,
    interruption: Interruption,
    done: Callable[[StackRun], None],
) -> None:
    """Do the runs, each in one thread: torch lets other threads compute while a kernel does."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        if workers == 1 or len(runs) == 1:
            for run in runs:
                run.train()
                done(run)
            return
        with ThreadPoolExecutor(min(workers, len(runs)), "profond-stack") as pool:
            waiting = {pool.submit(_in_thread, run): run for run in runs}
            try:
                while waiting:
                    ended, _ = wait(waiting, return_when=FIRST_COMPLETED)
                    for future in ended:
                        future.result()
                        done(waiting.pop(future))
            except BaseException:
                interruption.asked = True  # the others end at their next step
                raise
    finally:
        torch.set_num_threads(threads)


def _in_thread(run: StackRun) -> None:
    torch.set_num_threads(1)
    run.train()
