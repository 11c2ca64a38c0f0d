"""Keras in float64 for the tests that compare with it."""

import pytest


@pytest.fixture
def keras_float64():
    """Keras keeps learning rates and factors in its float type: float64 here, as the weights."""
    keras = pytest.importorskip("keras")
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx("float32")
