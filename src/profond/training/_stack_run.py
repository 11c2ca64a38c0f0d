"""Several networks trained side by side: one step is a step of each of them."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from profond.layers._activate import remember_sums
from profond.losses._labels import remember_class_numbers
from profond.training._interrupt import Interruption
from profond.training._logs import as_floats
from profond.training._numerics import denormals_flushed, warn_non_finite
from profond.training._stackable import chain_of
from profond.training._stacked_layers import StackedLayers
from profond.training._stacked_losses import StackedLoss, StackedPenalty
from profond.training._stacked_weights import StackedWeights

# Rows are gathered for several steps at once, up to about so many numbers; and so many last sums
# wait to be measured; and so many numbers has the widest layer of a part of the validation rows.
_NUMBERS_AT_ONCE = 2**18


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

    def at(self, places: Tensor) -> "Rows":
        """The rows at `places`, a matrix: one axis more."""
        flat = places.flatten()

        def pick(part: Tensor) -> Tensor:
            return part.index_select(0, flat).view(*places.shape, *part.shape[1:])

        return self._each(pick)

    def for_each(self, count: int) -> "Rows":
        """The same rows for each of `count` networks, without copies."""
        return self._each(lambda part: part.expand(count, *part.shape))

    def between(self, begin: int, end: int) -> "Rows":
        """Some of each network's rows."""
        return self._each(lambda part: part[:, begin:end])

    def of(self, networks: list[int]) -> "Rows":
        """The rows of some of the networks."""
        return self._each(lambda part: part[networks])

    def _each(self, function: Any) -> "Rows":
        parts = (self.x, self.y, self.numbers, self.weight)
        return Rows(*(None if part is None else function(part) for part in parts))


@dataclass
class Network:
    """One of the networks.

    Attributes:
        model: The model.
        generator: What its order of rows and its dropout are drawn from.
        rows: The rows that it learns from.
        validation_rows: The rows that it is measured on; None for none, or where these are given.
        hooks: Its callbacks.
    """

    model: Any
    generator: torch.Generator
    rows: Tensor
    validation_rows: Tensor | None
    hooks: Any


class StackRun:
    """The training of networks with equal numbers of rows.

    Args:
        networks: The networks.
        data: The rows that they learn from, each some of them.
        held_out: The rows that validation rows are taken from; the validation data themselves where
            networks have no validation rows; None for no validation.
        loss: The loss.
        batch_size: Rows of a step.
        epochs: Number of epochs.
        shuffle: Whether rows come in a new order at each epoch.
        lock: Held while callbacks run.
        interruption: Whether Ctrl-C was pressed.

    Attributes:
        count: The number of networks at the start.
    """

    def __init__(
        self,
        networks: Sequence[Network],
        data: Rows,
        held_out: Rows | None,
        *,
        loss: Any,
        batch_size: int,
        epochs: int,
        shuffle: bool,
        lock: AbstractContextManager[Any],
        interruption: Interruption,
    ) -> None:
        self.count = len(networks)
        self._networks = list(networks)
        self._data = data
        self._batch_size = min(batch_size, len(networks[0].rows))
        self._epochs = epochs
        self._shuffle = shuffle
        self._lock, self._interruption = lock, interruption
        chain = chain_of(networks[0].model)
        self._widest = max(layer.units for layer in chain if hasattr(layer, "units"))
        last = getattr(chain[-1], "activation", None)
        self._loss = StackedLoss(loss, last, data.x.dtype)
        self._validation = self._validation_of(held_out)

    def _validation_of(self, held_out: Rows | None) -> Rows | None:
        """The rows that each network is measured on, (networks, rows, ...)."""
        if held_out is None:
            return None
        chosen = [n.validation_rows for n in self._networks if n.validation_rows is not None]
        return held_out.at(torch.stack(chosen)) if chosen else held_out.for_each(
            len(self._networks)
        )

    def train(self) -> None:
        """Train the networks to their ends."""
        for network in self._networks:
            network.model.stop_training = False
            network.model.__dict__.update(
                _initial_epoch=None, _initial_batch=0, _interrupted=False
            )
        with denormals_flushed(), torch.no_grad():
            self._stack()
            try:
                with self._lock:
                    for network in self._networks:
                        network.hooks.on_train_begin()
                for epoch in range(self._epochs):
                    if not self._epoch(epoch):
                        break
                    self._drop([n for n in self._networks if n.model.stop_training])
                    if not self._networks:
                        return
                self._drop(self._networks)
            finally:
                if self._networks:
                    self._weights.part()

    def _stack(self) -> None:
        """Stack the weights of the networks that go on."""
        models = [network.model for network in self._networks]
        chains = [chain_of(model) for model in models]
        self._weights = StackedWeights(models)
        tensors = self._weights.tensors
        generators = [network.generator for network in self._networks]
        self._layers = StackedLayers(chains, tensors, generators)
        penalties = [weight.regularizer for weight in models[0].weights]
        self._penalty = StackedPenalty(penalties, tensors)

    def _drop(self, done: Sequence[Network]) -> None:
        """Let the networks go whose training is over, and stack the others anew."""
        if not done:
            return
        self._weights.part()
        gone = {id(network) for network in done}
        going_on = [p for p, n in enumerate(self._networks) if id(n) not in gone]
        leaving = [n for n in self._networks if id(n) in gone]
        self._networks = [self._networks[place] for place in going_on]
        for network in leaving:
            self._end(network)
        if self._networks:
            if self._validation is not None:
                self._validation = self._validation.of(going_on)
            self._stack()

    def _end(self, network: Network) -> None:
        """What comes after the last epoch of a network."""
        model, history = network.model, network.hooks.history
        if self._interruption.asked:
            model.stop_training = model.__dict__["_interrupted"] = True
            history.last_weights = model.get_weights()
        model.optimizer.finalize_variable_values(model.trainable_weights)
        with self._lock:
            network.hooks.on_train_end(
                {name: values[-1] for name, values in history.history.items()}
            )
        history.interrupted = model.__dict__["_interrupted"]

    # One epoch

    def _epoch(self, epoch: int) -> bool:
        """Train, measure, and tell the callbacks; whether the training goes on."""
        with self._lock:
            for network in self._networks:
                network.hooks.on_epoch_begin(epoch)
        measures = _Measures(self._networks, self._layers.last)
        losses: list[Tensor] = []
        for batch in self._batches():
            losses.append(self._step(batch, measures))
            if self._interruption.asked:
                return False
        logs = self._training_logs(torch.stack(losses), measures, epoch)
        self._weights.tell()
        if self._validation is not None:
            for own, results in zip(logs, self._validated(self._validation), strict=True):
                own.update({f"val_{name}": value for name, value in results.items()})
        with self._lock:
            for network, own in zip(self._networks, logs, strict=True):
                network.hooks.on_epoch_end(epoch, own)
        self._weights.check_rates()
        return not self._interruption.asked

    def _batches(self) -> Iterator[Rows]:
        """The batches of an epoch, each network's rows in its own order."""
        size = self._batch_size
        orders = torch.stack([self._order(network) for network in self._networks])
        whole = orders.shape[1] // size
        # (networks, rows) -> (steps, networks, rows of a step)
        steps = orders[:, : whole * size].unflatten(1, (whole, size)).transpose(0, 1)
        for some in steps.split(max(1, _NUMBERS_AT_ONCE // max(1, self._numbers(steps[:1])))):
            gathered = self._data.at(some)
            for step in range(len(some)):
                yield gathered._each(lambda part, step=step: part[step])
        if whole * size < orders.shape[1]:
            yield self._data.at(orders[:, whole * size :])

    def _numbers(self, places: Tensor) -> int:
        """How many numbers there are in so many rows of inputs and targets."""
        return places.numel() * (self._data.x.shape[1] + self._data.y[:1].numel())

    def _order(self, network: Network) -> Tensor:
        """The order of a network's rows in this epoch, that which it would draw alone."""
        if not self._shuffle:
            return network.rows
        order = torch.randperm(len(network.rows), generator=network.generator, device="cpu")
        return network.rows[order.to(network.rows.device)]

    def _step(self, batch: Rows, measures: "_Measures") -> Tensor:
        """One step of each network; the loss of each."""
        sums = self._layers.forward(batch.x)
        means, slope = self._loss.with_gradient(batch.y, batch.numbers, sums, batch.weight)
        means = means + self._penalty.values()
        self._layers.backward(slope)
        self._penalty.add_to(self._layers.gradients)
        self._weights.step(self._layers.gradients)
        measures.take(batch, sums)
        return means

    def _training_logs(
        self, losses: Tensor, measures: "_Measures", epoch: int
    ) -> list[dict[str, Any]]:
        """The results of an epoch, from the losses of its steps, (steps, networks)."""
        rows = torch.full((len(losses), 1), self._batch_size, dtype=torch.float64)
        total = len(self._networks[0].rows)
        rows[-1] = total - self._batch_size * (len(losses) - 1)
        wide = losses.double() if losses.device.type != "mps" else losses
        means = ((wide * rows.to(wide)).sum(0) / total).to(losses.dtype)
        logs = measures.results(means)
        for place, (network, own) in enumerate(zip(self._networks, logs, strict=True)):
            if not torch.isfinite(torch.tensor(own["loss"])):
                _stop(network, losses[:, place], epoch)
        return logs

    def _validated(self, data: Rows) -> list[dict[str, Any]]:
        """The results on the validation rows."""
        count, rows = data.x.shape[:2]
        measures = _Measures(self._networks, self._layers.last)
        total: Tensor | float = 0.0
        size = max(32, _NUMBERS_AT_ONCE // (self._widest * count))
        for begin in range(0, rows, size):
            part = data.between(begin, begin + size)
            sums = self._layers.infer(part.x)
            total = total + self._loss.total(part.y, part.numbers, sums, part.weight)
            measures.take(part, sums)
        return measures.results(total / rows + self._penalty.values())


def _stop(network: Network, losses: Tensor, epoch: int) -> None:
    """End the training of a network whose loss was not finite, saying at which step."""
    wrong = (~torch.isfinite(losses)).nonzero()
    if len(wrong) == 0:
        return
    step = int(wrong[0, 0])
    rate = network.model.optimizer._rate()
    warn_non_finite(epoch, step, float(losses[step]), rate)
    network.model.stop_training = True


class _Measures:
    """The metrics of each network, from its last sums, taken together for many steps.

    Args:
        networks: The networks.
        activation: The last activation.
    """

    def __init__(self, networks: Sequence[Network], activation: Any) -> None:
        self._activation = activation
        self._metrics = [network.model._compile_metrics for network in networks]
        self._some = any(metrics is not None for metrics in self._metrics)
        self._waiting: list[tuple[Rows, Tensor]] = []
        self._numbers = 0
        for metrics in self._metrics:
            if metrics is not None:
                metrics.reset_state()

    def take(self, batch: Rows, sums: Tensor) -> None:
        """Take note of the last sums of a step, (networks, rows, units)."""
        if not self._some:
            return
        self._waiting.append((batch, sums))
        self._numbers += sums.numel()
        if self._numbers > _NUMBERS_AT_ONCE:
            self._catch_up()

    def _catch_up(self) -> None:
        """Measure what waits."""
        if not self._waiting:
            return
        sums = torch.cat([one for _, one in self._waiting], 1)
        y = torch.cat([batch.y for batch, _ in self._waiting], 1)
        known = [batch.numbers for batch, _ in self._waiting if batch.numbers is not None]
        numbers = torch.cat(known, 1) if known else None
        self._waiting, self._numbers = [], 0
        outputs = sums if self._activation is None else self._activation(sums)
        for place, metrics in enumerate(self._metrics):
            if metrics is None:
                continue
            own = remember_sums(self._activation, sums[place], outputs[place])
            targets = y[place]
            if numbers is not None:
                remember_class_numbers(targets, numbers[place])
            metrics.update_state(targets, own)

    def results(self, losses: Tensor) -> list[dict[str, Any]]:
        """The results of each network, its mean loss among them."""
        self._catch_up()
        return [
            as_floats({"loss": loss, **({} if metrics is None else metrics.result())})
            for loss, metrics in zip(losses.tolist(), self._metrics, strict=True)
        ]
