"""The bundled sets of images and series in the form of `keras.datasets`."""

import numpy as np

from profond import datasets


def test_digits():
    (x, y), (x_test, y_test) = datasets.digits.load_data()
    assert (x.shape, x_test.shape) == ((1000, 28, 28), (500, 28, 28))
    assert {one.dtype for one in (x, y, x_test, y_test)} == {np.dtype(np.uint8)}
    assert y[:5].tolist() == [5, 0, 4, 1, 9]  # as MNIST begins
    # The digits can be told apart: the nearest class mean is right for most.
    means = np.stack([x[y == k].mean(0) for k in range(10)]).reshape(10, -1)
    far = ((x_test.reshape(500, 1, -1) - means) ** 2).sum(2)
    assert (far.argmin(1) == y_test).mean() > 0.65


def test_gun_point():
    (x, y), (x_test, y_test) = datasets.gun_point.load_data()
    assert (x.shape, x_test.shape, x.dtype) == ((50, 150, 1), (150, 150, 1), np.float32)
    assert (np.bincount(y).tolist(), np.bincount(y_test).tolist()) == ([24, 26], [76, 74])
    # One nearest neighbour errs on 8.67 % (Dau et al. 2019).
    distances = ((x_test[:, None, :, 0] - x[None, :, :, 0]) ** 2).sum(2)
    errors = (y[distances.argmin(1)] != y_test).mean()
    assert round(100 * errors, 2) == 8.67
