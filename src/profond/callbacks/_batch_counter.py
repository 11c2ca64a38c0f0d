"""Every how many batches something is done."""

from __future__ import annotations


class BatchCounter:
    """Tell when `every` batches have passed, across epochs and executions of several steps.

    Args:
        every: Number of batches, >= 1, or "epoch": never due at a batch.
        owner: Name of the callback, for the error.

    Raises:
        ValueError: If `every` is something else.
    """

    def __init__(self, every: str | int, owner: str) -> None:
        is_count = isinstance(every, int) and not isinstance(every, bool) and every >= 1
        if every != "epoch" and not is_count:
            raise ValueError(
                f"{owner}: `save_freq` must be 'epoch' or a number of batches >= 1; "
                f"received {every!r}."
            )
        self.every = every
        self.since = 0
        self.last: int | None = None

    def due(self, batch: int) -> bool:
        """Count the batches up to `batch` (from 0 within its epoch); whether it is time."""
        if self.every == "epoch":
            return False
        is_new_epoch = self.last is None or batch <= self.last
        self.since += batch + 1 if is_new_epoch else batch - self.last  # type: ignore[operator]
        self.last = batch
        if self.since < int(self.every):
            return False
        self.since = 0
        return True

    def state_dict(self) -> dict[str, int | None]:
        """Where the counting is."""
        return {"since": self.since, "last": self.last}

    def load_state_dict(self, state: dict[str, int | None]) -> None:
        """Count on from there."""
        self.since = state["since"] or 0
        self.last = state["last"]
