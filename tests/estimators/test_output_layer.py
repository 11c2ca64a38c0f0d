"""The output layer of a classifier, fitted to the end."""

import numpy as np
import pytest

from profond import layers
from profond.data.series import open_series
from profond.estimators import SeriesClassifier
from profond.estimators._output_layer import refit_output
from profond.models import Model, Sequential


def _network(classes: int, activation: str = "softmax", outputs: int | None = None) -> Sequential:
    return Sequential(
        [
            layers.Input((20, 2)),
            layers.Conv1D(6, 3, activation="tanh"),
            layers.GlobalAveragePooling1D(),
            layers.Dense(outputs or classes, activation=activation),
        ]
    )


def _activated_apart() -> Sequential:
    inside = _network(3, "linear").layers
    return Sequential([layers.Input((20, 2)), *inside, layers.Activation("softmax")])


def _rows(classes: int, n: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(classes)
    y = np.arange(n) % classes
    x = random.normal(size=(n, 20, 2)) + y[:, None, None] * 0.3
    return x.astype("float32"), y, random.uniform(0.2, 3.0, n)


def _gradient(
    network: Sequential, x: np.ndarray, y: np.ndarray, w: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Of the docstring's objective, by W and b, in its units."""
    h = Model(network.inputs, network.layers[-1].input).predict(x, verbose=0).astype("float64")
    unit = np.sqrt(np.mean(h.std(0) ** 2))
    kernel = network.layers[-1].kernel.numpy().astype("float64")
    p = network.predict(x, verbose=0).astype("float64")
    scaled = (h - h.mean(0)) / unit
    truth = y[:, None] if p.shape[1] == 1 else np.eye(p.shape[1])[y]
    wrong = w[:, None] * (p - truth)
    return scaled.T @ wrong + kernel * unit / 10.0, wrong.sum(0)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(
    ("classes", "network"),
    [(3, _network(3)), (5, _network(5)), (2, _network(2, "sigmoid", 1))],
    ids=["three classes", "five classes", "two classes"],
)
def test_the_gradient_of_the_objective_vanishes(
    classes: int, network: Sequential, weighted: bool
) -> None:
    """With weights and without: the solution is that of the docstring's equation."""
    x, y, w = _rows(classes)
    before = [weight.copy() for weight in network.get_weights()[:-2]]
    assert refit_output(network, x, y, w if weighted else None)
    by_kernel, by_bias = _gradient(network, x, y, w if weighted else np.ones(len(y)))
    assert np.abs(by_kernel).max() < 2e-2  # of 60 rows
    assert np.abs(by_bias).max() < 2e-2
    for then, now in zip(before, network.get_weights()[:-2], strict=True):
        np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize(
    ("network", "y"),
    [
        (_activated_apart(), [0, 1, 2]),
        (_network(3, "softplus"), [0, 1, 2]),
        (_network(3), [0, 1, 1]),
    ],
    ids=["activation apart", "another activation", "class without a row"],
)
def test_what_cannot_be_fitted_stays_as_it_is(network: Sequential, y: list[int]) -> None:
    """A network with another end, or a class that has no row to learn from."""
    x = _rows(3)[0][:3]
    before = [weight.copy() for weight in network.get_weights()]
    assert not refit_output(network, x, np.array(y))
    for then, now in zip(before, network.get_weights(), strict=True):
        np.testing.assert_array_equal(now, then)


def test_a_classifier_of_series_has_its_output_fitted() -> None:
    """The last layer alone differs, and the loss on what was learned is less."""
    series = open_series("gun_point")
    train = series.take(series.part == "train")
    truth = train.labels == "2"
    losses, kept = [], []
    for refit in (True, False):
        classifier = SeriesClassifier(
            epochs=4, seeds=1, random_state=0, refit_output=refit, calibrate=False
        )
        classifier.fit(train)
        probabilities = classifier.predict_proba(train)[:, list(classifier.classes_).index("2")]
        losses.append(-np.log(np.where(truth, probabilities, 1 - probabilities)).mean())
        kept.append(classifier.model_.networks[0].get_weights())
    assert losses[0] < 0.5 * losses[1]
    same = [np.array_equal(a, b) for a, b in zip(*kept, strict=True)]
    assert all(same[:-2])
    assert not any(same[-2:])
