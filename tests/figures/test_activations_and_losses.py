"""Activations, their derivatives, and the two losses, against closed forms."""

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss

from profond import figures
from profond.figures import numbers


def test_activations_and_derivatives_equal_the_closed_forms():
    drawn = numbers(figures.activations())
    x = drawn["x"]
    assert len(x) == 400
    sigmoid = 1 / (1 + np.exp(-x))
    expected = {"tanh": 2 / (1 + np.exp(-2 * x)) - 1, "sigmoid": sigmoid, "relu": np.maximum(x, 0)}
    derivative = {
        "tanh": 1 - expected["tanh"] ** 2,
        "sigmoid": sigmoid * (1 - sigmoid),
        "relu": (x > 0).astype(float),
    }
    slopes = numbers(figures.activation_derivatives())["values"]
    for name in expected:
        np.testing.assert_allclose(drawn["values"][name], expected[name], atol=1e-12)
        np.testing.assert_allclose(slopes[name], derivative[name], atol=1e-12)


def test_own_functions_and_spans_are_drawn():
    def cube(x):
        return x**3

    figure = figures.activation_derivatives(cube, span=(0, 2))
    found = numbers(figure)
    assert (found["x"][0], found["x"][-1]) == (0, 2)
    np.testing.assert_allclose(found["values"]["cube"], 3 * found["x"] ** 2)
    assert list(numbers(figures.activations("gelu"))["values"]) == ["gelu"]


def test_activations_that_cannot_be_drawn_are_refused():
    with pytest.raises(ValueError, match="'rellu'.*Did you mean 'relu'"):
        figures.activations("rellu")
    with pytest.raises(ValueError, match=r"`span` must ascend; received \(1, 1\)"):
        figures.activations(span=(1, 1))
    with pytest.raises(ValueError, match="must act element by element; total turned shape"):

        def total(x):
            return torch.sum(x)

        figures.activations(total)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"functions": "softmax"}, ValueError, "what softmax gives for a number depends on the"),
        ({"span": "ab"}, TypeError, "`span` must hold numbers"),
        ({"span": (1,)}, ValueError, "`span` must be two numbers; received 1"),
    ],
)
def test_other_functions_and_spans_are_refused(options, error, message):
    with pytest.raises(error, match=message):
        figures.activation_derivatives(**options)


def test_functions_of_one_name_are_two_lines():
    figure = figures.activations([lambda x: x, lambda x: 2 * x])
    values = numbers(figure)["values"]
    assert list(values) == ["<lambda>", "<lambda> (2)"]
    np.testing.assert_allclose(values["<lambda> (2)"], 2 * values["<lambda>"])


def test_a_probability_of_0_does_not_set_the_scale():
    figure = figures.logistic_loss([0, 1], [0.2, 0.0])
    assert numbers(figure)["correct"][1] == 0
    assert figure.axes[0].dataLim.y1 == pytest.approx(-np.log(1e-6))
    assert "above the picture: 1" in [
        text.get_text() for text in figure.axes[0].get_legend().get_texts()
    ]


def test_squared_error_of_the_users_predictions():
    truth = np.zeros(20)
    guess = np.r_[np.full(18, 0.5), 3.0, -4.0]
    found = numbers(figures.squared_error(truth, guess))
    assert found["mse"] == pytest.approx((18 * 0.25 + 9 + 16) / 20)
    assert found["top_share"] == pytest.approx(25 / (18 * 0.25 + 25))  # two rows of twenty
    assert numbers(figures.squared_error()) == {}


def test_logistic_loss_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    labels, given = rng.integers(0, 3, 30), rng.dirichlet([1, 1, 1], 30)
    found = numbers(figures.logistic_loss(labels, given))
    assert found["loss"] == pytest.approx(log_loss(labels, given, labels=[0, 1, 2]))
    assert found["correct"][4] == given[4, labels[4]]
    binary = numbers(figures.logistic_loss([0, 1], [0.25, 0.5]))
    np.testing.assert_allclose(binary["correct"], [0.75, 0.5])


@pytest.mark.parametrize(
    ("labels", "given", "message"),
    [
        ([0, 1], None, "give both `y_true` and `probabilities`, or neither"),
        ([0], [0.5, 0.5], "`y_true` and `probabilities` must have as many rows; received 1 and 2"),
        ([0, 1], [2.0, -1.0], r"`probabilities` must be in \[0, 1\].*softmax or sigmoid to logits"),
        (
            [0, 5],
            [[0.5, 0.5], [0.5, 0.5]],
            r"`y_true` must hold classes 0 .. 1; received 5 in row 1",
        ),
        ([0], np.zeros((1, 1, 2)), "`probabilities` must be .rows, classes.; received"),
        ([0, 1], [[0.5, 0.5], [0.9, 0.5]], "of a row must add up to 1; received a sum of 1.4 in"),
        (np.eye(2), [[0.5, 0.5], [0.5, 0.5]], r"Of one-hot rows, give `y_true.argmax\(axis=1\)`"),
    ],
)
def test_bad_probabilities_are_refused(labels, given, message):
    with pytest.raises(ValueError, match=message):
        figures.logistic_loss(labels, given)


def test_labels_that_are_words_are_refused():
    with pytest.raises(TypeError, match="`y_true` must hold the number of each row's class"):
        figures.logistic_loss(["a", "b"], [0.5, 0.5])


def test_bad_predictions_are_refused():
    with pytest.raises(ValueError, match="give both `y_true` and `y_pred`, or neither"):
        figures.squared_error([1.0])
    with pytest.raises(ValueError, match="`y_true` and `y_pred` must have as many rows"):
        figures.squared_error([1.0], [1.0, 2.0])
