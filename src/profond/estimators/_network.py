"""The network of a model: what the data dictate, around what the settings say."""

from typing import Any

from profond.data import ClassTarget, NumberTarget, Target
from profond.estimators._batch_statistics import shorten_memory
from profond.estimators._own_network import Builder, own_network

_NOT_DECAYED = ["bias", "gamma", "beta", "frequency", "phase", "embeddings"]
_LOSSES = {
    "regression": "mean_squared_error",
    "binary": "binary_crossentropy",
    "multiclass": "sparse_categorical_crossentropy",
    "multilabel": "binary_crossentropy",
}


def output_activation(target: Target, output: str = "auto") -> str:
    """Activation of the output layer (notes 2.3.1).

    ReLU for numbers that are never negative, identity for other numbers, sigmoid for two
    classes (one neuron) and for several labels, softmax for more classes (one neuron each).

    Args:
        target: The fitted target.
        output: "auto", or the activation of a regression.
    """
    if target.task == "regression" and not isinstance(target, ClassTarget):
        return output if output != "auto" else "relu" if target.non_negative else "linear"
    return "softmax" if target.task == "multiclass" else "sigmoid"


def build_network(
    target: Target, layout: Any, settings: Any, steps: int, own: Builder | None = None
) -> Any:
    """A network with fresh weights, compiled.

    Hidden layers as set; output neurons as the target needs (notes 2.2). The output bias of a
    regression starts at the target's mean: a ReLU output that starts below 0 would have no
    gradient.

    Args:
        target: The fitted target.
        layout: What the encoded inputs are; its `shape` is that of one row.
        settings: Network and training.
        steps: Training steps over all epochs, for the schedule of the step size.
        own: The user's function of input and output shapes, in the architecture's place.

    Returns:
        A `profond` model.
    """
    chosen = settings.network
    activation = output_activation(target, chosen.output)
    if own is not None:
        network = own_network(own, layout.shape, target.outputs, activation)
    else:
        network = chosen.build(
            layout, target.outputs, output_activation=activation, output_bias=_start(target)
        )
        shorten_memory(network, steps)
    network.compile(
        optimizer=_optimizer(settings.training, steps),
        loss=_LOSSES[target.task],
        metrics=[measured_in_training(target)],
        precision=getattr(settings.training, "precision", None),  # tables have none
    )
    return network


def measured_in_training(target: Target) -> str:
    """The metric of each epoch beside the loss."""
    return {"regression": "mean_squared_error", "multilabel": "binary_accuracy"}.get(
        target.task, "accuracy"
    )


def _start(target: Target) -> Any:
    """Where the output bias starts: at the mean of what a regression learns."""
    from profond.initializers import Constant

    if isinstance(target, NumberTarget):
        return Constant(target.start)
    parts = () if isinstance(target, ClassTarget) else target.parts
    starts = [part.start for part in parts if isinstance(part, NumberTarget)]
    return Constant(starts) if starts else "zeros"


def _optimizer(training: Any, steps: int) -> Any:
    from profond.optimizers import Adam, AdamW, schedules

    rate: Any = training.learning_rate
    if training.schedule == "cosine":
        rate = schedules.CosineDecay(rate, decay_steps=steps)
    if not training.weight_decay:
        return Adam(learning_rate=rate, beta_2=training.beta_2)
    optimizer = AdamW(
        learning_rate=rate, weight_decay=training.weight_decay, beta_2=training.beta_2
    )
    optimizer.exclude_from_weight_decay(var_names=_NOT_DECAYED)
    return optimizer
