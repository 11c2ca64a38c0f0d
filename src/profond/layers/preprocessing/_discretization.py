"""Numbers to the numbers of the bins that they fall into."""

from typing import Any

import numpy as np
from jaxtyping import Num
from torch import Tensor

from profond import ops
from profond._tensors import to_array
from profond.layers._checks import not_negative, one_of, positive_integer
from profond.layers._layer import Layer
from profond.layers.preprocessing._encoding import MODES, encode


class Discretization(Layer):
    """The number of the bin of each value: 0 below the first edge, then 1, and so on.

    The edges are given, or quantiles of the data that `adapt` is given.

    Args:
        bin_boundaries: The edges, increasing; an edge belongs to the bin above it.
        num_bins: Number of bins for `adapt`, each with about as many values, > 0.
        epsilon: Precision of the quantiles, as a part of the data, in ]0, 1[.
        output_mode: `"int"`: the numbers; `"one_hot"`, `"multi_hot"`, `"count"`: vectors of
            them, as in `CategoryEncoding`.
        sparse: Accepted for Keras's sake; only False.
        dtype: Element type of the vectors.
        name: Name of the layer.
        **kwargs: `trainable`, as in `Layer`.

    Shape:
        Input: any. Output: the same, int32; vectors of the number of bins else.

    Raises:
        ValueError: If both or none of `bin_boundaries` and `num_bins` are given, or the edges
            do not increase.
    """

    def __init__(
        self,
        bin_boundaries: Any = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, dtype=dtype, **kwargs)
        if sparse:
            raise ValueError("`sparse` must be False: vectors are dense here; received True.")
        if (bin_boundaries is None) == (num_bins is None):
            raise ValueError(
                "give `bin_boundaries` or `num_bins`, and not both; received "
                f"bin_boundaries={bin_boundaries!r}, num_bins={num_bins!r}."
            )
        self.num_bins = None if num_bins is None else positive_integer(num_bins, "num_bins")
        self.epsilon = not_negative(epsilon, "epsilon")
        if not 0 < self.epsilon < 1:
            raise ValueError(f"`epsilon` must be in ]0, 1[; received epsilon={epsilon!r}.")
        self.output_mode = one_of(output_mode, "output_mode", ("int", *MODES))
        self.bin_boundaries = None if bin_boundaries is None else _edges(bin_boundaries)
        self.autocast = False

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Take the edges from data: quantiles, to the precision `epsilon`.

        Args:
            data: An array, tensor or DataFrame, or an iterable of batches.
            steps: Number of batches to take; all by default.

        Raises:
            ValueError: If the edges were given, or there is no data.
        """
        if self.num_bins is None:
            raise ValueError(
                f"the layer {self.name!r} was made with `bin_boundaries`; make it with `num_bins` "
                "for `adapt` to find them."
            )
        whole = hasattr(data, "shape") or hasattr(data, "to_numpy")
        summary = np.zeros((2, 0))
        for step, batch in enumerate([data] if whole else data):
            if steps is not None and step >= steps:
                break
            joined = np.concatenate([_summary(to_array(batch), self.epsilon), summary], axis=1)
            summary = _compressed(joined[:, np.argsort(joined[0])], self.epsilon)
        if summary.shape[1] == 0:
            raise ValueError("`data` must hold at least one value; received none.")
        self.bin_boundaries = _compressed(summary, 1.0 / self.num_bins)[0, :-1].tolist()

    def call(self, inputs: Num[Tensor, " *shape"]) -> Any:
        """The numbers of the bins, or vectors of them.

        Raises:
            ValueError: If the edges are not known yet.
        """
        if self.bin_boundaries is None:
            raise ValueError(
                f"the layer {self.name!r} has no edges yet: call `adapt(data)` first, or make it "
                "with `bin_boundaries`."
            )
        # Edges between whole numbers must not be rounded to them.
        values = inputs if inputs.is_floating_point() else inputs.double()
        numbers = ops.digitize(values, values.new_tensor(self.bin_boundaries))
        if self.output_mode == "int":
            return numbers
        depth = len(self.bin_boundaries) + 1
        return encode(numbers, self.output_mode, depth, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same layer, and the edges that `adapt` found."""
        config = super().get_config()
        if config["trainable"]:
            del config["trainable"]  # Keras's constructor does not know it
        edges = self.bin_boundaries
        config["bin_boundaries"] = None if edges is None else list(edges)
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Discretization":
        """The layer that `get_config` described."""
        config = dict(config)
        edges = config.pop("bin_boundaries", None)
        if edges is None or config.get("num_bins") is None:
            return super().from_config({"bin_boundaries": edges, **config})
        layer = super().from_config(config)
        layer.bin_boundaries = _edges(edges)
        return layer


def _edges(bin_boundaries: Any) -> list[float]:
    """The edges as a list.

    Raises:
        ValueError: If they do not increase.
    """
    edges = np.asarray(to_array(bin_boundaries), dtype=float)
    if edges.ndim != 1 or not (np.diff(edges) > 0).all():
        raise ValueError(f"`bin_boundaries` must increase; received {bin_boundaries!r}.")
    return edges.tolist()


def _summary(values: np.ndarray, epsilon: float) -> np.ndarray:
    """About 1 / `epsilon` of the sorted values, each with how many it stands for."""
    values = np.sort(values.reshape(-1).astype(np.float32))
    step = max(len(values) * epsilon, 1.0)
    chosen = values[int(step - 1) :: int(step)]
    return np.stack([chosen, np.full(len(chosen), step)])


def _compressed(summary: np.ndarray, epsilon: float) -> np.ndarray:
    """The values of a sorted summary at each part `epsilon` of its total weight."""
    if summary.shape[1] * epsilon < 1:
        return summary
    parts = epsilon + np.arange(0.0, 1.0, epsilon)
    total = summary[1].cumsum()
    at = total / total[-1]
    values, weights = np.interp(parts, at, summary[0]), np.interp(parts, at, total)
    return np.stack([values, np.diff(weights, prepend=0.0)]).astype(np.float32)
