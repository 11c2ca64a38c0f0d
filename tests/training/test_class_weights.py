"""`class_weight`: which row gets which weight, as in Keras."""

import numpy as np
import pytest
import torch

import profond
from profond import layers
from profond.training._class_weights import class_weights
from tests.training.helpers import assert_same_histories, trained_alike

keras = pytest.importorskip("keras")
from keras.src.trainers.data_adapters.data_adapter_utils import (  # noqa: E402
    class_weight_to_sample_weights,
)

WEIGHTS = {0: 2.0, 2: 3.0, -1: 5.0, 70: 7.0}


@pytest.mark.parametrize(
    "y",
    [
        np.array([0, 1, 2, 69, 70, 71]),
        np.array([[0], [2], [5]]),
        np.array([-1, -2, 0, 1]),
        np.array([0.2, 0.5, 0.51, 0.9, 1.0, 2.0], dtype="float32"),
        np.eye(3, dtype="float32"),
    ],
)
def test_weights_are_those_of_keras(y):
    wanted = class_weight_to_sample_weights(y, WEIGHTS)
    np.testing.assert_array_equal(class_weights(torch.tensor(y), None, WEIGHTS), wanted)
    twice = class_weights(torch.tensor(y), torch.full((len(y),), 2.0), WEIGHTS)
    np.testing.assert_array_equal(twice, 2 * wanted)


def test_no_weights_weigh_nothing():
    assert class_weights(torch.tensor([0, 3]), None, {}).tolist() == [1.0, 1.0]


def test_soft_labels_train_alike():
    x = np.random.default_rng(0).normal(size=(20, 4)).astype("float32")
    y = np.linspace(0.05, 0.95, 20, dtype="float32")[:, None]
    theirs, ours, _, _ = trained_alike(
        keras,
        profond,
        lambda k: k.Sequential([k.layers.Input((4,)), k.layers.Dense(1, "sigmoid")]),
        lambda k: {"optimizer": "sgd", "loss": "binary_crossentropy"},
        *(x, y),
        epochs=2,
        class_weight={1: 3.0},
    )
    assert_same_histories(theirs, ours)


def test_measurements_are_no_classes():
    model = profond.Sequential([layers.Input((1,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    y = np.array([0.5, 1.0, 3.25])
    with pytest.raises(ValueError, match=r"`class_weight` needs class numbers .* received 3.25"):
        model.fit(y[:, None], y, class_weight={0: 2.0}, verbose=0)
