"""`fit` against loops written by hand in plain torch, in float64."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F  # noqa: N812

import profond
from profond import layers
from tests.training.helpers import blobs


@pytest.fixture(autouse=True)
def float64():
    profond.config.set_dtype_policy("float64")
    profond.config.set_floatx("float64")
    yield
    profond.config.set_dtype_policy("float32")
    profond.config.set_floatx("float32")


def network(outputs, activation=None):
    return profond.Sequential(
        [layers.Input((4,)), layers.Dense(8, "tanh"), layers.Dense(outputs, activation)]
    )


def forward(weights, x):
    w1, b1, w2, b2 = weights
    return torch.tanh(x @ w1 + b1) @ w2 + b2


def by_hand(weights, x, y, loss, optimizer, batches):
    """Weights and mean loss per epoch of a plain loop."""
    weights = [torch.tensor(w, requires_grad=True) for w in weights]
    optimizer = optimizer(weights)
    x, y = torch.tensor(x), torch.tensor(y)
    means = []
    for epoch in batches:
        total = 0.0
        for rows in epoch:
            optimizer.zero_grad()
            value = loss(forward(weights, x[rows]), y[rows])
            value.backward()
            optimizer.step()
            total += value.item() * len(rows)
        means.append(total / sum(map(len, epoch)))
    return [w.detach().numpy() for w in weights], means


CASES = {
    "mse": (
        "mse",
        lambda x, labels: x[:, :1] * 2 - 1,
        1,
        None,
        F.mse_loss,
    ),
    "binary": (
        "binary_crossentropy",
        lambda x, labels: (labels[:, None] > 0).astype("float64"),
        1,
        "sigmoid",
        F.binary_cross_entropy_with_logits,
    ),
    "sparse": (
        "sparse_categorical_crossentropy",
        lambda x, labels: labels,
        3,
        "softmax",
        F.cross_entropy,
    ),
    "categorical": (
        "categorical_crossentropy",
        lambda x, labels: np.eye(3)[labels],
        3,
        "softmax",
        F.cross_entropy,
    ),
}
OPTIMIZERS = {
    "sgd": (
        lambda: profond.optimizers.SGD(0.01),
        lambda w: torch.optim.SGD(w, 0.01),
    ),
    "momentum": (
        lambda: profond.optimizers.SGD(0.002, momentum=0.9, nesterov=False),
        lambda w: torch.optim.SGD(w, 0.002, momentum=0.9),
    ),
}


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
@pytest.mark.parametrize("case", CASES)
@given(batch_size=st.integers(1, 70), epochs=st.integers(1, 3))
def test_fit_is_the_plain_loop(case, optimizer, batch_size, epochs):
    loss, target, outputs, activation, plain_loss = CASES[case]
    x, labels = blobs()
    x = x.astype("float64")
    y = target(x, labels)
    ours, plain_optimizer = OPTIMIZERS[optimizer]
    model = network(outputs, activation)
    begin = model.get_weights()
    model.compile(ours(), loss)
    history = model.fit(
        x, y, batch_size=batch_size, epochs=epochs, shuffle=False, verbose=0
    ).history
    order = np.arange(60)
    batches = [[order[i : i + batch_size] for i in range(0, 60, batch_size)]] * epochs
    weights, means = by_hand(begin, x, y, plain_loss, plain_optimizer, batches)
    for got, want in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-11)
    # The mean loss of an epoch is kept in float32 by the metrics.
    np.testing.assert_allclose(history["loss"], means, rtol=1e-5)


@given(batch_size=st.integers(1, 70), seed=st.integers(0, 1000))
def test_every_row_is_drawn_once_per_epoch(batch_size, seed):
    profond.utils.set_random_seed(seed)
    seen = []

    class Recorder(profond.Model):
        def train_step(self, data):
            x, _ = data
            seen.append(x[:, 0].clone())
            return {}

    model = Recorder()
    model.compile("sgd", "mse")
    rows = np.arange(60.0)[:, None]
    model.fit(rows, rows, batch_size=batch_size, epochs=2, verbose=0)
    drawn = torch.cat(seen).reshape(2, 60)
    for epoch in drawn:
        assert sorted(epoch.tolist()) == list(range(60))
    assert not torch.equal(drawn[0], drawn[1])
    assert {len(one) for one in seen} <= {min(batch_size, 60), 60 % batch_size}


def test_whole_batches_are_shuffled_when_asked():
    seen = []

    class Recorder(profond.Model):
        def train_step(self, data):
            seen.append(data[0][:, 0].clone().tolist())
            return {}

    model = Recorder()
    model.compile("sgd", "mse")
    rows = np.arange(50.0)[:, None]
    model.fit(rows, rows, batch_size=8, shuffle="batch", verbose=0)
    assert all(one == list(range(int(one[0]), int(one[0]) + len(one))) for one in seen)
    assert [one[0] for one in seen] != sorted(one[0] for one in seen)
    assert sorted(sum(seen, [])) == list(range(50))
    assert len(seen[-1]) == 2


def test_gradients_are_those_of_the_mean_over_the_batch():
    x = np.random.default_rng(0).normal(size=(10, 4))
    y = x.sum(1, keepdims=True)
    model = profond.Sequential([layers.Input((4,)), layers.Dense(1, use_bias=False)])
    kernel = model.get_weights()[0]
    model.compile(profond.optimizers.SGD(0.5), "mse")
    model.fit(x, y, batch_size=10, verbose=0)
    gradient = 2 * x.T @ (x @ kernel - y) / 10
    np.testing.assert_allclose(model.get_weights()[0], kernel - 0.5 * gradient, rtol=1e-12)


def test_gradient_descent_of_the_notes():
    """1.2.1: the sum of squares; a step is twice the residuals times the inputs."""
    x = np.array([[1.0], [2.0], [3.0]])
    y = np.array([[2.0], [4.0], [7.0]])
    model = profond.Sequential([layers.Input((1,)), layers.Dense(1, kernel_initializer="zeros")])
    model.compile(profond.optimizers.SGD(0.01), profond.losses.MeanSquaredError(reduction="sum"))
    history = model.fit(x, y, batch_size=3, epochs=2, verbose=0).history
    w = b = 0.0
    losses = []
    for _ in range(2):
        residual = w * x + b - y
        losses.append(float((residual**2).sum()))
        w, b = w - 0.01 * float((2 * residual * x).sum()), b - 0.01 * float((2 * residual).sum())
    np.testing.assert_allclose([v.item() for v in model.get_weights()], [w, b], rtol=1e-12)
    np.testing.assert_allclose(history["loss"], losses, rtol=1e-6)
