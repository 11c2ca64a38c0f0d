"""Early stopping, with the restored epochs marked (notes, 5.1)."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond.figures._canvas import INK, Language, canvas, finish, speaker
from profond.figures._checks import seed_list, whole
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


def early_stopping(
    x: ArrayLike,
    y: ArrayLike,
    *,
    patience: int = 10,
    task: TaskKind | None = None,
    hidden: Sequence[int] = NOTES_HIDDEN,
    epochs: int = 100,
    batch_size: int = 30,
    validation: float = 0.3,
    seeds: int | Sequence[int] = 5,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """Training and validation loss, with the epochs that early stopping restores (notes, 5.1).

    Each seed trains twice from the same start: to the end (the curves) and with
    `EarlyStopping(monitor="val_loss", patience=..., restore_best_weights=True)` (the dots, at
    the restored epoch and its validation loss). Inputs are standardised.

    Args:
        x: Inputs, rows and columns.
        y: Labels, one-hot rows, or a number per row.
        patience: Epochs without improvement before stopping, >= 1.
        task: "classification" makes every distinct value of y a class, "regression" predicts the
            numbers as they are; by default text, booleans, one-hot rows and the whole numbers
            0, 1, 2, ... are classes.
        hidden: Neurons of each hidden layer.
        epochs: Passes over the data of the full training.
        batch_size: Rows per update.
        validation: Part of the rows set apart, in [0, 1).
        seeds: Number of seeds, or the seeds.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `full` and `stopped`, one history per seed; `restored` (epoch kept
        by each seed, from 1), `stopped_after` (epochs trained), `kept_loss` (validation loss of
        the restored weights, measured again), `last_loss` (of the full training's last ones).

    Raises:
        TypeError: If `x` does not hold numbers.
        ValueError: If the data are empty, not finite or of different lengths, or nothing is left
            to validate on.
    """
    from profond.callbacks import EarlyStopping

    say = speaker(lang)
    todo = read_task(x, y, task).standardised()
    held_out(validation, len(todo.inputs))
    chosen = seed_list(seeds)

    def stopping(model: Any, rows: Task) -> list[Any]:
        del model, rows
        return [
            EarlyStopping(
                monitor="val_loss",
                patience=whole(patience, "patience"),
                restore_best_weights=True,
            )
        ]

    settings: dict[str, Any] = {
        "epochs": whole(epochs, "epochs"),
        "batch_size": whole(batch_size, "batch_size"),
        "validation": validation,
    }
    build = partial(notes_network, todo, hidden=hidden)
    full = [history for _, history in fit_seeds(todo, build, chosen, **settings)]
    stopped = fit_seeds(todo, build, chosen, callbacks=stopping, **settings)
    val = padded([history for _, history in stopped], "val_loss")
    restored = np.nanargmin(val, axis=1)
    kept = np.array(
        [
            _validation_loss(model, todo.shuffled(seed), validation)
            for (model, _), seed in zip(stopped, chosen, strict=True)
        ]
    )
    ax = canvas(ax)
    for index, metric in enumerate(("loss", "val_loss")):
        draw_band(ax, padded(full, metric), index, metric_name(metric, lang), log=True)
    ax.plot(
        restored + 1,
        kept,
        "o",
        color=INK,
        markersize=6,
        label=say("restored epoch of each seed", "epoch restaurée de chaque graine"),
    )
    middle = float(np.median(restored + 1))
    ax.axvline(
        middle,
        color=INK,
        linestyle=":",
        linewidth=1.2,
        label=say(f"median of these epochs: {middle:g}", f"médiane de ces epochs : {middle:g}"),
    )
    ax.set_yscale("log")
    return finish(
        ax,
        lang=lang,
        x=say("epochs", "epochs"),
        y=say("loss", "perte"),
        legend="lower left",
        integer_x=True,
        numbers={
            "full": full,
            "stopped": [history for _, history in stopped],
            "restored": restored + 1,
            "stopped_after": np.sum(np.isfinite(val), axis=1),
            "kept_loss": kept,
            "last_loss": padded(full, "val_loss")[:, -1],
        },
    )


def _validation_loss(model: Any, rows: Task, validation: float) -> float:
    """The loss of a model on the rows that `fit_seeds` set apart."""
    kept = int(len(rows.inputs) * (1 - validation))
    return model_loss(model, rows.inputs[kept:], rows.target[kept:], rows.loss)
