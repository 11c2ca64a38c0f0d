"""The engine: from data to batches, steps, epochs and results."""

from profond.training._trainer import Trainer

__all__ = ["Trainer"]
