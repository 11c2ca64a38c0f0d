"""The L2 penalty: validation loss against its strength (notes, 5.2)."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond.figures._canvas import INK, Language, canvas, finish, labels_apart, speaker, style
from profond.figures._checks import different, layer_sizes, number, seed_list, several, whole
from profond.figures._curves import draw_band
from profond.figures._runs import (
    NOTES_HIDDEN,
    TaskKind,
    fit_seeds,
    held_out,
    notes_network,
    padded,
    read_task,
)
from profond.figures._statistics import mean_band


def penalty(
    x: ArrayLike,
    y: ArrayLike,
    *,
    strengths: Sequence[float] = (0.0, 0.001, 0.01),
    task: TaskKind | None = None,
    hidden: Sequence[int] = NOTES_HIDDEN,
    epochs: int = 100,
    batch_size: int = 30,
    validation: float = 0.3,
    seeds: int | Sequence[int] = 5,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""Losses under L2 penalties $\lambda \sum_\ell \lVert \theta^{(\ell)} \rVert_2^2$.

    Notes, 5.2. The penalty is part of the loss that `fit` minimises and reports; what is drawn
    is the loss without it, so that strengths can be compared: on the validation rows, with a
    band, and on the training rows (as `fit` reports it, a mean over the epoch), as a thin line.
    Inputs are standardised.

    Args:
        x: Inputs, rows and columns.
        y: Labels, one-hot rows, or a number per row.
        strengths: Values of λ, each >= 0 and different, a line each.
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
        The figure. `numbers`: by λ, `val_loss` and `loss` (of the training rows), without the
        penalty, each `(seeds, epochs)`; `reported` (`val_loss` with it) and `weight_norm`
        `(seeds,)`: $\sqrt{\sum \theta^2}$ over the penalised weights at the end.

    Raises:
        TypeError: If `x` does not hold numbers.
        ValueError: If a λ is negative or comes twice, nothing is left to validate on, or the data
            are empty, not finite or of different lengths.
    """
    say = speaker(lang)
    todo = read_task(x, y, task).standardised()
    chosen = seed_list(seeds)
    held_out(validation, len(todo.inputs))
    values = [number(one, "strengths", least=0) for one in several(strengths, "strengths")]
    different(values, "strengths")
    found: dict[str, dict[float, np.ndarray]] = {
        "val_loss": {},
        "loss": {},
        "reported": {},
        "weight_norm": {},
    }
    ax = canvas(ax)
    for index, (strength, label) in enumerate(zip(values, labels_apart(values, lang), strict=True)):
        runs = fit_seeds(
            todo,
            partial(notes_network, todo, hidden=hidden, penalty=strength, metrics=(todo.loss,)),
            chosen,
            epochs=whole(epochs, "epochs"),
            batch_size=whole(batch_size, "batch_size"),
            validation=validation,
        )
        histories = [history for _, history in runs]
        found["val_loss"][strength] = padded(histories, f"val_{todo.loss}")
        found["loss"][strength] = padded(histories, todo.loss)
        found["reported"][strength] = padded(histories, "val_loss")
        found["weight_norm"][strength] = np.array(
            [_norm(model, len(layer_sizes(hidden))) for model, _ in runs]
        )
        draw_band(ax, found["val_loss"][strength], index, rf"$\lambda$ = {label}", log=True)
        mean = mean_band(found["loss"][strength], log=True)[0]
        ax.plot(np.arange(1, len(mean) + 1), mean, **style(index), linewidth=0.8)
    ax.plot(
        [], [], color=INK, linewidth=0.8, label=say("thin: training rows", "fin : apprentissage")
    )
    ax.set_yscale("log")
    return finish(
        ax,
        lang=lang,
        x=say("epochs", "epochs"),
        y=say("loss, without the penalty", "perte, sans la pénalité"),
        legend=True,
        integer_x=True,
        numbers=found,
    )


def _norm(model: Any, layers: int) -> float:
    """The Euclidean norm of the kernels of the first `layers` Dense layers together."""
    kernels = [weight for weight in model.get_weights() if np.ndim(weight) == 2][:layers]
    return float(np.sqrt(sum(np.sum(np.square(kernel, dtype=np.float64)) for kernel in kernels)))
