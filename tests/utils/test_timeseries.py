"""Windows over a series: those of Keras's documentation, and what is refused."""

import inspect

import numpy as np
import pytest
import torch

import profond
from profond.utils import timeseries_dataset_from_array


def test_the_arguments_are_those_of_keras():
    keras = pytest.importorskip("keras")
    theirs = inspect.signature(keras.utils.timeseries_dataset_from_array).parameters
    ours = inspect.signature(timeseries_dataset_from_array).parameters
    assert [(p.name, p.default) for p in ours.values()] == [
        (p.name, p.default) for p in theirs.values()
    ]


def test_the_first_example_of_keras():
    windows = timeseries_dataset_from_array(
        np.arange(99), None, sequence_length=10, sampling_rate=2, sequence_stride=3
    )
    (batch,) = windows
    assert len(windows) == 1
    assert batch[:2].tolist() == [list(range(0, 20, 2)), list(range(3, 23, 2))]
    assert batch[-1].tolist() == list(range(78, 98, 2))


@pytest.mark.parametrize("batch_size", [1, 4, 128, None])
def test_what_follows_a_window_is_its_target(batch_size):
    data = np.arange(60.0).reshape(30, 2)
    windows = timeseries_dataset_from_array(data[:-5], data[5:], 5, batch_size=batch_size)
    xs, ys = zip(*windows, strict=True)
    assert len(windows) == len(xs)
    join = torch.stack if batch_size is None else torch.cat
    x, y = join(xs), join(ys)
    assert x.shape == (21, 5, 2)
    for t in range(21):
        np.testing.assert_array_equal(x[t], data[t : t + 5])
        np.testing.assert_array_equal(y[t], data[t + 5])


def test_a_part_of_the_series():
    data = np.arange(20)
    windows = timeseries_dataset_from_array(data, 2 * data, 3, start_index=4, end_index=9)
    ((x, y),) = windows
    assert x.tolist() == [[4, 5, 6], [5, 6, 7], [6, 7, 8]]
    assert y.tolist() == [8, 10, 12]


def test_each_pass_has_a_new_order_that_the_seed_repeats():
    def passes():
        windows = timeseries_dataset_from_array(
            np.arange(50), np.arange(50), 2, batch_size=7, shuffle=True, seed=3
        )
        return [torch.cat([y for _, y in windows]).tolist() for _ in range(2)]

    first, second = passes()
    assert first != second
    assert sorted(first) == sorted(second) == list(range(49))
    assert [first, second] == passes()


def test_fit_takes_it():
    data = np.sin(np.arange(80) / 5)
    windows = timeseries_dataset_from_array(data[:-4], data[4:], 4, batch_size=16)
    assert len(list(windows.take(2))) == 2
    model = profond.Sequential([profond.Input((4,)), profond.layers.Dense(1)])
    model.compile(profond.optimizers.SGD(0.1), "mse")
    losses = model.fit(windows, epochs=3, validation_data=windows, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert model.predict(windows, verbose=0).shape == (73, 1)


def test_a_training_that_is_resumed_has_the_order_it_would_have_had(tmp_path):
    data = np.sin(np.arange(80) / 5)

    def fitted(epochs):
        model = profond.Sequential([profond.Input((4,)), profond.layers.Dense(1, "linear", False)])
        model.compile(profond.optimizers.SGD(0.1), "mse")
        model.set_weights([np.full((4, 1), 0.1)])
        windows = timeseries_dataset_from_array(
            data[:-4], data[4:], 4, batch_size=16, shuffle=True, seed=7
        )
        backup = profond.callbacks.BackupAndRestore(tmp_path, delete_checkpoint=epochs == 5)
        model.fit(windows, epochs=epochs, verbose=0, callbacks=[backup])
        return model.get_weights()[0]

    whole = fitted(5)
    fitted(3)
    np.testing.assert_array_equal(fitted(5), whole)


def test_looking_at_the_first_batch_takes_no_order_away():
    def order(epochs):
        windows = timeseries_dataset_from_array(
            np.arange(50.0), np.arange(50.0), 2, batch_size=7, shuffle=True, seed=3
        )
        model = profond.Sequential([profond.layers.Dense(1)])  # its shapes are those of a batch
        model.compile("sgd", "mse")
        if epochs:
            model.fit(windows, epochs=epochs, verbose=0)
        return torch.cat([y for _, y in windows]).tolist()

    untouched = timeseries_dataset_from_array(
        np.arange(50.0), np.arange(50.0), 2, batch_size=7, shuffle=True, seed=3
    )
    passes = [torch.cat([y for _, y in untouched]).tolist() for _ in range(2)]
    assert [order(0), order(1)] == passes


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"sampling_rate": 0}, r"`sampling_rate` must be >= 1; received 0"),
        ({"sequence_stride": 0}, r"`sequence_stride` must be >= 1; received 0"),
        ({"sequence_length": 0}, r"`sequence_length` must be >= 1; received 0"),
        ({"batch_size": 0}, r"`batch_size` must be >= 1; received 0"),
        ({"start_index": 10}, r"<= 10, the length of `data`; received 10 and None"),
        ({"start_index": 5, "end_index": 4}, r"<= 10, the length .* received 5 and 4"),
        ({"end_index": 11}, r"<= 10, the length of `data`; received None and 11"),
        ({"sequence_length": 11}, r"no window of 11 times at distances of 1 fits: `data` has 10"),
        ({"format": "numpy"}, r"`format` must be 'tf' or 'grain'; received 'numpy'"),
    ],
)
def test_what_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        timeseries_dataset_from_array(np.arange(10), None, **{"sequence_length": 2, **arguments})
