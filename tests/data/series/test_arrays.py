"""Series from arrays and lists of arrays."""

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from profond.data.series import SeriesSet, series_from_arrays
from tests.data.series.helpers import real_set

NAN = np.nan


@given(
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=5),
    channels=st.integers(1, 3),
    dtype=st.sampled_from(["float32", "float64", "int64"]),
    seed=st.integers(0, 99),
)
def test_lists_and_padded_arrays_make_the_same_set(lengths, channels, dtype, seed):
    rng = np.random.default_rng(seed)
    series = [rng.integers(-9, 9, (n, channels)).astype(dtype) for n in lengths]
    ragged = series_from_arrays(series)
    kind = np.float32 if dtype == "float32" else np.float64
    full = np.full((len(lengths), max(lengths) + 2, channels), NAN, kind)
    for place, one in zip(full, series, strict=True):
        place[: len(one)] = one
    rectangular = series_from_arrays(full)
    for made in (ragged, rectangular):
        assert made.values.dtype == kind
        assert made.lengths.tolist() == lengths
        assert made.equal_length == (len(set(lengths)) == 1)
        assert made.mask.sum(1).tolist() == lengths
        assert not made.values[~made.mask].any()
        for i, one in enumerate(series):
            np.testing.assert_array_equal(made.one(i), one)
    np.testing.assert_array_equal(ragged.values, rectangular.values)
    nan = ragged.padded_with_nan()
    np.testing.assert_array_equal(nan, full[:, : max(lengths)])
    np.testing.assert_array_equal(series_from_arrays(nan).values, ragged.values)


def test_arrays_without_an_axis_of_channels():
    for given_ in (
        [[1, 2, 3], [4, 5, 6]],
        np.array([[1, 2, 3], [4, 5, 6]]),
        torch.tensor([[1.0, 2, 3], [4, 5, 6]], requires_grad=True),
        pd.DataFrame([[1, 2, 3], [4, 5, 6]]),
        [pd.Series([1, 2, 3]), torch.tensor([4, 5, 6])],
    ):
        made = series_from_arrays(given_)
        assert made.values[..., 0].tolist() == [[1, 2, 3], [4, 5, 6]]
        assert made.lengths.tolist() == [3, 3]
        assert made.notes == ()
    assert series_from_arrays([[1], [2, 3]]).values[..., 0].tolist() == [[1, 0], [2, 3]]


def test_what_is_padding_and_what_is_missing_is_said():
    made = series_from_arrays([[1, NAN, 3, NAN], [1, 2, NAN, NAN], [NAN, 2, 3, NAN]])
    assert made.lengths.tolist() == [3, 2, 3]
    assert made.notes == (
        "NaN at the end is padding: the series have 2 to 3 steps.",
        "2 missing value(s) in 2 of 3 series, the first at step 2, channel 1 of series 1.",
    )
    assert np.isnan(made.one(0)[1, 0])
    told = series_from_arrays([[1, 2, NAN], [1, 2, 3]], lengths=[3, 2])
    assert told.lengths.tolist() == [3, 2]
    assert np.isnan(told.one(0)[2, 0])
    assert told.values[1, 2, 0] == 0
    lists = series_from_arrays([[1, NAN], [1, 2, 3]])  # lists tell their own lengths
    assert lists.lengths.tolist() == [2, 3]
    one_channel = series_from_arrays([[[1, NAN], [NAN, 2], [NAN, NAN]]])
    assert one_channel.lengths.tolist() == [2]


def test_labels_of_all_kinds():
    x = np.zeros((3, 2))
    for labels, kept in (
        (["a", "b", "a"], ["a", "b", "a"]),
        (np.array(["a", "b", "a"]), ["a", "b", "a"]),
        (pd.Series(["a", "b", "a"]), ["a", "b", "a"]),
        (torch.tensor([0, 1, 0]), [0, 1, 0]),
        (np.array([[0.5], [1], [2]]), [0.5, 1, 2]),
    ):
        assert series_from_arrays(x, labels).labels.tolist() == kept
    assert series_from_arrays(x).labels is None


def test_some_of_the_series():
    made = series_from_arrays([[1], [2, 3, 4], [5, 6]], ["a", "b", "c"], name="short")
    some = made.take([2, 0])
    assert some.values[..., 0].tolist() == [[5, 6], [1, 0]]
    assert some.labels.tolist() == ["c", "a"]
    assert some.name == "short"
    assert made.take(made.lengths > 1).labels.tolist() == ["b", "c"]
    assert made.describe() == "3 series of 1 to 3 steps, 1 channel, 3 classes"
    assert len(made) == 3
    with pytest.raises(ValueError, match="There must be at least one series; received none"):
        made.take([])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: series_from_arrays([]), "There must be at least one series; received none"),
        (lambda: series_from_arrays(np.zeros((0, 3))), "at least one series; received none"),
        (lambda: series_from_arrays(np.zeros((2, 0))), "Series 1 is of length 0"),
        (lambda: series_from_arrays(np.zeros((2, 3, 0))), "Series must have a channel; .*3, 0"),
        (lambda: series_from_arrays([[1, 2], []]), "Series 2 is of length 0. Leave it out"),
        (
            lambda: series_from_arrays([[1, 2], [NAN, NAN]]),
            r"Series 2 has no value: all are missing \(NaN\)",
        ),
        (
            lambda: series_from_arrays([[1, 2], [NAN]]),
            r"Series 2 has no value: all are missing \(NaN\)",
        ),
        (
            lambda: series_from_arrays([np.zeros((3, 2)), np.zeros((4, 1))]),
            r"same number of channels; received 2 in series 1 and 1 in series 2\. Each is an array",
        ),
        (
            lambda: series_from_arrays([1.0, 2.0]),
            r"must be an array \(time,\) or \(time, channels\); .* shape \(\) for series 1",
        ),
        (
            lambda: series_from_arrays(np.zeros(3)),
            r"shape \(series, time\) or .* received \(3,\)\. One series alone is `values\[None\]`",
        ),
        (
            lambda: series_from_arrays([["a", "b"]]),
            "Series must hold numbers; series 1: <U1 is no type of real numbers",
        ),
        (lambda: series_from_arrays([[1, None, "b"]]), "Series must hold numbers; series 1: could"),
        (
            lambda: series_from_arrays([[1, 2], [np.inf, 3]]),
            "Series 2 holds an infinite value at step 1, channel 1; replace it, or write NaN",
        ),
        (lambda: series_from_arrays([[1], [2]], ["a", None]), "Series 2 has no label"),
        (lambda: series_from_arrays([[1], [2]], [1.0, NAN]), "Series 2 has no label"),
        (lambda: series_from_arrays([[1], [2]], ["", "b"]), "Series 1 has no label"),
        (
            lambda: series_from_arrays([[1], [2]], ["a"]),
            r"one label per series; received 2 series and labels of the shape \(1,\)",
        ),
        (
            lambda: series_from_arrays([[1], [2]], lengths=[1]),
            r"`lengths` must be 2 whole numbers from 1 to 1, one per series; received \[1\]",
        ),
        (lambda: series_from_arrays([[1, 2]], lengths=[3]), "2, one per series; received .3"),
        (
            lambda: series_from_arrays([[1, 2], [3]], lengths=[2, 1]),
            "`lengths` are those of a rectangular array; received them with a list",
        ),
        (
            lambda: series_from_arrays([[1, 2]], channels=["a", "b"]),
            "`channels` must name the 1 channels of the series; received 2 names: 'a', 'b'",
        ),
        (
            lambda: SeriesSet(np.zeros((2, 3, 1)), np.array([1, 4])),
            r"`lengths` must be 2 numbers from 1 to 3, one per series; received array\(\[1, 4\]\)",
        ),
    ],
)
def test_wrong_series(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.wrong_types
def test_values_without_channels():
    message = r"`values` must be floats of the shape .* received float64 of the shape \(2, 3\)"
    with pytest.raises(ValueError, match=message):
        SeriesSet(np.zeros((2, 3)), np.array([1, 2]))


def test_real_series_of_unequal_lengths():
    data = real_set("series/JapaneseVowels.npz")
    made = series_from_arrays(data["X_train"], data["classes"][data["y_train"]])
    np.testing.assert_array_equal(made.lengths, data["len_train"])
    assert made.describe() == "270 series of 7 to 26 steps, 12 channels, 9 classes"
    np.testing.assert_array_equal(made.padded_with_nan(), data["X_train"][:, :26])
