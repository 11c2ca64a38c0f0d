"""The metrics of a model with any number of outputs, as one metric."""

from typing import Any

import torch

from profond import _tree, metrics
from profond.losses._labels import known_class_numbers, remember_class_numbers
from profond.metrics._registry import refuse_unknown
from profond.training._compile_loss import _refuse_unknown


class CompileMetrics(metrics.Metric):
    """Metrics as `compile` got them: names, metrics or functions, by output.

    Names such as "accuracy" are resolved at the first batch, when the shapes are known.

    Args:
        plain: Metrics that do not see sample weights; None, one, a list, or by output.
        weighted: Metrics that do, in the same manner.
        output_names: The names of the model's outputs.
    """

    def __init__(self, plain: Any, weighted: Any, output_names: list[str] | None) -> None:
        super().__init__(name="compile_metrics")
        self._given = (plain, weighted)
        self._output_names = output_names
        # (place of the output, prefix of the name, metric, whether it is weighted)
        self._resolved: list[tuple[int, str, Any, bool]] | None = None
        self._to_restore: list[Any] = []
        # Whether nobody looks at the metrics before the end of the epoch: batches may wait.
        self.unseen = False
        self._waiting: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._may_wait = False
        for spec in _tree.flatten([plain, weighted]):
            if isinstance(spec, str) and spec not in _BY_SHAPE:
                refuse_unknown(spec)

    @property
    def metrics(self) -> list[Any]:
        """The metrics themselves; none before the first batch."""
        return [metric for _, _, metric, _ in self._resolved or []]

    @property
    def variables(self) -> list[Any]:
        """The variables of all metrics."""
        self._catch_up()
        return [v for metric in self.metrics for v in metric.variables]

    def restore(self, values: list[Any]) -> None:
        """Set all variables; those of metrics that are not made yet, when they are."""
        if self._resolved is None:
            self._to_restore = values
            return
        for variable, value in zip(self.variables, values, strict=True):
            variable.assign(value)

    @property
    def prepared(self) -> bool:
        """Whether the metrics are made: a batch has come."""
        return self._resolved is not None

    def prepare(self, y_true: Any, y_pred: Any) -> None:
        """Make the metrics for batches of these shapes; those to be restored are."""
        self._resolve(y_true, y_pred)
        if self._to_restore:
            self.restore(self._to_restore)
            self._to_restore = []

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Take a batch into account."""
        if self._resolved is None:
            self.prepare(y_true, y_pred)
        if len(self._resolved or ()) == 0:
            return
        if self._may_wait and self.unseen and _is_small(y_true, y_pred):
            self._waiting.append((y_true, y_pred))
            if len(self._waiting) == _TOGETHER:
                self._catch_up()
            return
        self._catch_up()
        self._update(y_true, y_pred, sample_weight)
        # Now that a batch went through, later ones of its kind will too.
        self._may_wait = all(
            getattr(metric, "_counts_rows", False) and not weighted
            for _, _, metric, weighted in self._resolved or ()
        )

    def _catch_up(self) -> None:
        """Take the batches that wait into account, all at once."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        y_true = torch.cat([y for y, _ in waiting])
        numbers = [known_class_numbers(y) for y, _ in waiting]
        known = [one for one in numbers if one is not None]
        if len(known) == len(waiting):
            remember_class_numbers(y_true, torch.cat(known))
        self._update(y_true, torch.cat([p for _, p in waiting]), None)

    def _update(self, y_true: Any, y_pred: Any, sample_weight: Any) -> None:
        """Give a batch to each metric."""
        single = not _tree.is_branch(y_pred)
        outputs = [y_pred] if single else _tree.flatten(y_pred)
        targets = self._targets(y_true, y_pred, len(outputs))
        for place, _, metric, weighted in self._resolved or ():
            if targets[place] is None:
                continue
            if weighted and sample_weight is not None:
                weight = sample_weight
                if _tree.is_branch(sample_weight):
                    weight = _tree.flatten(sample_weight)[place]
                metric.update_state(targets[place], outputs[place], sample_weight=weight)
            else:
                mask = getattr(outputs[place], "_keras_mask", None)
                if mask is not None:
                    metric.update_state(targets[place], outputs[place], sample_weight=mask)
                else:
                    metric.update_state(targets[place], outputs[place])

    def result(self) -> dict[str, Any]:
        """The values by name; a weighted metric of a name that is taken gets `weighted_`."""
        self._catch_up()
        results: dict[str, Any] = {}
        for _, prefix, metric, weighted in self._resolved or ():
            value = metric.result()
            if isinstance(value, dict):
                results.update({prefix + key: one for key, one in value.items()})
                continue
            name = prefix + metric.name
            if weighted and name in results:
                name = f"{prefix}weighted_{metric.name}"
            base, count = name, 1
            while name in results:
                name = f"{base}_{count}"
                count += 1
            results[name] = value
        return results

    def reset_state(self) -> None:
        """Forget all batches."""
        self._waiting = []
        for metric in self.metrics:
            metric.reset_state()

    def _targets(self, y_true: Any, y_pred: Any, count: int) -> list[Any]:
        """The targets in the order of the flattened outputs."""
        if isinstance(y_true, dict):
            return [y_true.get(name) for name in self._names(y_pred, count)]
        flat = _tree.flatten(y_true) if _tree.is_branch(y_true) else [y_true]
        return flat if len(flat) == count else flat + [None] * (count - len(flat))

    def _names(self, y_pred: Any, count: int) -> list[str]:
        if isinstance(y_pred, dict):
            return sorted(y_pred)
        if self._output_names and len(self._output_names) == count:
            return self._output_names
        return [f"output_{i}" for i in range(count)]

    def _resolve(self, y_true: Any, y_pred: Any) -> None:
        """Make metrics of names, now that the shapes are known."""
        outputs = _tree.flatten(y_pred) if _tree.is_branch(y_pred) else [y_pred]
        names = self._names(y_pred, len(outputs))
        targets = self._targets(y_true, y_pred, len(outputs))
        resolved: list[tuple[int, str, Any, bool]] = []
        for given, weighted in zip(self._given, (False, True), strict=True):
            for place, specs in self._by_output(given, names):
                prefix = f"{names[place]}_" if len(outputs) > 1 else ""
                for spec in specs:
                    if spec is not None and targets[place] is not None:
                        shapes = tuple(targets[place].shape), tuple(outputs[place].shape)
                        metric = metrics.resolve(spec, *shapes)
                        resolved.append((place, prefix, metric, weighted))
        self._resolved = resolved

    def _by_output(self, given: Any, names: list[str]) -> list[tuple[int, list[Any]]]:
        """The metrics of each output: given by name, by place, or the same for all."""
        if given is None:
            return []
        if isinstance(given, dict):
            _refuse_unknown(given, names, "metrics")
            return [(names.index(key), _as_list(specs)) for key, specs in given.items()]
        specs = _as_list(given)
        if any(isinstance(spec, list | tuple) for spec in specs):
            if len(specs) != len(names):
                raise ValueError(
                    f"`metrics` must have one list per output, {len(names)} ({names}); received "
                    f"{len(specs)}."
                )
            return [(place, _as_list(spec)) for place, spec in enumerate(specs)]
        if len(names) > 1 and len(specs) == len(names):
            return [(place, [spec]) for place, spec in enumerate(specs)]
        if len(names) > 1 and len(specs) > 1:
            raise ValueError(
                f"`metrics` must be given by output for the outputs {names}: a dict by name, or a "
                f"list of {len(names)} entries; received {len(specs)} metrics."
            )
        return [(place, specs) for place in range(len(names))]


# So many small batches are measured together: it takes hardly longer than one of them.
_TOGETHER = 16
_SMALL = 2**14


def _is_small(y_true: Any, y_pred: Any) -> bool:
    """Whether a batch of rows is small enough, and plain enough, to wait."""
    return (
        isinstance(y_pred, torch.Tensor)
        and isinstance(y_true, torch.Tensor)
        and y_pred.ndim == 2
        and y_pred.numel() <= _SMALL
        and getattr(y_pred, "_keras_mask", None) is None
    )


_BY_SHAPE = ("accuracy", "acc", "crossentropy", "ce")


def _as_list(specs: Any) -> list[Any]:
    return list(specs) if isinstance(specs, list | tuple) else [specs]
