"""Numbers to their places in bins."""

from typing import Any

from jaxtyping import Float, Num
from torch import Tensor

from profond.layers.tabular._bins import Binned


class PiecewiseLinearEncoding(Binned):
    r"""The place of each number in the bins of its feature, a thermometer.

    With the edges $b_0 < \dots < b_T$ of a feature, for $t = 1, \dots, T$,

    $e_t = \frac{x - b_{t-1}}{b_t - b_{t-1}}$, cut off at 0 (but for $t = 1$) and at 1 (but for
    $t = T$):

    1 for the bins below $x$, the part that is passed of its own, 0 for those above; beyond
    the outer edges the first and the last bin go on linearly (Gorishniy et al. 2022, "On
    Embeddings for Numerical Features in Tabular Deep Learning", equation 1, section 3.2). The edges
    are quantiles of the training data, found by `adapt`, once, before training; they are not
    learned, and are saved with the weights.

    Args:
        num_bins: T, the number of bins of each feature, > 0.
        bin_boundaries: The edges in the place of `num_bins` and `adapt`: T + 1 numbers for all
            features, or such a list for each. A list may be shorter than the others, or an edge be
            repeated: bins of width 0 are 0 everywhere, and count for nothing.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, ..., features)`, finite, whole numbers too; NaN becomes NaN. Output:
        `(batch, ..., features, bins)`; `Flatten` comes next before a dense layer.

    Raises:
        ValueError: If both or none of `num_bins` and `bin_boundaries` are given, the edges do not
            increase, or at a call they are not known yet.

    Note:
        `rtdl_num_embeddings` flattens the output and leaves the bins of width 0 out. A constant
        feature, which it refuses, is 0 in all bins here. A frequent value, on which several of its
        quantiles fall, takes one edge here (see `adapt`).
    """

    def __init__(
        self, num_bins: int | None = None, *, bin_boundaries: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(num_bins, bin_boundaries, **kwargs)

    def call(
        self, inputs: Num[Tensor, " *batch features"]
    ) -> Float[Tensor, " *batch features bins"]:
        """The places in the bins."""
        return self.place_in_bins(inputs).to(self._compute)
