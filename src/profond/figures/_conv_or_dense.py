"""Convolutions against fully connected layers, at as many parameters (notes, 6.1)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond.figures._canvas import SOFT, Language, canvas, finish, speaker
from profond.figures._checks import fraction, numeric, seed_list, several, whole
from profond.figures._curves import draw_band
from profond.figures._runs import Task, fit_seeds, held_out, read_task


def conv_or_dense(
    x: ArrayLike,
    y: ArrayLike,
    *,
    filters: Sequence[int] = (16, 32),
    kernel_size: int | None = None,
    shifts: Sequence[int] | None = None,
    epochs: int = 20,
    batch_size: int = 32,
    validation: float = 0.3,
    seeds: int | Sequence[int] = 5,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""Accuracy of two networks with as many parameters, on test inputs that are shifted.

    One is made of convolutions with ReLU and the same zeros around, a global max pooling, and a
    softmax layer. The other has one hidden layer of ReLU, as wide as makes the number of
    parameters about the same. Both are trained on the inputs as they are, with Adam; the rows set
    apart are then moved to the right, and what moves in is the value at the edge. Convolutions
    are equivariant and the greatest value of a map does not tell where it was, so that but for
    the edges a shift changes nothing for the first network.

    Args:
        x: Series (rows, time) or (rows, time, channels), or with two more axes images (rows,
            height, width, channels). Scaled by one mean and one standard deviation.
        y: Labels, or one-hot rows.
        filters: Filters of each convolution.
        kernel_size: Length of the filters; by default 7 for series and 3 for images.
        shifts: Steps or pixels by which the test inputs are moved to the right, below 0 to the
            left; by default 0 to a fifth of their length.
        epochs: Passes over the training rows.
        batch_size: Rows per update.
        validation: Part of the rows set apart, in (0, 1), drawn by each seed.
        seeds: Number of seeds, or the seeds.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `shifts`; `accuracy`: for "conv" and "dense" `(seeds, shifts)`;
        `parameters` of both; `hidden`, the neurons of the dense one.

    Raises:
        TypeError: If `x` does not hold numbers, or a size is not whole.
        ValueError: If `x` has other axes, `y` is no class, nothing is set apart, or a shift moves
            everything out.
    """
    say = speaker(lang)
    todo = _task(x, y)
    held_out(fraction(validation, "validation"), len(todo.inputs))
    length = todo.inputs.shape[-2]
    moves = _moves(shifts, length)
    sizes = [whole(count, "filters") for count in several(filters, "filters")]
    reach = (7 if todo.inputs.ndim == 3 else 3) if kernel_size is None else kernel_size
    reach = whole(reach, "kernel_size")
    shape = todo.inputs.shape[1:]
    assert todo.classes is not None
    conv = conv_parameters(shape, sizes, reach, todo.classes)
    hidden = hidden_for(conv, int(np.prod(shape)), todo.classes)
    builds = {
        "conv": lambda: conv_model(shape, sizes, reach, todo.classes),
        "dense": lambda: dense_model(shape, hidden, todo.classes),
    }
    chosen = seed_list(seeds)
    accuracy: dict[str, np.ndarray] = {}
    for name, build in builds.items():
        runs = fit_seeds(
            todo,
            build,
            chosen,
            epochs=whole(epochs, "epochs"),
            batch_size=whole(batch_size, "batch_size"),
            validation=validation,
        )
        accuracy[name] = np.array(
            [
                _accuracies(model, todo.shuffled(seed), validation, moves)
                for seed, (model, _) in zip(chosen, runs, strict=True)
            ]
        )
    counted = {
        "conv": conv,
        "dense": int(np.prod(shape)) * hidden + hidden + (hidden + 1) * todo.classes,
    }
    ax = canvas(ax, size=(5.4, 3.5))
    labels = {"conv": say("convolutions", "convolutions"), "dense": say("dense", "dense")}
    for index, name in enumerate(builds):
        label = f"{labels[name]} ({_grouped(counted[name], lang)})"
        draw_band(ax, accuracy[name], index, label, x=moves, within=(0.0, 1.0), marked=True)
    ax.axhline(float(np.max(todo.target.mean(axis=0))), color=SOFT, linewidth=1, linestyle=":")
    ax.set_ylim(0, 1.03)
    ax.set_xticks(moves)
    unit = say("steps", "pas") if todo.inputs.ndim == 3 else say("pixels", "pixels")
    return finish(
        ax,
        lang=lang,
        x=say(f"shift of the test inputs ({unit})", f"décalage des entrées de test ({unit})"),
        y=say("accuracy", "exactitude"),
        legend="below",
        numbers={
            "shifts": moves,
            "accuracy": accuracy,
            "parameters": counted,
            "hidden": hidden,
        },
    )


def conv_model(shape: tuple[int, ...], filters: Sequence[int], reach: int, classes: Any) -> Any:
    """Convolutions, the greatest value of each map, and a softmax layer; compiled."""
    from profond import layers
    from profond.models import Sequential

    flat = len(shape) == 2
    conv = layers.Conv1D if flat else layers.Conv2D
    pool = layers.GlobalMaxPooling1D if flat else layers.GlobalMaxPooling2D
    model = Sequential([layers.Input(shape=shape)])
    for count in filters:
        model.add(conv(count, reach, padding="same", activation="relu"))
    model.add(pool())
    model.add(layers.Dense(classes, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def dense_model(shape: tuple[int, ...], hidden: int, classes: Any) -> Any:
    """One hidden layer and a softmax layer; compiled."""
    from profond import layers
    from profond.models import Sequential

    model = Sequential(
        [
            layers.Input(shape=shape),
            layers.Flatten(),
            layers.Dense(hidden, activation="relu"),
            layers.Dense(classes, activation="softmax"),
        ]
    )
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def conv_parameters(
    shape: tuple[int, ...], filters: Sequence[int], reach: int, classes: int
) -> int:
    """Weights and biases of `conv_model`."""
    cells = reach ** (len(shape) - 1)
    channels = [shape[-1], *filters]
    inside = sum((cells * n + 1) * m for n, m in zip(channels, channels[1:], strict=False))
    return inside + (channels[-1] + 1) * classes


def hidden_for(parameters: int, inputs: int, classes: int) -> int:
    """The hidden neurons with which a dense network comes nearest to a number of parameters."""
    return max(1, round((parameters - classes) / (inputs + 1 + classes)))


def moved(inputs: np.ndarray, shift: int) -> np.ndarray:
    """Inputs moved along their last axis but one, the edge's values moving in.

    Args:
        inputs: Shape (rows, ..., length, channels).
        shift: Steps to the right; to the left below 0.
    """
    length = inputs.shape[-2]
    return np.take(inputs, np.clip(np.arange(length) - shift, 0, length - 1), axis=-2)


def _task(x: ArrayLike, y: ArrayLike) -> Task:
    """The inputs with their channels, scaled, and one-hot classes."""
    inputs = numeric(x, "x").astype(np.float32)
    if inputs.ndim == 2:
        inputs = inputs[:, :, None]
    if inputs.ndim not in (3, 4):
        raise ValueError(
            "`x` must be series (rows, time, channels) or images (rows, height, width, channels); "
            f"received shape {inputs.shape}."
        )
    spread = float(inputs.std())
    if spread == 0:
        raise ValueError("`x` has one value everywhere; there is nothing to learn.")
    flat = read_task(inputs.reshape(len(inputs), -1), y, "classification")
    return Task((inputs - inputs.mean()) / spread, flat.target, flat.classes)


def _moves(shifts: Sequence[int] | None, length: int) -> list[int]:
    """The shifts, in order."""
    if shifts is None:
        return sorted({round(length * part / 20) for part in range(5)})
    found = []
    for shift in several(shifts, "shifts"):
        if isinstance(shift, bool) or not isinstance(shift, int | np.integer):
            raise TypeError(f"`shifts` must be whole numbers; received {shift!r}.")
        if abs(shift) >= length:
            raise ValueError(
                f"`shifts` must be smaller than the inputs' length, {length}; received {shift}."
            )
        found.append(int(shift))
    return sorted(set(found))


def _accuracies(model: Any, todo: Task, validation: float, moves: Sequence[int]) -> list[float]:
    """The accuracy on the rows set apart, at each shift."""
    kept = int(len(todo.inputs) * (1 - validation))
    inputs, truth = todo.inputs[kept:], todo.target[kept:].argmax(axis=1)
    return [
        float(np.mean(model.predict(moved(inputs, shift), verbose=0).argmax(axis=1) == truth))
        for shift in moves
    ]


def _grouped(count: int, lang: Language) -> str:
    """A number of parameters, its thousands apart."""
    word = "parameters" if lang == "en" else "paramètres"
    text = f"{count:,}"
    return f"{text if lang == 'en' else text.replace(',', chr(0x202F))} {word}"
