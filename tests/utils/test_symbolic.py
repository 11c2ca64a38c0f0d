"""What a symbolic tensor is computed from."""

import pytest

import profond
from profond.utils import get_source_inputs

keras = pytest.importorskip("keras")


def test_the_inputs_are_those_of_keras():
    for library in (profond, keras):
        first, second = library.Input((2,), name="first"), library.Input((2,), name="second")
        dense = library.layers.Dense(2)
        inner = library.Sequential([library.Input((2,)), library.layers.Dense(2)])
        both = library.layers.Concatenate()([inner(dense(first)), dense(second), first])
        sources = library.utils.get_source_inputs(both * 2.0)
        assert [tensor.name for tensor in sources] == ["first", "second"]
        assert all(a is b for a, b in zip(sources, (first, second), strict=True))
        assert library.utils.get_source_inputs(first)[0] is first
    assert get_source_inputs(3) == 3
