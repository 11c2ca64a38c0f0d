"""Order of layers and weights, summaries, names: as Keras has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import profond
from tests.models.helpers import in_both, listed, random_graph, some_input, summary_of

keras = pytest.importorskip("keras")
np = pytest.importorskip("numpy")


@given(seed=st.integers(0, 10**6))
def test_random_graphs(seed):
    theirs, ours = in_both(keras, profond, lambda k: random_graph(k, seed))
    assert [layer.name for layer in ours.layers] == [layer.name for layer in theirs.layers]
    assert [op.name for op in ours.operations] == [op.name for op in theirs.operations]
    assert [w.shape for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]
    assert [w.path.split("/")[-2:] for w in ours.weights] == [
        w.path.split("/")[-2:] for w in theirs.weights
    ]
    assert ours.output_names == theirs.output_names
    x = some_input(ours)
    wanted = listed(theirs.predict([x] if len(ours.inputs) == 1 else x, verbose=0))
    for got, want in zip(listed(ours.predict(x)), wanted, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)
    assert summary_of(ours) == summary_of(theirs)


def sequential(k):
    return k.Sequential([k.Input((10,)), k.layers.Dense(20, "relu"), k.layers.Dense(3, "softmax")])


def deferred(k):
    return k.Sequential([k.layers.Dense(20, "relu"), k.layers.Dense(3)])


def frozen(k):
    model = sequential(k)
    model.layers[0].trainable = False
    return model


def graph(k):
    a, b = k.Input((4,), name="a"), k.Input((3,), name="b")
    shared = k.layers.Dense(5, name="shared")
    first = shared(a)
    second = shared(k.layers.Dense(4, name="up")(b))
    model = k.Model([a, b], [k.layers.Dense(2, name="out")((first + second) * 2.0), first])
    model.get_layer("shared").trainable = False
    return model


def nested(k):
    inner = k.Sequential(
        [k.Input((4,)), k.layers.Dense(5, name="i1"), k.layers.Dense(4, name="i2")], name="inner"
    )
    a = k.Input((4,), name="x")
    return k.Model(a, k.layers.Dense(1, name="head")(inner(a)), name="outer")


def subclassed(k):
    class Mine(k.Model):
        def __init__(self):
            super().__init__(name="mine")
            self.hidden = k.layers.Dense(3)

        def call(self, x):
            return self.hidden(x)

    return Mine()


def long_names(k):
    name = "a_very_long_name_that_goes_on_and_on_for_ever"
    return k.Sequential([k.Input((10,)), k.layers.Dense(1000, name=name), k.layers.Dense(3)])


def trained(k):
    model = sequential(k)
    model.compile("adam", "mse")
    model.fit(np.zeros((4, 10)), np.zeros((4, 3)), verbose=0)
    return model


@pytest.mark.parametrize("columns", [80, 120])
@pytest.mark.parametrize(
    "options",
    [{}, {"show_trainable": True}, {"expand_nested": True}, {"line_length": 70}],
    ids=str,
)
@pytest.mark.parametrize(
    "build", [sequential, deferred, frozen, graph, nested, subclassed, long_names, trained]
)
def test_summaries(build, options, columns, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    theirs, ours = in_both(keras, profond, build)
    assert summary_of(ours, **options) == summary_of(theirs, **options)


def test_summary_of_part_of_the_layers():
    def build(k):
        return k.Sequential([k.Input((2,)), *(k.layers.Dense(2, name=f"d{i}") for i in range(5))])

    theirs, ours = in_both(keras, profond, build)
    for part in (("d1", "d3"), ("d3", "d1"), ("d[01]", "d.")):
        assert summary_of(ours, layer_range=part) == summary_of(theirs, layer_range=part)
