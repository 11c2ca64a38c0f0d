"""The network for series."""

from typing import TYPE_CHECKING, Any

from profond.data.series._preprocessor import SeriesLayout

if TYPE_CHECKING:
    from profond.estimators._series_settings import SeriesNetwork

# The architecture's function, by what it is called for users.
_FUNCTIONS = {
    "fcn": "fcn",
    "resnet": "resnet1d",
    "inception_time": "inception_time",
    "encoder": "encoder",
    "time_cnn": "time_cnn",
    "t_lenet": "t_lenet",
    "mlp": "series_mlp",
    "rnn": "recurrent",
    "lstm": "recurrent",
    "gru": "recurrent",
    "transformer": "series_transformer",
}


def series_network(
    chosen: "SeriesNetwork",
    layout: SeriesLayout,
    outputs: int,
    *,
    output_activation: Any,
    output_bias: Any,
) -> Any:
    """A published network, as in its paper.

    Args:
        chosen: The settings of the network.
        layout: What the encoded series are.
        outputs: Number of output neurons.
        output_activation: Activation of the output layer.
        output_bias: Initializer of its bias.

    Returns:
        A `profond` model, not compiled.
    """
    from profond import architectures
    from profond.estimators._output_bias import start_output_at

    function = _FUNCTIONS[chosen.architecture]
    options: dict[str, Any] = {} if chosen.fixed_length else {"masked": layout.masked}
    if function == "recurrent":
        options["cell"] = chosen.architecture
    build = getattr(architectures, function)
    network = build(layout.shape, outputs, output_activation=output_activation, **options)
    start_output_at(network, output_bias)
    return network
