"""Keras as an oracle in float64: it makes float32 of float64 in some operations on torch."""

import sys

import pytest


@pytest.fixture(autouse=True)
def keras_in_float64(monkeypatch):
    if "keras" not in sys.modules:
        yield
        return
    import keras
    from keras.src.backend.common import dtypes

    monkeypatch.setitem(dtypes.BIT64_TO_BIT32_DTYPE, "float64", "float64")
    keras.config.set_floatx("float64")
    yield
    keras.config.set_floatx("float32")
    keras.config.set_dtype_policy("float32")  # a layer made above would have kept the other one
