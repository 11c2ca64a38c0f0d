"""Series of unequal lengths: no answer and no gradient depends on how they are filled up."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import profond
from profond import architectures
from profond.models import model_from_json

# Small ones, with every kind of layer.
OPTIONS = {
    "fcn": {"filters": (3, 4, 3)},
    "resnet1d": {"filters": (3, 3), "kernel_sizes": (4, 3)},
    "inception_time": {"depth": 3, "filters": 2, "kernel_sizes": (6, 3), "bottleneck": 2},
    "recurrent": {"units": (3, 2), "dropout": 0.0},
    "series_transformer": {
        "features": 4,
        "heads": 2,
        "blocks": 1,
        "intermediate": 3,
        "kernel_size": 3,
        "dropout": 0.0,
    },
    "encoder": {"filters": (2, 3, 4), "kernel_sizes": (3, 5, 3), "units": 3, "dropout": 0.0},
}
NETWORKS = sorted(OPTIONS)


@pytest.fixture(autouse=True)
def in_float64():
    """A network gives the same in float64 but for rounding."""
    profond.config.set_floatx("float64")
    profond.config.set_dtype_policy("float64")
    yield
    profond.config.set_floatx("float32")
    profond.config.set_dtype_policy(None)


def network(name, masked=True):
    return getattr(architectures, name)((None, 2), 3, masked=masked, **OPTIONS[name])


def filled_up(lengths, extra, seed):
    """Series in one array, with NaN beyond their lengths."""
    rng = np.random.default_rng(seed)
    x = np.full((len(lengths), max(lengths) + extra, 2), np.nan)
    for row, length in enumerate(lengths):
        x[row, :length] = rng.normal(size=(length, 2))
    return x


def trained_once(model, x):
    """Outputs and gradients of a step of training, and the weights after it."""
    inputs = torch.from_numpy(x).requires_grad_()
    outputs = model(inputs, training=True)
    weights = model.trainable_weights
    slopes = torch.autograd.grad((outputs**2).sum() + outputs[0, 0], [inputs, *weights])
    return outputs.detach(), slopes


lengths_of_series = st.lists(st.integers(4, 11), min_size=2, max_size=4)


@pytest.mark.parametrize("name", NETWORKS)
@given(lengths=lengths_of_series, extra=st.integers(1, 6), seed=st.integers(0, 99))
@settings(max_examples=10)
def test_more_padding_changes_nothing_in_training_and_prediction(name, lengths, extra, seed):
    models = network(name), network(name)
    models[1].set_weights(models[0].get_weights())
    few, many = (filled_up(lengths, more, seed) for more in (0, extra))
    (out, slopes), (out_many, slopes_many) = map(trained_once, models, (few, many))
    torch.testing.assert_close(out, out_many, rtol=1e-7, atol=1e-10)
    steps = few.shape[1]
    torch.testing.assert_close(slopes[0], slopes_many[0][:, :steps], rtol=1e-6, atol=1e-9)
    assert not slopes_many[0][:, steps:].any()
    for have, want in zip(slopes_many[1:], slopes[1:], strict=True):
        torch.testing.assert_close(have, want, rtol=1e-6, atol=1e-9)
    # The moving averages of batch normalization too.
    for have, want in zip(models[1].get_weights(), models[0].get_weights(), strict=True):
        np.testing.assert_allclose(have, want, rtol=1e-9, atol=1e-12)
    # The model predicts with the averages, not with those of a batch.
    one = models[1].predict(many, verbose=0)
    np.testing.assert_allclose(one, models[0].predict(few, verbose=0), rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("name", NETWORKS)
@given(lengths=lengths_of_series, extra=st.integers(0, 6), seed=st.integers(0, 99))
@settings(max_examples=10)
def test_a_series_alone_and_unmasked_has_the_same_answer(name, lengths, extra, seed):
    masked, plain = network(name), network(name, masked=False)
    plain.set_weights(masked.get_weights())
    x = filled_up(lengths, extra, seed)
    together = masked.predict(x, verbose=0)
    assert np.isfinite(together).all()
    for row, length in enumerate(lengths):
        alone = plain.predict(x[row : row + 1, :length], verbose=0)
        np.testing.assert_allclose(together[row], alone[0], rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize("name", ["fcn", "resnet1d", "inception_time"])
def test_batch_statistics_are_those_of_the_steps_that_count(name):
    """One masked batch of a long and a short series against both without padding."""
    masked = network(name)
    (first, *_) = [x for x in masked.layers if type(x).__name__ == "BatchNormalization"]
    seen = []
    kind = type(first)
    original = kind._moments

    def noting(self, x, mask):
        mean, variance = original(self, x, mask)
        if self is first:
            seen.append((x[mask], mean, variance))
        return mean, variance

    kind._moments = noting
    try:
        masked(torch.from_numpy(filled_up([4, 9], 3, 0)), training=True)
    finally:
        kind._moments = original
    ((values, mean, variance),) = seen
    assert len(values) == 13
    torch.testing.assert_close(mean, values.mean(0), rtol=1e-6, atol=1e-9)
    torch.testing.assert_close(variance, values.var(0, correction=0), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_masked_network_is_rebuilt_and_learns(name):
    model = network(name)
    text = model.to_json()
    json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    again = model_from_json(text)
    again.set_weights(model.get_weights())
    lengths = [4, 12, 7, 9] * 4
    x, y = filled_up(lengths, 2, 1), np.arange(16) % 2
    x[y == 1] += 1.0
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    loss = profond.losses.SparseCategoricalCrossentropy(from_logits=True)
    again.compile(profond.optimizers.Adam(0.02), loss)
    losses = again.fit(x, y, batch_size=8, epochs=25, verbose=0).history["loss"]
    assert losses[-1] < 0.7 * losses[0]
