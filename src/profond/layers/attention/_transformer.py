"""Blocks of a Transformer (8.7)."""

from typing import Any

from jaxtyping import Bool, Float
from torch import Tensor

from profond import activations, initializers
from profond.layers._checks import not_negative, positive_integer, rate_below_one
from profond.layers._dense import Dense
from profond.layers._layer import Layer
from profond.layers.attention._multi_head_attention import MultiHeadAttention
from profond.layers.normalization._layer_normalization import LayerNormalization
from profond.layers.regularization._dropout import Dropout


class _Block(Layer):
    """Attention and a dense network at each step, each added to what it is given."""

    def __init__(
        self,
        intermediate_dim: int,
        num_heads: int,
        dropout: float,
        activation: Any,
        layer_norm_epsilon: float,
        kernel_initializer: Any,
        bias_initializer: Any,
        normalize_first: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.intermediate_dim = positive_integer(intermediate_dim, "intermediate_dim")
        self.num_heads = positive_integer(num_heads, "num_heads")
        self.dropout = rate_below_one(dropout, "dropout")
        self.activation = activations.get(activation)
        self.layer_norm_epsilon = not_negative(layer_norm_epsilon, "layer_norm_epsilon")
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.normalize_first = normalize_first
        self.supports_masking = True

    def _heads(self, features: int, name: str) -> MultiHeadAttention:
        """Attention whose heads share the features.

        Raises:
            ValueError: If the heads do not divide them.
        """
        if features % self.num_heads:
            raise ValueError(
                f"`num_heads` of the layer {self.name!r} must divide the number of features of its "
                f"input; received num_heads={self.num_heads} and {features} features."
            )
        return MultiHeadAttention(
            self.num_heads,
            features // self.num_heads,
            dropout=self.dropout,
            kernel_initializer=self._fresh(self.kernel_initializer),
            bias_initializer=self._fresh(self.bias_initializer),
            dtype=self.dtype_policy,
            name=name,
        )

    def _dense(self, units: int, name: str, activation: Any = None) -> Dense:
        return Dense(
            units,
            activation=activation,
            kernel_initializer=self._fresh(self.kernel_initializer),
            bias_initializer=self._fresh(self.bias_initializer),
            dtype=self.dtype_policy,
            name=name,
        )

    def _norm(self, name: str) -> LayerNormalization:
        epsilon = self.layer_norm_epsilon
        return LayerNormalization(epsilon=epsilon, dtype=self.dtype_policy, name=name)

    def _drop(self, name: str) -> Dropout:
        return Dropout(self.dropout, dtype=self.dtype_policy, name=name)

    def _build_dense(self, shape: tuple[Any, ...]) -> None:
        """Make the dense network at each step."""
        self.first_dense = self._dense(
            self.intermediate_dim, "feedforward_intermediate_dense", self.activation
        )
        self.second_dense = self._dense(shape[-1], "feedforward_output_dense")
        self.dense_norm = self._norm("feedforward_layer_norm")
        self.dense_drop = self._drop("feedforward_dropout")
        self.first_dense.build(shape)
        self.second_dense.build((*shape[:-1], self.intermediate_dim))
        self.dense_norm.build(shape)

    def _through_dense(self, x: Tensor) -> Tensor:
        """The second half of a block."""
        return self._added(
            x, lambda y: self.second_dense(self.first_dense(y)), self.dense_norm, self.dense_drop
        )

    @staticmethod
    def _fresh(initializer: Any) -> Any:
        """Another initializer of the same kind, whose draws are its own."""
        return type(initializer).from_config(initializer.get_config())

    def _added(self, x: Tensor, part: Any, norm: Layer, drop: Layer) -> Tensor:
        """`x` and `part` of it, normalised before the part or after the sum."""
        if self.normalize_first:
            return x + drop(part(norm(x)))
        return norm(x + drop(part(x)))


class TransformerEncoder(_Block):
    r"""A block of a Transformer's encoder (Vaswani et al. 2017, 3.1; figure 8.1 of the notes).

    $y = N(x + A(x, x)), \quad z = N(y + D_2(\varphi(D_1(y))))$ with multi-head attention A, dense
    layers D and layer normalization N; with `normalize_first`, $y = x + A(N(x), N(x))$ and
    $z = y + D_2(\varphi(D_1(N(y))))$, which learns more steadily when there are many blocks (Xiong
    et al. 2020). The names are KerasHub's.

    Args:
        intermediate_dim: Units of $D_1$, > 0.
        num_heads: Heads of the attention, > 0; they divide the number of features.
        dropout: Share that is dropped in training, of the attention's weights and of what is
            added, in [0, 1].
        activation: Name or function of $\varphi$.
        layer_norm_epsilon: Added to the variance in N, >= 0.
        kernel_initializer: How the kernels begin.
        bias_initializer: How the biases begin.
        normalize_first: Whether N comes before A and D and not after the sums.
        **kwargs: `name`, `dtype`, `trainable`, as in `Layer`.

    Shape:
        Input and output: `(batch, time, features)`, the same; with `return_attention_scores` a pair
        of it and the weights, `(batch, heads, time, time)`.

        `padding_mask`: `(batch, time)`, True where a step counts, by default the mask that comes
        with the input; `attention_mask`: `(batch, time, time)`, True where a step may attend.

    Raises:
        ValueError: If an argument is out of its range, or the heads do not divide the features.
    """

    def __init__(
        self,
        intermediate_dim: int,
        num_heads: int,
        dropout: float = 0,
        activation: Any = "relu",
        layer_norm_epsilon: float = 1e-5,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        normalize_first: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            intermediate_dim,
            num_heads,
            dropout,
            activation,
            layer_norm_epsilon,
            kernel_initializer,
            bias_initializer,
            normalize_first,
            **kwargs,
        )

    def build(self, input_shape: Any) -> None:
        """Make the layers inside."""
        shape = tuple(input_shape)
        features = shape[-1]
        self.self_attention = self._heads(features, "self_attention_layer")
        self.self_attention.build(shape, shape)
        self.attention_norm = self._norm("self_attention_layer_norm")
        self.attention_drop = self._drop("self_attention_dropout")
        self.attention_norm.build(shape)
        self._build_dense(shape)

    def call(
        self,
        inputs: Float[Tensor, "batch time features"],
        padding_mask: Bool[Tensor, "batch time"] | None = None,
        attention_mask: Tensor | None = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
        mask: Bool[Tensor, "batch time"] | None = None,
    ) -> Any:
        """The block's output, and the weights of the attention if they are asked for.

        Args:
            inputs: The steps.
            padding_mask: Which of them count.
            attention_mask: Which may attend to which.
            training: Whether there is dropout.
            return_attention_scores: Whether the weights come too.
            mask: The mask that came with the input.
        """
        counted = mask if padding_mask is None else padding_mask
        scores: Any = None

        def attention(x: Tensor) -> Tensor:
            nonlocal scores
            output = self.self_attention(
                x,
                x,
                value_mask=counted,
                attention_mask=attention_mask,
                return_attention_scores=return_attention_scores,
                training=training,
            )
            if return_attention_scores:
                output, scores = output
            return output

        x = self._added(_plain(inputs), attention, self.attention_norm, self.attention_drop)
        x = self._through_dense(x)
        return (x, scores) if return_attention_scores else x


class TransformerDecoder(_Block):
    r"""A block of a Transformer's decoder (Vaswani et al. 2017, 3.1).

    Attention of each step to those before it, attention to the encoder's output e where there is
    one, and a dense network at each step: $y = N(x + A(x, x)), \; y' = N(y + A'(y, e)), \;
    z = N(y' + D_2(\varphi(D_1(y'))))$, with `normalize_first` as in `TransformerEncoder`. The names
    are KerasHub's.

    Args:
        intermediate_dim: Units of $D_1$, > 0.
        num_heads: Heads of the attention, > 0; they divide the number of features.
        dropout: Share that is dropped in training, of the attention's weights and of what is
            added, in [0, 1].
        activation: Name or function of $\varphi$.
        layer_norm_epsilon: Added to the variance in N, >= 0.
        kernel_initializer: How the kernels begin.
        bias_initializer: How the biases begin.
        normalize_first: Whether N comes before A and D and not after the sums.
        **kwargs: `name`, `dtype`, `trainable`, as in `Layer`.

    Shape:
        `decoder_sequence`: `(batch, time, features)`, and so is the output. `encoder_sequence`:
        `(batch, source time, source features)`; whether there is one is settled by the first call.
        Paddings: `(batch, time)`, by default the masks that come with the sequences; attention
        masks: `(batch, time, time or source time)`.

    Raises:
        ValueError: If an argument is out of its range, the heads do not divide the features, or
            the encoder's output is given at some calls only.
    """

    def __init__(
        self,
        intermediate_dim: int,
        num_heads: int,
        dropout: float = 0,
        activation: Any = "relu",
        layer_norm_epsilon: float = 1e-5,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        normalize_first: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            intermediate_dim,
            num_heads,
            dropout,
            activation,
            layer_norm_epsilon,
            kernel_initializer,
            bias_initializer,
            normalize_first,
            **kwargs,
        )

    def build(  # pyright: ignore[reportIncompatibleMethodOverride] - by Keras's names
        self, decoder_sequence_shape: Any, encoder_sequence_shape: Any = None
    ) -> None:
        """Make the layers inside; attention to the encoder where there is one."""
        shape = tuple(decoder_sequence_shape)
        self.self_attention = self._heads(shape[-1], "self_attention")
        self.self_attention.build(shape, shape)
        self.attention_norm = self._norm("self_attention_layer_norm")
        self.attention_drop = self._drop("self_attention_dropout")
        self.attention_norm.build(shape)
        self.cross_attention = None
        if encoder_sequence_shape is not None:
            self.cross_attention = self._heads(shape[-1], "cross_attention")
            self.cross_attention.build(shape, tuple(encoder_sequence_shape))
            self.cross_norm = self._norm("cross_attention_layer_norm")
            self.cross_drop = self._drop("cross_attention_dropout")
            self.cross_norm.build(shape)
        self._build_dense(shape)

    def call(
        self,
        decoder_sequence: Float[Tensor, "batch time features"],
        encoder_sequence: Float[Tensor, "batch source_time source_features"] | None = None,
        decoder_padding_mask: Bool[Tensor, "batch time"] | None = None,
        decoder_attention_mask: Tensor | None = None,
        encoder_padding_mask: Bool[Tensor, "batch source_time"] | None = None,
        encoder_attention_mask: Tensor | None = None,
        use_causal_mask: bool = True,
        training: bool | None = None,
        decoder_sequence_mask: Bool[Tensor, "batch time"] | None = None,
        encoder_sequence_mask: Bool[Tensor, "batch source_time"] | None = None,
    ) -> Float[Tensor, "batch time features"]:
        """The block's output.

        Args:
            decoder_sequence: The steps that are made.
            encoder_sequence: What they are made from.
            decoder_padding_mask: Which of the first count.
            decoder_attention_mask: Which of them may attend to which.
            encoder_padding_mask: Which of the second count.
            encoder_attention_mask: Which of these may be attended to by which step.
            use_causal_mask: Whether no step attends to those after it.
            training: Whether there is dropout.
            decoder_sequence_mask: The mask that came with the first.
            encoder_sequence_mask: The mask that came with the second.

        Raises:
            ValueError: If the encoder's output is given though it was not at the first call, or
                the other way round.
        """
        if (encoder_sequence is None) != (self.cross_attention is None):
            had = "was not" if self.cross_attention is None else "was"
            raise ValueError(
                f"the layer {self.name!r} must get `encoder_sequence` at all calls or at none: it "
                f"{had} given at the first one, and {'is not' if had == 'was' else 'is'} now."
            )
        padding = decoder_sequence_mask if decoder_padding_mask is None else decoder_padding_mask
        source = encoder_sequence_mask if encoder_padding_mask is None else encoder_padding_mask
        x = self._added(
            _plain(decoder_sequence),
            lambda y: self.self_attention(
                y,
                y,
                value_mask=padding,
                attention_mask=decoder_attention_mask,
                use_causal_mask=use_causal_mask,
                training=training,
            ),
            self.attention_norm,
            self.attention_drop,
        )
        attention = self.cross_attention
        if attention is not None:
            seen = _plain(encoder_sequence)
            x = self._added(
                x,
                lambda y: attention(
                    y,
                    seen,
                    value_mask=source,
                    attention_mask=encoder_attention_mask,
                    training=training,
                ),
                self.cross_norm,
                self.cross_drop,
            )
        return self._through_dense(x)


def _plain(x: Any) -> Any:
    """A sequence without the mask that came with it, which the block has seen."""
    return x if getattr(x, "_keras_mask", None) is None else x.view_as(x)
