"""A run of the engine: what is looked up once so that no step has to, and the epochs' batches."""

import inspect
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch

from profond.layers._contents import forget_losses
from profond.training._compile_metrics import CompileMetrics
from profond.training._dense_stack import DenseStack
from profond.training._feeds import EMPTY, ArrayFeed, Batch, IterableFeed
from profond.training._mixing import Mixing
from profond.training._precision import HalfSteps

_STEPS = ("train_step", "test_step", "compute_loss", "compute_metrics")


class Run:
    """What is looked up once for a run, so that no step has to."""

    def __init__(self, model: Any, trainer: type) -> None:
        self.model = model
        self.refresh()
        # By the class, or on the model itself.
        self._overridden = {
            name: getattr(getattr(model, name), "__func__", None) is not getattr(trainer, name)
            for name in _STEPS
        }
        self.compute_loss = model.compute_loss
        self._signature = inspect.signature(model.compute_loss).parameters
        if not {"x", "training"} <= set(self._signature) and not any(
            p.kind is inspect.Parameter.VAR_KEYWORD for p in self._signature.values()
        ):
            # An override may take fewer arguments.
            known = set(self._signature)
            whole = model.compute_loss
            self.compute_loss = lambda **kw: whole(**{k: v for k, v in kw.items() if k in known})
        optimizer = model.optimizer
        self.scales_loss = bool(
            getattr(optimizer, "loss_scale_factor", None) or hasattr(optimizer, "inner_optimizer")
        )
        # Changes batches of training, where an estimator asks for it.
        self.mixing: Mixing | None = model.__dict__.get("_mixing")
        self.passes: Passes | None = None
        self.stack: DenseStack | None = None
        self.kept_metrics: list[Any] | None = None
        self.keeps_generators = False
        # What the user chose, which callbacks may change from here on.
        self.flags_at_start = [bool(w.requires_grad) for w in self._weights]
        # What an overridden `compute_metrics` said of the last batch.
        self.step_results: dict[str, Any] | None = None

    def refresh(self) -> None:
        """Read the layers and weights again, after the model has changed."""
        self.layers = self.model._flatten_layers()
        self._half: HalfSteps | None = None
        self._weights = self.model.weights
        self.regularized = [w for w in self._weights if getattr(w, "regularizer", None) is not None]
        self._flags: list[bool] | None = None
        self._trainable: list[Any] = []

    def overrides(self, name: str) -> bool:
        """Whether the model has a method of its own in the place of the engine's."""
        return self._overridden[name]

    def trainable(self) -> list[Any]:
        """The weights that learn, which a callback may change at any time."""
        if not self._weights and self.model.weights:
            self.refresh()  # built by the first step
        flags = [w.requires_grad for w in self._weights]
        if flags != self._flags:
            self._flags = flags
            self._trainable = self.model.trainable_weights
            self._trainable = [w for w in self._trainable if w.requires_grad]
        return self._trainable

    def forget_losses(self) -> None:
        """Drop what layers added to the last step's loss."""
        forget_losses(self.layers)

    @property
    def is_half(self) -> bool:
        """Whether steps of training are in half precision."""
        return self.model._precision is not None

    def in_precision(self) -> AbstractContextManager[None]:
        """Inside, layers compute in the precision that steps of training are to have."""
        if not self.is_half:
            return nullcontext()
        if self._half is None:
            if not self._weights and self.model.weights:
                self.refresh()
            half = HalfSteps(self.model, self.layers, self.model._precision)
            if not self._weights:  # not built yet: the next step looks again
                return half
            self._half = half
        return self._half

    def mode(self, training: bool) -> None:
        """Put every part into training or inference mode."""
        if any(layer.training is not training for layer in self.layers):
            self.model.train(training)

    def find_stack(self, watched: bool) -> None:
        """Look whether the gradients can be had without autograd, before each epoch.

        Args:
            watched: Whether a callback of the user's own hears of batches, and may change layers
                between them.
        """
        # What a user's own loss does with the outputs and weights is not known either.
        own = watched or self.overrides("compute_loss") or self.overrides("train_step")
        own = own or self.is_half
        self.stack = None if own else DenseStack.of(self.model)
        loss = self.model._compile_loss
        if self.stack is not None and loss is not None:
            if not self.regularized and not self.scales_loss:
                self.stack.expect(loss.settled)

    def close(self) -> None:
        """Let go of the data."""
        self.passes = self.stack = None

    def restore_metrics(self, begun: bool) -> None:
        """Put back the metrics' state of an epoch that was interrupted in its middle."""
        values, self.kept_metrics = self.kept_metrics, None
        if values is None or not begun:
            return
        metrics = self.model.metrics
        unknown = len(values) - sum(len(metric.variables) for metric in metrics)
        kept = iter(values)
        for metric in metrics:
            if isinstance(metric, CompileMetrics):
                metric.restore([next(kept) for _ in range(len(metric.variables) or unknown)])
            else:
                for variable in metric.variables:
                    variable.assign(next(kept))

    def prepare_metrics(self, feed: ArrayFeed | IterableFeed) -> None:
        """Make the metrics of `compile` where an epoch has no batch left to make them from."""
        metrics = self.model._compile_metrics
        if metrics is None or metrics.prepared:
            return
        x, y, _ = feed.first()
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            metrics.prepare(y, self.model(x, training=False))


class Passes:
    """Epochs out of a feed: whole passes over the data, or so many steps each.

    With `steps`, an epoch goes on in the pass where the last one stopped, and ends with it; a
    new pass begins in the next epoch, as in Keras.

    Args:
        feed: The data.
        steps: Number of batches of an epoch; None for whole passes.
        run: The run that it belongs to.
    """

    def __init__(self, feed: ArrayFeed | IterableFeed, steps: int | None, run: Run) -> None:
        self.feed = feed
        self.steps = steps
        self.run = run
        self._open: Iterator[Batch] | None = None
        self._begin: dict[str, Any] | None = None  # the generators when the pass began
        self._taken = 0  # batches of the open pass

    def position(self) -> dict[str, Any] | None:
        """Where in the data the training is, to go on there later; None between two passes."""
        if self._open is None or self._begin is None:
            return None
        return {"begin": self._begin, "taken": self._taken}

    def go_to(self, position: dict[str, Any] | None) -> None:
        """Go to a `position` of this or an earlier process: its pass is drawn again."""
        from profond.training.checkpoint import generators_now, set_generators

        self._open = None
        if position is None:
            return
        now = generators_now(self.run.model, self.feed)
        set_generators(self.run.model, position["begin"], self.feed)
        self._start_pass()
        for _ in range(position["taken"]):
            self._next()
        set_generators(self.run.model, now, self.feed)

    def epoch(self, begin: int = 0) -> Iterator[Batch]:
        """The batches of the next epoch, of which `begin` were done before."""
        if self._open is None:
            self._start_pass()
        count = begin
        while self.steps is None or count < self.steps:
            batch = self._next()
            if batch is None:
                if self.steps is not None:
                    self._say_ended(count)
                return
            yield batch
            count += 1
        known = self.feed.known_batches
        if known is not None and self._taken >= known:
            self._next()  # the data learn that the pass is over

    def _start_pass(self) -> None:
        """Begin anew."""
        from profond.training.checkpoint import generators_now

        keeps = self.run.keeps_generators
        self._begin = generators_now(self.run.model, self.feed) if keeps else None
        self._open = self.feed.batches()
        self._taken = 0

    def _next(self) -> Batch | None:
        """The next batch of the pass; None when it is over."""
        batch = None if self._open is None else next(self._open, None)
        self._taken += 1
        if batch is None:
            self._open = None
        return batch

    def _say_ended(self, count: int) -> None:
        """Warn that a pass ended before the steps of the epoch."""
        if count:
            warnings.warn(
                f"the data ended after {count} of the {self.steps} steps of `steps_per_epoch`; the "
                "epoch ends with them.",
                stacklevel=5,
            )

    def say_empty(self, epoch: int) -> None:
        """Warn that the source gave nothing for an epoch.

        Raises:
            ValueError: If it never gave anything.
        """
        if not self.feed.gave:
            raise ValueError(EMPTY)
        warnings.warn(
            f"training stopped: the data gave no more batches at epoch {epoch + 1}. A generator "
            "can be passed through once; let it go on for ever with `steps_per_epoch`, or give a "
            "`PyDataset` or `DataLoader`.",
            stacklevel=4,
        )
