"""Keras as an oracle in float64: it makes float32 of float64 in some operations on torch."""

import pytest


@pytest.fixture
def keras64(monkeypatch):
    """Keras, which computes in float64 throughout."""
    keras = pytest.importorskip("keras")
    from keras.src.backend.common import dtypes

    monkeypatch.setitem(dtypes.BIT64_TO_BIT32_DTYPE, "float64", "float64")
    keras.config.set_floatx("float64")
    keras.config.set_dtype_policy("float64")
    yield keras
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")
