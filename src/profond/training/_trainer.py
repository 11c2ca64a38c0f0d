"""`fit`, `evaluate`, `predict`: runs over all the data, of which a network learns."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from profond import _tree
from profond.training import _data
from profond.training._arguments import (
    check_counts,
    check_epoch,
    check_fraction,
    check_verbose,
    rows_per_batch,
    validates,
)
from profond.training._compile_metrics import CompileMetrics
from profond.training._feeds import EMPTY, Batch
from profond.training._interrupt import Interruption, stop_on_interrupt
from profond.training._logs import LazyLogs, as_floats
from profond.training._loss_tracker import LossTracker
from profond.training._numerics import warn_non_finite
from profond.training._outputs import as_numpy, joined
from profond.training._run import Passes, Run
from profond.training._steps import Steps
from profond.training._widening import widen


class Trainer(Steps):
    """The training side of `profond.Model`: `compile`, the steps, and the runs made of them."""

    # Fitting

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: str | int = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool | str = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | list[int] = 1,
        **unknown: Any,
    ) -> Any:
        """Train the model.

        Args:
            x: Inputs: array, DataFrame, tensor, or a list or dict of them; or a `DataLoader`,
                generator or `PyDataset` that yields (x, y) or (x, y, sample_weight). Inputs larger
                than memory are read by rows, in a thread while a step computes: any object with
                `shape`, numpy `dtype`, `len(x)` and `x[rows]`, which gives an array of these rows
                and is asked for a slice, or for row numbers in increasing order. So are h5py's
                data sets of more than 2 GiB (smaller ones are read whole); a `numpy.memmap` is
                read by the system as it is used.
            y: Targets, in the same manner.
            batch_size: Number of rows per step; by default 32, or all rows in the steps of
                `steps_per_epoch`.
            epochs: Number of passes over the data (the last epoch's number, if resumed).
            verbose: 0 silent, 1 or "auto" a progress bar, 2 a line per epoch.
            callbacks: Callbacks, called at each epoch and batch.
            validation_split: Fraction in (0, 1) of the last rows, kept for validation.
            validation_data: `(x, y)` or `(x, y, sample_weight)`, or an iterable of batches.
            shuffle: Whether rows are drawn in a new order at each epoch; "batch": batches.
            class_weight: Weight of each class, by number.
            sample_weight: Weight of each row.
            initial_epoch: Number of the first epoch.
            steps_per_epoch: Number of steps per epoch; all batches by default.
            validation_steps: Number of validation steps.
            validation_batch_size: Rows per validation step; as many as are quick by default, but
                `batch_size` where a callback hears of validation batches (sums may then differ
                in their last bit).
            validation_freq: Validate every so many epochs, or at the epochs listed.
            **unknown: Refused.

        Returns:
            The `History`: `history.history["loss"]` and others, one number per epoch.

        Raises:
            RuntimeError: If the model is not compiled.
            ValueError: If data or arguments do not fit.
        """
        _data.refuse_unknown(unknown, self.fit)
        self._require_compiled("fit")
        batch_size, steps_per_epoch, validation_steps, validation_batch_size = check_counts(
            batch_size=batch_size,
            steps_per_epoch=steps_per_epoch,
            validation_steps=validation_steps,
            validation_batch_size=validation_batch_size,
        )
        epochs = check_epoch(epochs, "epochs")
        initial_epoch = check_epoch(initial_epoch, "initial_epoch")
        check_fraction(validation_split, "validation_split")
        check_verbose(verbose)
        validates(validation_freq, epoch=0)
        if self._optimizer is None:
            raise ValueError("`compile(optimizer=...)` is required for `fit`; received None.")
        if not torch.is_grad_enabled():
            raise RuntimeError(
                "`fit` needs gradients, which are switched off: call it outside of "
                "`torch.no_grad()` and `torch.inference_mode()`."
            )
        feed, held_out = _data.training_feed(
            self,
            x,
            y,
            sample_weight,
            batch_size=batch_size,
            shuffle=shuffle,
            validation_split=0.0 if validation_data is not None else validation_split,
            class_weight=class_weight,
            steps=steps_per_epoch,
        )
        validation = held_out
        if validation_data is not None:
            validation = _data.validation_feed(
                self, validation_data, validation_batch_size or batch_size, validation_steps
            )
        elif held_out is not None:
            held_out.batch_size = rows_per_batch(
                validation_batch_size or batch_size, held_out.num_samples, validation_steps
            )
        if validation is not None and validation_batch_size is None and not validation_steps:
            widen(validation, self, "test_step", callbacks)

        steps = steps_per_epoch or feed.num_batches
        hooks = self._callback_list(callbacks, verbose, epochs=epochs, steps=steps)
        with self._running(feed.first), stop_on_interrupt() as interruption:
            run: Run = self._run
            run.keeps_generators = hooks.keeps_state
            self.stop_training = False
            facts = self.__dict__
            facts.update(_initial_epoch=None, _initial_batch=0, _interrupted=False)
            source = run.passes = Passes(feed, steps_per_epoch, run)
            hooks.on_train_begin()
            first_epoch = facts["_initial_epoch"]
            logs: dict[str, Any] = {}
            for epoch in range(initial_epoch if first_epoch is None else first_epoch, epochs):
                if self.stop_training:
                    break
                begin = facts["_initial_batch"]
                facts["_initial_batch"] = 0
                results = self._train_epoch(source, epoch, begin, hooks, interruption)
                if results is None:
                    break
                logs = results
                if validation is not None and validates(validation_freq, epoch):
                    results = self._validate(validation, validation_steps, hooks, interruption)
                    if results is None:
                        break
                    logs.update(results)
                hooks.on_epoch_end(epoch, logs)
                if interruption.asked:
                    break
            if interruption.asked:
                self.stop_training = facts["_interrupted"] = True
                if hooks.history is not None:
                    hooks.history.last_weights = self.get_weights()  # type: ignore[attr-defined]
            if hasattr(self._optimizer, "finalize_variable_values"):
                self._optimizer.finalize_variable_values(run.trainable())
            hooks.on_train_end(logs)
        if hooks.history is not None:
            hooks.history.interrupted = facts["_interrupted"]
        return hooks.history

    def _train_epoch(
        self, source: Passes, epoch: int, begin: int, hooks: Any, interruption: Interruption
    ) -> dict[str, Any] | None:
        """One epoch, of which `begin` batches were done before.

        Returns:
            Its results, without the validation's; None if it was interrupted, or had no data.
        """
        run: Run = self._run
        hooks.on_epoch_begin(epoch)
        self.reset_metrics()
        run.restore_metrics(begun=begin > 0)
        run.mode(training=True)
        begins, ends = hooks.hears("on_train_batch_begin"), hooks.hears("on_train_batch_end")
        run.find_stack(hooks.is_watched("on_train_batch_begin", "on_train_batch_end"))
        plain = not run.overrides("train_step")
        if self._compile_metrics is not None:
            self._compile_metrics.unseen = plain and not begins and not ends
        losses = self._loss_tracker if plain else LossTracker()
        results: dict[str, Any] = {}
        every = self.steps_per_execution
        step = begin - 1
        for step, batch in enumerate(source.epoch(begin), start=begin):
            if begins and step % every == 0:
                hooks.on_train_batch_begin(step)
            with run.in_precision():
                if plain:
                    self._plain_train_step(*batch)
                else:
                    run.forget_losses()
                    results = self.train_step(_data.packed(batch)) or {}
            if not plain:
                if isinstance(results.get("loss"), torch.Tensor):
                    losses.update_state(results["loss"].reshape(()))
            if ends and (step + 1) % every == 0:
                current = self._results if plain else (lambda results=results: results)
                hooks.on_train_batch_end(step, LazyLogs(current))
            if interruption.asked:
                return None
            if self.stop_training:
                break
        if step < 0:
            source.say_empty(epoch)
            return None
        if step < begin:
            run.prepare_metrics(source.feed)
        logs = as_floats(self._results() if plain else results)
        if not np.isfinite(logs.get("loss", 0.0)):
            self._stop_if_non_finite(losses, epoch, begin)
        return logs

    def _stop_if_non_finite(self, losses: LossTracker, epoch: int, begin: int) -> None:
        """End the training if a step's loss was not finite, saying which."""
        found = losses.first_non_finite()
        if found is None:
            return
        step, value = found
        rate = getattr(self._optimizer, "learning_rate", None)
        try:
            rate = None if rate is None else float(rate)
        except (TypeError, ValueError):  # a schedule has no single rate
            rate = None
        warn_non_finite(epoch, begin + step, value, rate)
        self.stop_training = True

    def _validate(
        self, feed: Any, steps: int | None, hooks: Any, interruption: Interruption
    ) -> dict[str, Any] | None:
        """The results on the validation data, as `val_...`; None if it was interrupted.

        Raises:
            ValueError: If the data never gave a batch, or do not fit the model.
        """
        # The training's results are in the logs already: its metrics are free to be used.
        logs = self._evaluate(feed, steps, hooks, interruption)
        if logs is None:
            if interruption.asked:
                return None
            if not feed.gave:
                raise ValueError(f"`validation_data`: {EMPTY}")
            warnings.warn(
                "the validation data gave no more batches: this epoch has no `val_...` results. A "
                "generator can be passed through once; give a `PyDataset`, a `DataLoader` or "
                "arrays.",
                stacklevel=3,
            )
        return {f"val_{name}": value for name, value in (logs or {}).items()}

    # Evaluating

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **unknown: Any,
    ) -> Any:
        """The loss and metrics on data.

        Args:
            x: Inputs, as for `fit`.
            y: Targets.
            batch_size: Rows per step; as many as are quick by default.
            verbose: 0 silent, 1 or "auto" a progress bar, 2 a line.
            sample_weight: Weight of each row.
            steps: Number of steps; all batches by default.
            callbacks: Callbacks.
            return_dict: Whether to return results by name.
            **unknown: Refused.

        Returns:
            The loss if there are no metrics, else a list of the loss and the metrics.
        """
        self._require_compiled("evaluate")
        _data.refuse_unknown(unknown, self.evaluate)
        batch_size, steps = check_counts(batch_size=batch_size, steps=steps)
        feed = _data.plain_feed(self, x, y, sample_weight, batch_size, steps)
        if batch_size is None and steps is None:
            widen(feed, self, "test_step", callbacks)
        hooks = self._callback_list(
            callbacks, verbose, history=False, steps=steps or feed.num_batches, epochs=1
        )
        with self._running(feed.first):
            logs = self._evaluate(feed, steps, hooks)
        if logs is None:
            raise ValueError(EMPTY)
        return logs if return_dict else self._listed(logs)

    def _listed(self, logs: dict[str, Any]) -> Any:
        """The results in a list, in Keras's order; a single one by itself."""
        names: list[str] = []
        for metric in self.metrics:
            inside = metric.metrics if isinstance(metric, CompileMetrics) else [metric]
            names += [one.name for one in inside]
        known = [logs[name] for name in names if name in logs]
        values = known + [logs[name] for name in sorted(logs) if name not in names]
        return values[0] if len(values) == 1 else values

    def _evaluate(
        self, feed: Any, steps: int | None, hooks: Any, interruption: Interruption | None = None
    ) -> dict[str, Any] | None:
        """One pass of `test_step` over a feed; None if it is empty, or cut short."""
        run: Run = self._run
        run.mode(training=False)
        self.reset_metrics()
        hooks.on_test_begin()
        begins, ends = hooks.hears("on_test_batch_begin"), hooks.hears("on_test_batch_end")
        plain = not run.overrides("test_step")
        results: dict[str, Any] = {}
        step = -1
        with torch.no_grad():
            for step, batch in enumerate(_limited(feed.batches(), steps)):
                if interruption is not None and interruption.asked:
                    hooks.on_test_end()
                    return None
                if begins:
                    hooks.on_test_batch_begin(step)
                if plain:
                    self._plain_test_step(*batch)
                else:
                    results = self.test_step(_data.packed(batch)) or {}
                if ends:
                    current = self._results if plain else (lambda r=results: r)
                    hooks.on_test_batch_end(step, LazyLogs(current))
        logs = as_floats(self._results() if plain else results) if step >= 0 else None
        hooks.on_test_end(logs)
        return logs

    # Predicting

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: str | int = "auto",
        steps: int | None = None,
        callbacks: Any = None,
        **unknown: Any,
    ) -> Any:
        """The outputs for data, as numpy arrays.

        Args:
            x: Inputs, as for `fit`.
            batch_size: Rows per step; as many as are quick by default (the outputs do not
                depend on it).
            verbose: 0 silent, 1 a progress bar, 2 a line; "auto" a bar if it takes long.
            steps: Number of steps; all batches by default.
            callbacks: Callbacks.
            **unknown: Refused.

        Returns:
            Array of one row per sample, or a structure of arrays.
        """
        if unknown:
            _data.refuse_unknown(unknown, self.predict)
        batch_size, steps = check_counts(batch_size=batch_size, steps=steps)
        quick = callbacks is None and not steps and type(self).predict_step is Trainer.predict_step
        if quick and verbose in ("auto", 0) and isinstance(x, np.ndarray | torch.Tensor):
            tensor = _data.small_input(self, x, batch_size)
            if tensor is not None:
                return self._predict_small(tensor)
        feed = _data.plain_feed(self, x, None, None, batch_size, steps, predicting=True)
        if batch_size is None and steps is None:
            widen(feed, self, "predict_step", callbacks)
        count = steps or feed.num_batches
        hooks = self._callback_list(
            callbacks, 0 if verbose == "auto" else verbose, history=False, steps=count, epochs=1
        )
        bar = _data.late_bar(count) if verbose == "auto" else None
        parts: list[Any] = []
        batch: Batch = (None, None, None)
        with self._mode_kept(), torch.inference_mode():
            self.train(False)  # type: ignore[attr-defined]
            hooks.on_predict_begin()
            hears = hooks.hears("on_predict_batch_begin") or hooks.hears("on_predict_batch_end")
            for step, batch in enumerate(_limited(feed.batches(), steps)):
                if hears:
                    hooks.on_predict_batch_begin(step)
                outputs = self.predict_step(_data.packed(batch))
                if hears:
                    outputs = as_numpy(outputs, batch[0])
                parts.append(outputs)
                if hears:
                    hooks.on_predict_batch_end(step, {"outputs": outputs})
                if bar is not None:
                    bar.update(step + 1)
            hooks.on_predict_end()
        if bar is not None:
            bar.close()
        if not parts:
            raise ValueError("the data are empty: there is nothing to predict.")
        if len(parts) > 1:
            return _tree.map_structure(joined, *parts)
        return as_numpy(parts[0], batch[0])

    def _predict_small(self, x: torch.Tensor) -> Any:
        """The outputs for a few rows, with as little around the model's call as there can be."""
        training = self.training  # type: ignore[attr-defined]
        if training:
            self.train(False)  # type: ignore[attr-defined]
        try:
            with torch.inference_mode():
                # A copy: what a layer writes into its input must not reach the data.
                return as_numpy(self._forward(x.clone(), training=False), None)
        finally:
            if training:
                self.train(True)  # type: ignore[attr-defined]

    # One batch

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: dict[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Learn from one batch; the results are those of this batch alone."""
        self._require_compiled("train_on_batch")
        feed, _ = _data.training_feed(
            self, x, y, sample_weight, batch_size=2**62, shuffle=False, class_weight=class_weight
        )
        with self._running(feed.first):
            self._run.mode(training=True)
            self.reset_metrics()
            with self._run.in_precision():
                logs = as_floats(self.train_step(_data.packed(feed.first())))
        return logs if return_dict else self._listed(logs)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Measure one batch; the results are those of this batch alone."""
        self._require_compiled("test_on_batch")
        feed = _data.plain_feed(self, x, y, sample_weight, 2**62, None)
        with self._running(feed.first), torch.no_grad():
            self._run.mode(training=False)
            self.reset_metrics()
            logs = as_floats(self.test_step(_data.packed(feed.first())))
        return logs if return_dict else self._listed(logs)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch, as numpy arrays."""
        feed = _data.plain_feed(self, x, None, None, 2**62, None, predicting=True)
        with self._mode_kept(), torch.inference_mode():
            self.train(False)  # type: ignore[attr-defined]
            batch = feed.first()
            return as_numpy(self.predict_step(_data.packed(batch)), batch[0])

    def _callback_list(
        self, callbacks: Any, verbose: Any, history: bool = True, **params: Any
    ) -> Any:
        """The callbacks of a run as one."""
        from profond.callbacks import CallbackList

        given = isinstance(callbacks, CallbackList)  # complete but for the History
        return CallbackList(
            callbacks.callbacks if given else callbacks,
            add_history=history,
            add_progbar=verbose != 0 and not given,
            model=self,
            verbose=1 if verbose == "auto" else verbose,
            **params,
        )


def _limited(batches: Iterator[Batch], steps: int | None) -> Iterator[Batch]:
    """At most `steps` batches."""
    if steps is None:
        yield from batches
        return
    for _, batch in zip(range(steps), batches, strict=False):
        yield batch
