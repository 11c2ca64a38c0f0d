"""Train the networks of a run, one per seed."""

import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from profond._progress import Progress
from profond._randomness import seeded
from profond._rows import rows_of
from profond.callbacks import AnnealOnPlateau, Callback, EarlyStopping
from profond.data import ClassTarget, Target, split_rows
from profond.estimators._keeper import Keeper
from profond.estimators._network import build_network
from profond.estimators._network_outputs import network_outputs
from profond.estimators._output_layer import refit_output
from profond.estimators._own_network import Builder, ending

_ATTEMPTS = 5  # fresh starts of a seed whose output died
RESTART = 1_000_003  # added to the seed at each fresh start
_TIMED_STEPS = (10, 60)  # of two trainings, whose difference leaves out what each one costs
_FEW_STEPS = (2, 6)  # the same, where a step takes long
_LONG_STEP = 0.05  # seconds
_FEWEST_VALIDATED = 10  # rows below which none is set aside to decide when to stop


@dataclass(frozen=True)
class TrainingPart:
    """The rows that the networks may see.

    Attributes:
        inputs: What the networks take, shape (rows, ...): an array, or what is read by rows.
        target: What the network learns: numbers (rows, columns) or places of classes (rows,).
        codec: The fitted target.
        layout: What the inputs are; its `shape` is that of one row.
        weights: Weight of each row in the loss, shape (rows,); None for equal ones.
        groups: Group of each row: no group is on both sides of an inner split; None for none.
        order: Rank of each row in time: the inner validation rows are the last; None for none.
    """

    inputs: Any
    target: np.ndarray
    codec: Target
    layout: Any
    weights: np.ndarray | None = None
    groups: np.ndarray | None = None
    order: np.ndarray | None = None

    @property
    def task(self) -> str:
        """The task that the target makes."""
        return self.codec.task

    @property
    def classes(self) -> np.ndarray | None:
        """The class of each row, to split by; None if it has none."""
        return self.target if isinstance(self.codec, ClassTarget) else None

    @property
    def learned(self) -> np.ndarray:
        """The target in the shape that the loss compares with the output."""
        return self.target.astype(np.float32)[:, None] if self.task == "binary" else self.target


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
        validation: The rows of the training part that decided when to stop.
    """

    seed: int
    network: Any
    history: dict[str, list[float]]
    best_epoch: int
    restarts: int
    last: list[np.ndarray]
    finished: bool
    validation: np.ndarray


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


@dataclass(frozen=True)
class Trainer:
    """Trains networks on a part of the data.

    Attributes:
        part: The training rows.
        settings: Sections `network` and `training` of the kind of data.
        own: The user's function that builds the network, or None.
    """

    part: TrainingPart
    settings: Any
    own: Builder | None = None

    def train(
        self,
        seeds: Sequence[int],
        progress: Progress,
        starts: Sequence[Sequence[np.ndarray]] | None = None,
        keeper: Keeper | None = None,
        callbacks: Sequence[Callback] = (),
    ) -> Iterator[Member]:
        """Train one network per seed.

        Args:
            seeds: The seed of each.
            progress: Told about every epoch.
            starts: Weights that each begins with; fresh ones if None.
            keeper: Keeps the networks on the way, and knows those of an interrupted run.
            callbacks: Called at each training, beside our own.

        Yields:
            Each network when it is trained. After Ctrl-C, the one that was being trained comes
            last, if it had finished an epoch, before the exception.

        Raises:
            RuntimeError: If the ReLU output of a seed died at 0 in every attempt, or a loss
                became NaN or infinite.
            KeyboardInterrupt: If Ctrl-C was pressed.
        """
        for place, seed in enumerate(seeds):
            start = None if starts is None else starts[place]
            known = None if keeper is None else keeper.finished(self, place, seed)
            if known is not None:
                yield known
                continue
            with self._fitting():
                member = self.train_one(seed, place, progress, start, keeper, callbacks)
            stopped = member is None or not member.finished
            if member is not None:
                if keeper is not None and not stopped:
                    stopped = keeper.save(place, member)
                yield member
            if stopped:
                raise KeyboardInterrupt

    def train_one(
        self,
        seed: int,
        place: int,
        progress: Progress,
        start: Sequence[np.ndarray] | None = None,
        keeper: Keeper | None = None,
        callbacks: Sequence[Callback] = (),
    ) -> Member | None:
        """Train the network of one seed, again from fresh weights if its output died.

        The seed sets the inner validation split, the initial weights, the order of the rows and
        dropout. A ReLU output that is 0 on every training row has no gradient and cannot come
        back.

        Returns:
            The network; None if Ctrl-C came before it was of any use.
        """
        fitting, validation = self.split(seed)
        decides = "val_loss" if len(validation) else "loss"
        for attempt in range(_ATTEMPTS):
            with seeded(seed + attempt * RESTART):
                network = self.build(len(fitting))
                if start is not None and not attempt:
                    _set_start(network, start)
                watch = _Watch(progress, place)
                kept = [] if keeper is None else keeper.callbacks(place, attempt)
                further = [*callbacks, *kept]
                finished, losses = self._fit(network, fitting, validation, watch, further)
            if not finished and (not losses.get(decides) or self._is_dead(network)):
                return None
            self._check_finite(losses)
            if not self._is_dead(network):
                if finished:
                    self._refit_output(network, fitting)
                kept = len(losses["loss"])
                if len(validation) and self.settings.training.patience is not None:
                    kept = int(np.argmin(losses["val_loss"])) + 1
                return Member(
                    seed, network, losses, kept, attempt, watch.last, finished, validation
                )
            progress.note(f"seed {seed}: the output died at 0; started again from fresh weights")
        raise RuntimeError(
            f"Seed {seed}: the ReLU output died at 0 in {_ATTEMPTS} attempts. Use a linear output "
            "(--output linear, or `output='linear'`) or a smaller learning rate."
        )

    def pass_over(self, network: Any, seed: int) -> None:
        """Train a network for one more pass over the rows."""
        rows = len(self.part.inputs)
        with self._fitting(), seeded(seed), self._mixing(network):
            network.fit(
                self.part.inputs,
                self.part.learned,
                batch_size=self.settings.training.batch_rows(rows),
                sample_weight=self.part.weights,
                verbose=0,
            )

    def split(self, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """The rows of the part that a seed learns from, and those that decide when it stops.

        A part of few rows has none of the latter.
        """
        part, size = self.part, self.settings.training.validation_size
        rows = len(part.inputs)
        if round(rows * size) < 1 or rows < _FEWEST_VALIDATED:
            return np.arange(rows), np.arange(0)
        # Apart as the test part is: by time or by group where the rows are, else at random.
        by_time = part.order is not None
        return split_rows(
            rows,
            size,
            seed=seed,
            classes=None if by_time else part.classes,
            groups=part.groups,
            order=part.order,
        )

    def build(self, rows: int) -> Any:
        """A fresh network, for a training on so many rows."""
        part = self.part
        network = build_network(part.codec, part.layout, self.settings, self.steps(rows), self.own)
        if self.own is None and len(part.inputs.shape) == 2:
            for layer in network.layers:
                if hasattr(layer, "adapt"):
                    layer.adapt(part.inputs)  # bins of the numbers of a table
        return network

    def steps(self, rows: int) -> int:
        """Training steps over all epochs, with so many rows to learn from."""
        training = self.settings.training
        return training.epochs * -(-rows // training.batch_rows(rows))

    def callbacks(self) -> list[Callback]:
        """What looks at the validation loss after each epoch."""
        training = self.settings.training
        if training.patience is None:
            return []
        if training.schedule == "plateau":
            return [AnnealOnPlateau("val_loss", patience=training.patience)]
        return [EarlyStopping("val_loss", patience=training.patience, restore_best_weights=True)]

    def _fit(
        self,
        network: Any,
        fitting: np.ndarray,
        validation: np.ndarray,
        watch: _Watch,
        further: Sequence[Callback] = (),
    ) -> tuple[bool, dict[str, list[float]]]:
        """Train a network; whether to its end, and the losses of its whole epochs."""
        part, training = self.part, self.settings.training
        # `watch` comes first: at the end, the others put the best weights back.
        callbacks = [watch, *further, *(self.callbacks() if len(validation) else [])]
        with self._mixing(network):
            history = network.fit(
                rows_of(part.inputs, fitting),
                part.learned[fitting],
                batch_size=training.batch_rows(len(fitting)),
                epochs=training.epochs,
                validation_data=self._rows(validation) if len(validation) else None,
                sample_weight=None if part.weights is None else part.weights[fitting],
                callbacks=callbacks,
                verbose=0,
            )
        losses = {name: [float(v) for v in values] for name, values in history.history.items()}
        return not history.interrupted, losses

    def _refit_output(self, network: Any, fitting: np.ndarray) -> None:
        """Fit the output layer of a classifier to the end, if it is set so."""
        wanted = getattr(self.settings.training, "refit_output", False)  # series have it
        part = self.part
        if part.task in ("binary", "multiclass") and wanted:
            weights = None if part.weights is None else part.weights[fitting]
            refit_output(network, rows_of(part.inputs, fitting), part.target[fitting], weights)

    @contextmanager
    def _mixing(self, network: Any) -> Iterator[None]:
        """For the block: batches of training are mixed, where the settings ask for it."""
        mix = getattr(self.settings.network, "mixing", None)
        network.__dict__["_mixing"] = None if mix is None or self.own else mix(self.part.task)
        try:
            yield
        finally:
            del network.__dict__["_mixing"]

    def _rows(self, chosen: np.ndarray) -> tuple[Any, ...]:
        """Inputs, target and (where rows have them) weights of some rows."""
        weights = () if self.part.weights is None else (self.part.weights[chosen],)
        return (rows_of(self.part.inputs, chosen), self.part.learned[chosen], *weights)

    def _check_finite(self, losses: dict[str, list[float]]) -> None:
        for name in ("loss", "val_loss"):
            wrong = np.flatnonzero(~np.isfinite(losses.get(name, [])))
            if wrong.size:
                raise RuntimeError(
                    f"The training failed: the {name} became {losses[name][wrong[0]]} in epoch "
                    f"{wrong[0] + 1}. Try a smaller learning rate (--learning-rate, now "
                    f"{self.settings.training.learning_rate:g})."
                )

    def threads(self, rows: int) -> int:
        """How many threads a training step is worth, with so many rows in the part."""
        batch = self.settings.training.batch_rows(rows)
        return self.settings.network.threads(self.part.layout, batch)

    @contextmanager
    def _fitting(self) -> Iterator[None]:
        """For the block: as many threads as the network is worth, no warning of a wrong loss.

        In a small network, sharing a matrix product among threads costs more than it saves, and
        on a machine with other work the threads wait for each other many times longer than they
        compute. A loss that became NaN is looked for afterwards and is an error.
        """
        before = torch.get_num_threads()
        torch.set_num_threads(min(before, self.threads(len(self.part.inputs))))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                yield
        finally:
            torch.set_num_threads(before)

    def _is_dead(self, network: Any) -> bool:
        """Whether a ReLU output is 0 on every training row though the target is not.

        Of several targets, each has an output of its own.
        """
        if self.part.task != "regression" or not self.part.target.any():
            return False
        if ending(network) != "relu":
            return False
        (said,) = network_outputs([network], self.part.inputs, self.part.codec.outputs)
        return bool((self.part.target.any(axis=0) & ~said.any(axis=0)).any())

    def estimate_seconds(self, networks: int) -> float:
        """The longest that the training can take, from a few timed steps, then thrown away.

        Early stopping usually ends it sooner.
        """
        training = self.settings.training
        rows = max(1, round(len(self.part.inputs) * (1 - training.validation_size)))
        batch = training.batch_rows(rows)
        with self._fitting(), seeded(0):
            network = self.build(rows)
            took: list[float] = []
            counts = _TIMED_STEPS
            while len(took) < 3:
                count = 1 if not took else counts[len(took) - 1]  # the first to warm up
                chosen = np.arange(count * batch) % rows
                x, y = rows_of(self.part.inputs, chosen), self.part.learned[chosen]
                if getattr(self.part.inputs, "cached", False):
                    x = x[:]  # what is decoded once does not count
                start = time.perf_counter()
                history = network.fit(x, y, batch_size=batch, verbose=0)
                took.append(time.perf_counter() - start)
                if history.interrupted:  # `fit` itself ends without an exception
                    raise KeyboardInterrupt
                if len(took) == 1 and took[0] > _LONG_STEP:
                    counts = _FEW_STEPS
        few, many = counts
        per_step = max(0.0, (took[2] - took[1]) / (many - few))
        return per_step * -(-rows // batch) * training.epochs * networks


def _set_start(network: Any, start: Sequence[np.ndarray]) -> None:
    """Begin a training with the weights of an earlier one."""
    given, needed = ([w.shape for w in weights] for weights in (start, network.get_weights()))
    if given != needed:
        raise ValueError(
            "`warm_start` goes on from the weights of the first fit, and the network that the "
            "parameters describe now has others. Leave `architecture`, `hidden`, `numbers`, "
            "`number_units` and `network` as they were, or fit anew with `warm_start=False`."
        )
    network.set_weights(start)
