"""Targets that a loss cannot be computed for are refused, whatever they come in."""

import numpy as np
import pytest

import profond
from profond import layers

X = np.random.default_rng(0).normal(size=(20, 4)).astype("float32")
LABELS = np.arange(20) % 3
LOSS = "sparse_categorical_crossentropy"


def two_ends():
    x = profond.Input((4,))
    a, b = layers.Dense(3, "softmax", name="a")(x), layers.Dense(1, "sigmoid", name="b")(x)
    model = profond.Model(x, [a, b])
    model.compile("sgd", [LOSS, "binary_crossentropy"])
    return model


def one_end(units=3, activation="softmax", loss=LOSS):
    model = profond.Sequential([layers.Input((4,)), layers.Dense(units, activation)])
    model.compile("sgd", loss)
    return model


@pytest.mark.parametrize(
    ("y", "told"),
    [
        ([LABELS + 0.5, LABELS % 2], r"y\[0\] has the label 0.5 .*Class numbers are integers"),
        ([LABELS + 1, LABELS % 2], r"y\[0\] has the label 3 \(at index 2\), but the model has 3"),
        ({"a": LABELS + 0.5, "b": LABELS % 2}, r"y\['a'\] has the label 0.5"),
        ([LABELS, LABELS], r"y\[1\] must lie between 0 and 1 for the loss 'binary_crossentropy'"),
    ],
)
def test_targets_of_several_outputs(y, told):
    model = two_ends()
    with pytest.raises(ValueError, match=told):
        model.fit(X, y, verbose=0)
    with pytest.raises(ValueError, match="`validation_data`: " + told):
        model.fit(X, [LABELS, LABELS % 2], validation_data=(X, y), verbose=0)


def test_fractional_class_numbers_from_a_generator():
    for model, y in ((one_end(), LABELS + 0.5), (two_ends(), (LABELS + 0.5, LABELS % 2))):
        with pytest.raises(ValueError, match="has the label 0.5 .*Class numbers are integers"):
            model.fit(iter([(X, y)]), verbose=0)
    one_end().fit(iter([(X, LABELS.astype("float32"))]), verbose=0)


@pytest.mark.parametrize("loss", ["binary_crossentropy", "binary_focal_crossentropy"])
def test_targets_of_binary_losses(loss):
    model = one_end(1, "sigmoid", loss)
    wanted = f"y must lie between 0 and 1 for the loss '{loss}'; received values from -1 to 1"
    with pytest.raises(ValueError, match=wanted):
        model.fit(X, np.sign(X[:, 0]), verbose=0)
    model.fit(X, LABELS / 2, verbose=0)
    model.fit(X, LABELS > 1, verbose=0)
    # -1 may mark what has no weight.
    model.fit(X, LABELS - 1, sample_weight=(LABELS > 0) * 1.0, verbose=0)


def test_hinge_takes_signs_and_truth_values():
    for y in (np.sign(X[:, 0]), LABELS > 1):
        one_end(1, None, "hinge").fit(X, y, verbose=0)


def test_sample_weights_name_outputs():
    for model in (one_end(), two_ends()):
        y = LABELS if len(model.outputs) == 1 else [LABELS, LABELS % 2]
        with pytest.raises(ValueError, match="`sample_weight` has the key 'c', which names no out"):
            model.fit(X, y, sample_weight={"c": np.ones(20)}, verbose=0)
    name = (model := one_end()).output_names[0]
    model.fit(X, LABELS, sample_weight={name: np.ones(20)}, verbose=0)
