"""Whole numbers to vectors."""

from typing import Any

from jaxtyping import Float, Num
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its name everywhere

from profond import constraints, initializers, regularizers
from profond.layers._checks import positive_integer
from profond.layers._layer import Layer


class Embedding(Layer):
    """A vector for each of the numbers 0, ..., `input_dim` - 1, learned (Bengio et al. 2003).

    The row `i` of the table `embeddings`, of shape (`input_dim`, `output_dim`), stands for `i`.

    Args:
        input_dim: How many numbers there are (the largest one + 1), > 0.
        output_dim: Size of the vectors, > 0.
        embeddings_initializer: How the table begins.
        embeddings_regularizer: Penalty on the table.
        embeddings_constraint: Applied to the table after each step.
        mask_zero: Whether 0 only fills up sequences; then the output carries a mask.
        weights: The table to begin with, or a list of it.
        lora_rank: Accepted for Keras's sake; only None.
        lora_alpha: Accepted for Keras's sake; only None.
        quantization_config: Accepted for Keras's sake; only None.
        input_length: Accepted for the sake of Keras 2, and of no effect.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, ...)`, whole numbers. Output: `(batch, ..., output_dim)`.

    Raises:
        ValueError: If a size is not a positive integer, `weights` has another shape, or at the
            call a number is not in the table.
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        lora_rank: None = None,
        lora_alpha: None = None,
        quantization_config: None = None,
        *,
        input_length: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        del input_length
        for name, value in (("lora_rank", lora_rank), ("quantization_config", quantization_config)):
            if value is not None:
                raise ValueError(f"`{name}` must be None, it is not supported; received {value!r}.")
        del lora_alpha
        self.input_dim = positive_integer(input_dim, "input_dim")
        self.output_dim = positive_integer(output_dim, "output_dim")
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = bool(mask_zero)
        self.supports_masking = self.mask_zero
        self.autocast = False
        if weights is not None:
            self.build()
            one = isinstance(weights, list | tuple) and len(weights) == 1
            self.set_weights(weights if one else [weights])

    def build(self, input_shape: Any = None) -> None:
        """Make the table `embeddings`."""
        del input_shape
        if self.built:
            return
        # Rows are converted after they are taken: converting the table would cost far more.
        self.embeddings = self.add_weight(
            (self.input_dim, self.output_dim),
            self.embeddings_initializer,
            autocast=False,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
            name="embeddings",
        )

    def call(self, inputs: Num[Tensor, " *numbers"]) -> Float[Tensor, " *numbers vector"]:
        """The vectors.

        Raises:
            ValueError: If a number is not in the table.
        """
        numbers = inputs if not inputs.is_floating_point() else inputs.long()
        if numbers.element_size() < 4:
            numbers = numbers.int()
        try:
            outputs: Any = F.embedding(numbers, self.embeddings).to(self._compute)
        except IndexError:
            lowest, highest = int(numbers.min()), int(numbers.max())
            wrong = lowest if lowest < 0 else highest
            raise ValueError(
                f"the inputs of the layer {self.name!r} must be whole numbers from 0 to "
                f"{self.input_dim - 1}, since input_dim={self.input_dim}; received {wrong}."
            ) from None
        if self.mask_zero:
            outputs._keras_mask = numbers != 0
        return outputs

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Tensor | None:
        """True where the number is not 0, if `mask_zero`; None else."""
        del previous_mask
        return inputs != 0 if self.mask_zero else None

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same layer; not the table, which is among the weights."""
        config = super().get_config()
        for name in ("weights", "lora_rank", "lora_alpha", "quantization_config", "input_length"):
            config.pop(name, None)
        return config
