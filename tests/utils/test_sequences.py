"""Sequences of one length."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profond import utils

keras = pytest.importorskip("keras")

rows = st.lists(st.lists(st.integers(-9, 9), max_size=5), min_size=1, max_size=4)
sides = st.sampled_from(["pre", "post"])


@given(
    sequences=rows,
    maxlen=st.one_of(st.none(), st.integers(1, 6)),
    padding=sides,
    truncating=sides,
    value=st.sampled_from([0.0, -1, 7.5]),
    dtype=st.sampled_from(["int32", "float32"]),
)
def test_padding_and_cutting_as_in_keras(sequences, **options):
    ours = utils.pad_sequences(sequences, **options)
    theirs = keras.utils.pad_sequences(sequences, **options)
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)


def test_rows_of_vectors_arrays_and_strings():
    sequences = [np.ones((1, 2)), np.zeros((3, 2)), np.zeros((0, 2))]
    np.testing.assert_array_equal(
        utils.pad_sequences(sequences, padding="post"),
        keras.utils.pad_sequences(sequences, padding="post"),
    )
    words = utils.pad_sequences([["a"], ["b", "c"]], dtype=object, value="-")
    assert words.tolist() == [["-", "a"], ["b", "c"]]


def test_nothing_kept_and_nothing_there():
    assert utils.pad_sequences([[1, 2]], maxlen=0).shape == (1, 0)
    assert utils.pad_sequences([]).shape == (0, 0)


@pytest.mark.wrong_types
@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((5,), {}, "`sequences` must be a list of sequences; received int"),
        (([1, 2],), {}, "`sequences` must be a list of sequences; received 1 at position 0"),
        (
            ([[1], [[2]]],),
            {},
            r"rows of all sequences must have one shape, \(\) .*\(1,\) at position 1",
        ),
        (
            ([[1]],),
            {"padding": "front"},
            "Unknown side for `padding`: 'front'.*Available: post, pre",
        ),
        (([[1]],), {"truncating": "end"}, "Unknown side for `truncating`: 'end'"),
        (([["a"]],), {"value": "x"}, "`value` must be a number for dtype int32.*dtype=object"),
    ],
)
def test_wrong_arguments(arguments, options, message):
    with pytest.raises(ValueError, match=message):
        utils.pad_sequences(*arguments, **options)
