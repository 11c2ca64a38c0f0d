"""Numerical care during a run: denormal numbers, and the first step that went wrong."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch


class NonFiniteLossWarning(RuntimeWarning):
    """The training was stopped because its loss was NaN or infinite."""


@contextmanager
def denormals_flushed() -> Iterator[None]:
    """Inside, results below the smallest normal number are 0; afterwards as before.

    Arithmetic with denormals is many times slower, and gradients of a trained network reach
    them.
    """
    before = _flushes()
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


def _flushes() -> bool:
    """Whether denormals are flushed now, which torch sets but does not tell."""
    tiny = torch.tensor([1e-39], device="cpu")
    return float((tiny * 0.5).item()) == 0.0


def warn_non_finite(epoch: int, step: int, value: float, learning_rate: float | None) -> None:
    """Say where the loss went wrong, and what to try."""
    rate = f" (now {learning_rate:g})" if learning_rate is not None else ""
    warnings.warn(
        f"training stopped: the loss became {value} at step {step + 1} of epoch {epoch + 1}. Try "
        f"a smaller learning rate{rate}, scaled inputs (subtract the mean, divide by the standard "
        "deviation), `clipnorm=1.0` in the optimizer, or a look at the data for extreme values.",
        NonFiniteLossWarning,
        stacklevel=5,
    )
