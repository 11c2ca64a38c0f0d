"""Trainings of profond models over seeds, for the figures of chapters 4 and 5."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike

from profond._tensors import convert_to_tensor, to_array
from profond.figures._batch import one_thread
from profond.figures._checks import matrix, same_length

Build = Callable[[], Any]
History = dict[str, list[float]]


@dataclass(frozen=True)
class Task:
    """A table of numbers and what to predict from it.

    Attributes:
        inputs: Inputs, `(rows, columns)`, float32.
        target: One-hot classes `(rows, classes)`, or numbers `(rows, 1)`, float32.
        classes: Number of classes; None for a number.
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


def task(x: ArrayLike, y: ArrayLike) -> Task:
    """What to learn from `x` and `y`: classes for labels or one-hot rows, else a number.

    Labels are text, booleans or whole numbers 0, 1, 2, ... of at most 50 kinds.

    Raises:
        TypeError: If `x` does not hold numbers.
        ValueError: If they are empty, of different lengths, not finite, or `y` is constant.
    """
    inputs = matrix(x, "x").astype(np.float32)
    target = to_array(y)
    if target.ndim == 2 and target.shape[1] == 1:
        target = target[:, 0]
    same_length(inputs, target)
    if target.ndim == 2:
        return Task(inputs, matrix(target, "y").astype(np.float32), target.shape[1])
    kinds = np.unique(target)
    if len(kinds) < 2:
        raise ValueError(f"`y` has a single value, {kinds[0]}; there is nothing to learn.")
    whole_numbers = target.dtype.kind in "iub" or (
        target.dtype.kind == "f" and np.array_equal(kinds, np.arange(len(kinds)))
    )
    if len(kinds) <= 50 and (target.dtype.kind not in "iubf" or whole_numbers):
        one_hot = (target[:, None] == kinds[None, :]).astype(np.float32)
        return Task(inputs, one_hot, len(kinds))
    return Task(inputs, matrix(target, "y").astype(np.float32), None)


def notes_network(
    todo: Task,
    *,
    hidden: Sequence[int] = (256, 256, 256),
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
        metrics: What is measured beside the loss; left out for a number.

    Returns:
        The model.
    """
    from profond.layers import Dense, Dropout, Input
    from profond.models import Sequential
    from profond.regularizers import L2

    model = Sequential([Input(shape=(todo.inputs.shape[1],))])
    for units in hidden:
        if rate:
            model.add(Dropout(rate))
        regularizer = L2(penalty) if penalty else None
        model.add(Dense(units, activation="relu", kernel_regularizer=regularizer))
    if rate:
        model.add(Dropout(rate))
    if todo.classes is None:
        model.add(Dense(1))
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
        ValueError: If a history does not have it, or there are no histories.
    """
    if not histories:
        raise ValueError("there are no histories; give at least one.")
    rows = []
    for history in histories:
        values = getattr(history, "history", history)
        if metric not in values:
            raise ValueError(
                f"a history has no {metric!r}; it has {', '.join(sorted(values)) or 'nothing'}."
            )
        rows.append(np.asarray(values[metric], dtype=np.float64))
    out = np.full((len(rows), max(map(len, rows))), np.nan)
    for index, row in enumerate(rows):
        out[index, : len(row)] = row
    return out
