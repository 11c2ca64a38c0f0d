"""The rectified linear unit and its relatives."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float, Num
from torch import Tensor

from profond import activations, constraints, initializers, regularizers
from profond.layers._checks import is_number, known_sizes, not_negative, whole_axes
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer


class ReLU(Layer):
    r"""The rectified linear unit, $\max(x, 0)$ (notes, 2.3).

    With the options: `max_value` where $x \ge$ `max_value`, $x$ from `threshold` on, and
    `negative_slope` ($x$ - `threshold`) below.

    Args:
        max_value: Largest value, >= 0; None for no bound.
        negative_slope: Slope below `threshold`, >= 0.
        threshold: Where the rise begins, >= 0.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: any, the same.

    Raises:
        ValueError: If an argument is negative or not a number.
    """

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.max_value = None if max_value is None else not_negative(max_value, "max_value")
        self.negative_slope = not_negative(negative_slope, "negative_slope")
        self.threshold = not_negative(threshold, "threshold")
        self.supports_masking = True

    def call(self, inputs: Num[Tensor, " *shape"]) -> Num[Tensor, " *shape"]:
        """The rectified input."""
        return activations.relu(inputs, self.negative_slope, self.max_value, self.threshold)


class LeakyReLU(Layer):
    r"""$x$ where $x > 0$, else $\alpha x$ with $\alpha$ = `negative_slope` (Maas et al. 2013).

    Args:
        negative_slope: Slope below 0, >= 0.
        alpha: The same, by its name of before Keras 3.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: any, the same.

    Raises:
        ValueError: If the slope is negative or not a number.
    """

    def __init__(
        self, negative_slope: float = 0.3, *, alpha: float | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        slope = negative_slope if alpha is None else alpha
        self.negative_slope = not_negative(slope, "negative_slope")
        self.supports_masking = True

    def call(self, inputs: Num[Tensor, " *shape"]) -> Num[Tensor, " *shape"]:
        """The rectified input."""
        return activations.leaky_relu(inputs, self.negative_slope)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same layer, without the old name of the slope."""
        config = super().get_config()
        config.pop("alpha", None)
        return {**config, "negative_slope": self.negative_slope}


class ELU(Layer):
    r"""$x$ where $x > 0$, else $\alpha (e^x - 1)$ (Clevert et al. 2016, eq. 15).

    Args:
        alpha: Minus the limit for $x$ to minus infinity.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: any, the same.

    Raises:
        ValueError: If `alpha` is not a number.
    """

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not is_number(alpha):
            raise ValueError(f"`alpha` must be a number; received alpha={alpha!r}.")
        self.alpha = float(alpha)
        self.supports_masking = True

    def call(self, inputs: Num[Tensor, " *shape"]) -> Num[Tensor, " *shape"]:
        """The rectified input."""
        return activations.elu(inputs, self.alpha)


class PReLU(Layer):
    r"""$x$ where $x > 0$, else $\alpha x$, with learned $\alpha$ (He et al. 2015, eq. 1).

    Each value of a sample has its own $\alpha$, but for those along `shared_axes`: `[1, 2]` on
    images leaves one per channel.

    Args:
        alpha_initializer: How $\alpha$ begins.
        alpha_regularizer: Penalty on $\alpha$.
        alpha_constraint: Applied to $\alpha$ after each step.
        shared_axes: Axes, from 1 on, along which $\alpha$ is the same.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input and output: `(batch, ...)`, the same.

    Raises:
        ValueError: If `shared_axes` are not axes of the input other than the first.
    """

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: int | Sequence[int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        axes = [] if shared_axes is None else whole_axes(shared_axes, "shared_axes")
        self.shared_axes: list[int] = [axes] if isinstance(axes, int) else list(axes)
        if any(axis < 1 for axis in self.shared_axes):
            raise ValueError(
                "`shared_axes` must be axes from 1 on, the first after the batch; "
                f"received {shared_axes!r}."
            )
        self.supports_masking = True

    def build(self, input_shape: Any) -> None:
        """Make `alpha`, of the shape of a sample with 1 for the shared axes."""
        ndim = len(input_shape)
        if any(axis >= ndim for axis in self.shared_axes):
            raise ValueError(
                f"`shared_axes` of the layer {self.name!r} must be below {ndim}, the number of "
                f"axes of its input; received {self.shared_axes} and the input shape "
                f"{tuple(input_shape)}."
            )
        own = [axis for axis in range(1, ndim) if axis not in self.shared_axes]
        sizes = dict(zip(own, known_sizes(own, input_shape, self.name), strict=True))
        self.alpha = self.add_weight(
            tuple(sizes.get(axis, 1) for axis in range(1, ndim)),
            self.alpha_initializer,
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
            name="alpha",
        )
        self.input_spec = InputSpec(ndim=ndim, axes=dict(sizes))

    def call(self, inputs: Num[Tensor, " batch *sizes"]) -> Float[Tensor, " batch *sizes"]:
        """The rectified input."""
        return torch.where(inputs > 0, inputs, self.alpha * inputs)
