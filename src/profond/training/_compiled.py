"""What `compile` makes of a loss, an optimizer and metrics, and the metrics of a model."""

from typing import Any

from profond import _tree
from profond.training import _data
from profond.training._compile_loss import CompileLoss
from profond.training._compile_metrics import CompileMetrics
from profond.training._jit import compiled_call
from profond.training._loss_tracker import LossTracker
from profond.training._precision import check_precision
from profond.training._run import Run


class Compiled:
    """A model with a loss, an optimizer and metrics, once `compile` was called."""

    # Set through `__dict__`: what `nn.Module` does at an assignment is not for these.
    history: Any
    loss: Any
    jit_compile: bool
    run_eagerly: bool
    steps_per_execution: int
    stop_training: bool
    _compile_arguments: dict[str, Any] | None
    _compile_loss: CompileLoss | None
    _compile_metrics: CompileMetrics | None
    _compiled: bool
    _initial_batch: int
    _initial_epoch: int | None
    _interrupted: bool
    _loss_tracker: Any
    _optimizer: Any
    _precision: str | None
    _run: Any

    def __init__(self) -> None:
        facts = self.__dict__
        facts["_optimizer"] = None
        facts["_compile_loss"] = None
        facts["_compile_metrics"] = None
        facts["_loss_tracker"] = None
        facts["_compiled"] = False
        facts["_compile_arguments"] = None
        facts["stop_training"] = False
        facts["history"] = None
        facts["_initial_epoch"] = None
        facts["_initial_batch"] = 0
        facts["_interrupted"] = False
        facts["_run"] = None
        facts["_precision"] = None
        facts["steps_per_execution"] = 1
        facts["run_eagerly"] = False
        facts["jit_compile"] = False

    # Compiling

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        auto_scale_loss: bool = True,
        *,
        precision: str | None = None,
        **unknown: Any,
    ) -> None:
        """Choose how the model learns and is measured.

        Args:
            optimizer: Name or optimizer.
            loss: Name, loss or function of (y_true, y_pred); a list or dict of them by output.
            loss_weights: A number per output, in the same manner.
            metrics: List of names, metrics or functions; a list of lists or dict by output.
            weighted_metrics: The same, for metrics that see sample weights.
            run_eagerly: Whether `jit_compile` is left aside, to look for a fault.
            steps_per_execution: Number of steps between two calls of batch hooks, >= 1.
            jit_compile: True compiles the model's computation with `torch.compile`, which takes
                some seconds at the first step; "auto" and False do not.
            auto_scale_loss: Whether `"mixed_float16"` scales the loss against underflow.
            precision: What convolutions and dense layers compute in while the model learns:
                "bfloat16", up to twice as fast where the processor has it, or "float32" (None:
                the policy of each layer). Weights, statistics, loss and the layers that give the
                outputs stay in float32, and so does the model: `evaluate` (the validation of
                `fit` too), `predict` and files are as without.
            **unknown: Refused.

        Raises:
            ValueError: If a name is not known; the message has the nearest one.
        """
        from profond import optimizers

        _data.refuse_unknown(unknown, self.compile)
        if not isinstance(steps_per_execution, int) or steps_per_execution < 1:
            raise ValueError(
                f"`steps_per_execution` must be an integer >= 1; received {steps_per_execution!r}."
            )
        precision = check_precision(precision)
        names = getattr(self, "output_names", None) if hasattr(type(self), "output_names") else None
        facts = self.__dict__
        optimizer = None if optimizer is None else optimizers.get(optimizer)
        half = getattr(self, "dtype_policy", None)
        if auto_scale_loss and half is not None and half.name == "mixed_float16" and optimizer:
            if not isinstance(optimizer, optimizers.LossScaleOptimizer):
                optimizer = optimizers.LossScaleOptimizer(optimizer)
        has_loss = any(one is not None for one in _tree.flatten(loss))
        compile_loss = CompileLoss(loss, loss_weights, names) if has_loss else None
        compile_metrics = None
        if metrics is not None or weighted_metrics is not None:
            compile_metrics = CompileMetrics(metrics, weighted_metrics, names)
        facts["_optimizer"] = optimizer
        facts["_compile_loss"] = compile_loss
        facts["_compile_metrics"] = compile_metrics
        facts["_loss_tracker"] = LossTracker()
        facts["loss"] = loss
        facts["run_eagerly"] = run_eagerly
        facts["steps_per_execution"] = steps_per_execution
        facts["jit_compile"] = jit_compile is True and not run_eagerly
        facts["_compiled_call_impl"] = compiled_call(self) if facts["jit_compile"] else None
        facts["_compile_arguments"] = {
            "optimizer": optimizer,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "steps_per_execution": steps_per_execution,
        }
        facts["_precision"] = precision
        if precision is not None:  # real Keras, which reads the same files, has no such argument
            facts["_compile_arguments"]["precision"] = precision
        facts["_compiled"] = True
        facts["stop_training"] = False

    @property
    def compiled(self) -> bool:
        """Whether `compile` was called."""
        return self.__dict__["_compiled"]

    @property
    def optimizer(self) -> Any:
        """The optimizer."""
        return self.__dict__["_optimizer"]

    @optimizer.setter
    def optimizer(self, value: Any) -> None:
        self.__dict__["_optimizer"] = value

    @property
    def metrics(self) -> list[Any]:
        """The metrics: the mean loss, those of `compile`, and those of the layers."""
        found: list[Any] = []
        if self.__dict__["_loss_tracker"] is not None:
            found.append(self._loss_tracker)
        if self.__dict__["_compile_metrics"] is not None:
            found.append(self._compile_metrics)
        if self._compile_loss is not None:
            found += self._compile_loss.trackers
        run: Run | None = self.__dict__["_run"]
        for layer in self._flatten_layers() if run is None else run.layers:  # type: ignore[attr-defined]
            # Those of a model inside belong to its own training.
            if layer is self or not isinstance(layer, Compiled):
                found += layer._own_metrics.values()
        return list({id(metric): metric for metric in found}.values())

    @property
    def metrics_names(self) -> list[str]:
        """The names of the results of `evaluate`, in order."""
        return list(self.get_metrics_result())

    def reset_metrics(self) -> None:
        """Begin all metrics anew."""
        for metric in self.metrics:
            metric.reset_state()

    def get_metrics_result(self) -> dict[str, Any]:
        """The values of all metrics by name."""
        results: dict[str, Any] = {}
        for metric in self.metrics:
            value = metric.result()
            if isinstance(value, dict):
                results.update(value)
            else:
                results[metric.name] = value
        return results

    def _require_compiled(self, method: str) -> None:
        """Refuse to go on without `compile`.

        Raises:
            RuntimeError: If it was not called.
        """
        if not self.compiled:
            raise RuntimeError(
                f"call `compile(optimizer=..., loss=...)` before `{method}`: the model "
                f"{self.name!r} is not compiled."  # type: ignore[attr-defined]
            )
