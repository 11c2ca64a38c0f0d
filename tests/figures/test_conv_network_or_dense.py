"""Chapter 6: networks drawn by their shapes, and convolutions against dense layers."""

import numpy as np
import pytest
import torch

import profond
from profond import figures, layers
from profond.figures import numbers
from profond.figures._conv_or_dense import conv_model, dense_model, moved


def lenet():
    return profond.Sequential(
        [
            layers.InputLayer(input_shape=(32, 32, 1)),
            layers.Conv2D(6, 5, activation="relu"),
            layers.MaxPool2D(2),
            layers.Conv2D(16, 5, activation="relu"),
            layers.MaxPool2D(2),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )


def texts(figure):
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def test_lenet_has_the_table_of_the_notes():
    figure = figures.conv_network(lenet(), lang="fr")
    found = numbers(figure)
    assert found["total"] == 61706
    assert found["parameters"] == [0, 156, 0, 2416, 0, 0, 48120, 10164, 850]
    assert found["shapes"][:5] == [(32, 32, 1), (28, 28, 6), (14, 14, 6), (10, 10, 16), (5, 5, 16)]
    assert found["shapes"][5:] == [(400,), (120,), (84,), (10,)]
    written = texts(figure)
    assert "28×28×6" in written
    assert "entrée" in written
    assert "Conv2D\n5×5\nrelu\n156" in written
    assert "Dense\nrelu\n48\N{NARROW NO-BREAK SPACE}120" in written


def test_layers_that_keep_the_shape_are_told_with_the_one_before():
    model = profond.Sequential(
        [
            layers.Input((None, 2)),
            layers.Conv1D(8, 3, strides=2, padding="same"),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.GlobalAveragePooling1D(),
            layers.Dense(3),
            layers.Softmax(),
        ]
    )
    figure = figures.conv_network(model)
    found = numbers(figure)
    assert found["shapes"] == [(None, 2), (None, 8), (8,), (3,)]
    assert found["total"] == model.count_params()
    assert "?×8" in texts(figure)
    assert "Conv1D\nk = 3\n/2\nbatch norm\nrelu\n88" in texts(figure)
    assert "Dense\nsoftmax\n27" in texts(figure)


def test_a_chain_of_calls_is_drawn_and_branches_are_refused():
    start = layers.Input((8, 8, 1))
    one = layers.Conv2D(3, 3, padding="same")(start)
    two = layers.Conv2D(3, 3, padding="same")(one)
    chain = numbers(figures.conv_network(profond.Model(start, two)))
    assert chain["shapes"] == [(8, 8, 1), (8, 8, 3), (8, 8, 3)]
    with pytest.raises(ValueError, match="must follow one another; 'add.*plot_model"):
        figures.conv_network(profond.Model(start, layers.Add()([one, two])))


def test_two_inputs_are_refused():
    inputs = [layers.Input((8, 8, 1)), layers.Input((8, 8, 1))]
    with pytest.raises(ValueError, match="must have one input; 'add.* takes 2"):
        figures.conv_network(profond.Model(inputs, layers.Add()(inputs)))


@pytest.mark.wrong_types
def test_only_built_models_are_drawn():
    with pytest.raises(TypeError, match="must be a profond model; received Linear"):
        figures.conv_network(torch.nn.Linear(2, 3))
    with pytest.raises(ValueError, match="has no shapes yet; give it an Input first"):
        figures.conv_network(profond.Sequential([layers.Dense(2)]))


def test_a_long_network_takes_several_rows():
    stack = [layers.Conv2D(8, 3, padding="same") for _ in range(20)]
    figure = figures.conv_network(profond.Sequential([layers.Input((32, 32, 3)), *stack]))
    assert figure.get_figwidth() < 11
    assert figure.get_figheight() > 4


def test_dense_networks_point_to_this_drawing():
    with pytest.raises(ValueError, match="conv_network"):
        figures.network(lenet())


@pytest.fixture(scope="module")
def bumps():
    """Series with an upward or a downward bump in the middle."""
    rng = np.random.default_rng(0)
    labels = np.arange(80) % 2
    at = np.arange(40)
    bump = np.exp(-0.5 * ((at - 15) / 2) ** 2)
    x = rng.normal(0, 0.1, (80, 40)) + np.where(labels[:, None] == 1, 2 * bump, -2 * bump)
    return x, np.where(labels == 1, "up", "down")


def test_a_shift_is_nothing_to_convolutions(bumps):
    figure = figures.conv_or_dense(
        *bumps, filters=(8, 8), shifts=[0, 12], epochs=25, seeds=2, lang="fr"
    )
    found = numbers(figure)
    assert found["accuracy"]["conv"].shape == (2, 2)
    assert np.all(found["accuracy"]["conv"] == 1)
    assert np.all(found["accuracy"]["dense"][:, 0] == 1)
    assert found["accuracy"]["dense"][:, 1].mean() < 0.9
    assert found["parameters"]["conv"] == 8 * 7 + 8 + 8 * 8 * 7 + 8 + 9 * 2
    assert found["hidden"] == round((538 - 2) / 43)


def test_both_have_about_as_many_parameters():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(12, 6, 6, 2)), np.arange(12) % 3
    found = numbers(figures.conv_or_dense(x, y, epochs=1, seeds=1, shifts=[0]))
    assert conv_model((6, 6, 2), (16, 32), 3, 3).count_params() == found["parameters"]["conv"]
    dense = dense_model((6, 6, 2), found["hidden"], 3).count_params()
    assert dense == found["parameters"]["dense"]
    assert abs(dense / found["parameters"]["conv"] - 1) < 0.02


def test_what_moves_in_is_the_edge():
    x = np.arange(5.0)[None, :, None]
    assert moved(x, 2)[0, :, 0].tolist() == [0, 0, 0, 1, 2]
    assert moved(x, -1)[0, :, 0].tolist() == [1, 2, 3, 4, 4]
    image = np.arange(6.0).reshape(1, 2, 3, 1)
    assert moved(image, 1)[0, :, :, 0].tolist() == [[0, 0, 1], [3, 3, 4]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"validation": 0}, "leaves none of the 80 rows to validate on"),
        ({"shifts": [40]}, "smaller than the inputs' length, 40; received 40"),
        ({"filters": [0]}, "`filters` must be at least 1"),
        ({"kernel_size": 0}, "`kernel_size` must be at least 1"),
    ],
)
def test_wrong_use_is_told(bumps, options, message):
    with pytest.raises(ValueError, match=message):
        figures.conv_or_dense(*bumps, **options)


def test_wrong_inputs_are_told(bumps):
    _, y = bumps
    with pytest.raises(ValueError, match=r"series .* or images .*received shape \(80,\)"):
        figures.conv_or_dense(np.arange(80.0), y)
    with pytest.raises(ValueError, match="one value everywhere"):
        figures.conv_or_dense(np.ones((80, 4)), y)


@pytest.mark.wrong_types
def test_shifts_are_whole_numbers(bumps):
    with pytest.raises(TypeError, match="`shifts` must be whole numbers; received 0.5"):
        figures.conv_or_dense(*bumps, shifts=[0.5])
