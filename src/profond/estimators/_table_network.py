"""The network for the columns of a table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from profond.data._preprocessor import Layout

if TYPE_CHECKING:
    from profond.estimators._settings import Network

_BINS = 48  # of a number, for piecewise linear embeddings
_A_THREAD = 2**23  # multiplications in a layer and step that are worth a thread


def table_network(
    chosen: "Network", layout: Layout, outputs: int, *, output_activation: Any, output_bias: Any
) -> Any:
    """One input per encoded column, embeddings of numbers and codes, hidden layers as set.

    Args:
        chosen: The settings of the network.
        layout: What the encoded columns are.
        outputs: Number of output neurons.
        output_activation: Activation of the output layer.
        output_bias: Initializer of its bias.

    Returns:
        A `profond` model, not compiled.
    """
    from profond import architectures

    build = {"mlp": architectures.mlp, "resnet": architectures.residual_mlp}
    return build[chosen.architecture](
        layout.width,
        outputs,
        hidden=chosen.hidden,
        activation=chosen.activation,
        output_activation=output_activation,
        dropout=chosen.dropout,
        l2=chosen.l2,
        first=_embedding(layout, chosen),
        output_bias=output_bias,
    )


def threads_for(batch: int, widths: Sequence[int]) -> int:
    """How many threads a training step of dense layers is worth.

    Args:
        batch: Rows of a step.
        widths: Units of the layers, the input first.
    """
    largest = max(a * b for a, b in zip(widths, (*widths[1:], 1), strict=True))
    return max(1, batch * largest // _A_THREAD)


def _embedding(layout: Layout, chosen: "Network") -> Any:
    """The layer that embeds numbers and codes; None if there is nothing to embed."""
    numbers = chosen.numbers if layout.numbers else "plain"
    if numbers == "plain" and not layout.codes:
        return None
    from profond.initializers import RandomNormal
    from profond.layers import PeriodicEmbedding, PiecewiseLinearEmbedding, TableEmbedding

    units = chosen.number_units
    embeddings: list[Any] = []
    if numbers in ("periodic", "both"):
        # The number itself comes last, beside its units.
        options = {"frequencies": 16, "frequency_scale": 0.1, "densenet": True, "lite": True}
        embeddings.append(PeriodicEmbedding(units + 1, **options))
    if numbers in ("piecewise", "both"):
        embeddings.append(PiecewiseLinearEmbedding(units, num_bins=_BINS))
    of_numbers = embeddings[0] if len(embeddings) == 1 else embeddings or None
    if not layout.codes:
        return TableEmbedding(layout.numbers, embedding=of_numbers)
    return TableEmbedding(
        layout.numbers,
        embedding=of_numbers,
        codes=layout.codes,
        code_units=_code_units(max(layout.codes)),
        embeddings_initializer=RandomNormal(stddev=0.5),
    )


def _code_units(codes: int) -> int:
    """Size of the vector of a code: 4 for ten levels, 16 for a few hundred."""
    return min(16, round(1.6 * codes**0.4))
