"""The network for a table: what the data dictate, and the hidden layers in between."""

from typing import Any

from profond.data import ClassTarget, NumberTarget, Target
from profond.data._preprocessor import Layout
from profond.estimators._own_network import Builder, own_network
from profond.estimators._settings import Settings

_BETA_2 = 0.99  # of Adam: a shorter memory of squared gradients than its 0.999
_NOT_DECAYED = ["bias", "gamma", "beta", "frequency", "phase", "embeddings"]
_BINS = 48  # of a number, for piecewise linear embeddings
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
    target: Target, layout: Layout, settings: Settings, steps: int, own: Builder | None = None
) -> Any:
    """A network with fresh weights, compiled.

    One input per encoded column; hidden layers as set; output neurons as the target needs (notes
    2.2). The output bias of a regression starts at the target's mean: a ReLU output that starts
    below 0 would have no gradient.

    Args:
        target: The fitted target.
        layout: What the encoded columns are.
        settings: Network and training.
        steps: Training steps over all epochs, for the schedule of the step size.
        own: The user's function of input and output shapes, in the architecture's place.

    Returns:
        A `profond` model.
    """
    from profond import architectures

    chosen = settings.network
    activation = output_activation(target, chosen.output)
    if own is not None:
        network = own_network(own, layout.width, target.outputs, activation)
    else:
        build = {"mlp": architectures.mlp, "resnet": architectures.residual_mlp}
        network = build[chosen.architecture](
            layout.width,
            target.outputs,
            hidden=chosen.hidden,
            activation=chosen.activation,
            output_activation=activation,
            dropout=chosen.dropout,
            l2=chosen.l2,
            first=_embedding(layout, settings),
            output_bias=_start(target),
        )
    network.compile(
        optimizer=_optimizer(settings, steps),
        loss=_LOSSES[target.task],
        metrics=[measured_in_training(target)],
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


def _optimizer(settings: Settings, steps: int) -> Any:
    from profond.optimizers import Adam, AdamW, schedules

    training = settings.training
    rate: Any = training.learning_rate
    if training.schedule == "cosine":
        rate = schedules.CosineDecay(rate, decay_steps=steps)
    if not training.weight_decay:
        return Adam(learning_rate=rate, beta_2=_BETA_2)
    optimizer = AdamW(learning_rate=rate, weight_decay=training.weight_decay, beta_2=_BETA_2)
    optimizer.exclude_from_weight_decay(var_names=_NOT_DECAYED)
    return optimizer


def _embedding(layout: Layout, settings: Settings) -> Any:
    """The layer that embeds numbers and codes; None if there is nothing to embed."""
    numbers = settings.network.numbers if layout.numbers else "plain"
    if numbers == "plain" and not layout.codes:
        return None
    from profond.initializers import RandomNormal
    from profond.layers import PeriodicEmbedding, PiecewiseLinearEmbedding, TableEmbedding

    units = settings.network.number_units
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
