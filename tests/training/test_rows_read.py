"""Inputs that are read by rows: the same training as with the array, and what is asked of them."""

import threading
import time
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import profond
from profond import _rows
from profond._rows import RowView, done_ahead, in_pieces, is_row_source, rows_of
from profond.layers import Concatenate, Dense, Input
from profond.models import Model, Sequential

RNG = np.random.default_rng(0)


class Source:
    """An array that gives rows alone, and notes which it was asked for."""

    def __init__(self, values):
        self.values, self.asked = values, []
        self.shape, self.dtype = values.shape, values.dtype

    def __len__(self):
        return len(self.values)

    def __getitem__(self, rows):
        self.asked.append(rows)
        return self.values[rows]


def network(seed=0):
    profond.utils.set_random_seed(seed)
    model = Sequential([Input((3,)), Dense(4, activation="tanh"), Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def weights_after(x, y, *arguments, **options):
    model = network()
    model.fit(x, y, *arguments, **options)
    return model.get_weights()


def assert_same(first, second):
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


def data(rows=50, dtype=np.float32):
    x = RNG.normal(0, 20, (rows, 3)).astype(dtype)
    return x, RNG.integers(0, 2, rows)


@pytest.fixture
def _small_reads(monkeypatch):
    monkeypatch.setattr("profond.training._row_feed._READ_BYTES", 200)


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from([np.float32, np.float64, np.float16, np.uint8, np.int64]),
    st.sampled_from([1, 7, 16, 200]),
    st.sampled_from([True, False, "batch"]),
    st.booleans(),
    st.sampled_from([0.0, 0.3]),
)
def test_the_weights_are_those_of_the_array_bit_for_bit(dtype, batch, shuffle, weighted, split):
    x, y = data(dtype=dtype)
    weight = RNG.uniform(0.5, 2, len(x)) if weighted else None
    found = []
    for inputs in (x, Source(x)):
        model = network()
        history = model.fit(
            inputs, y, batch, 2, 0, sample_weight=weight, shuffle=shuffle, validation_split=split,
        )  # fmt: skip
        found.append((model.get_weights(), history.history))
    (first, losses), (second, others) = found
    assert losses == others
    assert_same(first, second)


@pytest.mark.usefixtures("_small_reads")
def test_many_reads_give_the_same_order():
    x, y = data(300)
    found = [
        weights_after(inputs, y, 8, 3, 0, steps_per_epoch=11, validation_data=(inputs, y))
        for inputs in (x, Source(x))
    ]
    assert_same(*found)


def test_predictions_and_measures_are_those_of_the_array():
    x, y = data(700)
    model, source = network(), Source(x)
    np.testing.assert_array_equal(model.predict(source), model.predict(x))
    np.testing.assert_array_equal(model.predict(source[:5]), model.predict(x[:5]))
    np.testing.assert_array_equal(model.predict_on_batch(source), model.predict_on_batch(x))
    assert model.evaluate(source, y, verbose=0) == model.evaluate(x, y, verbose=0)
    assert model.train_on_batch(source, y) == network().train_on_batch(x, y)


def test_one_of_several_inputs_is_read_by_rows():
    x, y = data(40)
    numbers = RNG.normal(size=(40, 2)).astype(np.float32)

    def trained(inputs):
        profond.utils.set_random_seed(1)
        doors = [Input((3,)), Input((2,))]
        model = Model(doors, Dense(1)(Concatenate()(doors)))
        model.compile("sgd", "mse")
        model.fit(inputs, y.astype(np.float32), 8, 2, 0)
        return model.predict(inputs)

    np.testing.assert_array_equal(trained([Source(x), numbers]), trained([x, numbers]))


@pytest.mark.usefixtures("_small_reads")
def test_a_source_is_asked_for_increasing_rows_of_a_few_batches_at_once():
    x, y = data(64)
    source = Source(x)
    network().fit(source, y, 4, 1, 0)
    rows = [r if not isinstance(r, slice) else np.arange(64)[r] for r in source.asked]
    assert sorted(np.concatenate(rows).tolist()) == list(range(64))
    assert max(len(r) for r in rows) <= 16
    assert all((np.diff(r) > 0).all() for r in rows)
    source.asked.clear()
    network().predict(source)
    assert all(isinstance(r, slice) for r in source.asked)


def test_the_next_rows_are_read_while_a_step_runs():
    x, y = data(64)

    class Slow(Source):
        threads: set = set()  # noqa: RUF012

        def __getitem__(self, rows):
            self.threads.add(threading.current_thread().name)
            return super().__getitem__(rows)

    network().fit(Slow(x), y, 4, 1, 0)
    assert all(name.startswith("profond-ahead") for name in Slow.threads)

    begun, done = [], []

    def work(i):
        begun.append(i)
        return i

    for i in done_ahead(work, range(6), ahead=2):
        for _ in range(200):  # two more are begun before the next is asked for
            if len(begun) >= min(i + 3, 6):
                break
            time.sleep(0.005)
        assert min(i + 3, 6) <= len(begun) <= i + 3
        done.append(i)
    assert done == list(range(6))


def test_a_step_writes_into_its_own_copy():
    from profond.layers import Lambda

    x, _ = data(40)
    before = x.copy()
    Sequential([Input((3,)), Lambda(lambda t: t.mul_(0.0))]).predict(Source(x), batch_size=8)
    np.testing.assert_array_equal(x, before)


def test_h5py_gives_the_same_as_the_array(tmp_path, monkeypatch):
    h5py = pytest.importorskip("h5py")
    x, y = data(60)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        stored = file.create_dataset("x", data=x, chunks=(7, 3))
        assert not is_row_source(stored)  # small: read whole
        monkeypatch.setattr(_rows, "WHOLE_BYTES", 100)
        assert is_row_source(stored)
        assert_same(weights_after(x, y, 8, 2, 0), weights_after(stored, y, 8, 2, 0))


def test_a_memory_map_is_an_array(tmp_path):
    x, y = data(60)
    mapped = np.memmap(tmp_path / "x.bin", np.float32, "w+", shape=x.shape)
    mapped[:] = x
    mapped = np.memmap(tmp_path / "x.bin", np.float32, "r", shape=x.shape)
    assert_same(weights_after(x, y, 8, 2, 0), weights_after(mapped, y, 8, 2, 0))


def test_what_is_no_source_stays_what_it_was():
    scipy_sparse = pytest.importorskip("scipy.sparse")
    pandas = pytest.importorskip("pandas")
    x, _ = data(5)
    for other in (x, pandas.DataFrame(x), scipy_sparse.csr_array(x), [1, 2], "text", np.float32(1)):
        assert not is_row_source(other)


def test_faults_of_a_source_are_said():
    x, y = data(40)
    x[23, 1] = np.nan
    with pytest.raises(ValueError, match="`x` must be finite; row 23 holds NaN or an infinite"):
        network().fit(Source(x), y, 8, 1, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(network().predict(Source(x))[23]).all()
    short = Source(x)
    short.shape = (40, 4)
    with pytest.raises(ValueError, match="must give an array of float32 and the shape"):
        Sequential([Dense(1)]).predict(short)
    text = Source(np.array(["a", "b"])[:, None])
    with pytest.raises(TypeError, match="must have a `dtype` of numpy's numbers; received"):
        network().predict(text)
    with pytest.raises(ValueError, match="x has 40, y has 39"):
        network().fit(Source(x), y[:39], 8, 1, 0)

    class Broken(Source):
        def __getitem__(self, rows):
            raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        network().fit(Broken(x), y, 8, 1, 0)


def test_views_and_pieces():
    x, _ = data(30)
    chosen = RNG.permutation(30)[:20]
    view = rows_of(Source(x), chosen)
    assert isinstance(view, RowView)
    assert view.shape == (20, 3)
    np.testing.assert_array_equal(view[:], x[chosen])
    again = rows_of(view, np.array([3, 1, 1]))
    np.testing.assert_array_equal(again[np.array([2, 0])], x[chosen[[1, 3]]])
    np.testing.assert_array_equal(rows_of(x, chosen), x[chosen])
    for inputs in (x, Source(x)):
        pieces = list(in_pieces(inputs, 8))
        assert [len(piece) for piece in pieces] == [8, 8, 8, 6]
        np.testing.assert_array_equal(np.concatenate(pieces), x)
