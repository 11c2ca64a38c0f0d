"""The results of several runs: means, paired differences, a sentence, a picture."""

import itertools
import math
import re
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from profond.experiment._intervals import Interval, student_interval

_SMALL_IS_GOOD = (
    *("loss", "error", "errors", "mse", "mae", "rmse", "mape", "smape", "mase", "msle", "deviance"),
    *("crossentropy", "entropy", "nll", "perplexity", "brier", "divergence", "distance", "risk"),
    *("seconds", "time", "epochs", "steps", "regret"),
)
_GREAT_IS_GOOD = (
    *("score", "accuracy", "acc", "auc", "precision", "recall", "f1", "r2", "iou", "gain"),
    *("likelihood", "elbo", "reward", "correlation", "bleu", "coverage"),
)


def is_lower_better(metric: str) -> bool:
    """Whether small values of a metric are good, by the words of its name.

    Raises:
        ValueError: If they do not tell.
    """
    words = set(re.split(r"[\W_]+", metric.lower()))
    small, great = words & set(_SMALL_IS_GOOD), words & set(_GREAT_IS_GOOD)
    if bool(small) == bool(great) or words & {"negative", "neg"}:
        raise ValueError(
            f"`lower_is_better` must be True or False for the metric {metric!r}, whose name does "
            "not tell; received None."
        )
    return bool(small)


@dataclass(frozen=True)
class Difference:
    """How much better one variant is than another, on the same seeds.

    Attributes:
        variant: The variant.
        other: What it is compared with.
        gain: Mean of the paired differences; positive where `variant` is better.
        interval: Student's 95 % interval of that mean; None with a single seed.
        p_value: Of the paired t-test that the mean is 0, times the number of comparisons as Holm
            (1979) has it; NaN with a single seed.
        effect_size: Mean of the differences over their standard deviation (Cohen's d_z); infinite
            where all differences are the same but 0, NaN with a single seed.
        share_better: Share of the seeds with which `variant` is better; a tie counts half.
        seeds: How many seeds both have finite results for.
    """

    variant: str
    other: str
    gain: float
    interval: Interval | None
    p_value: float
    effect_size: float
    share_better: float
    seeds: int

    @property
    def verdict(self) -> str:
        """Whether `variant` is "better", "worse" or, as far as these seeds tell, "undecided"."""
        if self.interval is None or math.isnan(self.p_value) or self.p_value >= 0.05:
            return "undecided"
        return "better" if self.gain > 0 else "worse"


@dataclass(frozen=True)
class _Mean:
    """A row of `Comparison.means`."""

    variant: str
    mean: float
    low: float
    high: float
    deviation: float
    seeds: int
    failed: int

    def __str__(self) -> str:
        spread = "" if self.seeds < 2 else f" ± {_short((self.high - self.low) / 2)}"
        return _short(self.mean) + spread

    @property
    def counted(self) -> str:
        """How many seeds there are."""
        return f"{self.seeds} seed{'s' if self.seeds != 1 else ''}"


class Comparison:
    """Results of variants over seeds. `print` shows means, differences and a verdict.

    Args:
        frame: One row per run: `variant`, `seed`, the numbers.
        metric: The number that means and sentences are about.
        lower_is_better: Whether small ones are good; read from the name when None.

    Raises:
        ValueError: If a column is missing, there is no row, or a variant has a seed twice.
    """

    def __init__(
        self, frame: pd.DataFrame, metric: str, *, lower_is_better: bool | None = None
    ) -> None:
        missing = [name for name in ("variant", "seed", metric) if name not in frame.columns]
        if missing or frame.empty:
            raise ValueError(
                f"`frame` must have rows with the columns variant, seed and {metric}; received "
                f"{len(frame)} row(s) with {', '.join(map(str, frame.columns))}."
            )
        twice = frame.duplicated(["variant", "seed"])
        if twice.any():
            one = frame[twice].iloc[0]
            raise ValueError(
                "`frame` must have one row for each variant and seed; received several of "
                f"{one['variant']!r} with seed {one['seed']}."
            )
        self.frame = frame
        self.metric = metric
        self.lower_is_better = (
            is_lower_better(metric) if lower_is_better is None else lower_is_better
        )

    @property
    def variants(self) -> list[str]:
        """The names, in the order in which they were given."""
        return list(self.frame["variant"].unique())

    def values(self, variant: str) -> pd.Series:
        """The metric of a variant, by seed.

        Raises:
            ValueError: If there is no such variant.
        """
        if variant not in self.variants:
            from profond._lookup import unknown

            raise ValueError(unknown(variant, self.variants, "variant"))
        indexed: Any = self.frame[self.frame["variant"] == variant].set_index("seed")
        return indexed[self.metric]

    def means(self) -> pd.DataFrame:
        """One row per variant: mean, low and high end of Student's 95 % interval, deviation, seeds.

        Results that are not finite are left out, and counted under `failed`.
        """
        rows = [asdict(self._mean(variant)) for variant in self.variants]
        return pd.DataFrame(rows).set_index("variant")

    def _mean(self, variant: str) -> "_Mean":
        values = self.values(variant).to_numpy(dtype=np.float64)
        usable = values[np.isfinite(values)]
        interval = student_interval(usable) or Interval(math.nan, math.nan)
        return _Mean(
            variant,
            mean=float(usable.mean()) if len(usable) else math.nan,
            low=interval.low,
            high=interval.high,
            deviation=float(usable.std(ddof=1)) if len(usable) > 1 else math.nan,
            seeds=len(usable),
            failed=len(values) - len(usable),
        )

    def differences(self, baseline: str | None = None) -> list[Difference]:
        """The paired differences of all variants from `baseline`; of all pairs when it is None.

        The p-values are corrected for their number.
        """
        if baseline is None:
            pairs = [(b, a) for a, b in itertools.combinations(self.variants, 2)]
        else:
            self.values(baseline)
            pairs = [(variant, baseline) for variant in self.variants if variant != baseline]
        found = [self._paired(variant, other) for variant, other in pairs]
        corrected = _holm([raw for _, raw in found])
        return [
            Difference(**{**facts, "p_value": p})
            for (facts, _), p in zip(found, corrected, strict=True)
        ]

    def _paired(self, variant: str, other: str) -> tuple[dict[str, Any], float]:
        """The facts of a difference, and its p-value before any correction."""
        from scipy import stats

        both = pd.concat([self.values(variant), self.values(other)], axis=1, join="inner")
        pairs = both.to_numpy(dtype=np.float64)
        pairs = pairs[np.isfinite(pairs).all(axis=1)]
        gains = (pairs[:, 1] - pairs[:, 0]) if self.lower_is_better else (pairs[:, 0] - pairs[:, 1])
        n = len(gains)
        gain = float(gains.mean()) if n else math.nan
        spread = float(gains.std(ddof=1)) if n > 1 else math.nan
        if n < 2:
            effect = p = math.nan
        elif spread <= 1e-12 * np.abs(pairs).max():  # the same with every seed, up to rounding
            effect, p = (math.copysign(math.inf, gain), 0.0) if gain else (0.0, 1.0)
        else:
            effect = gain / spread
            p = float(2 * stats.t.sf(abs(effect) * math.sqrt(n), n - 1))
        facts = {
            "variant": variant,
            "other": other,
            "gain": gain,
            "interval": student_interval(gains),
            "effect_size": effect,
            "share_better": float(np.mean((gains > 0) + 0.5 * (gains == 0))) if n else math.nan,
            "seeds": n,
        }
        return facts, p

    def sentence(self, variant: str | None = None, other: str | None = None) -> str:
        """The difference of two variants in words, without correction of its p-value.

        Args:
            variant: The variant; the best one when None.
            other: What it is compared with; the best of the others when None.
        """
        if variant is None or other is None:
            sign = 1 if self.lower_is_better else -1
            ranked = sorted(
                map(self._mean, self.variants),
                key=lambda one: math.inf if math.isnan(one.mean) else sign * one.mean,
            )
            if len(ranked) < 2 and other is None:
                one = self._mean(variant or ranked[0].variant)
                return f"{self.metric} {one} over {one.counted}."
            names = [one.variant for one in ranked]
            variant = next(name for name in names if name != other) if variant is None else variant
            other = next(name for name in names if name != variant) if other is None else other
        facts, p = self._paired(variant, other)
        return _in_words(Difference(**{**facts, "p_value": p}), self.metric)

    def plot(self, *, ax: Any = None, lang: Any = "en") -> Any:
        """Each variant's results as points, and the mean with its interval.

        Args:
            ax: Axes to draw on, or None for a new figure.
            lang: "en" or "fr".

        Returns:
            The figure.
        """
        from profond.figures._canvas import BLUE, INK, canvas, finish, speaker

        say = speaker(lang)
        names = self.variants
        means = [self._mean(name) for name in names]
        # Long names leave room for the label below.
        width = max(6.0, 4.8 + 0.08 * max(map(len, names)))
        ax = canvas(ax, size=(width, 0.7 + 0.5 * len(names)))
        for place, row in enumerate(means):
            values = self.values(row.variant).to_numpy(dtype=np.float64)
            up = 0.16 + 0.16 * np.linspace(0, 1, max(len(values), 2))[: len(values)]
            ax.plot(values, place - up, "o", color=BLUE, alpha=0.45, markersize=3.5, mew=0)
            ax.plot([row.low, row.high], [place, place], color=INK, linewidth=2)
            ax.plot(row.mean, place, "o", color=INK, markersize=6)
        ax.set_yticks(range(len(names)), names)
        ax.set_ylim(len(names) - 0.5, -0.6)
        label = say(
            f"{self.metric}: each seed, mean and 95 % interval",
            f"{self.metric} : chaque graine, moyenne et intervalle à 95 %",
        )
        return finish(
            ax, lang=lang, x=label, numbers={"means": {one.variant: one.mean for one in means}}
        )

    def __str__(self) -> str:
        lines = [f"{self.metric} ({'lower' if self.lower_is_better else 'higher'} is better)"]
        width = max(map(len, self.variants))
        for one in map(self._mean, self.variants):
            failed = f", {one.failed} not finite" if one.failed else ""
            lines.append(f"  {one.variant:<{width}}  {one}  ({one.counted}{failed})")
        return "\n".join([*lines, self.sentence()])


def _holm(p_values: list[float]) -> list[float]:
    """p-values corrected for their number (Holm 1979): step down, never falling, at most 1."""
    order = sorted(
        (place for place, p in enumerate(p_values) if not math.isnan(p)), key=p_values.__getitem__
    )
    corrected = list(p_values)
    running = 0.0
    for rank, place in enumerate(order):
        running = max(running, min(1.0, (len(order) - rank) * p_values[place]))
        corrected[place] = running
    return corrected


def _in_words(found: Difference, metric: str) -> str:
    size = _short(abs(found.gain))
    if found.interval is None:
        return (
            f"{found.variant} and {found.other} need finite results with two common seeds or more "
            "to be compared."
        )
    half = _short(found.interval.half)
    over = f"{metric} over {found.seeds} paired seeds"
    p = "p < 0.001" if found.p_value < 0.001 else f"p = {found.p_value:.2g}"
    if found.verdict == "undecided":
        sign = "\N{MINUS SIGN}" if found.gain < 0 else ""
        return (
            f"{found.variant} and {found.other} are not distinguishable: a difference of "
            f"{sign}{size} ± {half} {over} ({p})."
        )
    return f"{found.variant} is {found.verdict} than {found.other} by {size} ± {half} {over} ({p})."


def _short(value: float) -> str:
    """Three significant digits, without exponent where it can be read."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    if 1e-4 <= abs(value) < 1e6:
        return f"{value:.{max(0, 2 - math.floor(math.log10(abs(value))))}f}"
    return f"{value:.2e}"
