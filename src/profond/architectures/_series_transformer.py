"""A Transformer's encoder for series (chapter 8)."""

from collections.abc import Sequence
from typing import Any

from profond.architectures._series_shape import series_shape


def series_transformer(
    input_shape: Sequence[int | None],
    outputs: int,
    *,
    features: int = 64,
    heads: int = 4,
    blocks: int = 2,
    intermediate: int = 128,
    kernel_size: int = 7,
    dropout: float = 0.1,
    masked: bool = False,
    output_activation: Any = None,
) -> Any:
    """Attention between the steps of a series, and the mean over them.

    A convolution makes features of the values around each step, since one value tells little to
    be compared by (as in Zerveas et al. 2021, 3.1); sines tell its place; blocks of a Transformer's
    encoder (Vaswani et al. 2017), normalised first, and a last normalisation follow.

    Args:
        input_shape: `(steps, channels)`; steps None where series differ in length.
        outputs: Number of output neurons.
        features: Size of what is made of a step.
        heads: Heads of the attention; they divide `features`.
        blocks: Number of blocks.
        intermediate: Units of the dense network in each.
        kernel_size: Steps that the convolution covers.
        dropout: Share that is switched off in training, in [0, 1).
        masked: Whether steps at which every channel is NaN only fill up shorter series and count
            nowhere (`profond.layers.PaddingMask`).
        output_activation: Activation of the output layer.

    Returns:
        A `profond.Model`, not compiled.

    Raises:
        ValueError: If the shape is not that of series, or the heads do not divide the features.
    """
    from profond import layers
    from profond.layers._checks import positive_integer
    from profond.models import Model

    count = positive_integer(blocks, "blocks")
    entrance = layers.Input(shape=series_shape(input_shape, "'series_transformer'"))
    x = layers.PaddingMask()(entrance) if masked else entrance
    x = layers.Conv1D(features, kernel_size, padding="same")(x)
    x = layers.Add()([x, layers.SinePositionEncoding()(x)])
    for _ in range(count):
        block = layers.TransformerEncoder(
            intermediate, heads, dropout=dropout, activation="gelu", normalize_first=True
        )
        x = block(x)
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization(epsilon=1e-5)(x))
    if dropout:
        x = layers.Dropout(dropout)(x)
    output = layers.Dense(outputs, activation=output_activation)(x)
    return Model(entrance, output, name="transformer")
