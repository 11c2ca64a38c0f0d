"""Where the output of a ready network starts."""

from typing import Any


def start_output_at(network: Any, bias: Any) -> None:
    """Put the bias of the output layer to what an initializer gives.

    Args:
        network: A network whose last layer with a bias is that of its output.
        bias: An initializer, or "zeros" for a network as it is.
    """
    if bias == "zeros":
        return
    last = next(layer for layer in reversed(network.layers) if layer.weights)
    last.bias.assign(bias(tuple(last.bias.shape)))
