"""What the tests of optimizers share: the same steps with Keras and with profond."""

import warnings

import numpy as np
import pytest
import torch

from profond import optimizers
from profond._weight import Weight

keras = pytest.importorskip("keras")

SHAPES = [(), (3,), (4, 2), (2, 3, 2)]
NAMES = [
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Ftrl",
    "Lamb",
    "Lion",
    "Muon",
    "Nadam",
    "RMSprop",
]


def values_and_gradients(steps, seed, missing=(), shapes=SHAPES):
    """Initial weights, and gradients of `steps` steps; those of `missing` (step, place) None."""
    rng = np.random.default_rng(seed)
    start = [rng.normal(size=shape) for shape in shapes]
    grads = [
        [
            None
            if (step, place) in missing
            else rng.normal(size=shape) * 10.0 ** rng.integers(-3, 2)
            for place, shape in enumerate(shapes)
        ]
        for step in range(steps)
    ]
    return start, grads


def weights_of(start, dtype=torch.float64, constraint=None):
    """Weights of profond with the given values."""
    return [
        Weight(torch.tensor(value, dtype=dtype), path=f"layer_{i}/kernel", name="kernel")
        if constraint is None
        else Weight(
            torch.tensor(value, dtype=dtype),
            path=f"layer_{i}/kernel",
            name="kernel",
            constraint=constraint,
        )
        for i, value in enumerate(start)
    ]


def run(optimizer, weights, grads, between=None):
    """Apply the gradients of each step; the values of all weights after each."""
    trace = []
    for step, step_grads in enumerate(grads):
        if between is not None:
            between(step, optimizer)
        tensors = [
            None if g is None else torch.tensor(g, dtype=w.dtype)
            for g, w in zip(step_grads, weights, strict=True)
        ]
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Gradients do not exist")
            optimizer.apply(tensors, weights)
        trace.append([w.detach().numpy().copy() for w in weights])
    return trace


def run_keras(optimizer, start, grads, between=None, dtype="float64", constraint=None):
    """The same with Keras."""
    variables = [
        keras.Variable(value, dtype=dtype, name=f"kernel_{i}") for i, value in enumerate(start)
    ]
    for variable in variables:
        variable.constraint = constraint
    trace = []
    for step, step_grads in enumerate(grads):
        if between is not None:
            between(step, optimizer)
        tensors = [
            None if g is None else keras.ops.convert_to_tensor(g, dtype=dtype) for g in step_grads
        ]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            optimizer.apply(tensors, variables)
        trace.append([keras.ops.convert_to_numpy(v).copy() for v in variables])
    return trace


def assert_same(ours, theirs, rtol=1e-12, atol=1e-13):
    """All weights after all steps are the same."""
    for step, (a, b) in enumerate(zip(ours, theirs, strict=True)):
        for place, (x, y) in enumerate(zip(a, b, strict=True)):
            np.testing.assert_allclose(
                x, y, rtol=rtol, atol=atol, err_msg=f"step {step}, weight {place}"
            )


def both(name, **arguments):
    """The same optimizer of profond and of Keras."""
    return getattr(optimizers, name)(**arguments), getattr(keras.optimizers, name)(**arguments)
