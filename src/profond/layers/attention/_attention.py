"""Attention without projections: a soft look-up in a dictionary (8.3)."""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from profond import random
from profond.layers._checks import rate_below_one
from profond.layers._layer import Layer
from profond.layers.attention._weighted import (
    causal_mask,
    check_fits,
    check_rows,
    masked_softmax,
)
from profond.layers.regularization._noise import private_generator


class _LookUp(Layer):
    """Values, weighted by the softmax of scores of queries and keys."""

    def __init__(self, use_scale: bool, dropout: float, seed: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.use_scale = use_scale
        self.dropout = rate_below_one(dropout, "dropout")
        self.seed = seed
        self.seed_generator = private_generator(seed)
        self.supports_masking = True

    def _scores(self, query: Tensor, key: Tensor) -> Float[Tensor, "batch queries keys"]:
        raise NotImplementedError

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """The sums of values, and their weights if they are asked for.

        Args:
            inputs: [query, value] or [query, value, key]; the keys are the values by default.
            mask: [query_mask, value_mask], each (batch, steps) or None.
            training: Whether there is dropout.
            return_attention_scores: Whether the weights come too.
            use_causal_mask: Whether a query attends to keys up to its own place only.

        Raises:
            ValueError: If inputs or masks do not fit together.
        """
        _check(inputs, self.name, "inputs", "[query, value] or [query, value, key]")
        if mask is not None:
            _check(mask, self.name, "mask", "[query_mask, value_mask]")
        query, value = inputs[:2]
        key = inputs[2] if len(inputs) > 2 else value
        check_rows([query, value, key], self.name)
        if query.shape[-1] != key.shape[-1] or key.shape[-2] != value.shape[-2]:
            raise ValueError(
                f"the layer {self.name!r} must get queries and keys of as many features, and as "
                f"many keys as values; received {', '.join(str(tuple(x.shape)) for x in inputs)}."
            )
        query_mask, value_mask = (None, None) if mask is None else mask[:2]
        allowed = None if value_mask is None else value_mask.bool().unsqueeze(-2)
        if use_causal_mask:
            low = causal_mask(query.shape[-2], key.shape[-2], query.device)
            allowed = low if allowed is None else allowed & low
        due = (*query.shape[:-1], key.shape[-2])
        check_fits(allowed, due, self.name)
        weights = masked_softmax(self._scores(query, key), allowed)
        used = weights
        if training and self.dropout:
            used = random.dropout(weights, self.dropout, seed=self.seed_generator)
        output = used @ value
        if query_mask is not None:
            output = torch.where(query_mask.bool().unsqueeze(-1), output, 0)
        return (output, weights) if return_attention_scores else output

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        """The mask of the queries."""
        del inputs
        return previous_mask[0] if isinstance(previous_mask, list | tuple) else None


class Attention(_LookUp):
    r"""Sums of values, weighted by $\mathrm{softmax}(s\, Q K^T)$ (Luong et al. 2015).

    A dictionary that is looked up softly: a query is compared with all keys, and gets the mean of
    the values, weighted by how well they fit (8.3 of the notes).

    Args:
        use_scale: Whether $s$ is learned; else it is 1.
        score_mode: `"dot"` for $q \cdot k$, or `"concat"` for
            $c \sum_i \tanh(s (q_i + k_i))$ with a learned $c$.
        dropout: Share of the weights that is dropped in training, in [0, 1].
        seed: Starts a generator of the layer's own for dropout.
        **kwargs: `name`, `dtype`, `trainable`, `activity_regularizer`, as in `Layer`.

    Shape:
        Input: a list of `(batch, queries, dim)`, `(batch, keys, out)` and, if the keys are not the
        values, `(batch, keys, dim)`. Output: `(batch, queries, out)`; with
        `return_attention_scores` a pair of it and the weights, `(batch, queries, keys)`.

        `mask`: a list of those of the queries and of the values. A query that may attend to no
        value gets 0, and so does one that does not count.

    Raises:
        ValueError: If an argument is out of its range, or the inputs are no such list.
    """

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(use_scale, dropout, seed, **kwargs)
        if score_mode not in ("dot", "concat"):
            raise ValueError(f"`score_mode` must be 'dot' or 'concat'; received {score_mode!r}.")
        self.score_mode = score_mode

    def build(self, input_shape: Any) -> None:
        """Make $s$ and $c$, where there are any."""
        _check(input_shape, self.name, "inputs", "[query, value] or [query, value, key]")
        self.scale = self.add_weight((), "ones", name="scale") if self.use_scale else None
        concat = self.score_mode == "concat"
        self.concat_score_weight = (
            self.add_weight((), "ones", name="concat_score_weight") if concat else None
        )

    def _scores(self, query: Tensor, key: Tensor) -> Float[Tensor, "batch queries keys"]:
        if self.concat_score_weight is None:
            scores = query @ key.transpose(-2, -1)
            return scores if self.scale is None else scores * self.scale
        sums = query.unsqueeze(-2) + key.unsqueeze(-3)
        sums = sums if self.scale is None else self.scale * sums
        return self.concat_score_weight * sums.tanh().sum(-1)


class AdditiveAttention(_LookUp):
    r"""Sums of values, weighted by the softmax of $\sum_i s_i \tanh(q_i + k_i)$.

    The attention of Bahdanau et al. (2015), from before the scalar product, with queries and keys
    projected by layers of their own before this one.

    Args:
        use_scale: Whether the $s_i$ are learned; else they are 1.
        dropout: Share of the weights that is dropped in training, in [0, 1].
        **kwargs: `seed`, as in `Attention`; `name`, `dtype`, `trainable`, `activity_regularizer`,
            as in `Layer`.

    Shape:
        As in `Attention`.

    Raises:
        ValueError: If an argument is out of its range, or the inputs are no such list.
    """

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **kwargs: Any) -> None:
        seed = kwargs.pop("seed", None)
        super().__init__(use_scale, dropout, seed, **kwargs)

    def build(self, input_shape: Any) -> None:
        """Make the $s_i$."""
        _check(input_shape, self.name, "inputs", "[query, value] or [query, value, key]")
        dim = (input_shape[0][-1],)
        self.scale = (
            self.add_weight(dim, "glorot_uniform", name="scale") if self.use_scale else None
        )

    def _scores(self, query: Tensor, key: Tensor) -> Float[Tensor, "batch queries keys"]:
        fits = (query.unsqueeze(-2) + key.unsqueeze(-3)).tanh()
        return fits.sum(-1) if self.scale is None else fits @ self.scale


def _check(values: Any, layer: str, name: str, due: str) -> None:
    """Refuse what is no list of two or three.

    Raises:
        ValueError: Naming layer and argument.
    """
    if isinstance(values, Sequence) and not isinstance(values, str) and 2 <= len(values) <= 3:
        return
    raise ValueError(
        f"`{name}` of the layer {layer!r} must be a list {due}; received "
        f"{f'{len(values)} items' if isinstance(values, list | tuple) else type(values).__name__}."
    )
