"""Series to the numbers that a network takes, fitted on the training series and kept with it."""

import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
from jaxtyping import Float

from profond.data.series._series_set import SeriesSet

PADDING = -1e30  # what fills up a series for a network that masks it: no value of a series is it
SCALINGS = ("channels", "series", "none")
_LARGEST = 1e6  # encoded magnitude
_WINDOWS = 10  # of a series that is answered for, at most


@dataclass(frozen=True)
class SeriesLayout:
    """What the encoded series are.

    Attributes:
        steps: Steps of each; None where they differ.
        channels: Number of channels.
        masked: Whether the steps that only fill up a series hold `PADDING`.
    """

    steps: int | None
    channels: int
    masked: bool

    @property
    def shape(self) -> tuple[int | None, int]:
        """Shape of one encoded series."""
        return (self.steps, self.channels)


@dataclass(frozen=True)
class SeriesPreprocessor:
    """Scales the channels of series, fills in missing values, and fills series up.

    A missing value is filled in on the straight line between its neighbours in time, at the ends
    with the nearest value, and with the channel's mean where a series has no value of it.

    Attributes:
        channels: Names of the channels; empty where they have none.
        centre: What is subtracted from each channel.
        scale: What it is then divided by, > 0.
        scaling: "channels" (mean and deviation over the training series), "series" (of each series
            by itself) or "none".
        shortest: Steps of the shortest training series.
        longest: Steps of the longest one.
        fixed: Whether the network takes series of `longest` steps only, so that shorter ones are
            filled up with zeros; else the steps that fill up are masked.
        window: Steps of the windows that the network sees, of which those of a series are answered
            for together; 0 for whole series.
    """

    channels: tuple[str, ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    scaling: str
    shortest: int
    longest: int
    fixed: bool
    window: int = 0

    @classmethod
    def fit(
        cls,
        series: SeriesSet,
        *,
        scaling: str = "channels",
        fixed: bool = False,
        window: float | None = None,
    ) -> Self:
        """Measure the training series.

        Args:
            series: The training series.
            scaling: See the class.
            fixed: See the class.
            window: Length of windows as a share of the series, in (0, 1); None for whole series.

        Raises:
            ValueError: If the scaling is unknown, no channel ever changes, or windows are asked
                for and the series differ in length.
        """
        if scaling not in SCALINGS:
            raise ValueError(
                f"`scaling` must be one of {', '.join(SCALINGS)}; received {scaling!r}."
            )
        if window is not None and not series.equal_length:
            raise ValueError(
                f"Windows need series of one length; these have {series.lengths.min()} to "
                f"{series.lengths.max()} steps. Train without `augment`, or bring them to one "
                "length: `profond.data.series.resampled`."
            )
        steps = series.values[series.mask].astype(np.float64)  # (all steps, channels)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a channel of gaps only has no mean
            centre = np.nan_to_num(np.nanmean(steps, axis=0))
            scale = np.nan_to_num(np.nanstd(steps, axis=0))
        if not (scale > 0).any():
            raise ValueError(
                "Every channel of the training series has a single value everywhere: there is "
                "nothing to learn from."
            )
        if scaling != "channels":
            centre, scale = np.zeros_like(centre), np.ones_like(scale)
        return cls(
            tuple(map(str, series.channels)),
            tuple(centre.tolist()),
            tuple(np.where(scale > 0, scale, 1.0).tolist()),
            scaling,
            int(series.lengths.min()),
            int(series.lengths.max()),
            fixed,
            0 if window is None else max(1, int(window * series.lengths.max())),
        )

    @property
    def equal(self) -> bool:
        """Whether all training series had the same number of steps."""
        return self.shortest == self.longest

    @property
    def layout(self) -> SeriesLayout:
        """What the network sees: what `transform` gives, or windows of it."""
        masked = not self.equal and not self.fixed
        steps = None if masked else self.window or self.longest
        return SeriesLayout(steps, len(self.centre), masked)

    def transform(self, series: SeriesSet) -> Float[np.ndarray, "n time channels"]:
        """What a network takes, float32.

        Raises:
            ValueError: If the channels are not those of the fit, or a length cannot be taken.

        Warns:
            UserWarning: If lengths lie far from those of the training series, or steps are left
                out.
        """
        series = self._in_order(series)
        self._check_lengths(series)
        if self.fixed and series.lengths.max() > self.longest:
            series = replace(
                series,
                values=series.values[:, : self.longest],
                lengths=np.minimum(series.lengths, self.longest),
            )
        values = filled(series.values, series.lengths, np.array(self.centre))
        mask = series.mask[..., None]
        if self.scaling == "series":
            values = scaled_by_series(values, mask)
        else:
            values = (values - self.centre) / self.scale
        # A few deviations are usual; what is beyond all bounds is not to become infinite.
        values = np.clip(values, -_LARGEST, _LARGEST)
        values = np.where(mask, values, PADDING if self.layout.masked else 0.0)
        lacking = (0 if self.layout.masked else self.longest) - values.shape[1]
        if lacking > 0:
            values = np.pad(values, ((0, 0), (0, lacking), (0, 0)))
        return values.astype(np.float32)

    def _in_order(self, series: SeriesSet) -> SeriesSet:
        """The series with the channels of the fit in its order; others are ignored."""
        names = tuple(map(str, series.channels))
        if self.channels and names != self.channels and set(self.channels) <= set(names):
            places = [names.index(name) for name in self.channels]
            return replace(series, values=series.values[:, :, places], channels=self.channels)
        count, due = series.values.shape[2], len(self.centre)
        if count != due:
            raise ValueError(
                f"The series must have {due} channel(s), as in training"
                f"{': ' + ', '.join(self.channels) if self.channels else ''}; received {count}."
            )
        if names and self.channels and names != self.channels:
            raise ValueError(
                f"The channels must be those of training, {', '.join(self.channels)}; received "
                f"{', '.join(names)}."
            )
        return series

    def _check_lengths(self, series: SeriesSet) -> None:
        """Refuse lengths that the network was not trained on, or say what it makes of them."""
        lengths = series.lengths
        if self.equal:
            other = np.flatnonzero(lengths != self.longest)
            if other.size:
                raise ValueError(
                    f"The networks learned from series of {self.longest} steps; {other.size} of "
                    f"{len(series)} have others, the first ({series.called(other[0])}) "
                    f"{lengths[other[0]]}. Are they sampled as the training series were? "
                    f"`profond.data.series.resampled(series, {self.longest})` makes them so."
                )
            return
        if self.fixed:
            long = np.flatnonzero(lengths > self.longest)
            if long.size:
                warnings.warn(
                    f"This architecture takes series of at most {self.longest} steps, the longest "
                    f"in training; {long.size} of {len(series)} are longer, the first "
                    f"({series.called(long[0])}) has {lengths[long[0]]}: what comes after is left "
                    "out. All but time_cnn, t_lenet and mlp take any length.",
                    stacklevel=4,
                )
            return
        far = np.flatnonzero((lengths > 2 * self.longest) | (2 * lengths < self.shortest))
        if far.size:
            warnings.warn(
                f"{far.size} of {len(series)} series have lengths far from those of training "
                f"({self.shortest} to {self.longest} steps), the first ({series.called(far[0])}) "
                f"{lengths[far[0]]}: are they sampled as the training series were?",
                stacklevel=4,
            )

    def windows(
        self, encoded: Float[np.ndarray, "n time channels"]
    ) -> Float[np.ndarray, "n windows steps channels"]:
        """Windows of encoded series, from their beginning to their end at equal distances."""
        places = encoded.shape[1] - self.window + 1
        starts = np.linspace(0, places - 1, min(places, _WINDOWS)).round().astype(int)
        return np.stack([encoded[:, start : start + self.window] for start in starts], axis=1)

    def to_dict(self) -> dict[str, Any]:
        """The preprocessing as plain values for JSON."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> Self:
        """The preprocessing from `to_dict`.

        Raises:
            ValueError: If it is not the description of one.
        """
        values: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in state.items()
        }
        try:
            made = cls(**values)
        except TypeError as error:
            raise ValueError(f"not the preprocessing of series: {error}") from None
        if made.scaling not in SCALINGS or len(made.centre) != len(made.scale):
            raise ValueError("not the preprocessing of series: centre and scale do not fit")
        if not made.centre or any(one <= 0 for one in made.scale):
            raise ValueError("not the preprocessing of series: scales must be > 0")
        if not 0 < made.shortest <= made.longest or not 0 <= made.window <= made.longest:
            raise ValueError("not the preprocessing of series: lengths must be > 0")
        return made


def filled(values: np.ndarray, lengths: np.ndarray, means: np.ndarray) -> np.ndarray:
    """The values in float64 with missing ones filled in; see `SeriesPreprocessor`."""
    found = values.astype(np.float64)
    for i in np.flatnonzero(np.isnan(found).any((1, 2))):
        steps = np.arange(lengths[i])
        for channel, mean in enumerate(means):
            one = found[i, : lengths[i], channel]
            known = ~np.isnan(one)
            if not known.all():
                one[:] = np.interp(steps, steps[known], one[known]) if known.any() else mean
    return found


def scaled_by_series(values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Each channel of each series less its mean, divided by its deviation (if above 0)."""
    counts = mask.sum(1, keepdims=True)
    values = np.where(mask, values, 0.0)
    centred = values - values.sum(1, keepdims=True) / counts
    deviations = np.sqrt((np.where(mask, centred, 0.0) ** 2).sum(1, keepdims=True) / counts)
    # What rounding leaves of a constant channel is not to be blown up.
    floor = 1e-7 * np.abs(values).max(1, keepdims=True)
    return centred / np.where(deviations > floor, deviations, 1.0)
