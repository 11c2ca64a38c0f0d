"""The results of several networks: loss and metrics of each, from the last sums of its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from profond.layers._activate import activate, remember_sums
from profond.losses._labels import remember_class_numbers
from profond.metrics import Metric
from profond.metrics._mean import BuiltinMean, Mean, MeanMetricWrapper
from profond.training._logs import as_floats
from profond.training._stacked_losses import StackedLoss

# So many last sums wait to be measured together.
_WAITING = 2**18


@dataclass(frozen=True)
class Rows:
    """Rows of data to learn from, or to measure.

    Attributes:
        x: Inputs, (rows, features).
        y: Targets, (rows, ...).
        numbers: Their class numbers, where they are one-hot.
        weight: The weight of each row, or None.
    """

    x: Tensor
    y: Tensor
    numbers: Tensor | None
    weight: Tensor | None

    @property
    def parts(self) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
        """All four."""
        return self.x, self.y, self.numbers, self.weight

    def each(self, function: Any) -> "Rows":
        """A function of each part that is there."""
        return Rows(*(None if part is None else function(part) for part in self.parts))  # type: ignore[arg-type]

    def at(self, places: Tensor) -> "Rows":
        """The rows at `places`, of any shape, which takes the place of the axis of rows."""
        flat = places.flatten()
        return self.each(
            lambda part: part.index_select(0, flat).view(*places.shape, *part.shape[1:])
        )


class Measures:
    """Losses and metrics of networks, taken together for many steps.

    Args:
        models: The models.
        loss: Their loss.
        activation: Their last activation.
    """

    def __init__(self, models: Sequence[Any], loss: StackedLoss, activation: Any) -> None:
        self._loss, self._activation = loss, activation
        self._metrics = [model._compile_metrics for model in models]
        # Once known: the metrics of a network, where one computation serves all networks.
        self._alike: list[Any] | None = None
        self.begin()

    def begin(self) -> None:
        """Begin anew."""
        self._waiting: list[tuple[Tensor | None, ...]] = []
        self._count = 0
        self._losses: list[Tensor] = []
        self._totals: list[Tensor] = []  # of each of the metrics that are alike
        if self._alike is None:
            for metrics in self._metrics:
                if metrics is not None:
                    metrics.reset_state()

    def take(self, batch: Rows, sums: Tensor) -> None:
        """Take note of the last sums of a step, (networks, rows, units)."""
        self._waiting.append((sums, batch.y, batch.numbers, batch.weight))
        self._count += sums.numel()
        if self._count > _WAITING:
            self._catch_up()

    def losses(self) -> Tensor:
        """The losses of all rows, times their weights, (networks, rows)."""
        self._catch_up()
        return torch.cat(self._losses, 1)

    def _catch_up(self) -> None:
        """Measure what waits."""
        if not self._waiting:
            return
        sums, y, numbers, weight = (
            None if parts[0] is None else torch.cat(parts, 1)  # type: ignore[arg-type]
            for parts in zip(*self._waiting, strict=True)
        )
        assert sums is not None and y is not None
        self._waiting, self._count = [], 0
        # (networks, rows, units) -> (all rows, units), as losses and metrics know them
        outputs = activate(self._activation, sums.flatten(0, 1))
        self._losses.append(self._loss.values(y, outputs, weight))
        if any(metrics is not None for metrics in self._metrics):
            if self._alike is None:
                self._update(y, numbers, sums, outputs.view(sums.shape))
            else:
                self._add(self._alike, y, numbers, outputs)

    def _update(self, y: Tensor, numbers: Tensor | None, sums: Tensor, outputs: Tensor) -> None:
        """Give its rows to each network's metrics."""
        for place, metrics in enumerate(self._metrics):
            if metrics is not None:
                targets = y[place]
                if numbers is not None:
                    remember_class_numbers(targets, numbers[place])
                own = remember_sums(self._activation, sums[place], outputs[place])
                metrics.update_state(targets, own)

    def _add(self, alike: list[Any], y: Tensor, numbers: Tensor | None, outputs: Tensor) -> None:
        """Add to the metrics of all networks at once."""
        targets = y.flatten(0, 1)
        if numbers is not None:
            remember_class_numbers(targets, numbers.flatten())
        found = []
        for metric in alike:
            values = metric._fn(targets, outputs, **metric._fn_kwargs).view(*y.shape[:2], -1)
            found.append(values.mean(2).sum(1, dtype=metric._torch_dtype))
        before = self._totals or [0.0] * len(found)
        self._totals = [a + b for a, b in zip(before, found, strict=True)]

    def results(self, losses: Tensor) -> list[dict[str, Any]]:
        """The results of each network.

        Args:
            losses: The mean loss of each, (networks,).
        """
        self._catch_up()
        logs: list[dict[str, Any]] = [{"loss": loss} for loss in losses.tolist()]
        if self._totals:
            rows = sum(part.shape[1] for part in self._losses)
            for metric, total in zip(self._metrics[0].metrics, self._totals, strict=True):
                for own, value in zip(logs, (total / rows).tolist(), strict=True):
                    own[metric.name] = value
            return [dict(sorted(own.items())) for own in logs]
        return [
            as_floats({**own, **({} if metrics is None else metrics.result())})
            for own, metrics in zip(logs, self._metrics, strict=True)
        ]

    def find_alike(self) -> None:
        """After an epoch: look whether all networks have the same metrics, plain means."""
        if self._alike is None:
            self._alike = _means_alike(self._metrics)

    def settle(self) -> None:
        """Leave in the metrics what was measured last, as `fit` does."""
        if not self._totals:
            return
        rows = sum(part.shape[1] for part in self._losses)
        for place, metrics in enumerate(self._metrics):
            for metric, total in zip(metrics.metrics, self._totals, strict=True):
                metric.total.fill_(total[place])
                metric.count.fill_(rows)


def _means_alike(metrics: Sequence[Any]) -> list[Metric] | None:
    """The metrics of one network, where all have the same and each is a mean over rows.

    Then one computation serves all networks.
    """
    each = [_plain_means(one) for one in metrics]
    first = each[0]
    if first is None or any(own != first for own in each):
        return None
    return metrics[0].metrics


def _plain_means(metrics: Any) -> list[Any] | None:
    """Name, kind and options of each metric; None if there are none or one is no plain mean."""
    if metrics is None or not metrics.prepared:
        return None
    found = metrics.metrics
    names = {metric.name for metric in found}
    plain = all(
        isinstance(metric, BuiltinMean)
        and type(metric).result is Mean.result
        and type(metric).update_state is MeanMetricWrapper.update_state
        for metric in found
    )
    if not plain or len(names) < len(found) or "loss" in names:
        return None
    return [(type(metric), metric.get_config()) for metric in found]
