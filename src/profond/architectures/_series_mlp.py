"""The multi-layer perceptron for series."""

from collections.abc import Sequence
from typing import Any

from profond.architectures._series_shape import one_per_layer, series_shape


def series_mlp(
    input_shape: Sequence[int | None],
    outputs: int,
    *,
    hidden: Sequence[int] = (500, 500, 500),
    dropout: Sequence[float] = (0.1, 0.2, 0.2, 0.3),
    output_activation: Any = None,
) -> Any:
    """The MLP of Wang et al. (2017, "Time series classification from scratch", II.A, fig. 1a).

    Dropout before each layer, dense layers with ReLU, and an output layer. Each step has its own
    weights: series are of one length. Channels are laid out one after the other within each step,
    where the paper has a single one (as in hfawaz/dl-4-tsc, Fawaz et al. 2019).

    Args:
        input_shape: `(steps, channels)`.
        outputs: Number of output neurons.
        hidden: Units of each hidden layer.
        dropout: Share switched off in training of the input and of each hidden layer, in [0, 1).
        output_activation: Activation of the output layer; the paper has `"softmax"`.

    Returns:
        A `profond.Sequential`, not compiled.

    Raises:
        ValueError: If the number of steps is not known, or `dropout` has not one rate more than
            `hidden` has layers.
    """
    from profond.layers import Dense, Dropout, Flatten, Input
    from profond.models import Sequential

    units = one_per_layer(hidden, "hidden")
    rates = list(dropout) if isinstance(dropout, Sequence) else []
    if len(rates) != len(units) + 1:
        raise ValueError(
            "`dropout` of 'series_mlp' must be a list of rates, one for the input and one for each "
            f"of the {len(units)} hidden layers; received {dropout!r}."
        )
    shape = series_shape(input_shape, "'series_mlp'", steps_known=True)
    stack: list[Any] = [Input(shape=shape), Flatten()]
    for rate, width in zip(rates[:-1], units, strict=True):
        stack += [Dropout(rate), Dense(width, activation="relu")]
    stack += [Dropout(rates[-1]), Dense(outputs, activation=output_activation)]
    return Sequential(stack, name="series_mlp")
