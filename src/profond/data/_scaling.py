r"""Numbers of a column to numbers of about unit size, measured on the training rows.

- `standard`: $(x - \bar x) / s$, mean and standard deviation (notes, 4.1).
- `robust`: $(x - \text{median}) / q$, with $q$ the distance between the quartiles (or, where
  that is 0, half the range), then softly cut at 3: $z / \sqrt{1 + (z / 3)^2}$ (Holzmüller et al.
  2024, "Better by default", section 3), and standardised.
- `quantile`: the normal quantile of x's rank in training: a normal law whatever the column's.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from profond.data._values import moments

SCALINGS = ("standard", "robust", "quantile")
ScalingName = Literal["standard", "robust", "quantile"]
_SOFT = 3.0  # where robust scaling begins to cut
_QUANTILES = 1000  # kept of a column, at most
_FAR = 5.2  # normal quantile beyond which ranks say nothing


@dataclass(frozen=True)
class StandardScaling:
    """(x - mean) / scale.

    Attributes:
        mean: Mean of the training values.
        scale: Their standard deviation (divisor n), 1 where that is 0.
    """

    mean: float
    scale: float
    kind: ClassVar[str] = "standard"

    @classmethod
    def fit(cls, values: np.ndarray) -> "StandardScaling":
        """Measure values, shape (rows,), none missing."""
        return cls(*moments(values))

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """The values, scaled."""
        # Divided before the difference is taken, so that the largest float64 do not overflow.
        return values / self.scale - self.mean / self.scale


@dataclass(frozen=True)
class RobustScaling:
    """Distance from the median in units of the middle half, softly cut at 3.

    Attributes:
        median: Median of the training values.
        width: Distance between their quartiles; half their range where that is 0, 1 where that
            is 0 too.
        mean: Mean of the training values after the cut.
        scale: Their standard deviation, 1 where that is 0.
    """

    median: float
    width: float
    mean: float = 0.0
    scale: float = 1.0
    kind: ClassVar[str] = "robust"

    @classmethod
    def fit(cls, values: np.ndarray) -> "RobustScaling":
        """Measure values, shape (rows,), none missing."""
        low, first, middle, third, high = np.quantile(values, [0.0, 0.25, 0.5, 0.75, 1.0])
        width = (third - first) or (high / 2 - low / 2) or 1.0
        cut = cls(float(middle), float(width))
        return cls(cut.median, cut.width, *moments(cut(values)))

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """The values, scaled."""
        z = values / self.width - self.median / self.width
        # For a single number `np.clip` takes longer than all the rest.
        z = np.minimum(np.maximum(z, -1e100), 1e100)
        cut = z / np.sqrt(1.0 + np.square(z / _SOFT))
        return (cut - self.mean) / self.scale


@dataclass(frozen=True)
class QuantileScaling:
    """The normal quantile of a value's rank among the training values.

    Attributes:
        values: Different training values (quantiles of them, if there are many), rising.
        normal: The normal quantile of each one's mean rank.
    """

    values: tuple[float, ...]
    normal: tuple[float, ...]
    kind: ClassVar[str] = "quantile"

    @classmethod
    def fit(cls, values: np.ndarray) -> "QuantileScaling":
        """Measure values, shape (rows,), none missing."""
        from scipy.special import ndtri

        different, counts = np.unique(values, return_counts=True)
        ranks = (np.cumsum(counts) - counts / 2) / len(values)
        if len(different) > _QUANTILES:
            chosen = np.linspace(0, len(different) - 1, _QUANTILES).round().astype(int)
            different, ranks = different[chosen], ranks[chosen]
        normal = np.clip(ndtri(ranks), -_FAR, _FAR)
        return cls(tuple(map(float, different)), tuple(map(float, normal)))

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """The values, scaled; beyond those of training, the last one's place."""
        return np.interp(values, self.values, self.normal)


Scaling = StandardScaling | RobustScaling | QuantileScaling
_KINDS: dict[str, type[Any]] = {
    kind.kind: kind for kind in (StandardScaling, RobustScaling, QuantileScaling)
}


def fit_scaling(name: str, values: np.ndarray) -> Scaling:
    """Measure training values for a scaling by name.

    Raises:
        ValueError: If the name is unknown.
    """
    if name not in _KINDS:
        from profond._lookup import unknown

        raise ValueError(unknown(name, SCALINGS, "scaling of numbers"))
    return _KINDS[name].fit(values)


def scaling_to_dict(scaling: Scaling) -> dict[str, Any]:
    """The fitted scaling as plain values for JSON."""
    return {"kind": scaling.kind, **asdict(scaling)}


def scaling_from_dict(state: Mapping[str, Any]) -> Scaling:
    """A fitted scaling from `scaling_to_dict`.

    Raises:
        ValueError: If the description is not one of a scaling.
    """
    values = {k: tuple(v) if isinstance(v, list) else v for k, v in state.items() if k != "kind"}
    try:
        return _KINDS[str(state["kind"])](**values)
    except (KeyError, TypeError) as error:
        raise ValueError(f"Not the description of a scaling: {dict(state)!r}.") from error
