import json

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import architectures
from profond.models import model_from_json
from tests.architectures._keras_series import keras_network
from tests.layers.conftest import keras64 as keras64

OF_SEQUENCES = ("recurrent", "series_transformer")
CONVOLUTIONS = ("fcn", "resnet1d", "inception_time", "encoder")
ANY_LENGTH = (*CONVOLUTIONS, *OF_SEQUENCES)
ONE_LENGTH = ("series_mlp", "t_lenet", "time_cnn")
PAPERS = (*CONVOLUTIONS, *ONE_LENGTH)
NETWORKS = (*ANY_LENGTH, *ONE_LENGTH)


def series(batch, steps, channels, seed=0):
    return np.random.default_rng(seed).normal(size=(batch, steps, channels)).astype("float32")


def built(name, *arguments, **options):
    return getattr(architectures, name)(*arguments, **options)


@pytest.fixture
def both64(keras64):
    """Keras and ours, both in float64."""
    profond.config.set_floatx("float64")
    profond.config.set_dtype_policy("float64")
    yield profond, keras64
    profond.config.set_floatx("float32")
    profond.config.set_dtype_policy(None)


@pytest.mark.parametrize("shape", [(70, 1), (30, 3)], ids=str)
@pytest.mark.parametrize("name", PAPERS)
def test_values_and_gradients_are_those_of_the_paper_in_keras(name, shape, both64):
    theirs = keras_network(both64[1], name, shape, 4)
    ours = built(name, shape, 4)
    assert ours.count_params() == theirs.count_params()
    rng = np.random.default_rng(1)
    values = [rng.uniform(0.05, 0.2, w.shape) * np.sign(w + 1e-9) for w in theirs.get_weights()]
    theirs.set_weights(values)
    ours.set_weights(values)
    x, results = series(5, *shape).astype("float64"), []
    for model in (ours, theirs):
        inputs = torch.from_numpy(x).requires_grad_()
        outputs = model(inputs, training=False)
        (slope,) = torch.autograd.grad(outputs.square().sum(), inputs)
        results.append((outputs.detach(), slope))
    for have, want in zip(*results, strict=True):
        torch.testing.assert_close(have, want, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["fcn", "resnet1d", "inception_time"])
def test_a_step_of_training_is_that_of_keras(name, both64):
    theirs = keras_network(both64[1], name, (12, 2), 3)
    ours = built(name, (12, 2), 3)
    ours.set_weights(theirs.get_weights())
    x, y = series(8, 12, 2).astype("float64"), np.arange(8) % 3
    for model, library in zip((ours, theirs), both64, strict=True):
        loss = library.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(library.optimizers.SGD(0.1), loss)
        model.fit(x, y, batch_size=8, epochs=1, verbose=0)
    for have, want in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(have, want, rtol=1e-9, atol=1e-12)


# By hand: a convolution has k * c * f + f parameters, batch normalization 4 f.
COUNTS = {
    ("fcn", (128, 1), 2): 8 * 128 + 128 + 4 * 128 + 5 * 128 * 256 + 256 + 4 * 256
    + 3 * 256 * 128 + 128 + 4 * 128 + 128 * 2 + 2,
    ("t_lenet", (64, 1), 3): 5 * 5 + 5 + 5 * 5 * 20 + 20 + 8 * 20 * 500 + 500 + 500 * 3 + 3,
    ("time_cnn", (64, 1), 2): 7 * 6 + 6 + 7 * 6 * 12 + 12 + 4 * 12 * 2 + 2,
    ("series_mlp", (64, 2), 2): 128 * 500 + 500 + 2 * (500 * 500 + 500) + 500 * 2 + 2,
}  # fmt: skip


@pytest.mark.parametrize("case", COUNTS, ids=str)
def test_the_number_of_parameters_is_that_of_the_paper(case):
    name, shape, outputs = case
    assert built(name, shape, outputs).count_params() == COUNTS[case]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_is_rebuilt_from_its_description(name):
    model = built(name, (40, 2), 3, output_activation="softmax")
    text = model.to_json()
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    again = model_from_json(text)
    again.set_weights(model.get_weights())
    x = series(3, 40, 2)
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    assert not model.compiled
    np.testing.assert_allclose(model.predict(x, verbose=0).sum(1), 1, rtol=1e-5)


@pytest.mark.parametrize("name", ANY_LENGTH)
def test_networks_that_end_in_pooling_take_any_length(name):
    model = built(name, (None, 2), 3)
    assert model.output_shape == (None, 3)
    for steps in (4, 9, 31):
        assert model.predict(series(2, steps, 2), verbose=0).shape == (2, 3)
    assert built(name, (4, 1), 1).predict(series(2, 4, 1), verbose=0).shape == (2, 1)


@given(
    steps=st.integers(3, 20),
    widths=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    size=st.integers(1, 25),  # longer than the series too: there are zeros around it
    name=st.sampled_from(["fcn", "resnet1d", "inception_time"]),
)
def test_the_shape_of_a_network_is_chosen(steps, widths, size, name):
    if name == "inception_time":
        model = built(
            name, (steps, 2), 2, depth=len(widths), filters=widths[0], kernel_sizes=(size,),
            bottleneck=None, residual_every=2,
        )  # fmt: skip
    elif name == "fcn":
        model = built(name, (steps, 2), 2, filters=widths, kernel_sizes=[size] * len(widths))
    else:
        model = built(name, (steps, 2), 2, filters=widths, kernel_sizes=(size, 2))
    assert model.predict(series(2, steps, 2), verbose=0).shape == (2, 2)


@pytest.mark.parametrize("name", NETWORKS)
def test_dropout_is_for_training_only(name):
    option = {"dropout": (0.5,) * 4} if name == "series_mlp" else {"dropout": 0.5}
    model = built(name, (40, 2), 3, **option)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert "Dropout" in kinds
    none = {"dropout": (0.0,) * 4} if name == "series_mlp" else {"dropout": 0.0}
    without = built(name, (40, 2), 3, **none)
    without.set_weights(model.get_weights())
    x = series(3, 40, 2)
    np.testing.assert_array_equal(without.predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.wrong_types
@pytest.mark.parametrize("name", NETWORKS)
def test_series_have_steps_and_channels(name):
    message = rf"`input_shape` of '{name}' must be \(steps, channels\), two positive integers"
    for wrong in ((30,), (30, None), (30, 0), (5, 4, 3), 30, "ab", (True, 2)):
        with pytest.raises(ValueError, match=message):
            built(name, wrong, 2)
    with pytest.raises(ValueError, match=r"For a single channel give \(30, 1\)\."):
        built(name, (30,), 2)


@pytest.mark.parametrize("name", ONE_LENGTH)
def test_networks_of_one_length_say_so(name):
    with pytest.raises(ValueError, match=rf"'{name}' must have a number of steps, as its dense"):
        built(name, (None, 2), 2)


def test_series_that_are_too_short_are_refused():
    with pytest.raises(ValueError, match=r"'t_lenet' must have at least 8 steps, .* \(7, 1\)"):
        architectures.t_lenet((7, 1), 2)
    assert architectures.t_lenet((8, 1), 2).output_shape == (None, 2)
    with pytest.raises(ValueError, match=r"'encoder' must have at least 4 steps"):
        architectures.encoder((3, 1), 2)
    with pytest.raises(ValueError, match=r"'time_cnn' with padding='same' must have at least 9 st"):
        architectures.time_cnn((8, 1), 2)
    with pytest.raises(ValueError, match=r"padding='valid' must have at least 33 steps"):
        architectures.time_cnn((32, 1), 2, padding="valid")
    assert architectures.time_cnn((33, 1), 2, padding="valid").output_shape == (None, 2)
    assert architectures.time_cnn((9, 1), 2).output_shape == (None, 2)
    with pytest.raises(ValueError, match=r"at least 66 steps"):
        architectures.time_cnn((60, 1), 2, kernel_sizes=(7, 20), pool_sizes=(3, 1))


@pytest.mark.wrong_types
def test_options_of_networks_for_series_are_checked():
    for name, option in (
        ("fcn", "filters"), ("resnet1d", "filters"), ("resnet1d", "kernel_sizes"),
        ("inception_time", "kernel_sizes"), ("t_lenet", "filters"), ("time_cnn", "filters"),
        ("encoder", "filters"), ("series_mlp", "hidden"),
    ):  # fmt: skip
        for wrong in (3, (), (3, 0), "34", (2.5,)):
            with pytest.raises(ValueError, match=rf"`{option}` must be a list of one positive int"):
                built(name, (40, 2), 2, **{option: wrong})
    with pytest.raises(ValueError, match=r"`kernel_sizes` must be a list of 3 positive integers"):
        architectures.fcn((40, 2), 2, kernel_sizes=(8, 5))
    with pytest.raises(ValueError, match=r"`pool_sizes` must be a list of 2 positive integers; re"):
        architectures.t_lenet((40, 2), 2, pool_sizes=(2,))
    with pytest.raises(ValueError, match=r"the last of `filters` of 'encoder' must be even"):
        architectures.encoder((40, 2), 2, filters=(4, 5), kernel_sizes=(3, 3))
    with pytest.raises(ValueError, match=r"`padding` of 'time_cnn' must be 'valid', 'same' or Non"):
        architectures.time_cnn((40, 2), 2, padding="causal")
    with pytest.raises(ValueError, match=r"one for the input and one for each of the 3 hidden la"):
        architectures.series_mlp((40, 2), 2, dropout=(0.1, 0.2))
    for option in ("depth", "residual_every", "bottleneck", "filters"):
        with pytest.raises(ValueError, match="must be a positive integer; received"):
            built("inception_time", (40, 2), 2, **{option: 0})
    assert architectures.inception_time((40, 2), 2, residual_every=None, depth=1).count_params()
