"""The axes that a normalization layer takes as one sample's features."""

from collections.abc import Sequence
from typing import Any

from profond.layers._checks import axes_within, known_sizes
from profond.layers._input_spec import InputSpec


def features_of(
    axis: int | Sequence[int], input_shape: Sequence[Any], layer: str
) -> tuple[tuple[int, ...], tuple[int, ...], InputSpec]:
    """The axes in order, their sizes, and the requirement on later inputs.

    Axes that were all counted from the end are so again: the layer then takes inputs with
    another number of axes too.

    Raises:
        ValueError: If there is no such axis, or its size is not known.
    """
    ndim = len(input_shape)
    axes = axes_within(axis, input_shape, layer)
    sizes = known_sizes(axes, input_shape, layer)
    from_the_end = axis < 0 if isinstance(axis, int) else all(a < 0 for a in axis)
    if from_the_end:
        axes = tuple(a - ndim for a in axes)
        spec = InputSpec(min_ndim=-axes[0], axes=dict(zip(axes, sizes, strict=True)))
    else:
        spec = InputSpec(ndim=ndim, axes=dict(zip(axes, sizes, strict=True)))
    return axes, sizes, spec
