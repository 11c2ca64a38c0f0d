"""Every kind of data that people have."""

import resource
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import profond
from profond import layers
from profond.training._feeds import ArrayFeed, IterableFeed, to_tensors
from tests.training.helpers import blobs

X, LABELS = blobs()
Y = np.eye(3, dtype="float32")[LABELS]
NAMES = ["a", "b", "c", "d"]


def trained(x, y=None, weights=None, **options):
    """Weights after a training on the data, and predictions for them."""
    profond.utils.set_random_seed(0)
    model = profond.Sequential([layers.Input((4,)), layers.Dense(3, "softmax")])
    model.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(
        x, y, sample_weight=weights, epochs=2, verbose=0, **{"shuffle": False, **options}
    )
    return model.get_weights(), history.history


WANTED = trained(X, Y)


def table(dtype=None):
    frame = pd.DataFrame(X, columns=NAMES)
    return frame if dtype is None else frame.astype(dtype)


def read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def polars_frame(array, names):
    pl = pytest.importorskip("polars")
    return pl.DataFrame({name: array[:, i] for i, name in enumerate(names)})


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (lambda: X, lambda: Y),
        (lambda: X.astype("float64"), lambda: Y.astype("float64")),
        (lambda: X, lambda: Y.astype("int64")),
        (lambda: X, lambda: Y.astype(bool)),
        (lambda: X, lambda: Y.astype("uint8")),
        (table, lambda: profond.utils.to_categorical(LABELS)),
        (table, lambda: pd.DataFrame(Y)),
        (lambda: table(object), lambda: Y),
        (lambda: table("Float64"), lambda: Y),
        (lambda: table().sample(frac=1, random_state=0).sort_index(), lambda: Y),
        (lambda: polars_frame(X, NAMES), lambda: polars_frame(Y, "xyz")),
        (lambda: torch.tensor(X), lambda: torch.tensor(Y)),
        (lambda: torch.tensor(X, dtype=torch.float64), lambda: torch.tensor(Y).long()),
        (lambda: torch.tensor(X, requires_grad=True), lambda: torch.tensor(Y)),
        (lambda: X.tolist(), lambda: Y.tolist()),
        (lambda: tuple(map(tuple, X.tolist())), lambda: Y),
        (lambda: [X], lambda: [Y]),
        (lambda: {"input": X}, lambda: Y),
        (lambda: read_only(X), lambda: read_only(Y)),
        (lambda: np.asfortranarray(X), lambda: np.asfortranarray(Y)),
        (lambda: np.repeat(X, 2, axis=1)[:, ::2], lambda: np.repeat(Y, 2, axis=0)[::2]),
        (lambda: X[::-1][::-1], lambda: Y[::-1].copy()[::-1]),
        (lambda: X.astype(">f4"), lambda: Y.astype(">f8")),
        (lambda: X.astype(np.longdouble), lambda: Y),
        (lambda: np.ma.masked_array(X), lambda: Y),
        (lambda: X.astype(object), lambda: Y.astype(object)),
        (lambda: table().set_axis(["a", "a", "b", "b"], axis=1), lambda: Y),
        (lambda: table("float32[pyarrow]"), lambda: Y),
    ],
)
def test_arrays_of_all_kinds_train_alike(x, y):
    weights, history = trained(x(), y())
    for got, want in zip(weights, WANTED[0], strict=True):
        np.testing.assert_array_equal(got, want)
    assert history == WANTED[1]


def dataset(batch_size=32):
    return torch.utils.data.TensorDataset(torch.tensor(X), torch.tensor(Y))


class Batches(profond.utils.PyDataset):
    """The rows in batches of 32."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.begun = self.ended = 0

    def __len__(self):
        return 2

    def __getitem__(self, index):
        return X[index * 32 : index * 32 + 32], Y[index * 32 : index * 32 + 32]

    def on_epoch_begin(self):
        self.begun += 1

    def on_epoch_end(self):
        self.ended += 1


def endless():
    while True:
        yield X[:32], Y[:32]
        yield X[32:], Y[32:]


@pytest.mark.parametrize(
    ("source", "options"),
    [
        (lambda: torch.utils.data.DataLoader(dataset(), batch_size=32), {}),
        (lambda: Batches(), {}),
        (lambda: Batches(workers=3), {}),
        (lambda: Batches(), {"steps_per_epoch": 2}),
        (endless, {"steps_per_epoch": 2}),
        (lambda: iter([(X[:32], Y[:32]), (X[32:], Y[32:])] * 2), {"steps_per_epoch": 2}),
    ],
)
def test_sources_of_batches_train_alike(source, options):
    weights, history = trained(source(), **options)
    for got, want in zip(weights, WANTED[0], strict=True):
        np.testing.assert_array_equal(got, want)
    assert history == WANTED[1]


def test_loaders_are_shuffled_as_torch_does_it():
    """The order that a `DataLoader` draws is the one that it would without the engine."""

    def orders(through_fit):
        profond.utils.set_random_seed(3)
        generator = torch.Generator().manual_seed(5)
        loader = torch.utils.data.DataLoader(
            dataset(), batch_size=32, shuffle=True, generator=generator
        )
        if not through_fit:
            return [[x for x, _ in loader] for _ in range(2)]
        seen = []

        class Recorder(profond.Model):
            def __init__(self):
                super().__init__()
                self.dense = layers.Dense(1)

            def call(self, x):
                return self.dense(x)

            def train_step(self, data):
                seen.append(data[0].clone())
                return {}

        model = Recorder()
        model.compile("sgd", "mse")
        model.fit(loader, epochs=2, verbose=0)
        return [seen[:2], seen[2:]]

    for ours, theirs in zip(orders(True), orders(False), strict=True):
        for a, b in zip(ours, theirs, strict=True):
            assert torch.equal(a, b)


def test_hooks_and_order_of_a_pydataset():
    data = Batches()
    model = profond.Sequential([layers.Dense(3)])
    model.compile("sgd", "mse")
    model.fit(data, epochs=3, verbose=0)
    assert (data.begun, data.ended) == (3, 3)
    order = []

    class Numbers(profond.utils.PyDataset):
        def __len__(self):
            return 20

        def __getitem__(self, index):
            order.append(index)
            return np.full((2, 1), index), np.zeros((2, 1))

    model = profond.Sequential([layers.Input((1,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(Numbers(), verbose=0)
    assert order != sorted(order)
    assert sorted(order) == list(range(20))
    order.clear()
    model.fit(Numbers(), verbose=0, shuffle=False)
    model.evaluate(Numbers(), verbose=0)
    model.predict(Numbers())
    assert order == list(range(20)) * 3


def test_generators_that_end():
    model = profond.Sequential([layers.Dense(3)])
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="training stopped: the data gave no more batches at epo"):
        history = model.fit(iter([(X, Y)] * 2), epochs=3, verbose=0)
    assert len(history.history["loss"]) == 1
    with pytest.warns(UserWarning, match="the data ended after 2 of the 5 steps"):
        model.fit(iter([(X, Y)] * 2), steps_per_epoch=5, verbose=0)


def test_validation_by_a_source():
    model = profond.Sequential([layers.Input((4,)), layers.Dense(3, "softmax")])
    model.compile("sgd", "categorical_crossentropy")
    for source, steps in ((Batches(), None), (endless(), 2), (Batches(), 1)):
        history = model.fit(X, Y, validation_data=source, validation_steps=steps, verbose=0)
        rows = 32 if steps == 1 else 60
        want = model.evaluate(X[:rows], Y[:rows], verbose=0)
        assert history.history["val_loss"][0] == pytest.approx(want, rel=1e-5)


@pytest.mark.parametrize("dtype", ["uint8", "int16", "int64", "bool", "float16"])
def test_inputs_of_other_types_are_converted_in_the_model(dtype):
    x = (np.abs(X) * 10).astype(dtype)
    model = profond.Sequential([layers.Input((4,)), layers.Dense(2)])
    np.testing.assert_array_equal(model.predict(x), model.predict(x.astype("float32")))
    model.compile("sgd", "mse")
    model.fit(x, np.ones((60, 2)), verbose=0)
    assert np.isfinite(model.get_weights()[0]).all()


def test_truth_values_among_numbers():
    frame = pd.get_dummies(pd.DataFrame({"n": [1.5, 2.0, 3.0], "kind": ["u", "v", "u"]}))
    model = profond.Sequential([layers.Input((3,)), layers.Dense(1)])
    np.testing.assert_array_equal(
        model.predict(frame), model.predict(np.array([[1.5, 1, 0], [2.0, 0, 1], [3.0, 1, 0]]))
    )


def test_series_for_one_column():
    model = profond.Sequential([layers.Input((1,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    column = pd.Series([1.0, 2.0, 3.0], index=[7, 8, 9])
    model.fit(column, column, verbose=0)
    assert model.predict(column).shape == (3, 1)


def test_labels_that_float32_cannot_tell_apart():
    labels = np.array([2**24 + 1, 2**24])
    converted = to_tensors(pd.Series(labels), torch.float32)
    assert converted.tolist() == labels.tolist()


def test_float64_layers_get_float64_data():
    model = profond.Sequential(
        [layers.Input((1,), dtype="float64"), layers.Dense(1, dtype="float64", use_bias=False)]
    )
    model.set_weights([np.ones((1, 1))])
    x = np.array([[1.0 + 1e-12]])
    assert model.predict(x)[0, 0] == x[0, 0]
    model.compile("sgd", "mse")
    assert model.evaluate(x, np.ones((1, 1)), verbose=0) == pytest.approx(1e-24, rel=1e-3)


# Memory


def test_float32_data_are_not_copied():
    for data in (X, torch.tensor(X)):
        pointer = data.ctypes.data if isinstance(data, np.ndarray) else data.data_ptr()
        assert to_tensors(data, torch.float32).data_ptr() == pointer


def test_a_file_is_read_where_it_lies(tmp_path):
    """A memory-mapped array, which nobody may write to, is neither copied nor written to."""
    np.save(tmp_path / "x.npy", X)
    x = np.load(tmp_path / "x.npy", mmap_mode="r")
    assert to_tensors(x, torch.float32, only_read=True).data_ptr() == x.ctypes.data
    model = profond.Sequential([layers.Input((4,)), layers.Activation("linear")])
    for rows in (5, 60):
        out = model.predict(x[:rows])
        out[:] = 0
    first = next(ArrayFeed(to_tensors(x, torch.float32, only_read=True), batch_size=99).batches())
    first[0].zero_()
    # What yields batches is not copied again, so it gets memory that may be written to.
    given = to_tensors(x, torch.float32)
    given.zero_()
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), X)


def test_training_copies_data_at_most_once():
    """float64 data of 240 MB become 120 MB of float32; nothing else of that size appears."""
    rows = 10**6
    x = np.ones((rows, 30))
    y = np.ones(rows, "float32")
    model = profond.Sequential([layers.Input((30,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x[:100], y[:100], verbose=0)
    unit = 1 if sys.platform == "darwin" else 1024
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    # Batches of a megabyte: of large ones the allocator keeps a few, more under load.
    model.fit(x, y, batch_size=10000, validation_split=0.2, verbose=0)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - before
    assert grown < 1.8 * rows * 30 * 4, grown


def test_predictions_share_no_memory_with_the_data():
    model = profond.Sequential([layers.Input((4,)), layers.Activation("linear")])
    for rows in (5, 60):
        x = X[:rows].copy()
        out = model.predict(x)
        out[:] = 0
        assert x.any()


# Feeds


@given(
    rows=st.integers(1, 40),
    batch_size=st.integers(1, 45),
    shuffle=st.sampled_from([False, True, "batch"]),
)
def test_a_pass_has_every_row_once(rows, batch_size, shuffle):
    x = torch.arange(float(rows))[:, None]
    tree = {"a": x, "b": [x + 100, None]}
    feed = ArrayFeed(tree, x + 200, None, batch_size=batch_size, shuffle=shuffle)
    batches = list(feed.batches())
    assert len(batches) == feed.num_batches
    for inputs, y, w in batches:
        assert torch.equal(inputs["a"] + 100, inputs["b"][0])
        assert torch.equal(inputs["a"] + 200, y)
        assert w is None
        assert inputs["b"][1] is None
    seen = torch.cat([inputs["a"] for inputs, _, _ in batches]).flatten()
    assert sorted(seen.tolist()) == list(range(rows))
    assert shuffle or seen.tolist() == list(range(rows))


def test_the_first_batch_is_not_lost():
    feed = IterableFeed(iter([1, 2, 3]), lambda batch: batch, None)
    assert feed.first()[0] == 1
    assert feed.first()[0] == 1
    assert [x for x, _, _ in feed.batches()] == [1, 2, 3]


def test_looking_at_a_loader_changes_no_generator():
    loader = torch.utils.data.DataLoader(dataset(), batch_size=8, shuffle=True)
    before = torch.get_rng_state()
    IterableFeed(loader, lambda batch: batch, None).first()
    assert torch.equal(torch.get_rng_state(), before)
