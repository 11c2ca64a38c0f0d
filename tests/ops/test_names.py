"""The names, the arguments and their defaults are those of Keras."""

import inspect

import pytest

from profond import ops

keras = pytest.importorskip("keras")

FUNCTIONS = [name for name in ops.__all__ if callable(getattr(ops, name))]
OUR_OWN = {"getitem"}  # Keras says get_item; the operator of a symbolic tensor says getitem
# Keras takes legacy keywords as **kwargs.
OTHER = {"layer_normalization": "kwargs", "multi_hot": "kwargs"}


def arguments(function):
    return [
        (p.name, p.default, p.kind.name) for p in inspect.signature(function).parameters.values()
    ]


def test_arguments_are_those_of_keras():
    for name in sorted(set(FUNCTIONS) - OUR_OWN):
        theirs = [a for a in arguments(getattr(keras.ops, name)) if a[0] != OTHER.get(name)]
        assert arguments(getattr(ops, name)) == theirs, name


@pytest.mark.parametrize("part", ["nn", "numpy", "linalg"])
def test_parts_hold_the_same_functions(part):
    module = getattr(ops, part)
    for name in module.__all__:
        assert hasattr(getattr(keras.ops, part), name)
        assert getattr(module, name) is getattr(ops, name)
    missing = set(ops.__all__) & set(dir(getattr(keras.ops, part))) - set(module.__all__)
    assert not {name for name in missing if callable(getattr(ops, name))}


def test_every_function_says_what_it_does():
    for name in FUNCTIONS:
        assert getattr(ops, name).__doc__
