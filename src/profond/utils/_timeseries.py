"""Windows of a series as batches, to learn what follows them."""

import itertools
import math
from collections.abc import Iterator
from typing import Any

import torch

from profond._tensors import convert_to_tensor, to_array


class Windows:
    """Batches of windows of a series, with what belongs to each window.

    What `timeseries_dataset_from_array` returns: `fit` takes it, and a loop goes through it.

    Args:
        data: The series, shape (time, ...).
        targets: What belongs to the window that starts at each time, or None.
        starts: Where the windows start.
        places: Times within a window, from 0.
        batch_size: Number of windows at a time; None gives single windows, without a batch axis.
        shuffle: Whether the windows come in a new random order at each pass.
        seed: Seed of this order; None takes torch's global generator.
    """

    def __init__(
        self,
        data: torch.Tensor,
        targets: torch.Tensor | None,
        starts: torch.Tensor,
        places: torch.Tensor,
        batch_size: int | None,
        shuffle: bool,
        seed: int | None,
    ) -> None:
        self.data = data
        self.targets = targets
        self.starts = starts
        self.places = places
        self.batch_size = batch_size
        self.shuffle = shuffle
        # A `DataLoader`'s name for it: its state is saved with the training that draws from it.
        self.generator = None if seed is None else torch.Generator().manual_seed(seed)

    def __len__(self) -> int:
        """Number of batches."""
        return math.ceil(len(self.starts) / (self.batch_size or 1))

    def __iter__(self) -> Iterator[Any]:
        """The batches `x`, or `(x, y)` where there are targets."""
        starts = self.starts
        if self.shuffle:
            order = torch.randperm(len(starts), generator=self.generator, device="cpu")
            starts = starts[order]
        for rows in starts if self.batch_size is None else starts.split(self.batch_size):
            x = self.data[rows.unsqueeze(-1) + self.places]  # (batch,) -> (batch, length, ...)
            yield x if self.targets is None else (x, self.targets[rows])

    def take(self, count: int) -> Iterator[Any]:
        """The first `count` batches of a pass."""
        return itertools.islice(self, count)


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> Windows:
    """Batches of windows that slide over a series.

    The window that starts at time t has the times t, t + r, ..., t + (n - 1) r of `data`, for
    r = `sampling_rate` and n = `sequence_length`, and the target `targets[t]`: to learn what comes
    k steps after a window that begins, give `data[:-k]` and `targets = data[k:]`.

    Args:
        data: The series, an array or table with the times along its first axis.
        targets: What belongs to each time as the start of a window; None for windows alone.
        sequence_length: Number of times in a window.
        sequence_stride: Distance between the starts of two windows, >= 1.
        sampling_rate: Distance between two times in a window, >= 1.
        batch_size: Number of windows at a time; None gives single windows, without a batch axis.
        shuffle: Whether the windows come in a new random order at each pass.
        seed: Seed of this order; None takes torch's global generator.
        start_index: First time that is used; 0 if None.
        end_index: Time before which to end; the length of the series if None.
        format: Accepted for Keras's sake, which returns a tf.data or a grain data set.

    Returns:
        An iterable of torch tensors, `x` or `(x, y)`, with a length; `fit` takes it.

    Raises:
        ValueError: If a distance, an index or `format` is out of range, or no window fits.
    """
    if format not in ("tf", "grain"):
        raise ValueError(f"`format` must be 'tf' or 'grain'; received {format!r}.")
    values = to_array(data)
    start, end = start_index or 0, len(values) if end_index is None else end_index
    if not 0 <= start < end <= len(values):
        raise ValueError(
            "`start_index` and `end_index` must be 0 <= start_index < end_index <= "
            f"{len(values)}, the length of `data`; received {start_index} and {end_index}."
        )
    for name, value in (
        ("sequence_length", sequence_length),
        ("sequence_stride", sequence_stride),
        ("sampling_rate", sampling_rate),
        ("batch_size", 1 if batch_size is None else batch_size),
    ):
        if value < 1:
            raise ValueError(f"`{name}` must be >= 1; received {value}.")
    of_windows = None if targets is None else convert_to_tensor(to_array(targets)[start:end])
    count = end - start - (sequence_length - 1) * sampling_rate
    if of_windows is not None:
        count = min(count, len(of_windows))
    if count < 1:
        raise ValueError(
            f"no window of {sequence_length} times at distances of {sampling_rate} fits: `data` "
            f"has {end - start} times"
            + ("." if targets is None else f", `targets` {len(to_array(targets)[start:end])}.")
        )
    return Windows(
        convert_to_tensor(values[start:end]),
        of_windows,
        starts=torch.arange(0, count, sequence_stride),
        places=torch.arange(sequence_length) * sampling_rate,
        batch_size=batch_size,
        shuffle=shuffle,
        seed=seed,
    )
