"""Several networks' embeddings computed at once: what each gives alone, to the last bit."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from profond.estimators._embedded_together import embedded_together
from profond.layers import (
    Dense,
    Dropout,
    PeriodicEmbedding,
    PiecewiseLinearEmbedding,
    TableEmbedding,
)

WAVES = {
    "shared": {"densenet": True, "lite": True, "frequency_scale": 0.1, "frequencies": 16},
    "own": {"lite": False, "frequencies": 5},
    "phases": {"use_phase": True, "densenet": True, "activation": None, "frequencies": 7},
}


def table(numbers, kinds, codes=(), plain=0, seed=0):
    """A built and adapted layer; every seed gives other weights and bins."""
    torch.manual_seed(seed)
    embeddings = [
        PiecewiseLinearEmbedding(8, num_bins=6) if kind == "bins"
        else PeriodicEmbedding(9, **WAVES[kind])
        for kind in kinds
    ]  # fmt: skip
    layer = TableEmbedding(numbers, embedding=embeddings or None, codes=codes)
    layer.build((None, numbers + plain + len(codes)))
    layer.built = True
    g = np.random.default_rng(seed)
    if layer.adapts:
        layer.adapt(g.normal(size=(200, numbers)).astype(np.float32))
    with torch.no_grad():
        for weight in layer.parameters():
            weight.add_(torch.from_numpy(g.normal(size=weight.shape).astype(np.float32)))
    return layer


@settings(max_examples=25, deadline=None)
@given(
    kinds=st.lists(st.sampled_from([*WAVES, "bins"]), min_size=1, max_size=3),
    numbers=st.integers(1, 14),
    networks=st.integers(2, 6),
    codes=st.sampled_from([(), (3,), (4, 2)]),
    plain=st.integers(0, 3),
    seed=st.integers(0, 1000),
)
def test_each_network_has_the_bits_of_its_own_layer(kinds, numbers, networks, codes, plain, seed):
    tables = [table(numbers, kinds, codes, plain, seed + k) for k in range(networks)]
    g = np.random.default_rng(seed)
    columns = [g.normal(size=(16, numbers + plain)), *(g.integers(0, c, (16, 1)) for c in codes)]
    inputs = torch.from_numpy(np.concatenate(columns, 1).astype(np.float32))
    with torch.inference_mode():
        found = embedded_together([[one, Dense(1)] for one in tables], inputs)
        assert found is not None
        for one, values in zip(tables, found, strict=True):
            np.testing.assert_array_equal(values.numpy(), one.call(inputs).numpy())


def test_weights_that_change_are_seen():
    layers = [[table(3, ["shared", "bins"], seed=k)] for k in range(2)]
    inputs = torch.randn(16, 3)
    with torch.inference_mode():
        assert embedded_together(layers, inputs) is not None
    for weight in layers[1][0].parameters():
        weight.data.mul_(2.0)
    layers[1][0].adapt(np.random.default_rng(9).normal(size=(50, 3)).astype(np.float32))
    with torch.inference_mode():
        found = embedded_together(layers, inputs)
        assert found is not None
        np.testing.assert_array_equal(found[1].numpy(), layers[1][0].call(inputs).numpy())


class _Other(PeriodicEmbedding):
    """A layer of a user's own."""


def other():
    layer = TableEmbedding(2, embedding=_Other(9, **WAVES["shared"]))
    layer.build((None, 2))
    return layer


def doubled():
    return table(2, ["bins"]).double()


@pytest.mark.parametrize(
    "layers",
    [
        lambda: [table(2, ["shared"])],  # one network has nothing to share
        lambda: [table(2, ["shared"]), table(2, ["own"])],
        lambda: [table(2, ["shared"]), table(2, ["bins"])],
        lambda: [table(2, ["shared"]), table(2, ["shared", "bins"])],
        lambda: [table(2, ["bins"]), table(2, ["bins"], codes=(2,))],
        lambda: [table(2, ["bins"], codes=(3,)), table(2, ["bins"], codes=(2,))],
        lambda: [table(2, [], codes=(2,)), table(2, [], codes=(2,))],
        lambda: [Dropout(0.1), Dropout(0.1)],
        lambda: [Dense(2), Dense(2)],
        lambda: [other(), other()],
        lambda: [doubled(), doubled()],
    ],
)
def test_layers_that_are_not_alike_are_left_to_themselves(layers):
    assert embedded_together([[layer] for layer in layers()], torch.zeros(16, 3)) is None
