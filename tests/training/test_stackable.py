"""What keeps networks from being trained as one stack, said in words."""

import re

import pytest
import torch

from profond import activations, layers, losses, metrics, optimizers, regularizers
from profond.models import Model, Sequential
from profond.trials import why_not_together


def network(*inner, optimizer="adam", loss="mse", last=None, **options):
    """A small network, compiled."""
    model = Sequential([layers.Input((3,)), *inner, last or layers.Dense(2)])
    model.compile(optimizer, loss, **options)
    return model


class OwnStep(Sequential):
    def train_step(self, data):
        return super().train_step(data)


def own_step():
    model = OwnStep([layers.Input((3,)), layers.Dense(2)])
    model.compile("adam", "mse")
    return model


def frozen():
    model = network(layers.Dense(4))
    model.layers[0].trainable = False
    return model


def jitted():
    model = network()
    model.jit_compile = True
    return model


def halved():
    model = network()
    model.compile("adam", "mse", precision="bfloat16")
    return model


def listened():
    model = network()
    model.layers[0].register_forward_hook(lambda *facts: None)
    return model


def listened_gradient():
    model = network()
    model.weights[0].register_hook(lambda gradient: None)
    return model


def excluding():
    model = network()
    optimizer = optimizers.AdamW()
    optimizer.exclude_from_weight_decay(var_list=[model.weights[1]])
    model.compile(optimizer, "mse")
    return model


def without_dense():
    model = Sequential([layers.Input((3,)), layers.Activation("relu")])
    model.compile("adam", "mse")
    return model


def images():
    model = Sequential([layers.Input((4, 3)), layers.Dense(2)])
    model.compile("adam", "mse")
    return model


def shared_layer():
    one = layers.Dense(3)
    x = layers.Input((3,))
    model = Model(x, one(one(x)))
    model.compile("adam", "mse")
    return model


def unbuilt():
    model = Sequential([layers.Dense(2)])
    model.compile("adam", "mse")
    return model


one_model = {
    "it is not compiled with an optimizer": lambda: Sequential([layers.Input((3,))]),
    "it is not built: begin it with `Input": unbuilt,
    "it has a `train_step` of its own": own_step,
    "it is compiled by `jit_compile`": jitted,
    "it is compiled with precision='bfloat16'": halved,
    "must be rows of numbers, \\(None, features\\); it is \\(None, 4, 3\\)": images,
    "it has no Dense layer": without_dense,
    "some of its weights are frozen": frozen,
    "has an activity regularizer, hooks or mixed precision": listened,
    "hooks listen to their gradients": listened_gradient,
    "two of its layers share weights": shared_layer,
    "is a BatchNormalization; only Dense, Activation and Dropout can be batched": (
        lambda: network(layers.BatchNormalization())
    ),
    "has a `noise_shape` without a `seed`": lambda: network(layers.Dropout(0.1, (None, 1))),
    "is a function of your own": lambda: network(layers.Dense(2, lambda x: x * 2)),
    "the kernel regularizer of the layer 'dense.*must be L1, L2 or L1L2": (
        lambda: network(layers.Dense(3, kernel_regularizer="orthogonal_regularizer"))
    ),
    "has a bias constraint": lambda: network(layers.Dense(3, bias_constraint="non_neg")),
    "its optimizer is Nadam; it must be one of SGD, Adam, AdamW": (
        lambda: network(optimizer="nadam")
    ),
    "clips by norm, which is of one network alone; `clipvalue` can be used": (
        lambda: network(optimizer=optimizers.Adam(clipnorm=1.0))
    ),
    "its optimizer scales the loss": (
        lambda: network(optimizer=optimizers.Adam(loss_scale_factor=2.0))
    ),
    "excluded from decay one by one; exclude them by name": excluding,
    "its learning rate is a function; it must be a number or a schedule": (
        lambda: network(optimizer=optimizers.SGD(lambda: 0.1))
    ),
    "it must have one loss, without weights": lambda: network(loss_weights=0.5),
    "its loss is a function of your own": lambda: network(loss=lambda y, p: (y - p).square()),
    "its loss .* must be a mean over rows": (
        lambda: network(loss=losses.MeanSquaredError(reduction="sum"))
    ),
    "its loss .* ignores a class": (
        lambda: network(loss=losses.SparseCategoricalCrossentropy(ignore_class=0))
    ),
    "it has `weighted_metrics`": lambda: network(weighted_metrics=["mae"]),
    "it has a metric of your own": lambda: network(metrics=[lambda y, p: (y - p).abs()]),
}


@pytest.mark.parametrize("reason", one_model)
def test_what_is_in_the_way_in_one_model(reason):
    model = one_model[reason]()
    found = why_not_together([model])
    assert found is not None
    assert found.startswith(f"model 0 ({model.name!r}): ")
    assert re.search(reason, found)


def dense(**options):
    return network(layers.Dense(**{"units": 4, "activation": "relu", **options}))


two_models = {
    "its layer 0: Dense\\(5, relu, True\\), not Dense\\(4, relu, True\\)": lambda: dense(units=5),
    "its layer 0: Dense\\(4, tanh, True\\), not": lambda: dense(activation="tanh"),
    "its layer 0: Dense\\(4, relu, False\\), not": lambda: dense(use_bias=False),
    "its layer 0: .*'L2', {'l2': 0.1}.*, not": (
        lambda: dense(kernel_regularizer=regularizers.L2(0.1))
    ),
    "its number of layers: 3, not 2": lambda: network(layers.Dense(4, "relu"), layers.Dense(3)),
    "its layer 1: Dropout\\(0.5, False\\), not Dense": (
        lambda: network(layers.Dense(4, "relu"), last=layers.Dropout(0.5))
    ),
    "its optimizer: SGD, not Adam": lambda: network(layers.Dense(4, "relu"), optimizer="sgd"),
    "its learning rate: 0.5, not 0.001": (
        lambda: network(layers.Dense(4, "relu"), optimizer=optimizers.Adam(0.5))
    ),
    "its learning rate: ExponentialDecay\\({.*}\\), not 0.001": (
        lambda: network(
            layers.Dense(4, "relu"),
            optimizer=optimizers.Adam(optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)),
        )
    ),
    "its optimizer's options: {.*'beta_1': 0.5": (
        lambda: network(layers.Dense(4, "relu"), optimizer=optimizers.Adam(beta_1=0.5))
    ),
    "its loss: MeanAbsoluteError\\(": lambda: network(layers.Dense(4, "relu"), loss="mae"),
}


@pytest.mark.parametrize("reason", two_models)
def test_how_one_model_differs_from_the_first(reason):
    other = two_models[reason]()
    found = why_not_together([dense(), dense(), other])
    assert found is not None
    assert found.startswith(f"model 2 ({other.name!r}) differs from model 0 (")
    assert re.search(reason, found)


def test_steps_taken_must_be_as_many():
    trained = dense()
    trained.fit(torch.ones(2, 3), torch.ones(2, 2), verbose=0)
    assert "number of steps taken: 1, not 0" in (why_not_together([dense(), trained]) or "")


def test_what_models_must_have_for_themselves():
    model = dense()
    assert why_not_together([]) == "there are no models"
    assert why_not_together([model, model]) == "the same model is there twice"
    optimizer, metric = optimizers.Adam(), metrics.MeanAbsoluteError()
    shared = [network(optimizer=optimizer), network(optimizer=optimizer)]
    assert "two models have the same optimizer: give each" in (why_not_together(shared) or "")
    shared = [network(metrics=[metric]), network(metrics=[metric])]
    assert "two models have the same metric: give each" in (why_not_together(shared) or "")
    layer = layers.Dense(2)
    shared = [network(last=layer), network(last=layer)]
    assert "two models have the same weight: give each" in (why_not_together(shared) or "")


class Halving(optimizers.schedules.LearningRateSchedule):
    """A schedule that cannot be compared."""

    def __call__(self, step):
        return 0.1 * 0.5**step


def test_what_can_be_trained_together():
    def two(make):
        return why_not_together([make(), make()])

    assert two(dense) is None
    assert two(functional_model) is None
    assert two(lambda: dense(kernel_regularizer="l2", bias_regularizer="l1")) is None
    assert two(lambda: dense(activation=activations.relu, name="first")) is None
    assert two(lambda: network(layers.Dropout(0.2, seed=1), layers.Activation("elu"))) is None
    assert two(lambda: network(loss="crossentropy", metrics=["accuracy", "auc"])) is None
    assert two(lambda: network(loss=losses.Huber(0.5), optimizer=optimizers.SGD(0.1))) is None
    halving = Halving()
    assert two(lambda: network(optimizer=optimizers.SGD(halving))) is None
    reason = two(lambda: network(optimizer=optimizers.SGD(Halving()))) or ""
    assert "its learning rate: Halving(" in reason


def functional_model():
    x = layers.Input((3,))
    model = Model(x, layers.Dense(2)(layers.Dense(4, "relu")(x)))
    model.compile("adam", "mse")
    return model
