"""How long batch normalization remembers, in a short training."""

from typing import Any

_TIMES = 20  # that a training is at least as long as the memory
_SHORTEST = 0.9


def shorten_memory(network: Any, steps: int) -> None:
    r"""Let the averages that batch normalization predicts with forget faster in a short training.

    With a momentum $m$ they remember about $1 / (1 - m)$ steps: 100 with Keras's 0.99. After the
    200 steps of 20 epochs on 50 series they are still far from what the network has learned on
    (FCN on GunPoint: accuracy 0.50 in place of 0.91). The momentum becomes
    $1 - 20 / \text{steps}$, from 0.9 up to what it was.

    Args:
        network: A network that is not trained yet.
        steps: Steps of its training.
    """
    from profond.layers import BatchNormalization

    momentum = max(_SHORTEST, 1 - _TIMES / max(steps, _TIMES))
    for layer in network._flatten_layers():
        if isinstance(layer, BatchNormalization):
            layer.momentum = min(layer.momentum, momentum)
