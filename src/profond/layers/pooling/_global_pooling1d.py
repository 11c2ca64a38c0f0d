"""A series summed up in one vector."""

from typing import Any

import torch
from jaxtyping import Bool, Num
from torch import Tensor

from profond.layers.pooling._global_pooling import GlobalPooling


class _GlobalPooling1D(GlobalPooling):
    """One vector for all time steps; those that are masked do not count."""

    def __init__(self, data_format: Any, keepdims: bool, kwargs: dict[str, Any]) -> None:
        super().__init__(1, data_format, keepdims, kwargs)
        self.supports_masking = True

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        """None: there are no time steps any more."""
        del inputs, previous_mask


class GlobalAveragePooling1D(_GlobalPooling1D):
    """The mean over time.

    Args:
        data_format: None or `"channels_last"`.
        keepdims: Whether the time axis stays, of size 1.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, time, channels)`; `mask`: `(batch, time)`, True where a step counts.
        Output: `(batch, channels)`, or `(batch, 1, channels)` with `keepdims`. A series with
        all steps masked becomes 0 (in Keras, NaN).

    Raises:
        ValueError: If `data_format` is another.
    """

    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(data_format, keepdims, kwargs)

    def call(
        self,
        inputs: Num[Tensor, "batch time channels"],
        mask: Bool[Tensor, "batch time"] | None = None,
    ) -> Num[Tensor, " batch *channels"]:
        """The means."""
        if mask is None:
            return inputs.mean(1, keepdim=self.keepdims)
        counts = mask.bool().unsqueeze(-1)
        total = torch.where(counts, inputs, 0).sum(1, keepdim=self.keepdims)
        return total / counts.sum(1, keepdim=self.keepdims).clamp_min(1)


class GlobalMaxPooling1D(_GlobalPooling1D):
    """The maximum over time, for each channel.

    Args:
        data_format: None or `"channels_last"`.
        keepdims: Whether the time axis stays, of size 1.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, time, channels)`; `mask`: `(batch, time)`, True where a step counts.
        (Keras has no mask here, and takes the maximum over padding too.) Output:
        `(batch, channels)`, or `(batch, 1, channels)` with `keepdims`. A series with all steps
        masked becomes 0.

    Raises:
        ValueError: If `data_format` is another.
    """

    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(data_format, keepdims, kwargs)

    def call(
        self,
        inputs: Num[Tensor, "batch time channels"],
        mask: Bool[Tensor, "batch time"] | None = None,
    ) -> Num[Tensor, " batch *channels"]:
        """The maxima."""
        if mask is None:
            return inputs.amax(1, keepdim=self.keepdims)
        counts = mask.bool().unsqueeze(-1)
        highest = inputs.masked_fill(~counts, -torch.inf).amax(1, keepdim=self.keepdims)
        return torch.where(counts.any(1, keepdim=self.keepdims), highest, 0)


GlobalAvgPool1D = GlobalAveragePooling1D
GlobalMaxPool1D = GlobalMaxPooling1D
