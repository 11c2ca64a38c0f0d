"""Initializers without chance: constants, the identity, windows of Fourier waves."""

import math
from collections.abc import Sequence
from typing import Any

import torch

from profond import _families
from profond._tensors import convert_to_tensor, default_device
from profond.initializers._base import Initializer, element_type, sizes


class Zeros(Initializer):
    """All values are 0."""

    def __call__(self, shape: Sequence[int] | int, dtype: Any = None) -> torch.Tensor:
        """Zeros of the given shape and type."""
        return torch.zeros(sizes(shape), dtype=element_type(dtype))


class Ones(Initializer):
    """All values are 1."""

    def __call__(self, shape: Sequence[int] | int, dtype: Any = None) -> torch.Tensor:
        """Ones of the given shape and type."""
        return torch.ones(sizes(shape), dtype=element_type(dtype))


class Constant(Initializer):
    """All values are the given one.

    Args:
        value: A number, or an array that broadcasts to the weight's shape.
    """

    def __init__(self, value: Any = 0.0) -> None:
        self.value = value

    def __call__(self, shape: Sequence[int] | int, dtype: Any = None) -> torch.Tensor:
        """The value in every place."""
        wanted = element_type(dtype)
        # Not `expand`: of a single number it leaves a stride of 0, which optimizers stumble over.
        return torch.empty(sizes(shape), dtype=wanted).copy_(convert_to_tensor(self.value, wanted))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {"value": _families.serialize(self.value)}


class Identity(Initializer):
    """A matrix with `gain` on its diagonal and 0 elsewhere.

    Args:
        gain: Value on the diagonal.
    """

    def __init__(self, gain: float = 1.0) -> None:
        self.gain = gain

    def __call__(self, shape: Sequence[int] | int, dtype: Any = None) -> torch.Tensor:
        """The matrix, square or not.

        Raises:
            ValueError: If `shape` has not two sizes.
        """
        shape = sizes(shape)
        if len(shape) != 2:
            raise ValueError(
                f"Identity makes matrices: `shape` must have 2 sizes; received shape={shape}."
            )
        return self.gain * torch.eye(*shape, dtype=element_type(dtype))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {"gain": self.gain}


class STFT(Initializer):
    r"""Convolution kernels that compute a short-time Fourier transform.

    Of shape `(length, 1, bins)`: column $k$ is $w_t \cos(-2 \pi k t / n)$ (or the sine) with
    $n = 2 (bins - 1)$ and the window $w$.

    Args:
        side: `"real"` for the cosines, `"imag"` for the sines.
        window: Name of a window of `scipy.signal`, an array of `length` values, or None for
            no window.
        scaling: `"density"` divides the window by its L2 norm, `"spectrum"` by its L1 norm,
            None leaves it.
        periodic: What Keras passes on as `fftbins` of `scipy.signal.get_window`: True for a
            periodic window, False for a symmetric one.

    Raises:
        ValueError: If `side`, `scaling` or the name of the window is unknown.
    """

    def __init__(
        self,
        side: str = "real",
        window: Any = "hann",
        scaling: str | None = "density",
        periodic: bool = False,
    ) -> None:
        if side not in ("real", "imag"):
            raise ValueError(f"`side` must be 'real' or 'imag'; received {side!r}.")
        if scaling not in (None, "density", "spectrum"):
            raise ValueError(
                f"`scaling` must be 'density', 'spectrum' or None; received {scaling!r}."
            )
        if isinstance(window, str):
            from scipy.signal import get_window

            get_window(window, 1)
        self.side = side
        self.window = window
        self.scaling = scaling
        self.periodic = periodic

    def __call__(self, shape: Sequence[int] | int, dtype: Any = None) -> torch.Tensor:
        """The kernels.

        Raises:
            ValueError: If `shape` has not three sizes, or the window another length.
        """
        shape, wanted = sizes(shape), element_type(dtype)
        if len(shape) != 3:
            raise ValueError(f"`shape` must be (length, 1, bins); received shape={shape}.")
        length, _, bins = shape
        time = torch.arange(length, dtype=torch.float64, device=default_device())
        frequency = torch.arange(bins, dtype=torch.float64, device=default_device())
        angle = -2 * math.pi * time[:, None, None] * frequency / (2 * (bins - 1))
        kernel = angle.cos() if self.side == "real" else angle.sin()  # (length, 1, bins)
        if self.window is not None:
            kernel = kernel * self._weights(length).to(kernel)[:, None, None]
        return kernel.to(wanted)

    def _weights(self, length: int) -> torch.Tensor:
        """The scaled window."""
        window = self.window
        if isinstance(window, str):
            from scipy.signal import get_window

            window = get_window(window, length, self.periodic)
        window = convert_to_tensor(window, "float64")
        if tuple(window.shape) != (length,):
            raise ValueError(
                f"`window` must have {length} values, the length of the kernel; "
                f"received shape {tuple(window.shape)}."
            )
        if self.scaling == "density":
            return window / window.square().sum().sqrt()
        if self.scaling == "spectrum":
            return window / window.abs().sum()
        return window

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, ready for JSON."""
        return {
            "side": self.side,
            "window": self.window,
            "periodic": self.periodic,
            "scaling": self.scaling,
        }
