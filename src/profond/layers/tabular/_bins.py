"""Bins of each feature, from quantiles of the training data, and places of numbers in them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Num
from torch import Tensor

from profond._tensors import convert_to_tensor, to_array
from profond.layers._checks import known_sizes, positive_integer
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer
from profond.layers.preprocessing._batches import batches_of


class Binned(Layer):
    """A layer with bins for each feature, which are not learned; abstract.

    Args:
        num_bins: Number of bins, T, whose edges `adapt` takes from data.
        bin_boundaries: The edges in the place of `adapt`.
        **kwargs: As in `Layer`.

    Raises:
        ValueError: If both or none are given, or the edges are not numbers in order.
    """

    def __init__(self, num_bins: int | None, bin_boundaries: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if (num_bins is None) == (bin_boundaries is None):
            raise ValueError(
                "give `num_bins` or `bin_boundaries`, and not both; received "
                f"num_bins={num_bins!r}, bin_boundaries={bin_boundaries!r}."
            )
        self.num_bins = None if num_bins is None else positive_integer(num_bins, "num_bins")
        self.bin_boundaries = None if bin_boundaries is None else _edges(bin_boundaries)
        self.supports_masking = True
        self.autocast = False  # the place in a bin is computed from all digits
        self.input_spec = InputSpec(min_ndim=2)
        self._known = False  # whether the edges were seen to be numbers
        self._measures: Any = None  # of the bins, as long as the edges stay as they are

    def build(self, input_shape: Any) -> None:
        """Make `boundaries` (features, T + 1)."""
        (features,) = known_sizes((len(input_shape) - 1,), input_shape, self.name)
        given = self.bin_boundaries
        if given is not None and len(given) not in (1, features):
            raise ValueError(
                f"`bin_boundaries` of the layer {self.name!r} must be one list of edges, or one "
                f"for each of the {features} features; received {len(given)}."
            )
        bins = len(given[0]) - 1 if given is not None else self.num_bins
        # NaN until `adapt`, or until weights are loaded.
        values = np.full((1, 1), np.nan) if given is None else given
        shape = (features, int(bins or 0) + 1)
        self.boundaries = self.add_weight(
            shape,
            lambda shape, dtype: convert_to_tensor(np.broadcast_to(values, shape).copy(), dtype),
            trainable=False,
            autocast=False,
            name="boundaries",
        )
        self.input_spec = InputSpec(min_ndim=2, axes={-1: features})

    def adapt(self, data: Any) -> None:
        """Take the edges from data: `num_bins` + 1 quantiles of each feature, ends included.

        They are `numpy.quantile`'s, at 0, 1 / T, ..., 1. A value that is more frequent than a bin
        should be (the zeros of a column of gains) is an edge, once, and the other edges are
        quantiles of the other values, which keep their bins that way; where the feature has no more
        than T + 1 different values, these are the edges. Missing edges are bins of width 0, which
        stay at 0: the feature has fewer bins.

        Args:
            data: An array, tensor or DataFrame of all samples, or an iterable of batches, of
                whose tuples the first member is taken.

        Raises:
            ValueError: If the edges were given, there is no data, its last axis is not the
                features, or a value is missing or infinite.
        """
        if self.num_bins is None:
            raise ValueError(
                f"the layer {self.name!r} was made with `bin_boundaries`; make it with `num_bins` "
                "for `adapt` to find them."
            )
        batches = [np.asarray(batch, np.float64) for batch in batches_of(data)]
        for batch in batches:
            if not self.built and batch.ndim > 1:
                self.build((None, *batch.shape[1:]))
            if batch.ndim < 2 or batch.shape[-1] != len(self.boundaries):
                features = f", {len(self.boundaries)}" if self.built else ""
                raise ValueError(
                    f"`data` for the layer {self.name!r} must have the axes (samples, ..., "
                    f"features{features}); received the shape {batch.shape}."
                )
        if not sum(batch.size for batch in batches):
            raise ValueError("`data` must hold at least one sample; received none.")
        values = np.concatenate([batch.reshape(-1, batch.shape[-1]) for batch in batches])
        wrong = np.flatnonzero(~np.isfinite(values).all(0)).tolist()
        if wrong:
            raise ValueError(
                f"`data` must be finite; received NaN or infinite values in the features {wrong}. "
                "Fill them in, or leave these samples out."
            )
        edges = [_quantile_edges(column, self.num_bins) for column in values.T]
        self.boundaries.assign(np.stack([_padded(one, self.num_bins + 1) for one in edges]))
        self._known = True

    def place_in_bins(
        self, inputs: Num[Tensor, " *batch features"]
    ) -> Float[Tensor, " *batch features bins"]:
        """The piecewise linear encoding, in at least float32.

        Raises:
            ValueError: If the edges are not known yet.
        """
        return places_in(inputs, *self.measures_of_bins())

    def measures_of_bins(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Left edge, slope, lowest and highest place of each bin, each (features, bins)."""
        given = self.boundaries
        # Computed again where the edges have been changed, or are somewhere else.
        state = (given.data_ptr(), given._version, given.dtype, given.device)
        if self._measures is not None and self._measures[0] == state:
            return self._measures[1]
        wide = torch.promote_types(given.dtype, torch.float32)
        edges = given.detach().as_subclass(Tensor).to(wide)
        if not self._known and not edges.is_meta:
            self._check_known(edges)
        left, right = edges[:, :-1], edges[:, 1:]
        width = right - left
        slope = width.reciprocal().masked_fill(width <= 0, 0.0)
        # Beyond the outer edges the first and the last bin go on; those of width 0 stay at 0.
        low = torch.where(left <= edges[:, :1], -torch.inf, 0.0).to(wide)
        high = torch.where(right >= edges[:, -1:], torch.inf, 1.0).to(wide)
        if self._known:
            self._measures = (state, (left.clone(), slope, low, high))
        return left, slope, low, high

    def _check_known(self, edges: Tensor) -> None:
        """Refuse edges that nothing has set; asked until they are set, not at each call."""
        if bool(edges.isnan().any()):
            raise ValueError(
                f"the layer {self.name!r} has no bins yet: call `adapt(data)` with the training "
                "data first, load its weights, or make it with `bin_boundaries`."
            )
        self._known = True

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same layer; what `adapt` found is among the weights."""
        config = super().get_config()
        edges = self.bin_boundaries
        config["bin_boundaries"] = None if edges is None else edges.tolist()
        return config


def places_in(inputs: Tensor, left: Tensor, slope: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """The place of each number, (*batch, features), in each bin, (*batch, features, bins)."""
    place = (inputs.to(left.dtype).unsqueeze(-1) - left) * slope
    return place.clamp(low, high)


def _quantile_edges(values: np.ndarray, bins: int) -> np.ndarray:
    """At most `bins` + 1 edges of values, shape (samples,), as `adapt` describes them; rising."""
    different, counts = np.unique(values, return_counts=True)
    if len(different) <= bins + 1:
        return different
    is_edge = np.zeros(len(different), bool)
    while True:
        left = bins - is_edge.sum()
        # Fewer than `left` values can be that frequent: one bin is left at the least.
        frequent = ~is_edge & (counts * left > counts[~is_edge].sum())
        if not frequent.any():
            break
        is_edge |= frequent
    others = np.repeat(different[~is_edge], counts[~is_edge])
    return np.union1d(different[is_edge], np.quantile(others, np.linspace(0, 1, left + 1)))


def _padded(edges: np.ndarray, length: int) -> np.ndarray:
    """Edges whose last one is repeated up to a length."""
    return np.pad(edges, (0, length - len(edges)), mode="edge")


def _edges(bin_boundaries: Any) -> np.ndarray:
    """The edges, (1, T + 1) for all features or (features, T + 1).

    A feature with fewer bins than the others repeats its last edge.

    Raises:
        ValueError: If they are not finite numbers in increasing order, two at least.
    """
    rows: Any = bin_boundaries
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        rows = to_array(rows)
    try:
        first = np.ndim(rows[0])
        arrays = [np.asarray(to_array(r), np.float64) for r in (rows if first else [rows])]
        valid = all(
            a.ndim == 1 and len(a) > 1 and np.isfinite(a).all() and (np.diff(a) >= 0).all()
            for a in arrays
        )
    except (TypeError, ValueError, IndexError):
        valid, arrays = False, []
    if not valid:
        raise ValueError(
            "`bin_boundaries` must be two or more finite numbers in increasing order, or such a "
            f"list for each feature; received {bin_boundaries!r}."
        )
    longest = max(len(a) for a in arrays)
    return np.stack([_padded(a, longest) for a in arrays])
