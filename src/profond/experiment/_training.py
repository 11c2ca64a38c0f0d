"""Train the networks of a run, one per seed."""

import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from profond.callbacks import Callback, EarlyStopping
from profond.data import split_rows
from profond.data._target import ClassTarget, NumberTarget, Target
from profond.experiment._network import build_network
from profond.experiment._progress import Progress
from profond.experiment._randomness import seeded
from profond.experiment._settings import TableSettings

_ATTEMPTS = 5  # fresh starts of a seed whose output died
_RESTART = 1_000_003  # added to the seed at each fresh start
_TIMED_STEPS = (10, 60)  # of two trainings, whose difference leaves out what each one costs
_PREDICT_ROWS = 4096
_ONE_THREAD = 2**26  # multiplications in a layer and step up to which one thread is fastest


@dataclass(frozen=True)
class TrainingPart:
    """The rows that the networks may see.

    Attributes:
        inputs: Encoded columns, shape (rows, features), float32.
        target: What the network learns: numbers (rows, 1) or places of the classes (rows,).
        task: "regression", "binary" or "multiclass".
        codec: The fitted target.
    """

    inputs: np.ndarray
    target: np.ndarray
    task: str
    codec: Target

    @property
    def classes(self) -> np.ndarray | None:
        """The class of each row, to split by; None for a regression."""
        return self.target if isinstance(self.codec, ClassTarget) else None


@dataclass(frozen=True)
class Member:
    """One trained network.

    Attributes:
        seed: Its seed.
        network: The network, at the epoch with the best validation loss.
        history: Per epoch: loss and metric, training and validation.
        best_epoch: The epoch whose weights were kept, counted from 1.
        restarts: How many fresh starts it took because the output had died at 0.
        last: The weights of the last epoch.
        finished: Whether its training was over, and not stopped by Ctrl-C.
    """

    seed: int
    network: Any
    history: dict[str, list[float]]
    best_epoch: int
    restarts: int
    last: list[np.ndarray]
    finished: bool


class _Watch(Callback):
    """Tells the progress display about each epoch, and keeps the last weights."""

    def __init__(self, progress: Progress, member: int) -> None:
        super().__init__()
        self.progress, self.member = progress, member
        self.last: list[np.ndarray] = []

    def on_train_end(self, logs: Any = None) -> None:
        """Take the weights before the best ones are put in their place."""
        self.last = self.model.get_weights()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Pass the epoch's numbers on."""
        self.progress.epoch(self.member, epoch, dict(logs or {}))


def train_members(
    part: TrainingPart, settings: TableSettings, progress: Progress
) -> Iterator[Member]:
    """Train one network per seed.

    Args:
        part: The training rows.
        settings: Network, training and seeds.
        progress: Told about every epoch.

    Yields:
        Each network when it is trained. After Ctrl-C, the one that was being trained comes last,
        if it had finished an epoch, before the exception.

    Raises:
        RuntimeError: If the ReLU output of a seed died at 0 in every attempt, or a loss became
            NaN or infinite.
        KeyboardInterrupt: If Ctrl-C was pressed.
    """
    for place, seed in enumerate(settings.all_seeds):
        with _fitting(part, settings):
            member = train_member(part, settings, seed, place, progress)
        if member is not None:
            yield member
        if member is None or not member.finished:
            raise KeyboardInterrupt


def train_member(
    part: TrainingPart, settings: TableSettings, seed: int, place: int, progress: Progress
) -> Member | None:
    """Train the network of one seed, again from fresh weights if its output died.

    The seed sets the inner validation split, the initial weights, the order of the rows and
    dropout. A ReLU output that is 0 on every training row has no gradient and cannot come back.

    Returns:
        The network; None if Ctrl-C came before it was of any use.
    """
    fitting, validation = split_rows(
        len(part.inputs), settings.validation_size, seed=seed, classes=part.classes
    )
    for attempt in range(_ATTEMPTS):
        with seeded(seed + attempt * _RESTART):
            network = build_network(part.task, part.codec, part.inputs.shape[1], settings)
            watch = _Watch(progress, place)
            finished, losses = _fit(network, part, settings, fitting, validation, watch)
        if not finished and (not losses.get("val_loss") or _is_dead(network, part)):
            return None
        _check_finite(losses, settings)
        if not _is_dead(network, part):
            best = int(np.argmin(losses["val_loss"])) + 1
            return Member(seed, network, losses, best, attempt, watch.last, finished)
        progress.note(f"seed {seed}: the output died at 0; started again from fresh weights")
    raise RuntimeError(
        f"Seed {seed}: the ReLU output died at 0 in {_ATTEMPTS} attempts. Use a linear output "
        "(--output linear) or a smaller learning rate."
    )


def _fit(
    network: Any,
    part: TrainingPart,
    settings: TableSettings,
    fitting: np.ndarray,
    validation: np.ndarray,
    watch: _Watch,
) -> tuple[bool, dict[str, list[float]]]:
    """Train a network; whether it was trained to its end, and the losses of its whole epochs."""
    stop = EarlyStopping(monitor="val_loss", patience=settings.patience, restore_best_weights=True)
    target = _as_learned(part)
    history = network.fit(
        part.inputs[fitting],
        target[fitting],
        batch_size=settings.batch_rows(len(fitting)),
        epochs=settings.epochs,
        validation_data=(part.inputs[validation], target[validation]),
        callbacks=[watch, stop],  # in this order: `stop` puts the best weights back at the end
        verbose=0,
    )
    losses = {name: [float(v) for v in values] for name, values in history.history.items()}
    return not history.interrupted, losses


def _check_finite(losses: dict[str, list[float]], settings: TableSettings) -> None:
    for name in ("loss", "val_loss"):
        wrong = np.flatnonzero(~np.isfinite(losses[name]))
        if wrong.size:
            raise RuntimeError(
                f"The training failed: the {name} became {losses[name][wrong[0]]} in epoch "
                f"{wrong[0] + 1}. Try a smaller learning rate (--learning-rate, now "
                f"{settings.learning_rate:g})."
            )


@contextmanager
def _fitting(part: TrainingPart, settings: TableSettings) -> Iterator[None]:
    """For the block: one thread if the network is small, and no warning of a loss gone wrong.

    In a small network, sharing a matrix product among threads costs more than it saves, and on a
    machine with other work the threads wait for each other many times longer than they compute.
    A loss that became NaN is looked for afterwards and is an error.
    """
    widths = (part.inputs.shape[1], *settings.hidden)
    largest = max(a * b for a, b in zip(widths, (*widths[1:], 1), strict=True))
    before = torch.get_num_threads()
    if settings.batch_rows(len(part.inputs)) * largest <= _ONE_THREAD:
        torch.set_num_threads(1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            yield
    finally:
        torch.set_num_threads(before)


def _as_learned(part: TrainingPart) -> np.ndarray:
    """The target in the shape that the loss compares with the output."""
    if part.task == "binary":
        return part.target.astype(np.float32)[:, None]
    return part.target


def _is_dead(network: Any, part: TrainingPart) -> bool:
    """Whether a ReLU output is 0 on every training row though the target is not."""
    if not isinstance(part.codec, NumberTarget) or not part.target.any():
        return False
    activation = network.layers[-1].get_config()["activation"]
    if activation != "relu":
        return False
    return not network.predict(part.inputs, batch_size=_PREDICT_ROWS, verbose=0).any()


def estimate_seconds(part: TrainingPart, settings: TableSettings) -> float:
    """The longest that the training can take, from a few timed steps on a network thrown away.

    Early stopping usually ends it sooner.
    """
    rows = max(1, round(len(part.inputs) * (1 - settings.validation_size)))
    batch = settings.batch_rows(rows)
    steps = -(-rows // batch)
    target = _as_learned(part)
    with _fitting(part, settings), seeded(settings.seed):
        network = build_network(part.task, part.codec, part.inputs.shape[1], settings)
        took = []
        for count in (1, *_TIMED_STEPS):  # the first to warm up
            chosen = np.arange(count * batch) % rows
            start = time.perf_counter()
            history = network.fit(part.inputs[chosen], target[chosen], batch_size=batch, verbose=0)
            took.append(time.perf_counter() - start)
            if history.interrupted:  # `fit` itself ends without an exception
                raise KeyboardInterrupt
    few, many = _TIMED_STEPS
    per_step = max(0.0, (took[2] - took[1]) / (many - few))
    return per_step * steps * settings.epochs * settings.seeds
