import numpy as np
import pytest

from profond import datasets
from profond.datasets import boston, iris


def test_frames_are_those_of_the_notes():
    assert boston.load_frame().shape == (506, 7)
    assert iris.load_frame().shape == (150, 5)


@pytest.mark.parametrize(("module", "columns"), [(boston, 6), (iris, 4)])
def test_load_data_gives_training_and_test_arrays(module, columns):
    (x_train, y_train), (x_test, y_test) = module.load_data()
    rows = len(module.load_frame())
    assert x_train.shape[1] == x_test.shape[1] == columns
    assert len(x_train) + len(x_test) == rows
    assert len(y_test) == round(0.2 * rows)
    assert (len(x_train), len(x_test)) == (len(y_train), len(y_test))


def test_iris_keeps_the_shares_of_the_species():
    (_, _), (_, y_test) = datasets.iris.load_data(test_split=0.3)
    assert np.bincount(y_test).tolist() == [15, 15, 15]


def test_the_seed_decides_and_all_rows_may_be_kept():
    first = boston.load_data(seed=1)[1][1]
    np.testing.assert_array_equal(first, boston.load_data(seed=1)[1][1])
    assert not np.array_equal(first, boston.load_data(seed=2)[1][1])
    (x_train, _), (x_test, y_test) = boston.load_data(test_split=0)
    assert x_train.shape == (506, 6)
    assert x_test.shape == (0, 6)
    assert y_test.shape == (0,)
    with pytest.raises(ValueError, match="must be between 0 and 1; received 1"):
        boston.load_data(test_split=1.0)
