"""The steps of training and evaluation, which a model may override one by one."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch

from profond import _tree
from profond.training import _data
from profond.training._compiled import Compiled
from profond.training._memory import memory_kept
from profond.training._numerics import denormals_flushed
from profond.training._precision import widened
from profond.training._run import Run


class Steps(Compiled):
    """What happens to one batch, and what has to be around it.

    `train_step(data)`, `test_step`, `predict_step`, `compute_loss`, `compute_metrics` and
    `metrics` may be overridden, as in Keras.
    """

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        """The loss that is minimised: that of `compile`, and what layers add.

        Args:
            x: Inputs of the batch.
            y: Targets.
            y_pred: Outputs of the model.
            sample_weight: Weights of the samples.
            training: Whether this is a training step.

        Returns:
            A scalar tensor.

        Raises:
            ValueError: If there is nothing to minimise.
        """
        del x
        loss = None
        if self._compile_loss is not None:
            loss = self._compile_loss(y, y_pred, sample_weight)
        for extra in self._added_losses():
            extra = extra.sum() if extra.ndim else extra
            loss = extra if loss is None else loss + extra
        if loss is not None:
            if training and not getattr(loss, "requires_grad", False):
                _refuse_constant(loss, y_pred)
            return loss
        run: Run | None = self.__dict__["_run"]
        if run is not None and run.overrides("compute_loss"):
            return torch.zeros(())  # called as `super().compute_loss`: nothing to add to
        raise ValueError(
            "there is no loss: pass one to `compile(loss=...)`, or add one with `add_loss` in a "
            "layer."
        )

    def _added_losses(self) -> list[Any]:
        """What layers add to the loss; quick where it is known that there is nothing."""
        run: Run | None = self.__dict__["_run"]
        if run is None:
            return self.losses  # type: ignore[attr-defined]
        extras: list[Any] = []
        for layer in run.layers:
            if layer._own_losses:
                extras += layer._own_losses
        for weight in run.regularized:
            if weight.requires_grad:
                extras.append(weight.regularizer(weight))
        return extras

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Take a batch into the metrics of `compile`; returns all results so far."""
        del x
        if self._compile_metrics is not None and y is not None:
            self._compile_metrics.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def train_step(self, data: Any) -> dict[str, Any]:
        """Learn from a batch `(x, y, sample_weight)`; returns the results so far."""
        if self.__dict__["_run"] is None:  # called from outside of `fit`
            with self._running(lambda: _data.unpack(data)), self._run.in_precision():
                self._run.mode(training=True)
                return self.train_step(data)
        self._plain_train_step(*_data.unpack(data))
        return self._results()

    def test_step(self, data: Any) -> dict[str, Any]:
        """Measure a batch; returns the results so far."""
        if self.__dict__["_run"] is None:  # called from outside of `evaluate`
            with self._running(lambda: _data.unpack(data)), torch.no_grad():
                self._run.mode(training=False)
                return self.test_step(data)
        self._plain_test_step(*_data.unpack(data))
        return self._results()

    def predict_step(self, data: Any) -> Any:
        """The outputs for a batch."""
        x, _, _ = _data.unpack(data)
        return self._forward(x, training=False)

    def _plain_train_step(self, x: Any, y: Any, sample_weight: Any) -> None:
        """Forward, backward, update, measure; nothing waits for the device."""
        run: Run = self.__dict__["_run"]
        run.forget_losses()
        mixed = None if run.mixing is None else run.mixing(x, y, sample_weight)
        if mixed is not None:
            x, y = mixed.x, mixed.measured
        stack = run.stack if mixed is None and run.stack is not None else None
        stack = stack if stack is not None and stack.takes(x) else None
        known = None
        if stack is None:
            y_pred = self._forward(x, training=True)
            if run.is_half:
                y_pred = widened(y_pred)
        else:
            y_pred, known = stack.forward(x, y if sample_weight is None else None)
        loss = known
        if mixed is not None:
            loss = mixed.loss(run.compute_loss, self._compile_loss, y_pred)
        elif loss is None:
            loss = run.compute_loss(
                x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=True
            )
        weights = run.trainable()
        for weight in weights:
            weight.grad = None
        if weights:
            optimizer = self._optimizer
            if known is None:
                scaled = optimizer.scale_loss(loss) if run.scales_loss else loss
                scaled.backward()
            if stack is not None:
                stack.backward()
            with torch.no_grad():
                optimizer.apply([weight.grad for weight in weights], weights)
        with torch.no_grad():
            self._measure(loss, x, y, y_pred, sample_weight)

    def _plain_test_step(self, x: Any, y: Any, sample_weight: Any) -> None:
        """Forward and measure."""
        run: Run = self.__dict__["_run"]
        run.forget_losses()
        y_pred = self._forward(x, training=False)
        loss = None
        if self._compile_loss is not None or run.overrides("compute_loss") or self._added_losses():
            loss = run.compute_loss(
                x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=False
            )
        self._measure(loss, x, y, y_pred, sample_weight)

    def _forward(self, x: Any, training: bool) -> Any:
        """The outputs; `training` reaches a `call` that asks for it."""
        if self.training is training:  # type: ignore[attr-defined]
            outputs = self(x)  # type: ignore[operator]
        else:
            outputs = self(x, training=training)  # type: ignore[operator]
        if outputs is None:
            raise ValueError(
                f"`call` of the model {self.name!r} must return the outputs; it returned None. Is "  # type: ignore[attr-defined]
                "there a `return`?"
            )
        return outputs

    def _measure(self, loss: Any, x: Any, y: Any, y_pred: Any, sample_weight: Any) -> None:
        """Add a batch to the mean loss and the metrics."""
        if loss is not None:
            self._loss_tracker.update_state(loss, sample_weight=_rows(x, y))
        run: Run = self.__dict__["_run"]
        if run.overrides("compute_metrics"):
            run.step_results = self.compute_metrics(x, y, y_pred, sample_weight)
        elif self._compile_metrics is not None and y is not None:
            if getattr(y_pred, "requires_grad", False):
                mask = getattr(y_pred, "_keras_mask", None)
                y_pred = y_pred.detach()
                if mask is not None:
                    y_pred._keras_mask = mask
            self._compile_metrics.update_state(y, y_pred, sample_weight)

    def _results(self) -> dict[str, Any]:
        """The results so far; where `compute_metrics` is overridden, what it last returned."""
        said = self.__dict__["_run"].step_results
        return self.get_metrics_result() if said is None else said

    # Around a run

    @contextmanager
    def _mode_kept(self) -> Iterator[None]:
        """Afterwards, every part is in the mode, training or inference, that it was in."""
        modes = [(module, module.training) for module in self.modules()]  # type: ignore[attr-defined]
        try:
            yield
        finally:
            for module, training in modes:
                module.training = training

    @contextmanager
    def _running(self, first_batch: Any) -> Iterator[None]:
        """A run: the model built, denormals flushed, freed memory kept; all undone afterwards."""
        outer = self.__dict__["_run"]
        if outer is not None:  # `evaluate` called inside a `fit`, by a callback
            with self._mode_kept():
                yield
            return
        with ExitStack() as stack:
            stack.enter_context(self._mode_kept())
            _data.ensure_built(self, first_batch)
            run = self.__dict__["_run"] = Run(self, Steps)
            stack.callback(self.__dict__.__setitem__, "_run", None)
            stack.callback(run.close)
            stack.enter_context(denormals_flushed())
            stack.enter_context(memory_kept())
            yield


def _refuse_constant(loss: Any, y_pred: Any) -> None:
    """Refuse a loss that no gradient can be taken of, though there is one of the outputs.

    Raises:
        ValueError: If it is one.
    """
    if torch.is_grad_enabled() and any(
        getattr(output, "requires_grad", False) for output in _tree.leaves_of(y_pred)
    ):
        raise ValueError(
            "the loss must be computed from the model's outputs with torch or `profond.ops`, so "
            f"that a gradient can be taken; received {loss!r}, which does not depend on them. A "
            "number, a numpy array or a tensor after `.detach()` has lost the way back."
        )


def _rows(x: Any, y: Any) -> int:
    """The number of rows of a batch, which weighs its mean loss."""
    if type(x) is torch.Tensor:
        return x.shape[0]
    for leaf in _tree.leaves_of((x, y)):
        if isinstance(leaf, torch.Tensor) and leaf.ndim:
            return leaf.shape[0]
    return 1
