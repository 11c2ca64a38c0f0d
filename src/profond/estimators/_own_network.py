"""A network of the user's own in the place of an architecture."""

import weakref
from collections.abc import Callable
from typing import Any

from torch import nn

Builder = Callable[[tuple[int | None, ...], tuple[int, ...]], Any]
_given: weakref.WeakSet[Any] = weakref.WeakSet()  # models that were handed over once


def own_network(
    build: Builder, inputs: tuple[int | None, ...], outputs: int, activation: str
) -> Any:
    """The user's network, with the activation that the target needs at its end.

    Args:
        build: A function of input and output shapes, without the batch.
        inputs: Shape of one input, without the batch; None for a size that varies.
        outputs: Number of outputs.
        activation: What the target needs, put at the end of a network that has none there.

    Raises:
        TypeError: If what the function returns is no model of ours.
        ValueError: If its inputs or outputs are not of the shapes that were asked for, or it is
            a model that was returned before.
    """
    from profond.layers import Activation, Input
    from profond.models import Model, Sequential

    network = build(inputs, (outputs,))
    if not isinstance(network, Model):
        kind = type(network)
        way = ""
        if isinstance(network, nn.Module):
            way = " Put it into one: `Sequential([Input(inputs), TorchModuleWrapper(module)])`."
        raise TypeError(
            "`network` must return a profond model (Sequential or Model); received "
            f"{kind.__module__}.{kind.__qualname__}.{way}"
        )
    if network in _given:
        raise ValueError(
            "`network` must make a new model at each call, as each seed trains one of its own; "
            f"received the model {network.name!r} again."
        )
    _given.add(network)
    if not hasattr(type(network), "output_shape"):  # a subclass, whose `call` says it
        network = Sequential([Input(inputs), network])
    elif not network.built:
        network.build((None, *inputs))
    for what, shape, due in (
        ("inputs", network.input_shape, (None, *inputs)),
        ("outputs", network.output_shape, (None, outputs)),
    ):
        if shape not in (due, [due]):
            raise ValueError(
                f"`network` must return a model with {what} of shape {due}; received "
                f"{shape}. The function is called with the shapes of the input and of the output."
            )
    if activation == "linear" or ending(network) not in (None, "linear"):
        return network  # it ends as it is to end
    return (
        Sequential([*network.layers, Activation(activation)])
        if isinstance(network, Sequential)
        else Model(network.inputs, Activation(activation)(network.outputs[0]))
    )


def ending(network: Any) -> str | None:
    """The activation that a network ends with; None if it has none, or is one of unknown layers."""
    from profond.layers import ELU, LeakyReLU, PReLU, ReLU, Softmax, TorchModuleWrapper
    from profond.models import Model

    last = network.layers[-1]
    while isinstance(last, Model) and hasattr(type(last), "output_shape"):
        last = last.layers[-1]
    if isinstance(last, ELU | LeakyReLU | PReLU | ReLU | Softmax):
        return type(last).__name__.lower()
    unknown = isinstance(last, Model | TorchModuleWrapper)
    return None if unknown else last.get_config().get("activation")
