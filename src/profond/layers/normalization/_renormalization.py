"""Batch renormalization: statistics of the batch brought to slowly moving ones."""

from typing import Any

import torch
from torch import Tensor

from profond.layers._checks import rate_below_one

_BOUNDS = ("rmax", "rmin", "dmax")


class Renormalization:
    r"""The correction of batch renormalization (Ioffe 2017, algorithm 1).

    What is normalized by the batch is multiplied by $r = \sigma_B / \sigma$ and moved by
    $d = (\mu_B - \mu) / \sigma$, with no gradient through r and d; $\mu$ and $\sigma$ are
    `renorm_mean` and `renorm_stddev`. So training sees the values that inference will see.

    Args:
        clipping: Bounds `rmin <= r <= rmax` and `-dmax <= d <= dmax`, each of them optional.
        renorm_momentum: Weight of the past in $\mu$ and $\sigma$.
        momentum: Weight of the past in the statistics for inference.
        epsilon: Added to the variance.

    Raises:
        ValueError: If a bound is unknown, or they exclude each other.
    """

    def __init__(
        self, clipping: Any, renorm_momentum: float, momentum: float, epsilon: float
    ) -> None:
        bounds = dict(clipping or {})
        wrong = sorted(set(bounds) - set(_BOUNDS))
        if wrong:
            raise ValueError(
                f"`renorm_clipping` must have the keys {', '.join(_BOUNDS)}; received {wrong}."
            )
        self.rmax, self.rmin, self.dmax = (bounds.get(name) for name in _BOUNDS)
        if self.rmax is not None and self.rmin is not None and self.rmax < self.rmin:
            raise ValueError(
                "`renorm_clipping` must have rmax >= rmin; received "
                f"rmax={self.rmax}, rmin={self.rmin}."
            )
        if self.dmax is not None and self.dmax < 0:
            raise ValueError(f"`renorm_clipping` must have dmax >= 0; received dmax={self.dmax}.")
        self.renorm_momentum = rate_below_one(renorm_momentum, "renorm_momentum")
        self.momentum = momentum
        self.epsilon = epsilon

    def correct(
        self, layer: Any, mean: Tensor, variance: Tensor, gamma: Any, beta: Any
    ) -> tuple[Tensor, Tensor]:
        """`gamma` and `beta` with r and d in them; the statistics of `layer` move on."""
        with torch.no_grad():
            stddev = torch.sqrt(variance + self.epsilon)
            known = layer.renorm_stddev.to(mean.dtype).clamp_min(self.epsilon**0.5)
            r = (stddev / known).clamp(self.rmin, self.rmax) if self._bounds_r() else stddev / known
            d = (mean - layer.renorm_mean.to(mean.dtype)) / known
            if self.dmax is not None:
                d = d.clamp(-self.dmax, self.dmax)
            self._move(layer, mean, stddev)
        corrected_gamma = r if gamma is None else r * gamma
        corrected_beta = d if gamma is None else d * gamma
        return corrected_gamma, corrected_beta if beta is None else corrected_beta + beta

    def _bounds_r(self) -> bool:
        """Whether r has a bound."""
        return self.rmin is not None or self.rmax is not None

    def _move(self, layer: Any, mean: Tensor, stddev: Tensor) -> None:
        """Bring the statistics of `layer` nearer to those of the batch."""
        for weight, value, momentum in (
            (layer.renorm_mean, mean, self.renorm_momentum),
            (layer.renorm_stddev, stddev, self.renorm_momentum),
            (layer.moving_mean, mean, self.momentum),
            (layer.moving_stddev, stddev, self.momentum),
        ):
            weight.lerp_(value.to(weight.dtype), 1.0 - momentum)
        layer.moving_variance.copy_((layer.moving_stddev.square() - self.epsilon).clamp_min(0))
