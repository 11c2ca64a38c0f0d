"""The embedding of a table's columns by hand: the weights that autograd would lead to."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers, regularizers
from profond.training._dense_stack import DenseStack
from profond.training._run import Run
from tests.training.test_dense_stack import trained

ROWS, NUMBERS, CODES = 19, 3, (4, 2)


def table_of(embedding, codes):
    """The columns of a table: numbers, two others, codes."""
    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(ROWS, NUMBERS)) if embedding else np.zeros((ROWS, 0))
    others = rng.integers(0, 2, (ROWS, 2))
    each = [rng.integers(0, count, (ROWS, 1)) for count in codes]
    return np.concatenate([numbers, others, *each], axis=1)


periodic = st.builds(
    lambda activation, densenet, lite, phase, scale: (
        lambda: layers.PeriodicEmbedding(
            5, activation, frequencies=4, frequency_scale=scale, densenet=densenet, lite=lite,
            use_phase=phase,
        )
    ),
    st.sampled_from(["relu", None, "silu", "tanh", "elu"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.sampled_from([0.1, 1.0]),
)  # fmt: skip
piecewise = st.builds(
    lambda activation, penalty: (
        lambda: layers.PiecewiseLinearEmbedding(
            4, activation=activation, bin_boundaries=[-1.0, 0.0, 0.5, 2.0],
            kernel_regularizer=regularizers.L2(0.01) if penalty else None,
        )
    ),
    st.sampled_from(["relu", "linear", "sigmoid", "gelu"]),
    st.booleans(),
)  # fmt: skip
encoding = st.just(lambda: layers.PiecewiseLinearEncoding(bin_boundaries=[-1.0, 0.0, 2.0]))


@given(
    embeddings=st.lists(periodic | piecewise | encoding, max_size=3),
    codes=st.sampled_from([(), CODES]),
    end=st.sampled_from([(1, None), (1, "relu"), (2, "relu"), (2, "tanh")]),
    dtype=st.sampled_from(["float32", "float64"]),
)
def test_same_weights_as_with_autograd(embeddings, codes, end, dtype, monkeypatch):
    x = table_of(embeddings, codes).astype(dtype)
    y = np.random.default_rng(1).normal(size=(ROWS, end[0])).astype(dtype)

    def build():
        before = profond.config.dtype_policy()
        profond.config.set_dtype_policy(dtype)
        try:
            several = [make() for make in embeddings]
            table = layers.TableEmbedding(
                NUMBERS if several else 0, embedding=several or None, codes=codes, code_units=3
            )
            body = [layers.Dense(6, "silu"), layers.Dropout(0.2), layers.Dense(*end)]
            door = profond.Input((x.shape[1],), dtype=dtype)
            return profond.Sequential([door, table, *body])
        finally:
            profond.config.set_dtype_policy(before)

    stack = DenseStack.of(build())
    assert stack is not None
    assert stack.takes(torch.from_numpy(x))
    options = {"compiled": {"optimizer": "sgd", "loss": "mse"}, "monkeypatch": monkeypatch}
    ours, our_losses = trained(build, x, y, by_hand=True, **options)
    theirs, their_losses = trained(build, x, y, by_hand=False, **options)
    rtol, atol = (1e-4, 1e-6) if dtype == "float32" else (1e-9, 1e-12)
    assert our_losses == pytest.approx(their_losses, rel=1e-5)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, other, rtol=rtol, atol=atol)


def network(**options):
    """A network with numbers embedded twice, and codes."""
    both = [
        layers.PeriodicEmbedding(5, densenet=True, lite=True),
        layers.PiecewiseLinearEmbedding(4, bin_boundaries=[-1.0, 0.0, 2.0]),
    ]
    table = layers.TableEmbedding(NUMBERS, embedding=both, codes=CODES, **options)
    return profond.Sequential([profond.Input((7,)), table, layers.Dense(1)])


def test_frozen_embeddings_stay_and_get_no_gradient():
    model = network()
    model.layers[0].embedding[0].trainable = False
    model.compile("sgd", "mse")
    before = model.get_weights()
    x = table_of(True, CODES).astype("float32")
    model.fit(x, np.ones((ROWS, 1)), epochs=1, verbose=0)
    frozen = {id(weight) for weight in model.layers[0].embedding[0].weights}
    for weight, old in zip(model.weights, before, strict=True):
        if id(weight) in frozen:
            assert weight.grad is None
            np.testing.assert_array_equal(weight.numpy(), old)
    assert not np.array_equal(model.get_weights()[-1], before[-1])


class Doubled(layers.PeriodicEmbedding):
    """An embedding with a call, and a loss, of its own."""

    def call(self, inputs):
        """Twice the vectors."""
        self.add_loss(self.kernel.square().sum())
        return 2 * super().call(inputs)


@pytest.mark.parametrize(
    "layer",
    [
        layers.TableEmbedding(NUMBERS, embedding=Doubled(5)),
        layers.TableEmbedding(NUMBERS, embedding=layers.PeriodicEmbedding(5, dtype="float64")),
        layers.TableEmbedding(
            NUMBERS, embedding=layers.PeriodicEmbedding(5, activity_regularizer="l2")
        ),
    ],
)
def test_embeddings_that_may_do_anything_are_left_to_autograd(layer):
    assert DenseStack.of(profond.Sequential([profond.Input((7,)), layer, layers.Dense(1)])) is None


def test_wrong_codes_are_named_as_the_layer_names_them():
    x = table_of(True, CODES).astype("float32")
    x[:, -1] = 7
    model = network(name="columns")
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"'columns' must be below \[4, 2\].*up to \[\d, 7\]"):
        model.fit(x, np.ones((ROWS, 1)), epochs=1, verbose=0)


def test_the_default_network_for_tables_is_one_of_these(monkeypatch):
    from profond.estimators import TabularRegressor

    found = []
    find = Run.find_stack
    monkeypatch.setattr(
        Run, "find_stack", lambda run, watched: (find(run, watched), found.append(run.stack))[0]
    )
    x = np.random.default_rng(0).normal(size=(60, 3))
    TabularRegressor(seeds=1, epochs=2, random_state=0).fit(x, x[:, 0] ** 2)
    assert found
    assert all(isinstance(stack, DenseStack) for stack in found)
