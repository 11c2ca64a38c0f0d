"""The L2 penalty: validation loss against its strength (notes, 5.2)."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond.figures._canvas import (
    Language,
    canvas,
    decimals,
    figure_of,
    keep_numbers,
    speaker,
)
from profond.figures._checks import fraction, seed_list, several, whole
from profond.figures._curves import compare_curves
from profond.figures._runs import fit_seeds, notes_network, padded, task


def penalty(
    x: ArrayLike,
    y: ArrayLike,
    *,
    strengths: Sequence[float] = (0.0, 0.001, 0.01),
    hidden: Sequence[int] = (256, 256, 256),
    epochs: int = 100,
    batch_size: int = 30,
    validation: float = 0.3,
    seeds: int | Sequence[int] = 5,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""Validation loss under L2 penalties $\lambda \sum_\ell \lVert \theta^{(\ell)} \rVert_2^2$.

    Notes, 5.2. The penalty is part of the loss that `fit` minimises and reports; what is drawn
    is the loss without it, so that strengths can be compared. Inputs are standardised.

    Args:
        x: Inputs, rows and columns.
        y: Labels, one-hot rows, or a number per row.
        strengths: Values of λ, each >= 0, a line each.
        hidden: Neurons of each hidden layer.
        epochs: Passes over the data.
        batch_size: Rows per update.
        validation: Part of the rows set apart, in [0, 1).
        seeds: Number of seeds, or the seeds.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: by λ, `val_loss` `(seeds, epochs)` without the penalty,
        `reported` (with it) and `weight_norm` `(seeds,)`: $\sqrt{\sum \theta^2}$ over the
        penalised weights at the end.

    Raises:
        TypeError: If `x` does not hold numbers.
        ValueError: If a λ is negative, or the data are empty, not finite or of different lengths.
    """
    speaker(lang)
    todo = task(x, y).standardised()
    chosen = seed_list(seeds)
    fraction(validation, "validation")
    found: dict[str, dict[float, np.ndarray]] = {"val_loss": {}, "reported": {}, "weight_norm": {}}
    curves: dict[str, list[dict[str, Any]]] = {}
    for strength in several(strengths, "strengths"):
        if not strength >= 0:
            raise ValueError(f"`strengths` must be at least 0; received {strength}.")
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
        found["reported"][strength] = padded(histories, "val_loss")
        found["weight_norm"][strength] = np.array([_norm(model, len(hidden)) for model, _ in runs])
        name = rf"$\lambda$ = {decimals(float(strength), lang)}"
        curves[name] = [{"val_loss": history[f"val_{todo.loss}"]} for history in histories]
    ax = canvas(ax)
    compare_curves(curves, metric="val_loss", log=True, ax=ax, lang=lang)
    keep_numbers(ax, found)
    return figure_of(ax)


def _norm(model: Any, layers: int) -> float:
    """The Euclidean norm of the kernels of the first `layers` Dense layers together."""
    kernels = [weight for weight in model.get_weights() if np.ndim(weight) == 2][:layers]
    return float(np.sqrt(sum(np.sum(np.square(kernel, dtype=np.float64)) for kernel in kernels)))
