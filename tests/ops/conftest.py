"""Keras as an oracle in float64: it makes float32 of float64 in some operations on torch."""

import sys

import pytest


@pytest.fixture(autouse=True)
def keras_in_float64(monkeypatch):
    if "keras" in sys.modules:
        from keras.src.backend.common import dtypes

        for name in ("float64", "int64"):
            monkeypatch.setitem(dtypes.BIT64_TO_BIT32_DTYPE, name, name)
