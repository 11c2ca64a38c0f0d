"""Mixup of inputs and targets against the closed form."""

import numpy as np
import pytest
import torch

import profond
from profond import losses
from profond.layers import Dense, Input
from profond.models import Sequential
from profond.training._mixing import Mixing

RNG = np.random.default_rng(0)


def known(monkeypatch, mixing, order, share):
    drawn = torch.tensor(order), torch.tensor(share)
    monkeypatch.setattr(mixing._layer, "_drawn", lambda x: drawn)
    return mixing


def one_step(loss, y, weight, mixing, rate=0.1):
    """The weights after one step of plain gradient descent on six rows, and the loss."""
    profond.utils.set_random_seed(0)
    outputs = {"mse": 2, "binary_crossentropy": 1}.get(loss, 3)
    activation = {"mse": None, "binary_crossentropy": "sigmoid"}.get(loss, "softmax")
    regularizer = profond.regularizers.L2(0.01)
    model = Sequential(
        [Input((4,)), Dense(outputs, activation=activation, kernel_regularizer=regularizer)]
    )
    model.compile(profond.optimizers.SGD(rate), loss)
    model.__dict__["_mixing"] = mixing
    before = [w.copy() for w in model.get_weights()]
    history = model.fit(X, y, 6, 1, 0, shuffle=False, sample_weight=weight)
    return model, before, history.history["loss"][0]


X = RNG.normal(size=(6, 4)).astype(np.float32)
ORDER = [3, 0, 5, 2, 1, 4]
SHARE = np.array([0.9, 0.2, 0.5, 1.0, 0.0, 0.7], np.float32)
TARGETS = {
    "mse": RNG.normal(size=(6, 2)).astype(np.float32),
    "binary_crossentropy": RNG.integers(0, 2, (6, 1)).astype(np.float32),
    "sparse_categorical_crossentropy": RNG.integers(0, 3, 6),
}


@pytest.mark.parametrize("loss", TARGETS)
@pytest.mark.parametrize("weighted", [False, True])
def test_a_step_is_that_of_mixed_inputs_and_mixed_targets(loss, weighted, monkeypatch):
    y = TARGETS[loss]
    weight = RNG.uniform(0.5, 2, 6).astype(np.float32) if weighted else None
    mixing = known(monkeypatch, Mixing(numbers=loss == "mse"), ORDER, SHARE)
    model, before, said = one_step(loss, y, weight, mixing)

    kernel, bias = (torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in before)
    lam = torch.tensor(SHARE, dtype=torch.float64)[:, None]
    x = torch.tensor(X, dtype=torch.float64)
    mixed = lam * x + (1 - lam) * x[ORDER]
    z = mixed @ kernel + bias
    if loss == "sparse_categorical_crossentropy":
        target = torch.nn.functional.one_hot(torch.tensor(y), 3).double()
    else:
        target = torch.tensor(y, dtype=torch.float64)
    w = torch.ones(6, 1, dtype=torch.float64)
    if weight is not None:
        w = torch.tensor(weight, dtype=torch.float64)[:, None]
    if loss == "mse":
        target = lam * target + (1 - lam) * target[ORDER]
        w = lam * w + (1 - lam) * w[ORDER]
        expected = (w[:, 0] * (z - target).pow(2).mean(1)).mean()
    else:
        # Each part of a target weighs what its own row does.
        target = lam * w * target, (1 - lam) * (w * target)[ORDER]
        if loss == "binary_crossentropy":
            no = lam * w * (1 - torch.tensor(y)), (1 - lam) * (w * (1 - torch.tensor(y)))[ORDER]
            log = torch.nn.functional.logsigmoid
            expected = -(sum(target) * log(z) + sum(no) * log(-z)).mean()
        else:
            expected = -(sum(target) * torch.log_softmax(z, 1)).sum(1).mean()
    expected = expected + 0.01 * kernel.pow(2).sum()
    assert said == pytest.approx(expected.item(), rel=1e-5)
    gradients = torch.autograd.grad(expected, (kernel, bias))
    for now, was, gradient in zip(model.get_weights(), before, gradients, strict=True):
        np.testing.assert_allclose(now, was - 0.1 * gradient.numpy(), rtol=1e-5, atol=1e-6)


def test_the_loss_of_classes_is_that_of_mixed_probabilities(monkeypatch):
    mixing = known(monkeypatch, Mixing(), ORDER, SHARE)
    y = torch.tensor(TARGETS["sparse_categorical_crossentropy"])
    mixed = mixing(torch.tensor(X), y, None)
    p = torch.softmax(torch.tensor(RNG.normal(size=(6, 3)).astype(np.float32)), 1)
    sparse = losses.SparseCategoricalCrossentropy()
    ours = sum(sparse(target, p, weight) for target, weight in mixed.targets)
    vectors = torch.nn.functional.one_hot(y, 3).float()
    lam = torch.tensor(SHARE)[:, None]
    soft = lam * vectors + (1 - lam) * vectors[ORDER]
    torch.testing.assert_close(ours, losses.CategoricalCrossentropy()(soft, p))
    larger = [y[i] if SHARE[i] >= 0.5 else y[ORDER[i]] for i in range(6)]
    assert mixed.measured.tolist() == [int(one) for one in larger]


def test_shares_are_drawn_from_the_beta_distribution():
    stats = pytest.importorskip("scipy.stats")
    torch.manual_seed(0)
    x = torch.tensor([[0.0], [1.0]]).repeat(4000, 1)
    mixed = Mixing(0.4, numbers=True)(x, x, None)
    torch.testing.assert_close(mixed.x, mixed.targets[0][0])  # the same share
    # Where the partner is the other number, what comes out is the share or 1 - share.
    between = mixed.x[(mixed.x > 0) & (mixed.x < 1)].numpy()
    assert len(between) > 3000
    assert stats.kstest(between, stats.beta(0.4, 0.4).cdf).pvalue > 0.01


def test_validation_and_predictions_are_not_mixed(monkeypatch):
    y = TARGETS["sparse_categorical_crossentropy"]
    profond.utils.set_random_seed(0)
    model = Sequential([Input((4,)), Dense(3, activation="softmax")])
    step = profond.optimizers.SGD(0.0)
    model.compile(step, "sparse_categorical_crossentropy", metrics=["accuracy"])
    plain = model.evaluate(X, y, verbose=0)
    model.__dict__["_mixing"] = Mixing(1.0)
    history = model.fit(X, y, 6, 1, 0, validation_data=(X, y)).history
    assert [history["val_loss"][0], history["val_accuracy"][0]] == pytest.approx(plain)
    assert history["loss"][0] != pytest.approx(plain[0], rel=1e-3)
