"""A set of time series, of equal lengths or not, with what is known about each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from profond.data._parts import check_part, described_parts


@dataclass(frozen=True)
class SeriesSet:
    """Series in one array, each padded with zeros at its end to the length of the longest.

    Attributes:
        values: Shape (n, time, channels), float32 or float64. NaN within the length of a series
            is a missing value; what is beyond its length is 0.
        lengths: Steps of each series, shape (n,), from 1 to `time`.
        labels: One per series, shape (n,): class names as text or codes as they were given, or
            numbers to predict; None where there are none.
        channels: Name of each channel; empty where they have none.
        names: Name of each series (its id in a table); empty where they have none.
        name: A short name of the set, or "".
        source: The path that it was read from, or the name of a bundled set; "" if from memory.
        classes: All class names that the source lists, in its order; empty where it lists none.
        notes: What was recognised on the way, one sentence each.
        part: "train", "test" or "validation" for each series, shape (n,), where the source splits
            them; None where it does not.

    Raises:
        ValueError: If there is no series, one is of length 0 or all missing, a value is
            infinite, or there is not one label per series.
    """

    values: Float[np.ndarray, "n time channels"]
    lengths: Int[np.ndarray, " n"]
    labels: np.ndarray | None = None
    channels: tuple[str, ...] = ()
    names: tuple[Any, ...] = ()
    name: str = ""
    source: str = ""
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    part: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.values.ndim != 3 or not np.issubdtype(self.values.dtype, np.floating):
            raise ValueError(
                "`values` must be floats of the shape (series, time, channels); received "
                f"{self.values.dtype} of the shape {self.values.shape}."
            )
        n, time, channels = self.values.shape
        if n == 0:
            raise ValueError("There must be at least one series; received none.")
        if channels == 0:
            raise ValueError(f"Series must have a channel; received shape {self.values.shape}.")
        if self.lengths.shape != (n,) or self.lengths.min() < 0 or self.lengths.max() > time:
            raise ValueError(
                f"`lengths` must be {n} numbers from 1 to {time}, one per series; received "
                f"{self.lengths!r}."
            )
        self._check_values()
        self._check_labels()
        check_part(self.part, n, "series")

    def _check_values(self) -> None:
        """Refuse series without a value, and infinite values."""
        for i in np.flatnonzero(self.lengths == 0):
            raise ValueError(f"{self.called(i)} is of length 0. Leave it out.")
        # A sum is finite only if all its values are: one pass, without an array of flags.
        with np.errstate(over="ignore", invalid="ignore"):
            sums = self.values.sum((1, 2))
        for i in np.flatnonzero(~np.isfinite(sums)):
            part = self.values[i, : self.lengths[i]]
            if np.isnan(part).all():
                raise ValueError(f"{self.called(i)} has no value: all are missing (NaN).")
            if np.isinf(part).any():
                step, channel = np.argwhere(np.isinf(part))[0]
                raise ValueError(
                    f"{self.called(i)} holds an infinite value at step {step + 1}, channel "
                    f"{channel + 1}; replace it, or write NaN for a missing value."
                )

    def _check_labels(self) -> None:
        n = len(self.values)
        if self.labels is None:
            return
        if self.labels.shape != (n,):
            raise ValueError(
                f"There must be one label per series; received {n} series and labels of the "
                f"shape {self.labels.shape}."
            )
        for i, label in enumerate(self.labels):
            if label is None or label != label or label == "":  # NaN is unlike itself
                raise ValueError(f"{self.called(i)} has no label.")

    def called(self, i: Any) -> str:
        """How a message calls series `i`: by its name, or counted from 1."""
        return f"Series {self.names[i]!r}" if self.names else f"Series {i + 1}"

    def __len__(self) -> int:
        return len(self.values)

    @property
    def equal_length(self) -> bool:
        """Whether all series have the same number of steps."""
        return bool((self.lengths == self.lengths[0]).all())

    @property
    def mask(self) -> Bool[np.ndarray, "n time"]:
        """True where a step belongs to its series, False where it is padding."""
        return np.arange(self.values.shape[1]) < self.lengths[:, None]

    def one(self, i: int) -> Float[np.ndarray, "steps channels"]:
        """Series `i` without padding, a view."""
        return self.values[i, : self.lengths[i]]

    def take(self, rows: Sequence[int] | np.ndarray) -> "SeriesSet":
        """Some of the series, by their places or a mask; their common padding is cut off."""
        rows = np.arange(len(self))[np.asarray(rows) if len(rows) else []]
        lengths = self.lengths[rows]
        longest = int(lengths.max(initial=0))
        return replace(
            self,
            values=self.values[rows, :longest],
            lengths=lengths,
            labels=None if self.labels is None else self.labels[rows],
            names=tuple(self.names[i] for i in rows) if self.names else (),
            part=None if self.part is None else self.part[rows],
        )

    def padded_with_nan(self) -> Float[np.ndarray, "n time channels"]:
        """The values with NaN as padding, the form of tslearn: a copy."""
        return np.where(self.mask[..., None], self.values, self.values.dtype.type(np.nan))

    def describe(self) -> str:
        """Size, lengths and classes in one line."""
        low, high = int(self.lengths.min()), int(self.lengths.max())
        steps = f"{high}" if low == high else f"{low} to {high}"
        channels = self.values.shape[2]
        text = f"{len(self)} series of {steps} steps, {channels} channel" + "s" * (channels > 1)
        if self.labels is None or np.issubdtype(self.labels.dtype, np.floating):
            return text + described_parts(self.part)
        classes = f", {len(set(self.labels.tolist()))} classes"
        return text + classes + described_parts(self.part)


def note_of_missing(values: np.ndarray, lengths: np.ndarray) -> tuple[str, ...]:
    """What is said about NaN within the lengths; nothing where there is none."""
    inside = np.isnan(values)
    inside &= (np.arange(values.shape[1]) < lengths[:, None])[..., None]
    counts = inside.sum((1, 2))
    some = np.flatnonzero(counts)
    if not some.size:
        return ()
    step, channel = np.argwhere(inside[some[0]])[0]
    return (
        f"{counts.sum()} missing value(s) in {some.size} of {len(values)} series, the first at "
        f"step {step + 1}, channel {channel + 1} of series {some[0] + 1}.",
    )


def padded(series: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Arrays (steps, channels) in one, zeros at their ends, and their lengths.

    Args:
        series: At least one; all with the same number of channels.

    Returns:
        Values (n, time, channels) and lengths (n,).
    """
    lengths = np.array([len(one) for one in series])
    longest, channels = int(lengths.max()), series[0].shape[1]
    dtype = np.result_type(*{one.dtype for one in series})
    values = np.zeros((len(series), longest, channels), dtype)
    for place, one in zip(values, series, strict=True):
        place[: len(one)] = one
    return values, lengths
