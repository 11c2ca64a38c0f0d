"""Adam as the notes (4.2) print it, as they mean it, and as it is here."""

import math

import numpy as np
import pytest
import torch

from profond._weight import Weight
from profond.optimizers import Adam

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7


def descend(rule, gradient, w, steps, rate):
    """Values of w and of the second moment after each step of a rule `(g, m, s, t) -> (...)`."""
    m = s = np.zeros_like(w)
    path, seconds = [], []
    for t in range(1, steps + 1):
        step, m, s = rule(gradient(w), m, s, t)
        w = w - rate * step
        path.append(w)
        seconds.append(s)
    return np.array(path), np.array(seconds)


def as_printed(g, m, s, t):
    """The three formulas of 4.2: what is corrected is kept, and corrected again."""
    m = (BETA_1 * m + (1 - BETA_1) * g) / (1 - BETA_1**t)
    s = (BETA_2 * s + (1 - BETA_2) * g**2) / (1 - BETA_2**t)
    return m / np.sqrt(s + EPSILON), m, s


def as_meant(g, m, s, t, epsilon=EPSILON):
    """The same with corrected copies; epsilon inside the root as the notes have it."""
    m = BETA_1 * m + (1 - BETA_1) * g
    s = BETA_2 * s + (1 - BETA_2) * g**2
    return (m / (1 - BETA_1**t)) / np.sqrt(s / (1 - BETA_2**t) + epsilon), m, s


def as_in_the_paper(g, m, s, t):
    """Algorithm 1 of Kingma & Ba, epsilon outside the root, scaled as in section 2."""
    m = BETA_1 * m + (1 - BETA_1) * g
    s = BETA_2 * s + (1 - BETA_2) * g**2
    m_hat, s_hat = m / (1 - BETA_1**t), s / (1 - BETA_2**t)
    return m_hat / (np.sqrt(s_hat) + EPSILON / math.sqrt(1 - BETA_2**t)), m, s


def ours(gradient, w, steps, rate):
    """The path of profond's Adam."""
    weight = Weight(torch.tensor(w))
    optimizer = Adam(learning_rate=rate, beta_1=BETA_1, beta_2=BETA_2, epsilon=EPSILON)
    path = []
    for _ in range(steps):
        optimizer.apply([torch.tensor(gradient(weight.numpy()))], [weight])
        path.append(weight.numpy().copy())
    return np.array(path)


def bowl(w):
    """Gradient of w1^2 / 2 + 5 w2^2, whose minimum is at 0."""
    return w * np.array([1.0, 10.0])


START = np.array([3.0, -2.0])


def test_printed_form_stands_still():
    path, seconds = descend(as_printed, bowl, START, steps=300, rate=0.05)
    # The second moment estimates nothing: after ten steps it is 10^20 times the squared gradient,
    assert (seconds[9] > 1e20 * bowl(path[9]) ** 2).all()
    # after three hundred beyond the range of float32 by far,
    assert (seconds[-1] > 1e280).all()
    # and after three steps the weights hardly move, far from the minimum.
    assert np.abs(path[-1] - path[2]).max() < 1e-3
    assert np.abs(path[-1]).min() > 1.8


def test_printed_form_has_no_step_zero():
    with pytest.raises(ZeroDivisionError):
        as_printed(1.0, 0.0, 0.0, 0)


def test_meant_form_is_ours():
    expected, _ = descend(as_in_the_paper, bowl, START, steps=300, rate=0.05)
    path = ours(bowl, START, steps=300, rate=0.05)
    np.testing.assert_allclose(path, expected, rtol=1e-11, atol=1e-12)
    assert np.abs(path[-1]).max() < 0.05


def test_epsilon_inside_the_root_matters_for_small_gradients_only():
    # Gradients near 1, epsilon 1e-7: the same path.
    path = ours(bowl, START, steps=30, rate=0.05)
    inside, _ = descend(as_meant, bowl, START, steps=30, rate=0.05)
    np.testing.assert_allclose(inside, path, rtol=1e-4)

    # Gradients of 1e-4, beside which sqrt(1e-7) = 3e-4 is not small: steps of a third.
    def plateau(w):
        return np.full_like(w, 1e-4)

    path = ours(plateau, START, steps=30, rate=0.05)
    inside, _ = descend(as_meant, plateau, START, steps=30, rate=0.05)
    ratio = (START - inside[-1]) / (START - path[-1])
    np.testing.assert_allclose(ratio, 1e-4 / math.sqrt(1e-8 + 1e-7), rtol=0.02)

    # An epsilon of the square root's size brings the two together again.
    weight = Weight(torch.tensor(START))
    optimizer = Adam(learning_rate=0.05, epsilon=2.2e-4 * math.sqrt(1 - BETA_2))
    optimizer.apply([torch.tensor(plateau(START))], [weight])
    first, _ = descend(as_meant, plateau, START, steps=1, rate=0.05)
    np.testing.assert_allclose(weight.numpy(), first[0], rtol=1e-3)


def test_first_step_has_the_size_of_the_rate():
    path = ours(bowl, START, steps=1, rate=0.05)
    np.testing.assert_allclose(np.abs(path[0] - START), 0.05, rtol=1e-4)
