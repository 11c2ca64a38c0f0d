"""Initializers whose variance follows the weight's shape: Glorot, He, LeCun."""

import math
from collections.abc import Sequence
from typing import Any

import torch

from profond.initializers._base import sizes
from profond.initializers._random import RandomInitializer, draw_with_variance

_MODES = ("fan_in", "fan_out", "fan_avg")
_DISTRIBUTIONS = ("uniform", "truncated_normal", "untruncated_normal")


class VarianceScaling(RandomInitializer):
    r"""Values of mean 0 and variance `scale` / n, n the number of a unit's connections.

    Args:
        scale: Factor > 0.
        mode: Which n: `"fan_in"` the inputs of a unit, `"fan_out"` the outputs,
            `"fan_avg"` their mean.
        distribution: `"truncated_normal"` (also `"normal"`), `"untruncated_normal"` or
            `"uniform"`, the last on $\pm \sqrt{3 \cdot scale / n}$.
        seed: None, an int (same values at each call) or a `random.SeedGenerator`.
        input_axes: Axes of the shape that count the inputs; with `output_axes` instead of the
            usual rule (all axes but the last for the inputs, all but the one before it for
            the outputs).
        output_axes: Axes of the shape that count the outputs.

    Raises:
        ValueError: If `scale` is not positive, or `mode` or `distribution` is unknown.
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        if scale <= 0:
            raise ValueError(f"`scale` must be > 0; received scale={scale}.")
        if mode not in _MODES:
            raise ValueError(f"`mode` must be one of {', '.join(_MODES)}; received {mode!r}.")
        distribution = distribution.lower()
        if distribution == "normal":
            distribution = "truncated_normal"
        if distribution not in _DISTRIBUTIONS:
            raise ValueError(
                f"`distribution` must be one of normal, {', '.join(_DISTRIBUTIONS)}; "
                f"received {distribution!r}."
            )
        self.scale = scale
        self.mode = mode
        self.distribution = distribution
        self.input_axes = input_axes
        self.output_axes = output_axes
        super().__init__(seed=seed)

    def __call__(self, shape: Sequence[int] | int, dtype: Any = None) -> torch.Tensor:
        """A draw of the given shape."""
        shape = sizes(shape)
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        variance = self.scale / max(1.0, n)
        return draw_with_variance(self.distribution, shape, variance, dtype, self.seed)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {
            **super().get_config(),
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


class _FixedScaling(VarianceScaling):
    """A `VarianceScaling` whose scale, mode and distribution are those of a paper."""

    _scale: float
    _mode: str
    _distribution: str

    def __init__(
        self,
        seed: Any = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ) -> None:
        super().__init__(self._scale, self._mode, self._distribution, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        config = super().get_config()
        return {name: config[name] for name in ("seed", "input_axes", "output_axes")}


class GlorotUniform(_FixedScaling):
    r"""Uniform on $\pm \sqrt{6 / (n_{in} + n_{out})}$ (Glorot & Bengio 2010, eq. 16).

    Keeps the variance of activations and of gradients nearly equal over the layers: variance
    $2 / (n_{in} + n_{out})$. Keras's default for kernels.

    Args:
        seed: None, an int (same values at each call) or a `random.SeedGenerator`.
        input_axes: Axes that count the inputs; see `VarianceScaling`.
        output_axes: Axes that count the outputs.
    """

    _scale, _mode, _distribution = 1.0, "fan_avg", "uniform"


class GlorotNormal(_FixedScaling):
    r"""Truncated normal of variance $2 / (n_{in} + n_{out})$ (Glorot & Bengio 2010, eq. 12).

    Args:
        seed: None, an int (same values at each call) or a `random.SeedGenerator`.
        input_axes: Axes that count the inputs; see `VarianceScaling`.
        output_axes: Axes that count the outputs.
    """

    _scale, _mode, _distribution = 1.0, "fan_avg", "truncated_normal"


class HeUniform(_FixedScaling):
    r"""Uniform on $\pm \sqrt{6 / n_{in}}$, for ReLU units (He et al. 2015, eq. 10).

    Args:
        seed: None, an int (same values at each call) or a `random.SeedGenerator`.
        input_axes: Axes that count the inputs; see `VarianceScaling`.
        output_axes: Axes that count the outputs.
    """

    _scale, _mode, _distribution = 2.0, "fan_in", "uniform"


class HeNormal(_FixedScaling):
    r"""Truncated normal of variance $2 / n_{in}$, for ReLU units (He et al. 2015, eq. 10).

    Args:
        seed: None, an int (same values at each call) or a `random.SeedGenerator`.
        input_axes: Axes that count the inputs; see `VarianceScaling`.
        output_axes: Axes that count the outputs.
    """

    _scale, _mode, _distribution = 2.0, "fan_in", "truncated_normal"


class LecunUniform(_FixedScaling):
    r"""Uniform on $\pm \sqrt{3 / n_{in}}$ (LeCun et al. 1998, Efficient BackProp, eq. 16).

    Args:
        seed: None, an int (same values at each call) or a `random.SeedGenerator`.
        input_axes: Axes that count the inputs; see `VarianceScaling`.
        output_axes: Axes that count the outputs.
    """

    _scale, _mode, _distribution = 1.0, "fan_in", "uniform"


class LecunNormal(_FixedScaling):
    r"""Truncated normal of variance $1 / n_{in}$ (LeCun et al. 1998; for SELU units).

    Args:
        seed: None, an int (same values at each call) or a `random.SeedGenerator`.
        input_axes: Axes that count the inputs; see `VarianceScaling`.
        output_axes: Axes that count the outputs.
    """

    _scale, _mode, _distribution = 1.0, "fan_in", "truncated_normal"


def compute_fans(
    shape: Sequence[int],
    input_axes: Sequence[int] | None = None,
    output_axes: Sequence[int] | None = None,
) -> tuple[int, int]:
    """How many inputs and outputs a unit has whose weight has this shape.

    A kernel of a convolution is `(*kernel_size, inputs, outputs)`; each of its positions counts.

    Args:
        shape: Sizes of the weight, channels last.
        input_axes: Axes that count the inputs, with `output_axes` instead of that rule.
        output_axes: Axes that count the outputs.

    Returns:
        `(fan_in, fan_out)`.
    """
    if input_axes is not None and output_axes is not None:
        fan_in = math.prod(shape[axis] for axis in input_axes)
        return fan_in, math.prod(shape[axis] for axis in output_axes)
    if len(shape) < 2:
        size = math.prod(shape)
        return size, size
    positions = math.prod(shape[:-2])
    return positions * shape[-2], positions * shape[-1]
