"""Evaluate with the moving average of the weights."""

from __future__ import annotations

from typing import Any

import torch

from profond.callbacks._callback import Callback


class SwapEMAWeights(Callback):
    """Put the optimizer's moving average of the weights into the model while it is evaluated.

    The optimizer must have been made with `use_ema=True`. Weights and averages are exchanged in
    place, so no third copy of the model is kept.

    Args:
        swap_on_epoch: Whether the averages are also in the model from each epoch's end to the
            next one's start, for callbacks that follow this one, such as `ModelCheckpoint`.

    Raises:
        ValueError: At the first exchange, if the optimizer keeps no average.
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._in_model = False

    def _pairs(self) -> list[tuple[torch.Tensor, torch.Tensor]]:
        """Weights beside their averages."""
        optimizer = self.model.optimizer
        optimizer = getattr(optimizer, "inner_optimizer", optimizer)  # one that scales the loss
        averages = getattr(optimizer, "_model_variables_moving_average", None)
        if not getattr(optimizer, "use_ema", False) or averages is None:
            raise ValueError(
                "SwapEMAWeights: the optimizer must keep a moving average of the weights: make it "
                f"with `use_ema=True`; received use_ema={getattr(optimizer, 'use_ema', None)}."
            )
        return list(zip(optimizer._trainable_variables, averages, strict=True))

    def _swap(self) -> None:
        with torch.no_grad():
            for weight, average in self._pairs():
                kept = weight.detach().clone()
                weight.copy_(average)
                average.copy_(kept)
        self._in_model = not self._in_model

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Take the averages out again."""
        if self.swap_on_epoch and self._in_model:
            self._swap()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Put the averages in until the next epoch."""
        if not self.swap_on_epoch or self._in_model:
            return
        self._swap()
        if self.params and epoch == self.params["epochs"] - 1:
            # When fit ends, the optimizer puts its averages into the model: give them back.
            with torch.no_grad():
                for weight, average in self._pairs():
                    average.copy_(weight)

    def on_test_begin(self, logs: Any = None) -> None:
        """Put the averages in."""
        if not self._in_model:
            self._swap()

    def on_test_end(self, logs: Any = None) -> None:
        """Take the averages out."""
        if self._in_model:
            self._swap()

    def on_predict_begin(self, logs: Any = None) -> None:
        """Put the averages in."""
        if not self._in_model:
            self._swap()

    def on_predict_end(self, logs: Any = None) -> None:
        """Take the averages out."""
        if self._in_model:
            self._swap()

    def state_dict(self) -> dict[str, Any]:
        """Whether the averages are in the model."""
        return {"in_model": self._in_model}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on with the exchange as it was when the state was taken."""
        self._in_model = state["in_model"]
