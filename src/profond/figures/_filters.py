"""Gaussian filters, and what a filter makes of a series or an image (notes, 6.1 and 6.2.1)."""

import numpy as np

from profond._tensors import to_array
from profond.figures._checks import positive, whole


def gaussian(sigma: float, reach: int | None = None) -> np.ndarray:
    r"""A Gaussian filter $f_k \propto \exp(-k^2 / 2 \sigma^2)$ for k from -L to L, of sum 1.

    Args:
        sigma: Standard deviation in steps, > 0.
        reach: L, >= 0; by default $\lceil 3 \sigma \rceil$, beyond which little is left.

    Returns:
        The filter, `(2 L + 1,)`.
    """
    sigma = positive(sigma, "sigma")
    half = max(1, int(np.ceil(3 * sigma))) if reach is None else whole(reach, "reach", least=0)
    weights = np.exp(-0.5 * (np.arange(-half, half + 1) / sigma) ** 2)
    return weights / weights.sum()


def along_time(series: np.ndarray, kernel: np.ndarray, padding: str = "valid") -> np.ndarray:
    """The activation map of a series under one filter, as `Conv1D` computes it (equation 6.1).

    Args:
        series: Shape (time,).
        kernel: Shape (length,).
        padding: "valid" or "same".

    Returns:
        The map, shape (time - length + 1,), or (time,) with "same".
    """
    from profond.layers import Conv1D

    layer = Conv1D(1, len(kernel), padding=padding, use_bias=False, dtype="float64")
    layer.build((None, len(series), 1))
    layer.set_weights([kernel[:, None, None]])
    return to_array(layer(series[None, :, None]))[0, :, 0]


def over_image(
    image: np.ndarray,
    kernel: np.ndarray,
    *,
    padding: str = "valid",
    strides: tuple[int, int] = (1, 1),
    dilation: tuple[int, int] = (1, 1),
) -> np.ndarray:
    """The activation map of an image under one filter, as `Conv2D` computes it (equation 6.2).

    Args:
        image: Shape (height, width, channels).
        kernel: Shape (rows, columns, channels).
        padding: "valid" or "same".
        strides: Steps down and to the right.
        dilation: Distance between the filter's rows and columns.

    Returns:
        The map, shape (height, width) of the output.
    """
    from profond.layers import Conv2D

    layer = Conv2D(
        1,
        kernel.shape[:2],
        strides=strides,
        padding=padding,
        dilation_rate=dilation,
        use_bias=False,
        dtype="float64",
    )
    layer.build((None, *image.shape))
    layer.set_weights([kernel[..., None]])
    return to_array(layer(image[None]))[0, :, :, 0]
