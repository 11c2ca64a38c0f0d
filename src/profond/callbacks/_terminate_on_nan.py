"""Stop as soon as the loss is no number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from profond.callbacks._callback import Callback
from profond.callbacks._messages import say


class TerminateOnNaN(Callback):
    """Stop training at the first batch whose loss is NaN or infinite.

    `fit` itself looks at the end of each epoch only, which costs nothing; this callback reads the
    loss from the device after each batch.

    Args:
        raise_error: Whether to raise instead of ending the training in order: the other callbacks
            then see no `on_train_end`, so that backups are kept.

    Raises:
        RuntimeError: During training, with `raise_error=True`.
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error

    def on_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Look at the batch's loss."""
        loss = None if logs is None else logs.get("loss")
        if loss is None or math.isfinite(loss):
            return
        if self.raise_error:
            raise RuntimeError(f"The loss is {float(loss)} at batch {batch}; training is stopped.")
        say(f"Batch {batch}: Invalid loss, terminating training")
        self.model.stop_training = True
