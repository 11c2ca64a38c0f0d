"""Networks of one shape trained together, each as it would be alone."""

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Any

import torch

from profond.callbacks import Callback
from profond.training import _data
from profond.training._arguments import check_count, check_epoch
from profond.training._interrupt import Interruption, stop_on_interrupt
from profond.training._stack_run import Network, StackRun
from profond.training._stackable import weights_of, why_not_stackable
from profond.trials._runs import _progress
from profond.trials._shares import ALONE, as_rows, divided, generators_of, hooks_of

# Weights, gradients and Adam's two means of a stack, in bytes, that still stay in the cache of a
# core. (4 of the Iris networks of the notes; 8 take as long each, 32 longer.)
_STACK_BYTES = 10 * 2**20
# Multiplications in a forward step below which a stack is not divided: its steps are Python more
# than kernels, and of threads only one at a time runs Python.
_WORTH_A_THREAD = 2**21


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

    Raises:
        TypeError: If they are no models.
    """
    models = _listed(models)
    return why_not_stackable(models) if models else "there are no models"


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
        TypeError: If `callbacks` is not a function, or `models` are none.
    """
    models = _listed(models)
    reason = why_not_together(models)
    if reason is not None:
        raise ValueError(f"these models cannot be trained together: {reason}. {ALONE}")
    if workers is not None and (type(workers) is not int or workers < 1):
        raise ValueError(f"`workers` must be a whole number >= 1; received {workers!r}.")
    batch_size = check_count(batch_size, "batch_size") or 32
    epochs = check_epoch(epochs, "epochs")
    generators = generators_of(seeds, len(models))
    feed, _ = _data.training_feed(
        models[0], x, y, sample_weight, batch_size=1, shuffle=False, class_weight=class_weight
    )
    data = as_rows(feed, models[0])
    learned, held_out, measured = divided(
        models, data, rows, validation_rows, validation_data, validation_split
    )
    if measured is not None and held_out is None:
        # Class weights are for the training alone, as in `fit`.
        plain = _data.plain_feed(models[0], x, y, sample_weight, 1, None)
        held_out = as_rows(plain, models[0])
    hooks = hooks_of(models, callbacks, epochs, batch_size, learned)
    networks = [
        Network(model, generators[i], learned[i], None if measured is None else measured[i], own)
        for i, (model, own) in enumerate(zip(models, hooks, strict=True))
    ]
    loss = models[0]._compile_loss.single(data.y.shape, models[0].output_shape)
    lock = threading.Lock()
    workers = workers or os.cpu_count() or 1
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
            for stack in _stacks(networks, workers, batch_size)
        ]

        def done(run: StackRun) -> None:
            for _ in range(run.count):
                advance()

        _carry_out(runs, workers, interruption, done)
    return [own.history for own in hooks]


def _listed(models: Any) -> list[Any]:
    """The models, each of them one."""
    from profond.models import Model

    found = [] if isinstance(models, Model) or not isinstance(models, Iterable) else list(models)
    others = [one for one in found if not isinstance(one, Model)]
    if others or not isinstance(models, Iterable) or isinstance(models, Model):
        received = others[0] if others else models
        raise TypeError(f"`models` must be a list of profond models; received {received!r}.")
    return found


def _stacks(networks: Sequence[Network], workers: int, batch_size: int) -> list[list[Network]]:
    """The networks in stacks: of equal numbers of rows, for all workers, of a good size."""
    alike: dict[tuple[int, int], list[Network]] = defaultdict(list)
    for network in networks:
        measured = network.validation_rows
        alike[len(network.rows), 0 if measured is None else len(measured)].append(network)
    weights = weights_of(networks[0].model)
    numbers = sum(weight.numel() for weight in weights)
    largest = max(1, _STACK_BYTES // (4 * numbers * weights[0].element_size()))
    found = []
    for (rows, _), group in alike.items():
        work = numbers * min(batch_size, rows) * len(group)
        sharing = max(1, min(workers, work // _WORTH_A_THREAD, len(group)))
        # As many stacks as keep those who share them busy to the end.
        count = -(-len(group) // largest)
        count = min(len(group), -(-count // sharing) * sharing)
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
