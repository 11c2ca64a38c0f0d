"""Numbers to their places in bins, and those to vectors."""

from typing import Any

from jaxtyping import Float, Num
from torch import Tensor

from profond import activations, initializers, regularizers
from profond.layers._activate import activate
from profond.layers._checks import positive_integer
from profond.layers.tabular._bins import Binned, places_in
from profond.layers.tabular._per_feature import as_torch_begins, for_each_feature, per_feature


class PiecewiseLinearEmbedding(Binned):
    r"""A vector for each number of a table: its places in bins, then a dense layer.

    $a = \varphi(e W + b)$ with the encoding $e$ of `PiecewiseLinearEncoding`, and $W$ and $b$
    of each feature's own: piecewise linear functions of the number, whose slopes are learned
    (Gorishniy et al. 2022, "On Embeddings for Numerical Features in Tabular Deep Learning", Q-LR;
    Q-L without $\varphi$; version "A" of the authors' package `rtdl_num_embeddings`).

    Args:
        units: Size of each vector, > 0.
        num_bins: Number of bins of each feature, which `adapt` finds, > 0.
        activation: Name or function of $\varphi$; None is the identity.
        bin_boundaries: The edges in the place of `num_bins` and `adapt`, as in
            `PiecewiseLinearEncoding`.
        kernel_initializer: How each feature's matrix of $W$ begins; None is uniform on
            $\pm 1 / \sqrt{T}$ with T bins, as in the source.
        bias_initializer: How $b$ begins; None as for $W$.
        kernel_regularizer: Penalty on $W$.
        bias_regularizer: Penalty on $b$.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, ..., features)`, finite, whole numbers too; NaN becomes NaN. Output:
        `(batch, ..., features, units)`; `Flatten` comes next before a dense layer.

    Raises:
        ValueError: If `units` is not a positive integer, both or none of `num_bins` and
            `bin_boundaries` are given, the edges do not increase, or at a call they are not known
            yet.
    """

    def __init__(
        self,
        units: int,
        num_bins: int | None = None,
        *,
        activation: Any = "relu",
        bin_boundaries: Any = None,
        kernel_initializer: Any = None,
        bias_initializer: Any = None,
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_bins, bin_boundaries, **kwargs)
        self.units = positive_integer(units, "units")
        self.activation = activations.get(activation)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)

    def build(self, input_shape: Any) -> None:
        """Make `boundaries`, `kernel` (features, bins, units) and `bias` (features, units)."""
        super().build(input_shape)
        features, bins = self.boundaries.shape[0], self.boundaries.shape[1] - 1
        self.kernel = self.add_weight(
            (features, bins, self.units),
            for_each_feature(self.kernel_initializer or as_torch_begins(bins)),
            regularizer=self.kernel_regularizer,
            name="kernel",
        )
        self.bias = self.add_weight(
            (features, self.units),
            self.bias_initializer or as_torch_begins(bins),
            regularizer=self.bias_regularizer,
            name="bias",
        )

    def call(
        self, inputs: Num[Tensor, " *batch features"]
    ) -> Float[Tensor, " *batch features units"]:
        """The vectors."""
        shape = inputs.shape
        out = self.vectors(inputs.reshape(-1, shape[-1]), *self.by_feature())
        return out if len(shape) == 2 else out.reshape(*shape, self.units)

    def by_feature(self) -> tuple[Tensor, ...]:
        """The measures of the bins and the weights, with the features as first axis."""
        return (*self.measures_of_bins(), self.kernel, self.bias)

    def vectors(
        self, inputs: Num[Tensor, "batch features"], *weights: Tensor
    ) -> Float[Tensor, "batch features units"]:
        """The vectors with these measures and weights, as `by_feature` gives them."""
        *measures, kernel, bias = weights
        places = places_in(inputs, *measures).to(kernel.dtype)
        sums = per_feature(places.permute(1, 2, 0), kernel, bias)  # (features, units, batch)
        return activate(self.activation, sums.permute(2, 0, 1).contiguous())
