"""Several networks trained side by side: one step is a step of each of them."""

import math
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from profond.training._interrupt import Interruption
from profond.training._numerics import denormals_flushed, warn_non_finite
from profond.training._stack_measures import Measures, Rows
from profond.training._stackable import chain_of
from profond.training._stacked_layers import StackedLayers
from profond.training._stacked_losses import StackedLoss, StackedPenalty
from profond.training._stacked_weights import StackedWeights

# Rows are gathered for several steps at once, up to about so many numbers; and so many has the
# widest layer of a part of the validation rows.
_NUMBERS_AT_ONCE = 2**18


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
        self._held_out = held_out

    def train(self) -> None:
        """Train the networks to their ends."""
        for network in self._networks:
            network.model.stop_training = False
            network.model.__dict__.update(_initial_epoch=None, _initial_batch=0, _interrupted=False)
        with denormals_flushed(), torch.no_grad():
            self._stack()
            try:
                with self._calling_back():
                    for network in self._networks:
                        network.hooks.on_train_begin()
                for epoch in range(self._epochs):
                    if self._interruption.asked or not self._epoch(epoch):
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
        self._measures = Measures(models, self._loss, self._layers.last)
        self._validation = self._validation_rows()

    def _validation_rows(self) -> Rows | None:
        """The rows that each network is measured on, (networks, rows, ...)."""
        if self._held_out is None:
            return None
        chosen = [n.validation_rows for n in self._networks if n.validation_rows is not None]
        if chosen:
            return self._held_out.at(torch.stack(chosen))
        return self._held_out.each(lambda part: part.expand(len(self._networks), *part.shape))

    @contextmanager
    def _calling_back(self) -> Iterator[None]:
        """For the block: callbacks of one stack at a time, free to take gradients."""
        with self._lock, torch.enable_grad():
            yield

    def _drop(self, done: Sequence[Network]) -> None:
        """Let the networks go whose training is over, and stack the others anew."""
        if not done:
            return
        self._weights.part()
        self._measures.settle()
        gone = {id(network) for network in done}
        leaving = [network for network in self._networks if id(network) in gone]
        self._networks = [network for network in self._networks if id(network) not in gone]
        for network in leaving:
            self._end(network)
        if self._networks:
            self._stack()

    def _end(self, network: Network) -> None:
        """What comes after the last epoch of a network."""
        model, history = network.model, network.hooks.history
        if self._interruption.asked:
            model.stop_training = model.__dict__["_interrupted"] = True
            history.last_weights = model.get_weights()
        model.optimizer.finalize_variable_values(model.trainable_weights)
        with self._calling_back():
            network.hooks.on_train_end(
                {name: values[-1] for name, values in history.history.items()}
            )
        history.interrupted = model.__dict__["_interrupted"]

    # One epoch

    def _epoch(self, epoch: int) -> bool:
        """Train, measure, and tell the callbacks; whether the training goes on."""
        with self._calling_back():
            for network in self._networks:
                network.hooks.on_epoch_begin(epoch)
        self._measures.begin()
        penalties: list[Tensor] = []
        for batch in self._batches():
            self._step(batch, penalties)
            if self._interruption.asked:
                return False
        logs = self._training_logs(penalties, epoch)
        self._weights.tell()
        if self._validation is not None:
            for own, results in zip(logs, self._validated(self._validation), strict=True):
                own.update({f"val_{name}": value for name, value in results.items()})
        self._measures.find_alike()
        with self._calling_back():
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
        numbers = steps[0].numel() * (self._data.x.shape[1] + self._data.y[:1].numel())
        for some in steps.split(max(1, _NUMBERS_AT_ONCE // numbers)):
            none = [None] * len(some)
            gathered = self._data.at(some).parts
            for parts in zip(*(none if p is None else p.unbind() for p in gathered), strict=True):
                yield Rows(*parts)  # type: ignore[arg-type]
        if whole * size < orders.shape[1]:
            yield self._data.at(orders[:, whole * size :])

    def _order(self, network: Network) -> Tensor:
        """The order of a network's rows in this epoch, that which it would draw alone."""
        if not self._shuffle:
            return network.rows
        order = torch.randperm(len(network.rows), generator=network.generator, device="cpu")
        return network.rows[order.to(network.rows.device)]

    def _step(self, batch: Rows, penalties: list[Tensor]) -> None:
        """One step of each network."""
        sums = self._layers.forward(batch.x)
        gradients = self._layers.gradients
        self._layers.backward(
            self._loss.slope(batch.y, batch.numbers is not None, sums, batch.weight)
        )
        penalty = self._penalty.values()
        if penalty is not None:
            penalties.append(penalty)
            self._penalty.add_to(gradients)
        self._weights.step(gradients)
        self._measures.take(batch, sums)

    def _training_logs(self, penalties: list[Tensor], epoch: int) -> list[dict[str, Any]]:
        """The results of an epoch, in which each network had these penalties at each step."""
        losses = self._measures.losses()
        if penalties:
            by_row = torch.stack(penalties, 1).repeat_interleave(self._batch_size, 1)
            losses = losses + by_row[:, : losses.shape[1]]
        logs = self._measures.results(_means(losses))
        for network, own, values in zip(self._networks, logs, losses, strict=True):
            if not math.isfinite(own["loss"]):
                self._stop(network, values, epoch)
        return logs

    def _stop(self, network: Network, losses: Tensor, epoch: int) -> None:
        """End the training of a network whose loss was not finite, saying at which step."""
        means = [float(step.mean()) for step in losses.split(self._batch_size)]
        wrong = [step for step, mean in enumerate(means) if not math.isfinite(mean)]
        if wrong:
            rate = network.model.optimizer._rate()
            warn_non_finite(epoch, wrong[0], means[wrong[0]], rate)
            network.model.stop_training = True

    def _validated(self, data: Rows) -> list[dict[str, Any]]:
        """The results on the validation rows, (networks, rows, ...)."""
        self._measures.begin()
        size = max(32, _NUMBERS_AT_ONCE // (self._widest * len(data.x)))
        for begin in range(0, data.x.shape[1], size):
            part = data.each(lambda one, begin=begin: one[:, begin : begin + size])
            self._measures.take(part, self._layers.infer(part.x))
        means = _means(self._measures.losses())
        penalty = self._penalty.values()
        return self._measures.results(means if penalty is None else means + penalty)


def _means(losses: Tensor) -> Tensor:
    """The mean of each row of a matrix, added up in float64 where there is one."""
    wide = losses if losses.device.type == "mps" else losses.double()
    return wide.mean(1).to(losses.dtype)
