"""The encoded columns of a table to what a dense layer takes: numbers and codes embedded."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float, Num
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its name everywhere

from profond import initializers
from profond.layers._checks import known_sizes, positive_integer
from profond.layers._input_spec import InputSpec
from profond.layers._layer import Layer


class TableEmbedding(Layer):
    """The first columns of a table embedded as numbers, the last ones as codes, side by side.

    The columns are, in order: `numbers` numbers, any others (zeros and ones and their like),
    which are taken as they are, and one for each entry of `codes`, whose values are the rows of
    an embedding: 0, 1, ... (Gorishniy et al. 2021, "Revisiting deep learning models for tabular
    data", section 3; for the numbers, 2022, "On embeddings for numerical features").

    Args:
        numbers: How many of the columns are numbers, >= 0.
        embedding: A layer that gives each number a vector, as `PeriodicEmbedding`, or a list of
            such layers, whose vectors are put side by side; None takes the numbers as they are.
        codes: For each of the last columns, how many codes it may have.
        code_units: Size of the vector of a code, > 0.
        embeddings_initializer: How the vectors of codes begin; those of code 0 begin at 0.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: `(batch, columns)`. Output: `(batch, features)`: the vectors of the numbers one
        after the other, the other columns, the vectors of the codes.

    Raises:
        ValueError: If a size is not a positive integer, `embedding` is not a layer, there are
            fewer columns than `numbers` and `codes` say, or at a call a code is out of range.
    """

    def __init__(
        self,
        numbers: int = 0,
        *,
        embedding: Any = None,
        codes: Sequence[int] = (),
        code_units: int = 8,
        embeddings_initializer: Any = "uniform",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.autocast = False  # half precision does not hold codes above a few hundred
        if not isinstance(numbers, int) or numbers < 0:
            raise ValueError(f"`numbers` must be an integer >= 0; received {numbers!r}.")
        several = list(embedding) if isinstance(embedding, list | tuple) else [embedding]
        for one in several if embedding is not None else []:
            if not isinstance(one, Layer):
                raise ValueError(
                    f"`embedding` must be a layer, a list of layers or None; received {one!r} of "
                    f"type {type(one).__name__}."
                )
        self.numbers = numbers
        self.embedding = embedding
        self._embeddings = several if embedding is not None and numbers else []
        self.codes = tuple(positive_integer(count, "codes") for count in codes)
        self.code_units = positive_integer(code_units, "code_units")
        self.embeddings_initializer = initializers.get(embeddings_initializer)

    def build(self, input_shape: Any) -> None:
        """Build the embedding of numbers, and make the table `embeddings` of all codes."""
        (columns,) = known_sizes((1,), input_shape, self.name)
        if columns < self.numbers + len(self.codes):
            raise ValueError(
                f"the layer {self.name!r} needs at least {self.numbers + len(self.codes)} columns: "
                f"{self.numbers} number(s) and {len(self.codes)} code(s); received {columns}."
            )
        for embedding in self._embeddings:
            if not embedding.built:
                embedding.build((None, self.numbers))
                embedding.built = True
        self._plain = columns - len(self.codes)
        self.input_spec = InputSpec(ndim=2, axes={-1: columns})
        if self.codes:
            # One table for all columns, each with its rows after those of the one before.
            self.embeddings = self.add_weight(
                (sum(self.codes), self.code_units),
                self.embeddings_initializer,
                name="embeddings",
            )
            # Code 0 is for what is not known: it begins, and unless training has it stays, at the
            # origin, where it adds nothing.
            with torch.no_grad():
                self.embeddings[_firsts(self.codes)] = 0.0

    @property
    def adapts(self) -> bool:
        """Whether `adapt` has anything to do."""
        return any(hasattr(embedding, "adapt") for embedding in self._embeddings)

    def adapt(self, data: Any) -> None:
        """Let the embedding of numbers learn what it has to from data, as bins from quantiles.

        Args:
            data: Columns of training rows, shape (rows, columns).
        """
        for embedding in self._embeddings:
            if hasattr(embedding, "adapt"):
                embedding.adapt(data[:, : self.numbers])

    def call(self, inputs: Num[Tensor, " batch columns"]) -> Float[Tensor, " batch features"]:
        """The vectors and the other columns, side by side."""
        numbers = inputs[:, : self.numbers]
        parts = [embedding(numbers).flatten(1) for embedding in self._embeddings]
        plain = inputs[:, self.numbers if parts else 0 : self._plain]
        parts.append(plain.to(self._compute))
        if self.codes:
            parts.append(self._of_codes(inputs[:, self._plain :]))
        return torch.cat(parts, 1) if len(parts) > 1 else parts[0]

    def _of_codes(self, codes: Tensor) -> Tensor:
        return F.embedding(self._rows_of(codes), self.embeddings).flatten(1)

    def _rows_of(self, codes: Tensor) -> Tensor:
        """Where the vectors of codes are in the table of all codes."""
        places = codes.long()
        sizes = torch.tensor(self.codes, device=places.device)
        # On other devices the answer would have to be waited for.
        if places.is_cpu and ((places < 0) | (places >= sizes)).any():
            raise ValueError(
                f"the codes for the layer {self.name!r} must be below {list(self.codes)}, column "
                f"by column; received up to {places.amax(0).tolist()}, from "
                f"{places.amin(0).tolist()}."
            )
        return places + (sizes.cumsum(0) - sizes)


def _firsts(codes: Sequence[int]) -> list[int]:
    """The row of code 0 of each column in the table of all codes."""
    return [sum(codes[:place]) for place in range(len(codes))]
