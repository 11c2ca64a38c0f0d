"""The network for a table: what the data dictate, and the hidden layers in between."""

from typing import Any

from profond.data._target import NumberTarget, Target
from profond.experiment._settings import TableSettings


def output_activation(task: str, target: Target, settings: TableSettings) -> str:
    """Activation of the output layer (notes 2.3.1).

    ReLU for a number that is never negative, identity for another number, sigmoid for two
    classes (one neuron), softmax for more (one neuron per class).
    """
    if isinstance(target, NumberTarget):
        if settings.output != "auto":
            return settings.output
        return "relu" if target.non_negative else "linear"
    return "sigmoid" if task == "binary" else "softmax"


def loss_name(task: str) -> str:
    """Mean squared error for numbers, logistic loss for classes (notes, chapter 3)."""
    return {
        "regression": "mean_squared_error",
        "binary": "binary_crossentropy",
        "multiclass": "sparse_categorical_crossentropy",
    }[task]


def build_network(task: str, target: Target, inputs: int, settings: TableSettings) -> Any:
    """A multi-layer perceptron, compiled and with fresh weights.

    One input per encoded column; hidden layers as set, each followed by dropout; one output
    neuron for a number and for two classes, else one per class (notes 2.2). The output bias of
    a regression starts at the target's mean: a ReLU output that starts below 0 would have no
    gradient.

    Args:
        task: "regression", "binary" or "multiclass".
        target: The fitted target.
        inputs: Number of encoded columns.
        settings: Hidden layers, regularisation and learning rate.

    Returns:
        A `profond.Sequential`.
    """
    from profond import layers
    from profond.initializers import Constant
    from profond.models import Sequential
    from profond.optimizers import Adam
    from profond.regularizers import L2

    stack: list[Any] = [layers.Input(shape=(inputs,))]
    for units in settings.hidden:
        penalty = L2(settings.l2) if settings.l2 else None
        stack.append(
            layers.Dense(units, activation=settings.activation, kernel_regularizer=penalty)
        )
        if settings.dropout:
            stack.append(layers.Dropout(settings.dropout))
    if isinstance(target, NumberTarget):
        outputs, start = 1, Constant(target.start)
    else:
        outputs, start = (1 if task == "binary" else len(target.classes)), "zeros"
    activation = output_activation(task, target, settings)
    stack.append(layers.Dense(outputs, activation=activation, bias_initializer=start))
    network = Sequential(stack)
    network.compile(
        optimizer=Adam(learning_rate=settings.learning_rate),
        loss=loss_name(task),
        metrics=["mean_squared_error" if task == "regression" else "accuracy"],
    )
    return network
