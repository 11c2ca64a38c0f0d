"""Trainings of profond models over seeds, for the figures of chapters 4 and 5."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import torch
from numpy.typing import ArrayLike

from profond._tensors import convert_to_tensor, to_array
from profond.figures._batch import one_thread
from profond.figures._checks import fraction, layer_sizes, matrix, same_length

NOTES_HIDDEN = (256, 256, 256)  # hidden neurons of the network of chapters 4 and 5
TaskKind = Literal["classification", "regression"]
Build = Callable[[], Any]
History = dict[str, list[float]]


@dataclass(frozen=True)
class Task:
    """A table of numbers and what to predict from it.

    Attributes:
        inputs: Inputs, `(rows, columns)`, float32.
        target: One-hot classes `(rows, classes)`, or numbers `(rows, columns)`, float32.
        classes: Number of classes; None for numbers.
    """

    inputs: np.ndarray
    target: np.ndarray
    classes: int | None

    @property
    def loss(self) -> str:
        """The loss that the target dictates (notes, 3.1 and 3.2)."""
        return "mse" if self.classes is None else "categorical_crossentropy"

    def standardised(self) -> "Task":
        """The same with inputs of mean 0 and standard deviation 1 (divisor n - 1, as pandas)."""
        spread = self.inputs.std(axis=0, ddof=1)
        if np.any(spread == 0):
            where = int(np.argmax(spread == 0))
            raise ValueError(
                f"`x` has the same value in every row of column {where}; leave it out."
            )
        return Task((self.inputs - self.inputs.mean(axis=0)) / spread, self.target, self.classes)

    def shuffled(self, seed: int) -> "Task":
        """The same rows in the order of `seed`."""
        order = np.random.default_rng(seed).permutation(len(self.inputs))
        return Task(self.inputs[order], self.target[order], self.classes)


def read_task(x: ArrayLike, y: ArrayLike, kind: TaskKind | None = None) -> Task:
    """What to learn from `x` and `y`: classes for labels or one-hot rows, else a number.

    Labels are text, booleans or the whole numbers 0, 1, 2, ... of at most 50 kinds; other numbers
    are quantities.

    Args:
        x: Inputs, rows and columns.
        y: Labels, one-hot rows, or a number per row.
        kind: "classification" makes every distinct value a class, "regression" takes the numbers
            of each row as they are; None reads it off `y`.

    Raises:
        TypeError: If `x`, or `y` where numbers are to be predicted, does not hold numbers.
        ValueError: If they are empty, of different lengths, not finite, or `y` is constant or
            does not suit `kind`.
    """
    if kind not in (None, "classification", "regression"):
        raise ValueError(
            f'`task` must be "classification", "regression" or None; received {kind!r}.'
        )
    inputs = matrix(x, "x").astype(np.float32)
    target = to_array(y)
    if target.ndim == 0:
        raise TypeError(f"`y` must hold a label or a number per row; received {type(y).__name__}.")
    if target.ndim == 2 and target.shape[1] == 1:
        target = target[:, 0]
    same_length(inputs, target)
    missing = pd.isna(target).reshape(len(target), -1).any(axis=1)
    if missing.any():
        raise ValueError(
            f"`y` has no value in {int(missing.sum())} row(s), the first is row "
            f"{int(np.argmax(missing))}. Drop them first."
        )
    if target.ndim == 2:
        rows = matrix(target, "y")
        if kind == "regression":
            return Task(inputs, rows.astype(np.float32), None)
        if not (np.isin(rows, (0, 1)).all() and np.all(rows.sum(axis=1) == 1)):
            raise ValueError(
                f"`y` of {rows.shape[1]} columns must be one-hot, a single 1 in each row; received "
                f'{rows[0]} in row 0. Give one column of labels, or task="regression" to predict '
                "all columns."
            )
        return Task(inputs, rows.astype(np.float32), rows.shape[1])
    kinds = np.unique(target.astype(str) if target.dtype == object else target)
    if len(kinds) < 2:
        raise ValueError(f"`y` has a single value, {kinds[0]}; there is nothing to learn.")
    counted = target.dtype.kind in "iuf" and np.array_equal(kinds, np.arange(len(kinds)))
    labels = len(kinds) <= 50 and (target.dtype.kind not in "iuf" or counted)
    if kind == "classification" or (kind is None and labels):
        names = target.astype(str) if target.dtype == object else target
        return Task(inputs, (names[:, None] == kinds[None, :]).astype(np.float32), len(kinds))
    return Task(inputs, matrix(target, "y").astype(np.float32), None)


def held_out(validation: Any, rows: int) -> float:
    """`validation` as a share that leaves rows on both sides.

    Raises:
        TypeError: If it is not a number.
        ValueError: If it is outside [0, 1), or one of the sides is empty.
    """
    share = fraction(validation, "validation")
    trained = int(rows * (1 - share))
    if trained == rows:
        raise ValueError(
            f"`validation` = {validation} leaves none of the {rows} rows to validate on; give more."
        )
    if trained == 0:
        raise ValueError(
            f"`validation` = {validation} leaves none of the {rows} rows to train on; give less."
        )
    return share


def notes_network(
    todo: Task,
    *,
    hidden: Sequence[int] = NOTES_HIDDEN,
    penalty: float = 0.0,
    rate: float = 0.0,
    metrics: Sequence[str] = ("accuracy",),
) -> Any:
    """The network of chapters 4 and 5 of the notes, compiled: 256-256-256 ReLU, Adam.

    Args:
        todo: Gives the numbers of inputs and outputs, the last activation and the loss.
        hidden: Neurons of each hidden layer.
        penalty: λ of the L2 penalty on the weights of the hidden layers, >= 0 (5.2).
        rate: Dropout rate before every Dense layer, in [0, 1) (5.3).
        metrics: What is measured beside the loss; left out for numbers.

    Returns:
        The model.
    """
    from profond.layers import Dense, Dropout, Input
    from profond.models import Sequential
    from profond.regularizers import L2

    model = Sequential([Input(shape=(todo.inputs.shape[1],))])
    for units in layer_sizes(hidden):
        if rate:
            model.add(Dropout(rate))
        regularizer = L2(penalty) if penalty else None
        model.add(Dense(units, activation="relu", kernel_regularizer=regularizer))
    if rate:
        model.add(Dropout(rate))
    if todo.classes is None:
        model.add(Dense(todo.target.shape[1]))
        model.compile(loss=todo.loss, optimizer="adam", metrics=[m for m in metrics if m == "mse"])
    else:
        model.add(Dense(todo.classes, activation="softmax"))
        model.compile(loss=todo.loss, optimizer="adam", metrics=list(metrics))
    return model


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Python's, numpy's and torch's generators set to `seed` inside, and as before after."""
    from profond.utils import set_random_seed

    python, legacy = random.getstate(), np.random.get_state()  # noqa: NPY002 - to put it back
    with torch.random.fork_rng(devices=[]):
        set_random_seed(seed)
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(legacy)  # noqa: NPY002


@one_thread()
def fit_seeds(
    todo: Task,
    build: Build,
    seeds: Sequence[int],
    *,
    epochs: int,
    batch_size: int,
    validation: float = 0.0,
    callbacks: Callable[[Any, Task], list[Any]] | None = None,
) -> list[tuple[Any, History]]:
    """Train one model per seed: its initial weights, order of rows and split come from it.

    Args:
        todo: The data; shuffled by each seed before the last rows are set apart.
        build: Makes a compiled model.
        seeds: The seeds.
        epochs: Passes over the training rows.
        batch_size: Rows per update.
        validation: Part of the rows set apart, in [0, 1).
        callbacks: Makes the callbacks of a model, from it and the rows it is trained on.

    Returns:
        A model and its history per seed; histories hold floats.

    Raises:
        KeyboardInterrupt: If Ctrl-C was pressed: half-trained models would be shown as whole.
    """
    runs = []
    for seed in seeds:
        rows = todo.shuffled(seed)
        kept = int(len(rows.inputs) * (1 - validation))
        with seeded(seed):
            model = build()
            train = Task(rows.inputs[:kept], rows.target[:kept], rows.classes)
            history = model.fit(
                rows.inputs,
                rows.target,
                epochs=epochs,
                batch_size=batch_size,
                validation_split=validation,
                verbose=0,
                callbacks=callbacks(model, train) if callbacks else None,
            )
        if history.interrupted:  # `fit` itself ends without an exception
            raise KeyboardInterrupt
        runs.append(
            (model, {name: list(map(float, values)) for name, values in history.history.items()})
        )
    return runs


def model_loss(
    model: Any, inputs: np.ndarray, target: np.ndarray, loss: str, *, training: bool = False
) -> float:
    """The mean loss of a model on some rows, penalties left out."""
    from profond.losses import get

    with torch.no_grad():
        predicted = model(convert_to_tensor(inputs), training=training)
        return float(get(loss)(convert_to_tensor(target), predicted).mean())


def padded(histories: Sequence[Any], metric: str) -> np.ndarray:
    """One metric of several histories, `(runs, epochs)`; NaN where a run had ended.

    Args:
        histories: `History` objects, or dicts of lists.
        metric: The metric's name.

    Raises:
        TypeError: If a history is none, or its metric is not a list of numbers.
        ValueError: If a history does not have it.
    """
    rows = []
    for history in histories:
        values = getattr(history, "history", history)
        if not isinstance(values, Mapping):
            raise TypeError(
                "a history must be what `fit` returned, or a mapping of metrics to lists of "
                f"numbers; received {type(history).__name__}."
            )
        if metric not in values:
            raise ValueError(
                f"a history has no {metric!r}; it has "
                f"{', '.join(sorted(map(str, values))) or 'nothing'}."
            )
        row = to_array(values[metric])
        if row.ndim != 1 or row.dtype.kind not in "biuf":
            raise TypeError(
                f"{metric!r} of a history must be a list with a number per epoch; received "
                f"{values[metric]!r}."
            )
        rows.append(row.astype(np.float64))
    out = np.full((len(rows), max(map(len, rows))), np.nan)
    for index, row in enumerate(rows):
        out[index, : len(row)] = row
    return out
