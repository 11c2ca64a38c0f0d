"""Categories, given as whole numbers, to vectors."""

from typing import Any

from jaxtyping import Float, Num
from torch import Tensor

from profond._tensors import convert_to_tensor
from profond.layers._checks import one_of, positive_integer
from profond.layers._layer import Layer
from profond.layers.preprocessing._encoding import MODES, encode


class CategoryEncoding(Layer):
    """Categories as vectors with a place for each of `num_tokens` categories.

    Args:
        num_tokens: Number of categories, > 0; they are numbered from 0.
        output_mode: `"one_hot"`: a 1 at the place of each category; `"multi_hot"`: one vector
            for all categories of a sample; `"count"`: how often each is there.
        sparse: Accepted for Keras's sake; only False.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, categories)`, whole numbers (others than 0 to `num_tokens` - 1 have no
        place); `count_weights`: the same. Output: `(batch, num_tokens)`; with `"one_hot"`
        `(batch, categories, num_tokens)`, and without the axis of the categories if it is 1.

    Raises:
        ValueError: If `num_tokens` is not a positive integer, or the mode is unknown.
    """

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: str = "multi_hot",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if sparse:
            raise ValueError("`sparse` must be False: vectors are dense here; received True.")
        self.num_tokens = positive_integer(num_tokens, "num_tokens")
        mode = "multi_hot" if output_mode == "binary" else output_mode
        self.output_mode = one_of(mode, "output_mode", MODES)
        self.autocast = False

    def call(
        self, inputs: Num[Tensor, " *numbers"], count_weights: Any = None
    ) -> Float[Tensor, " *vectors"]:
        """The vectors.

        Raises:
            ValueError: If there are weights, and the mode does not count.
        """
        if count_weights is not None:
            if self.output_mode != "count":
                raise ValueError(
                    "`count_weights` needs output_mode='count'; received "
                    f"output_mode={self.output_mode!r}."
                )
            count_weights = convert_to_tensor(count_weights)
        depth, dtype = self.num_tokens, self.compute_dtype
        return encode(inputs, self.output_mode, depth, dtype, count_weights)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same layer."""
        config = {**super().get_config(), "output_mode": self.output_mode}
        config.pop("sparse", None)
        return config
