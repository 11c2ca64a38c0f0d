"""The perceptron and networks drawn as neurons."""

import numpy as np
import pytest
import torch
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex
from matplotlib.patches import Circle

import profond
from profond import figures
from profond.figures._neurons import NEGATIVE, OFF, POSITIVE
from profond.layers import BatchNormalization, Dense, Dropout, Flatten, Input, ReLU


def _circles(figure):
    return [patch for patch in figure.axes[0].patches if isinstance(patch, Circle)]


def _lines(figure):
    return [one for one in figure.axes[0].collections if isinstance(one, LineCollection)]


def _texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def test_the_general_perceptron_has_letters():
    texts = _texts(figures.perceptron())
    assert "$x_{1}$" in texts
    assert "$x_d$" in texts
    assert "$w_d$" in texts
    assert r"$\varphi$" in texts
    assert "$b$" in texts


def test_a_perceptron_shows_the_users_weights_and_names():
    figure = figures.perceptron(
        [1.5, -0.25], 0.5, activation="sigmoid", feature_names=["rooms", "tax"]
    )
    texts = _texts(figure)
    assert {"1.5", "−0.25", "rooms", "tax", "sigmoid", "$b$ = 0.5"} <= set(texts)
    colours = [to_hex(colour) for colour in _lines(figure)[0].get_color()]
    assert colours == [POSITIVE, NEGATIVE]
    assert np.array_equal(figures.numbers(figure)["weights"], [1.5, -0.25])


def test_a_perceptron_is_read_from_a_model():
    model = profond.Sequential([Input((3,)), Dense(1, activation="sigmoid")])
    model.set_weights([np.array([[1.0], [2.0], [-3.0]]), np.array([0.5])])
    found = figures.numbers(figures.perceptron(model))
    assert list(found["weights"]) == [1.0, 2.0, -3.0]
    assert found["bias"] == 0.5
    assert "sigmoid" in _texts(figures.perceptron(model))
    linear = profond.Sequential([Input((1,)), Dense(1)])
    assert "identité" in _texts(figures.perceptron(linear, lang="fr"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"activation": 3}, "`activation` must be the text to write in the neuron; received 3"),
        ({"bias": "b"}, "`bias` must be a number; received 'b'"),
    ],
)
def test_texts_and_numbers_of_a_perceptron_are_checked(options, message):
    with pytest.raises(TypeError, match=message):
        figures.perceptron([1.0], **options)


def _signs(figure):
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


def test_only_the_signs_that_there_are_stand_in_the_legend():
    assert _signs(figures.perceptron([1.0, 2.0])) == ["positive weight"]
    assert _signs(figures.perceptron([1.0, -2.0])) == ["positive weight", "negative weight"]
    assert _signs(figures.network([-np.ones((2, 3)), -np.ones((3, 1))])) == ["negative weight"]


def test_weak_weights_can_be_seen():
    lines = _lines(figures.perceptron([1.0, 1e-3]))[0]
    assert lines.get_color()[1][3] > 0.3
    assert list(lines.get_linewidth())[1] > 0.5


def test_texts_under_the_layers_do_not_overlap():
    labels = ["the inputs of the network", "a hidden layer with a long name", "one", "out"]
    figure = figures.network([2, 3, 3, 1], labels=labels)
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts]
    assert all(left.x1 < right.x0 for left, right in zip(boxes, boxes[1:], strict=False))
    assert boxes[0].x0 > 0
    assert boxes[-1].x1 < figure.bbox.x1


def test_many_inputs_are_abbreviated():
    figure = figures.perceptron(np.arange(1.0, 31.0), max_inputs=6)
    assert len(_lines(figure)[0].get_segments()) == 6
    assert "$w_{30}$" not in _texts(figure)
    assert "30" in _texts(figure)


def test_a_perceptron_that_is_none_is_refused():
    wide = profond.Sequential([Input((3,)), Dense(4), Dense(1)])
    with pytest.raises(ValueError, match=r"single neuron, Dense\(1\); received layers of \[4, 1\]"):
        figures.perceptron(wide)
    with pytest.raises(
        ValueError, match="`feature_names` must have one name per weight; received 1"
    ):
        figures.perceptron([1.0, 2.0], feature_names=["a"])
    with pytest.raises(ValueError, match="`max_inputs` must be at least 2"):
        figures.perceptron(max_inputs=1)


def test_a_network_of_sizes_has_a_circle_per_neuron_and_a_line_per_weight():
    figure = figures.network([4, 6, 1])
    assert len(_circles(figure)) == 11
    assert [len(one.get_segments()) for one in _lines(figure)] == [24, 6]
    assert figures.numbers(figure)["sizes"] == [4, 6, 1]
    assert "input\n4" in _texts(figure)


def test_large_layers_are_abbreviated_around_three_dots():
    figure = figures.network([4, 100, 3], max_neurons=8)
    drawn = [len(one.get_segments()) for one in _lines(figure)]
    assert drawn == [4 * 7, 7 * 3]
    assert len(_circles(figure)) == 4 + 7 + 3 + 3
    assert "hidden\n100" in _texts(figure)


def test_a_model_shows_its_own_weights_as_colours():
    model = profond.Sequential(
        [Input((2,)), Dense(2, activation="relu"), Dense(1, activation="sigmoid")]
    )
    model.set_weights(
        [np.array([[2.0, -1.0], [0.0, 1.0]]), np.zeros(2), np.array([[-4.0], [2.0]]), np.zeros(1)]
    )
    figure = figures.network(model)
    first, second = _lines(figure)
    assert [to_hex(c) for c in first.get_color()] == [POSITIVE, NEGATIVE, POSITIVE, POSITIVE]
    assert [to_hex(c) for c in second.get_color()] == [NEGATIVE, POSITIVE]
    widths = list(second.get_linewidth())
    assert widths[0] > widths[1]  # -4 is drawn wider than 2
    assert "hidden\n2 · relu" in _texts(figure)
    assert "output\n1 · sigmoid" in _texts(figure)
    assert figures.numbers(figure)["parameters"] == 9


def test_forty_percent_are_switched_off_as_in_the_notes():
    figure = figures.network([5, 10, 5, 2], dropped=0.4, seed=3)
    off = figures.numbers(figure)["dropped"]
    assert [len(one) for one in off] == [2, 4, 2, 0]  # never an output
    grey = [c for c in _circles(figure) if to_hex(c.get_facecolor()) == OFF]
    assert len(grey) == 8
    again = figures.numbers(figures.network([5, 10, 5, 2], dropped=0.4, seed=3))["dropped"]
    other = figures.numbers(figures.network([5, 10, 5, 2], dropped=0.4, seed=4))["dropped"]
    assert again == off
    assert other != off


def test_the_neurons_to_switch_off_can_be_named():
    figure = figures.network([3, 4, 1], dropped=[[0], [1, 3], []])
    assert figures.numbers(figure)["dropped"] == [[0], [1, 3], []]


def test_the_dropout_layers_of_a_model_switch_off_their_share():
    model = profond.Sequential(
        [Input((10,)), Dropout(0.3), Dense(10, activation="relu"), Dropout(0.5), Dense(2)]
    )
    off = figures.numbers(figures.network(model))["dropped"]
    assert [len(one) for one in off] == [3, 5, 0]


def test_layers_without_neurons_are_folded_in():
    model = profond.Sequential([Input((2, 2)), Flatten(), Dense(3), ReLU(), BatchNormalization()])
    model.add(Dense(1))
    figure = figures.network(model)
    assert figures.numbers(figure)["sizes"] == [4, 3, 1]
    assert "hidden\n3 · relu" in _texts(figure)


def test_weight_matrices_can_be_drawn():
    figure = figures.network([np.ones((2, 3)), np.ones((3, 1))], labels=["in", "middle", "out"])
    assert figures.numbers(figure)["sizes"] == [2, 3, 1]
    assert "middle" in _texts(figure)


@pytest.mark.parametrize(
    ("layers", "options", "error", "message"),
    [
        ("abc", {}, TypeError, "a list of sizes such as .4, 100, 3., or a list of weight matrices"),
        (7, {}, TypeError, "received int"),
        ([4], {}, ValueError, "needs an input and an output at least"),
        ([4, 0], {}, ValueError, r"`layers\[1\]` must be at least 1; received 0"),
        ([np.ones((2, 3)), np.ones((4, 1))], {}, ValueError, "weight matrices must follow one"),
        ([3, 2], {"dropped": 1.5}, ValueError, r"`dropped` must be in \[0, 1\); received 1.5"),
        ([3, 2], {"dropped": [[0]]}, ValueError, r"one list of indices per layer \(2, input first"),
        ([3, 2], {"dropped": [[9], []]}, ValueError, "neuron 9 in layer 0, which has 3"),
        ([3, 2], {"labels": ["in"]}, ValueError, "one text per layer, input included: 2"),
        ([3, 2], {"max_neurons": 2}, ValueError, "`max_neurons` must be at least 3"),
    ],
)
def test_networks_that_cannot_be_drawn_are_refused(layers, options, error, message):
    with pytest.raises(error, match=message):
        figures.network(layers, **options)


def test_models_that_cannot_be_drawn_are_refused():
    with pytest.raises(ValueError, match="has no weights yet; give the model an Input first"):
        figures.network(profond.Sequential([Dense(3)]))
    with pytest.raises(ValueError, match="the model has no Dense layer"):
        figures.network(profond.Sequential([Input((2,)), ReLU()]))
    from profond.layers import Embedding

    words = profond.Sequential([Input((2,)), Embedding(5, 3), Flatten(), Dense(1)])
    with pytest.raises(ValueError, match=r"\(Embedding\) cannot be drawn as neurons"):
        figures.network(words)
    with pytest.raises(TypeError, match=r"a torch module without profond layers \(Sequential\)"):
        figures.network(torch.nn.Sequential(torch.nn.Linear(2, 1)))
