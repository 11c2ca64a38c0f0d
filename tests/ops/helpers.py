"""Comparing functions of `profond.ops` with those of Keras of the same name."""

from contextlib import contextmanager

import keras
import numpy as np
import torch
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from profond import ops
from profond._dtypes import dtype_name
from profond._tree import flatten


def floats(low=-10.0, high=10.0):
    """Numbers of both signs, without the ones that are all but 0."""
    numbers = st.floats(low, high, allow_nan=False, width=64)
    return numbers.map(lambda x: 0.0 if abs(x) < 1e-3 else x)


def shapes(min_dims=0, max_dims=3, min_side=1, max_side=4):
    return hnp.array_shapes(
        min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=max_side
    )


def arrays(shape=None, low=-10.0, high=10.0, dtype=np.float64):
    return hnp.arrays(dtype, shapes() if shape is None else shape, elements=floats(low, high))


def separated(shape, seed, scale=1.0):
    """Numbers of which no two are close, in random order: extremes have one place."""
    n = int(np.prod(shape))
    order = np.random.default_rng(seed).permutation(n)
    return (scale * (order - n / 2 + 0.25)).reshape(shape)


@st.composite
def broadcasting(draw, low=-10.0, high=10.0):
    """Two arrays whose shapes broadcast."""
    both = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=4))
    return tuple(draw(arrays(shape, low, high)) for shape in both.input_shapes)


@st.composite
def with_axis(draw, several=True, none=True, empty=False, **kwargs):
    """A shape of one axis or more, and axes of it as an argument `axis`."""
    shape = draw(shapes(min_dims=1, **kwargs))
    one = st.integers(-len(shape), len(shape) - 1)
    choices = [one]
    if several:
        some = st.lists(st.integers(0, len(shape) - 1), min_size=1, unique=True)
        choices.append(some.map(tuple))
    if none:
        choices.append(st.none())
    if empty:
        choices.append(st.just(()))
    return shape, draw(st.one_of(choices))


def assert_same(ours, theirs, *, dtype=True, rtol=1e-9, atol=1e-12):
    """The same structure, shapes, types and numbers."""
    ours, theirs = flatten(ours), flatten(theirs)
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        if not isinstance(a, torch.Tensor):
            assert a == b
            continue
        assert tuple(a.shape) == tuple(b.shape)
        if dtype:
            assert dtype_name(a.dtype) == dtype_name(b.dtype)
        a, b = (x.detach().double().numpy() if x.is_floating_point() else x.numpy() for x in (a, b))
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol)


@contextmanager
def named(name):
    """Say what was compared where it fails."""
    try:
        yield
    except AssertionError as error:
        error.add_note(name)
        raise


def compare(name, *args, dtype=True, rtol=1e-9, atol=1e-12, **kwargs):
    """The function `name` of both on the same arguments."""
    ours = getattr(ops, name)(*args, **kwargs)
    theirs = getattr(keras.ops, name)(*args, **kwargs)
    with named(name):
        assert_same(ours, theirs, dtype=dtype, rtol=rtol, atol=atol)


def gradients(function, inputs, **kwargs):
    """The gradients of a weighted sum of all results with respect to the inputs."""
    inputs = [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in inputs]
    total = 0
    for i, result in enumerate(flatten(function(*inputs, **kwargs))):
        if result.is_floating_point():
            weights = torch.arange(1.0, result.numel() + 1, dtype=torch.float64) + i
            total = total + (result.double() * torch.cos(weights).reshape(result.shape)).sum()
    total.backward()
    return [x.grad if x.grad is not None else torch.zeros_like(x) for x in inputs]


def compare_gradients(name, *inputs, rtol=1e-7, atol=1e-9, **kwargs):
    """Values and gradients of the function `name` of both."""
    compare(name, *inputs, rtol=rtol, atol=atol, **kwargs)
    ours = gradients(getattr(ops, name), inputs, **kwargs)
    theirs = gradients(getattr(keras.ops, name), inputs, **kwargs)
    with named(f"gradient of {name}"):
        assert_same(ours, theirs, rtol=rtol, atol=atol)
