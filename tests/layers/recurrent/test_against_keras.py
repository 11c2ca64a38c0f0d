"""Recurrent layers give Keras's values and gradients for all options, in float64."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond

keras = pytest.importorskip("keras")

SMALL, YES_NO = st.integers(1, 4), st.booleans()
KINDS = ("SimpleRNN", "LSTM", "GRU")


@st.composite
def arguments_of(draw, kind):
    """Arguments of a layer for both libraries, torch's operations and single steps alike."""
    made = {
        "units": draw(SMALL),
        "use_bias": draw(YES_NO),
        "return_sequences": draw(YES_NO),
        "return_state": draw(YES_NO),
        "go_backwards": draw(YES_NO),
        "zero_output_for_mask": draw(YES_NO),
        "activation": draw(st.sampled_from(["tanh", "tanh", "relu", "sigmoid", None])),
    }
    if kind != "SimpleRNN":
        gates = st.sampled_from(["sigmoid", "sigmoid", "hard_sigmoid", "tanh"])
        made["recurrent_activation"] = draw(gates)
        made["implementation"] = draw(st.sampled_from([1, 2]))
    if kind == "LSTM":
        made["unit_forget_bias"] = draw(YES_NO)
    if kind == "GRU":
        made["reset_after"] = draw(YES_NO)
    return made


@st.composite
def masks(draw, batch, time):
    """None, one of sequences filled up at their end, or any; rows may be empty."""
    which = draw(st.sampled_from(["none", "end", "any"]))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    if which == "none":
        return None
    if which == "end":
        return np.arange(time) < rng.integers(0, time + 1, (batch, 1))
    return rng.random((batch, time)) < 0.6


def flat(outputs):
    """Outputs as a list of tensors."""
    return list(outputs) if isinstance(outputs, list | tuple) else [outputs]


def run(layer, x, mask, states, weights, times):
    """Outputs, and the gradients of a weighted sum of them."""
    inputs = torch.tensor(x, requires_grad=True)
    begin = None if states is None else [torch.tensor(s, requires_grad=True) for s in states]
    options = {} if begin is None else {"initial_state": begin}
    given_mask = None if mask is None else torch.tensor(mask)
    layer(inputs, mask=given_mask, **options)  # build
    layer.set_weights(weights(layer))
    outputs = flat(layer(inputs, mask=given_mask, **options))
    total: Any = sum(
        (torch.as_tensor(t) * y).sum() for t, y in zip(times(outputs), outputs, strict=True)
    )
    values = [w.value if hasattr(w.value, "requires_grad") else w for w in layer.weights]
    leaves = [inputs, *(begin or []), *values]
    found = torch.autograd.grad(total, leaves, allow_unused=True)
    zeros = [
        torch.zeros_like(leaf) if g is None else g for g, leaf in zip(found, leaves, strict=True)
    ]
    return [y.detach() for y in outputs], zeros


def compared(ours, theirs, x, mask, states, seed):
    """Both libraries with the same weights, on the same data."""

    def weights(layer):
        rng = np.random.default_rng(seed)
        return [rng.normal(size=w.shape) for w in layer.weights]

    def times(outputs):
        rng = np.random.default_rng(seed + 1)
        return [rng.normal(size=tuple(y.shape)) for y in outputs]

    have, want = (run(layer, x, mask, states, weights, times) for layer in (ours, theirs))
    for mine, due in zip(have, want, strict=True):
        for a, b in zip(mine, due, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_layers(kind, data, keras64):
    arguments = data.draw(arguments_of(kind))
    batch, time, features = (data.draw(st.integers(1, 5)) for _ in range(3))
    seed = data.draw(st.integers(0, 10**6))
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(batch, time, features))
    mask = data.draw(masks(batch, time))
    count = 2 if kind == "LSTM" else 1
    states = None
    if data.draw(YES_NO):
        states = [rng.normal(size=(batch, arguments["units"])) for _ in range(count)]
    ours, theirs = (
        getattr(library.layers, kind)(**arguments, dtype="float64")
        for library in (profond, keras64)
    )
    compared(ours, theirs, x, mask, states, seed)
    shapes = ours(profond.Input((time, features)))
    real = flat(ours(x))
    assert [s.shape for s in flat(shapes)] == [(None, *y.shape[1:]) for y in real]


@given(data=st.data())
def test_bidirectional(data, keras64):
    kind = data.draw(st.sampled_from(KINDS))
    arguments = {**data.draw(arguments_of(kind)), "go_backwards": False}
    mode = data.draw(st.sampled_from(["concat", "sum", "ave", "mul", None]))
    batch, time, features = (data.draw(st.integers(1, 4)) for _ in range(3))
    seed = data.draw(st.integers(0, 10**6))
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(batch, time, features))
    mask = data.draw(masks(batch, time))
    count = 4 if kind == "LSTM" else 2
    states = None
    if data.draw(YES_NO):
        states = [rng.normal(size=(batch, arguments["units"])) for _ in range(count)]
    ours, theirs = (
        library.layers.Bidirectional(
            getattr(library.layers, kind)(**arguments, dtype="float64"), mode, dtype="float64"
        )
        for library in (profond, keras64)
    )
    compared(ours, theirs, x, mask, states, seed)


@given(data=st.data())
def test_stacked_cells(data, keras64):
    kinds = data.draw(st.lists(st.sampled_from(KINDS), min_size=2, max_size=3))
    sizes = [data.draw(SMALL) for _ in kinds]
    batch, time, features = (data.draw(st.integers(1, 4)) for _ in range(3))
    seed = data.draw(st.integers(0, 10**6))
    x = np.random.default_rng(seed).normal(size=(batch, time, features))
    mask = data.draw(masks(batch, time))
    options = {
        "return_sequences": data.draw(YES_NO),
        "go_backwards": data.draw(YES_NO),
        "zero_output_for_mask": data.draw(YES_NO),
    }

    def made(library):
        cells = [
            getattr(library.layers, f"{kind}Cell")(size, dtype="float64")
            for kind, size in zip(kinds, sizes, strict=True)
        ]
        return library.layers.RNN(cells, **options, dtype="float64")

    compared(made(profond), made(keras64), x, mask, None, seed)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_cells(kind, data, keras64):
    arguments = data.draw(arguments_of(kind))
    for name in ("return_sequences", "return_state", "go_backwards", "zero_output_for_mask"):
        arguments.pop(name)
    batch, features, units = data.draw(SMALL), data.draw(SMALL), arguments["units"]
    rng = np.random.default_rng(data.draw(st.integers(0, 10**6)))
    x = torch.tensor(rng.normal(size=(batch, features)))
    states = [torch.tensor(rng.normal(size=(batch, units))) for _ in range(1 + (kind == "LSTM"))]
    cells = [
        getattr(library.layers, f"{kind}Cell")(**arguments, dtype="float64")
        for library in (profond, keras64)
    ]
    for cell in cells:
        cell.build((None, features))
    weights = [rng.normal(size=w.shape) for w in cells[1].weights]
    results = []
    for cell in cells:
        cell.set_weights(weights)
        output, new = cell(x, states)
        results.append([output, *new])
    for a, b in zip(*results, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-10, atol=1e-10)
    sizes = [cell.state_size for cell in cells]
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_dropout_with_a_seed_is_that_of_keras(kind, data, keras64):
    """Dropout of input and state, by gate and for all, with the same draws."""
    arguments = {
        "units": data.draw(SMALL),
        "dropout": data.draw(st.sampled_from([0.0, 0.3])),
        "recurrent_dropout": data.draw(st.sampled_from([0.0, 0.4])),
        "seed": data.draw(st.integers(0, 1000)),
        "return_sequences": True,
    }
    if kind != "SimpleRNN":
        arguments["implementation"] = data.draw(st.sampled_from([1, 2]))
    if kind == "GRU":
        arguments["reset_after"] = data.draw(YES_NO)
    slow = {} if kind == "SimpleRNN" else {"use_cudnn": False}
    x = np.random.default_rng(arguments["seed"]).normal(size=(3, 4, 5))
    ours, theirs = (
        # Keras's quick way fails on patterns by gate.
        getattr(library.layers, kind)(**arguments, **more, dtype="float64")
        for library, more in ((profond, {}), (keras64, slow))
    )
    ours.build(x.shape)
    theirs.build(x.shape)
    ours.set_weights(theirs.get_weights())
    have, want = (torch.as_tensor(layer(x, training=True)) for layer in (ours, theirs))
    torch.testing.assert_close(have, want, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("inner", ["Dense", "Conv1D", "LSTM"])
def test_time_distributed(inner, keras64):
    rng = np.random.default_rng(3)
    shape = (2, 5, 3) if inner == "Dense" else (2, 5, 6, 3)
    options = {"kernel_size": 2} if inner == "Conv1D" else {}
    x = rng.normal(size=shape)
    made = []
    for library in (profond, keras64):
        layer = getattr(library.layers, inner)(4, **options, dtype="float64")
        made.append(library.layers.TimeDistributed(layer, dtype="float64"))
    ours, theirs = made
    want = theirs(x)
    ours(x)
    ours.set_weights(theirs.get_weights())
    torch.testing.assert_close(ours(x), want, rtol=1e-10, atol=1e-10)
    assert ours(profond.Input(shape[1:])).shape == (None, *want.shape[1:])
