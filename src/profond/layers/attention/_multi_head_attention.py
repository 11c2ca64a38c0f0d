"""Attention by several heads (8.4 to 8.6)."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from profond import constraints, initializers, random, regularizers
from profond.layers._checks import positive_integer, rate_below_one
from profond.layers._einsum_dense import EinsumDense
from profond.layers._layer import Layer
from profond.layers.attention._weighted import (
    attended,
    causal_mask,
    check_fits,
    check_rows,
    masked_softmax,
)
from profond.layers.regularization._noise import private_generator

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class MultiHeadAttention(Layer):
    r"""Attention by several heads (Vaswani et al. 2017, 3.2).

    Each head has projections of its own, $Q = X W^Q$, $K = Y W^K$, $V = Y W^V$, and computes

    $\mathrm{softmax}\big(Q K^T / \sqrt{d_k}\big) V$: the equation of 8.4 of the notes;

    the outputs of all heads are projected together to the size of the query. Where the weights are
    not asked for they are not kept, so that memory grows with the length of the sequences and not
    with its square.

    Args:
        num_heads: Number of heads, > 0.
        key_dim: $d_k$, size of the queries and keys of a head, > 0.
        value_dim: Size of the values of a head; `key_dim` when None.
        dropout: Share of the weights that is dropped in training, in [0, 1].
        use_bias: Whether the projections have biases.
        output_shape: Sizes of the output's features; those of the query when None.
        attention_axes: Axes that are attended over, counted with the batch; all between batch and
            features when None.
        sliding_window: A query attends to keys less than so many places away; to all when None.
        flash_attention: Accepted for Keras's sake: torch's operation chooses. With True, dropout
            and the weights as output are refused as in Keras.
        kernel_initializer: How the projections begin.
        bias_initializer: How the biases begin.
        kernel_regularizer: Penalty on each projection.
        bias_regularizer: Penalty on each bias.
        activity_regularizer: Penalty on the output of each projection.
        kernel_constraint: Applied to each projection after each step of training.
        bias_constraint: Applied to each bias.
        use_gate: Whether the output of each head is multiplied by a gate, a sigmoid of the query.
        seed: Starts a generator of the layer's own for dropout.
        **kwargs: `name`, `dtype`, `trainable`, as in `Layer`.

    Shape:
        `query`: `(batch, queries, features)`, `value` and `key` (the values when None): `(batch,
        keys, features)`. Output: `(batch, queries, *output_shape)`; with
        `return_attention_scores` a pair of it and the weights, `(batch, heads, queries, keys)`.

        `attention_mask`: True where a query may attend to a key, `(batch, queries, keys)`, or
        `(batch, heads, queries, keys)`.
        `query_mask`, `value_mask`, `key_mask`: `(batch, queries or keys)`, which also come with
        the inputs. A query that may attend to no key gets the sum of no values, 0, before the
        last projection. The output carries the mask of the query.

    Raises:
        ValueError: If an argument is out of its range, or the shapes do not fit.
    """

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: int | Sequence[int] | None = None,
        attention_axes: int | Sequence[int] | None = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.num_heads = positive_integer(num_heads, "num_heads")
        self.key_dim = positive_integer(key_dim, "key_dim")
        self.value_dim = self.key_dim
        if value_dim is not None:
            self.value_dim = positive_integer(value_dim, "value_dim")
        self.dropout = rate_below_one(dropout, "dropout")
        self.use_bias = use_bias
        self.use_gate = use_gate
        self.output_sizes = _sizes(output_shape)
        self.attention_axes = _sizes(attention_axes)
        self.sliding_window = None
        if sliding_window is not None:
            self.sliding_window = positive_integer(sliding_window, "sliding_window")
        self.flash_attention = bool(flash_attention)
        if self.flash_attention and self.dropout:
            raise ValueError(
                "`dropout` must be 0 with flash_attention=True, which has none; received "
                f"dropout={self.dropout:g}. Leave `flash_attention` out."
            )
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self._of_projections = {
            "kernel_regularizer": regularizers.get(kernel_regularizer),
            "bias_regularizer": regularizers.get(bias_regularizer),
            "activity_regularizer": regularizers.get(activity_regularizer),
            "kernel_constraint": constraints.get(kernel_constraint),
            "bias_constraint": constraints.get(bias_constraint),
        }
        self.seed = seed
        self.seed_generator = private_generator(seed)
        self.supports_masking = True

    def build(  # pyright: ignore[reportIncompatibleMethodOverride] - by Keras's names
        self, query_shape: Any, value_shape: Any, key_shape: Any = None
    ) -> None:
        """Make the projections.

        Raises:
            ValueError: If keys and values are not as many, or inputs have not the same axes.
        """
        query, value = tuple(query_shape), tuple(value_shape)
        key = value if key_shape is None else tuple(key_shape)
        if value[1:-1] != key[1:-1]:
            raise ValueError(
                f"the layer {self.name!r} must get as many keys as values; received key shape "
                f"{key} and value shape {value}."
            )
        if len(query) < 3 or len(query) != len(value):
            raise ValueError(
                f"the inputs of the layer {self.name!r} must have the axes (batch, queries, "
                f"features) and (batch, keys, features); received {query} and {value}."
            )
        free = len(query) - 1
        self._settle(len(query))
        heads = self.num_heads
        self.query_dense = self._projection(free, (heads, self.key_dim), "query", query)
        self.key_dense = self._projection(free, (heads, self.key_dim), "key", key)
        self.gate_dense = None
        if self.use_gate:
            self.gate_dense = self._projection(
                free, (heads, self.value_dim), "gate", query, activation="sigmoid"
            )
        self.value_dense = self._projection(free, (heads, self.value_dim), "value", value)
        outputs = self.output_sizes or (query[-1],)
        shape = (*query[:-1], heads, self.value_dim)
        self.output_dense = self._projection(free, outputs, "attention_output", shape, summed=2)

    def _settle(self, rank: int) -> None:
        """Work out which axes are attended over."""
        axes = self.attention_axes or tuple(range(1, rank - 1))
        self._axes = tuple(axis % rank for axis in axes)
        if not all(0 < axis < rank - 1 for axis in self._axes):
            raise ValueError(
                f"`attention_axes` must lie between the batch and the features, 1 to {rank - 2}; "
                f"received {self.attention_axes}."
            )
        self._is_plain = rank == 3  # (batch, time, features): torch has an operation for it

    def _projection(
        self,
        free: int,
        outputs: Sequence[int],
        name: str,
        shape: Any,
        *,
        summed: int = 1,
        activation: Any = None,
    ) -> EinsumDense:
        """A projection of the last axes of an input.

        Args:
            free: Number of axes that stay, the batch too.
            outputs: Sizes of the axes that it makes.
            name: Its name.
            shape: Shape of its input.
            summed: Number of axes that it takes.
            activation: On its output.
        """
        stay, taken = _LETTERS[:free], _LETTERS[free : free + summed]
        made = _LETTERS[free + summed : free + summed + len(outputs)]
        fresh = [type(i).from_config(i.get_config()) for i in self._initializers()]
        layer = EinsumDense(
            f"{stay}{taken},{taken}{made}->{stay}{made}",
            output_shape=(*[None] * (free - 1), *outputs),
            activation=activation,
            bias_axes=made if self.use_bias else None,
            kernel_initializer=fresh[0],
            bias_initializer=fresh[1],
            name=name,
            dtype=self.dtype_policy,
            **self._of_projections,
        )
        layer.build(shape)
        return layer

    def _initializers(self) -> tuple[Any, Any]:
        return self.kernel_initializer, self.bias_initializer

    def call(
        self,
        query: Float[Tensor, "batch *queries features"],
        value: Float[Tensor, "batch *keys value_features"],
        key: Float[Tensor, "batch *keys key_features"] | None = None,
        query_mask: Bool[Tensor, " batch *queries"] | None = None,
        value_mask: Bool[Tensor, " batch *keys"] | None = None,
        key_mask: Bool[Tensor, " batch *keys"] | None = None,
        attention_mask: Tensor | None = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """The output, and the weights of the attention if they are asked for.

        Raises:
            ValueError: If the weights are asked for with flash_attention=True, or batches or masks
                do not fit.
        """
        if self.flash_attention and return_attention_scores:
            raise ValueError(
                "`return_attention_scores` must be False with flash_attention=True, which does not "
                "keep them. Leave `flash_attention` out."
            )
        key = value if key is None else key
        query, value, key = (_without_mask(one) for one in (query, value, key))
        check_rows([query, value, key], self.name)
        mask = self._mask(query_mask, value_mask, key_mask, attention_mask)
        if self.sliding_window is not None:
            near = _near(query.shape[1], value.shape[1], self.sliding_window, query.device)
            mask = near if mask is None else mask & near
        if self._is_plain:
            by_head = (self.num_heads,) if mask is not None and mask.ndim == 4 else ()
            check_fits(mask, (len(query), *by_head, query.shape[1], value.shape[1]), self.name)
        heads = [self.query_dense(query), self.key_dense(key), self.value_dense(value)]
        dropout = self.dropout if training else 0.0
        scores = None
        own = self.seed_generator is not None and dropout > 0
        if self._is_plain and not return_attention_scores and not own:
            if mask is not None and mask.ndim < 4:
                mask = mask.unsqueeze(-3)  # the same for all heads
            q, k, v = (one.transpose(1, 2) for one in heads)
            options = {"causal": use_causal_mask, "scale": 1 / math.sqrt(self.key_dim)}
            output = attended(q, k, v, mask, dropout=dropout, **options).transpose(1, 2)
        else:
            output, scores = self._with_weights(heads, mask, use_causal_mask, dropout)
        if self.gate_dense is not None:
            output = output * self.gate_dense(query)
        output = self.output_dense(output)
        return (output, scores) if return_attention_scores else output

    def _mask(
        self, query: Any, value: Any, key: Any, given: Tensor | None
    ) -> Bool[Tensor, " *axes"] | None:
        """Where queries may attend to keys, of all masks together."""
        parts = [] if given is None else [given.bool()]
        parts += [] if query is None else [query.bool().unsqueeze(-1)]
        parts += [one.bool().unsqueeze(-2) for one in (value, key) if one is not None]
        if self._is_plain and given is not None and given.ndim == 4:  # one for each head
            parts = [parts[0], *(part.unsqueeze(1) for part in parts[1:])]
        mask = None
        for part in parts:
            mask = part if mask is None else mask & part
        return mask

    def _with_weights(
        self, heads: list[Tensor], mask: Tensor | None, causal: bool, dropout: float
    ) -> tuple[Tensor, Tensor]:
        """The sums of values, (batch, *queries, heads, value_dim), and the weights.

        The weights are (batch, *other axes, heads, *queries attended from, *keys attended to).
        """
        query, key, value = heads
        rank, axes = query.ndim, self._axes
        letters = list(_LETTERS[:rank])  # of the query: batch, axes, head, feature
        of_key = [_LETTERS[rank + i] if i in axes else x for i, x in enumerate(letters)]
        kept = [letters[i] for i in range(rank - 2) if i not in axes]
        from_, to = [letters[i] for i in axes], [of_key[i] for i in axes]
        weights_are = "".join([*kept, letters[-2], *from_, *to])
        query = query / math.sqrt(self.key_dim)
        scores = torch.einsum(f"{''.join(letters)},{''.join(of_key)}->{weights_are}", query, key)
        if causal:
            low = causal_mask(query.shape[1], key.shape[1], query.device)
            mask = low if mask is None else mask & low
        for _ in range(0 if mask is None else scores.ndim - mask.ndim):
            mask = mask.unsqueeze(-2 * len(axes) - 1)  # type: ignore[union-attr]
        shape = scores.shape
        if len(axes) > 1:  # one softmax over all axes of the keys
            scores = scores.flatten(-len(axes))
            mask = None if mask is None else mask.expand(shape).flatten(-len(axes))
        weights = masked_softmax(scores, mask).view(shape)
        used = weights
        if dropout:
            used = random.dropout(weights, dropout, seed=self.seed_generator)
        value_is = "".join([*of_key[:-1], _LETTERS[2 * rank]])
        result = "".join([*letters[:-1], _LETTERS[2 * rank]])
        return torch.einsum(f"{weights_are},{value_is}->{result}", used, value), weights


def _sizes(value: Any) -> tuple[int, ...] | None:
    """One number or several as a tuple; None for None."""
    if value is None:
        return None
    return (value,) if isinstance(value, int) else tuple(value)


def _without_mask(x: Tensor) -> Tensor:
    """The same numbers without the mask that came with them, which this layer has seen."""
    return x if getattr(x, "_keras_mask", None) is None else x.view_as(x)


def _near(queries: int, keys: int, window: int, device: torch.device) -> Tensor:
    """True where a key is less than `window` places from the query, (queries, keys)."""
    apart = torch.arange(queries, device=device)[:, None] - torch.arange(keys, device=device)
    return apart.abs() < window
