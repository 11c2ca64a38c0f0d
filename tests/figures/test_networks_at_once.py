"""Many small networks trained together equal the same ones trained apart."""

import numpy as np
import pytest
import torch

from profond.figures._approximation import equal_sizes
from profond.figures._batch import Networks, parameter_count, train


def test_stacked_networks_do_not_see_one_another():
    x = torch.randn(12, 3, dtype=torch.float64)
    y = torch.randn(12, 1, dtype=torch.float64)
    for optimizer in ("adam", "sgd"):
        options = {"steps": 20, "rate": 0.05, "optimizer": optimizer, "decay": True}
        together = Networks([3, 5, 1], "tanh", [4, 7, 9], dtype=torch.float64)
        errors = train(together, x, y, **options)
        for index, seed in enumerate([4, 7, 9]):
            alone = Networks([3, 5, 1], "tanh", [seed], dtype=torch.float64)
            error = train(alone, x, y, **options)
            assert errors[index] == pytest.approx(error[0], rel=1e-9)
            torch.testing.assert_close(together.kernels[0][index], alone.kernels[0][0])


def test_a_network_computes_equations_2_1_to_2_3():
    networks = Networks([2, 3, 2, 1], "sigmoid", [0], dtype=torch.float64)
    for bias in networks.biases:
        torch.nn.init.normal_(bias)
    x = torch.randn(4, 2, dtype=torch.float64)
    out = networks(x)[0]
    w = [kernel[0] for kernel in networks.kernels]
    b = [bias[0, 0] for bias in networks.biases]
    h1 = torch.sigmoid(x @ w[0] + b[0])
    h2 = torch.sigmoid(h1 @ w[1] + b[1])
    torch.testing.assert_close(out, h2 @ w[2] + b[2])


def test_weights_start_as_keras_starts_them():
    networks = Networks([300, 500, 1], "relu", [0])
    limit = (6 / 800) ** 0.5
    first = networks.kernels[0].detach()
    assert limit * 0.99 < float(first.abs().max()) <= limit
    assert float(first.std()) == pytest.approx(limit / 3**0.5, rel=0.01)
    he = Networks([300, 500, 1], "relu", [0], initializer="he_normal").kernels[0].detach()
    assert float(he.std()) == pytest.approx((2 / 300) ** 0.5, rel=0.01)
    assert all(float(bias.detach().abs().max()) == 0 for bias in networks.biases)


def test_a_training_that_diverges_is_not_averaged_away():
    x = torch.ones(4, 1)
    networks = Networks([1, 3, 1], "relu", [0, 1, 2])
    with pytest.raises(
        ValueError, match=r"with `rate` 1e\+25 3 of 3 trainings diverged; take a smaller"
    ):
        train(networks, x, x, steps=5, rate=1e25, optimizer="sgd")


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="Unknown activation: 'rely'. Did you mean 'relu'"):
        Networks([1, 1], "rely", [0])
    with pytest.raises(ValueError, match="Unknown initializer: 'he'"):
        Networks([1, 1], "relu", [0], initializer="he")


def test_equal_numbers_of_parameters():
    for depth in (1, 2, 3, 4):
        sizes = equal_sizes(1, depth, 300)
        assert len(sizes) == depth + 2
        distance = abs(parameter_count(sizes) - 300)
        for width in range(1, 120):
            other = [1, *[width] * depth, 1]
            assert distance <= abs(parameter_count(other) - 300)
    assert parameter_count([10, 20, 3]) == 283  # the notes, exercise 1
    with pytest.raises(
        ValueError, match="`parameters` must be at least 7 for 2 hidden layers on 2"
    ):
        equal_sizes(2, 2, 6)


def test_watching_sees_the_first_and_the_last_state():
    seen = []
    x, y = torch.zeros(2, 1), torch.ones(2, 1)
    networks = Networks([1, 2, 1], "tanh", [0, 1])
    train(networks, x, y, steps=4, rate=0.1, every=2, watch=lambda step, now: seen.append(step))
    assert seen == [0, 2, 4]
    assert np.isfinite(train(networks, x, y, steps=1, rate=0.1)).all()
