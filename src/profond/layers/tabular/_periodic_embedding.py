"""Numbers to waves of learned frequencies, and those to vectors."""

import math
from typing import Any

import torch
from jaxtyping import Float, Num
from torch import Tensor

from profond import activations, initializers, regularizers
from profond.initializers import RandomNormal, RandomUniform
from profond.layers._activate import activate
from profond.layers._checks import known_sizes, positive, positive_integer
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer
from profond.layers.tabular._cos_sin import cos_sin
from profond.layers.tabular._per_feature import as_torch_begins, for_each_feature, per_feature


class PeriodicEmbedding(Layer):
    r"""A vector for each number of a table: waves of learned frequencies, then a dense layer.

    For the number $x$ of a feature, with k frequencies $c \sim N(0, \sigma^2)$ of that feature,

    $z = [\cos(2 \pi c x), \sin(2 \pi c x)]$ and $a = \varphi(z W + b)$

    (Gorishniy et al. 2022, "On Embeddings for Numerical Features in Tabular Deep Learning",
    section 3.3: PLR, or PL without $\varphi$). With `use_phase` the waves have learned phases in
    the place of the sines, $z = \cos(2 \pi c x + p)$ with $p \sim U(-\pi, \pi)$, and with
    `densenet` the last of the `units` is $x$ itself. Both, without $\varphi$, are the PBLD of
    RealMLP (Holzmüller et al. 2024, "Better by Default"):

        PeriodicEmbedding(24)
        PeriodicEmbedding(4, None, frequencies=16, frequency_scale=0.1, use_phase=True,
                          densenet=True)

    $\sigma$ matters: inputs should be standardised, and values from 0.01 to 1 be tried.

    Args:
        units: Size of each vector, > 0; > 1 with `densenet`.
        activation: Name or function of $\varphi$; None is the identity.
        frequencies: k, > 0.
        frequency_scale: $\sigma$, the standard deviation of the first frequencies, in cycles
            per unit of $x$, > 0.
        use_phase: Whether the waves are cosines with phases, k of them, not k cosines and k sines.
        densenet: Whether $x$ is passed on beside `units - 1` neurons.
        lite: Whether all features share $W$ and $b$ (PLR(lite) of TabR, Gorishniy et al. 2023).
        kernel_initializer: How each feature's matrix of $W$ begins; None is uniform on
            $\pm 1 / \sqrt{n}$, n waves, as in both sources.
        bias_initializer: How $b$ begins; None as for $W$.
        kernel_regularizer: Penalty on $W$.
        bias_regularizer: Penalty on $b$.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, ..., features)`, whole numbers too. Output:
        `(batch, ..., features, units)`; `Flatten` comes next before a dense layer.

    Raises:
        ValueError: If a size is not a positive integer, `frequency_scale` is not positive, or
            `densenet` leaves no neuron.

    Note:
        `rtdl_num_embeddings` cuts the first frequencies off at 3 $\sigma$; the papers do not, nor
        is it done here. In half precision, angles and waves are computed in float32.
    """

    def __init__(
        self,
        units: int,
        activation: Any = "relu",
        *,
        frequencies: int = 48,
        frequency_scale: float = 0.01,
        use_phase: bool = False,
        densenet: bool = False,
        lite: bool = False,
        kernel_initializer: Any = None,
        bias_initializer: Any = None,
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units = positive_integer(units, "units")
        if densenet and self.units == 1:
            raise ValueError(
                "`units` must be at least 2 with `densenet`, which passes the number itself on as "
                "one of them; received units=1."
            )
        self.activation = activations.get(activation)
        self.frequencies = positive_integer(frequencies, "frequencies")
        self.frequency_scale = positive(frequency_scale, "frequency_scale")
        self.use_phase = use_phase
        self.densenet = densenet
        self.lite = lite
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.supports_masking = True
        self.autocast = False  # angles are computed from all digits
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        """Make `frequency`, `phase` (features, k), `kernel` and `bias`.

        `kernel` is (features, waves, neurons) and `bias` (features, neurons), without the first
        axis if `lite`.
        """
        (features,) = known_sizes((len(input_shape) - 1,), input_shape, self.name)
        k = self.frequencies
        self.frequency = self.add_weight(
            (features, k),
            RandomNormal(stddev=self.frequency_scale),
            autocast=False,
            name="frequency",
        )
        self.phase = None
        if self.use_phase:
            first = RandomUniform(-math.pi, math.pi)
            self.phase = self.add_weight((features, k), first, autocast=False, name="phase")
        waves, neurons = k if self.use_phase else 2 * k, self.units - int(self.densenet)
        own = () if self.lite else (features,)
        kernel = self.kernel_initializer or as_torch_begins(waves)
        self.kernel = self.add_weight(
            (*own, waves, neurons),
            kernel if self.lite else for_each_feature(kernel),
            regularizer=self.kernel_regularizer,
            name="kernel",
        )
        self.bias = self.add_weight(
            (*own, neurons),
            self.bias_initializer or as_torch_begins(waves),
            regularizer=self.bias_regularizer,
            name="bias",
        )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})

    def call(
        self, inputs: Num[Tensor, " *batch features"]
    ) -> Float[Tensor, " *batch features units"]:
        """The vectors."""
        shape = inputs.shape
        out = self.vectors(inputs.reshape(-1, shape[-1]), *self.by_feature(shape[-1]))
        return out if len(shape) == 2 else out.reshape(*shape, self.units)

    def by_feature(self, features: int) -> tuple[Tensor, ...]:
        """The weights with the features as first axis: frequency, kernel, bias, phase if any."""
        kernel, bias = self.kernel, self.bias
        if self.lite:
            kernel, bias = kernel.expand(features, -1, -1), bias.expand(features, -1)
        phase = self.phase
        return (self.frequency, kernel, bias) + (() if phase is None else (phase,))

    def vectors(
        self,
        inputs: Num[Tensor, "batch features"],
        frequency: Tensor,
        kernel: Tensor,
        bias: Tensor,
        phase: Tensor | None = None,
    ) -> Float[Tensor, "batch features units"]:
        """The vectors with these weights, as `by_feature` gives them."""
        wide = torch.promote_types(frequency.dtype, torch.float32)
        # The batch last, as `per_feature` wants it: (features, 1, batch).
        x = inputs.to(wide).t().unsqueeze(1)
        frequency = frequency.to(wide).unsqueeze(-1)  # (features, k, 1)
        if phase is None:
            waves = cos_sin((2 * math.pi * frequency) * x)
        else:
            phase = phase.to(wide).unsqueeze(-1)
            waves = torch.addcmul(phase, frequency, x, value=2 * math.pi).cos()
        sums = per_feature(waves.to(kernel.dtype), kernel, bias)  # (features, neurons, batch)
        out = sums.permute(2, 0, 1)
        if self.densenet:
            out = activate(self.activation, out).permute(1, 2, 0)
            return torch.cat([out, x.to(out.dtype)], 1).permute(2, 0, 1).contiguous()
        return activate(self.activation, out.contiguous())
