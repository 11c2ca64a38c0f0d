"""Dropout, and why the training loss lies above the validation loss (notes, 5.3)."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond.figures._canvas import Language, canvas, finish, speaker
from profond.figures._checks import fraction, seed_list, whole
from profond.figures._curves import draw_band, metric_name
from profond.figures._runs import (
    NOTES_HIDDEN,
    Task,
    TaskKind,
    fit_seeds,
    held_out,
    model_loss,
    notes_network,
    padded,
    read_task,
)


def dropout(
    x: ArrayLike,
    y: ArrayLike,
    *,
    rate: float = 0.3,
    task: TaskKind | None = None,
    hidden: Sequence[int] = NOTES_HIDDEN,
    epochs: int = 100,
    batch_size: int = 30,
    validation: float = 0.3,
    seeds: int | Sequence[int] = 5,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """Losses under dropout, and why the training loss lies above (notes, 5.3 and its exercise).

    The training loss that `fit` reports is a mean over the epoch's minibatches, while the
    weights still change and a part of the neurons is off. At the end of each epoch the loss on
    the training rows is measured again: with all neurons on, as validation does, and with
    dropout on, at the same weights. The gap between these two is the work of dropout alone.
    Inputs are standardised.

    Args:
        x: Inputs, rows and columns.
        y: Labels, one-hot rows, or a number per row.
        rate: Dropout rate before every Dense layer, in [0, 1).
        task: "classification" makes every distinct value of y a class, "regression" predicts the
            numbers as they are; by default text, booleans, one-hot rows and the whole numbers
            0, 1, 2, ... are classes.
        hidden: Neurons of each hidden layer.
        epochs: Passes over the data.
        batch_size: Rows per update.
        validation: Part of the rows set apart, in [0, 1).
        seeds: Number of seeds, or the seeds.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `loss`, `val_loss`, `clean_loss`, `noisy_loss`, each
        `(seeds, epochs)`.

    Raises:
        TypeError: If `x` does not hold numbers.
        ValueError: If the rate is outside [0, 1), or the data are empty, not finite or of
            different lengths.
    """
    say = speaker(lang)
    todo = read_task(x, y, task).standardised()
    fraction(rate, "rate")
    held_out(validation, len(todo.inputs))
    watchers: list[Any] = []

    def again(model: Any, rows: Task) -> list[Any]:
        del model
        watchers.append(_watcher(rows))
        return [watchers[-1]]

    runs = fit_seeds(
        todo,
        partial(notes_network, todo, hidden=hidden, rate=rate),
        seed_list(seeds),
        epochs=whole(epochs, "epochs"),
        batch_size=whole(batch_size, "batch_size"),
        validation=validation,
        callbacks=again,
    )
    found = {name: padded([history for _, history in runs], name) for name in ("loss", "val_loss")}
    found["clean_loss"] = np.array([watcher.clean for watcher in watchers])
    found["noisy_loss"] = np.array([watcher.noisy for watcher in watchers])
    ax = canvas(ax)
    for index, name in enumerate(("loss", "val_loss", "clean_loss", "noisy_loss")):
        draw_band(ax, found[name], index, metric_name(name, lang), log=True)
    ax.set_yscale("log")
    return finish(
        ax,
        lang=lang,
        x=say("epochs", "epochs"),
        y=say("loss", "perte"),
        legend=True,
        integer_x=True,
        numbers=found,
    )


def _watcher(rows: Task) -> Any:
    """A callback that measures the training loss again at each epoch's end."""
    from profond.callbacks import Callback

    class Watcher(Callback):
        """Keeps the loss with all neurons on (`clean`) and with dropout (`noisy`)."""

        def __init__(self) -> None:
            super().__init__()
            self.clean: list[float] = []
            self.noisy: list[float] = []

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            del epoch, logs
            self.clean.append(model_loss(self.model, rows.inputs, rows.target, rows.loss))
            # Its own draws: the training's random sequence stays as it would be without this.
            with torch.random.fork_rng(devices=[]):
                draws = [
                    model_loss(self.model, rows.inputs, rows.target, rows.loss, training=True)
                    for _ in range(3)
                ]
            self.noisy.append(float(np.mean(draws)))

    return Watcher()
