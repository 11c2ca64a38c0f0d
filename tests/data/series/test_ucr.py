"""Series from the text files of the UCR archive."""

import numpy as np
import pytest

from profond.data.series import read_ucr
from tests.data.series.helpers import real_set


def written(folder, text, name="Two_TRAIN.tsv"):
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        "1\t0.5\t-2\t3e1\n-1\t4\t5\t6\r\n",
        "1,0.5,-2,3e1\n-1,4,5,6",
        "  1.0000e+00  5.0e-01  -2.0   3e1\n\n -1  4   5 6 \n",
    ],
)
def test_tabs_commas_and_spaces(tmp_path, text):
    made = read_ucr(written(tmp_path, text))
    assert made.values[..., 0].tolist() == [[0.5, -2, 30], [4, 5, 6]]
    assert made.labels.tolist() == ["1", "-1"]
    assert made.name == "Two"
    assert made.notes == ()


def test_unequal_lengths_and_missing_values(tmp_path):
    made = read_ucr(written(tmp_path, "a\t1\tNaN\t3\tNaN\nb\t5\tNaN\tnan\tNaN\n", "Odd_TEST.tsv"))
    assert made.lengths.tolist() == [3, 1]
    np.testing.assert_array_equal(made.values[..., 0], [[1, np.nan, 3], [5, 0, 0]])
    assert made.notes == (
        "NaN at the end is padding: the series have 1 to 3 steps.",
        "1 missing value(s) in 1 of 2 series, the first at step 2, channel 1 of series 1.",
    )
    assert made.name == "Odd"


def test_real_series(tmp_path):
    data = real_set("ucr/GunPoint.npz")
    x, labels = data["X_train"].astype(float), data["classes"][data["y_train"]]
    lines = [
        "\t".join([repr(float(label)), *map(repr, row.tolist())])
        for label, row in zip(labels, x, strict=True)
    ]
    made = read_ucr(written(tmp_path, "\n".join(lines)))
    np.testing.assert_array_equal(made.values[..., 0], x)
    assert made.labels.tolist() == [str(int(label)) for label in labels]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n \n", r"Two_TRAIN\.tsv: there must be at least one series; the file is empty"),
        ("1\n", r"Two_TRAIN\.tsv, line 1: a line must hold a label and then the values.*'1'"),
        ("\n1\t2\t3\n?\t4\t5\n", "line 3: the label is missing; it stands first"),
        ("\t2\t3\n", "line 1: the label is missing; it stands first"),
        ("1\t2\tx\n", r"line 1: value 2 must be a number, or \? where it is missing; received 'x'"),
        ("1\t2\t\t3\n", "line 1: value 2 must be a number, .* received nothing"),
        ("1\t2\t \t3\n", "line 1: value 2 must be a number, .* received nothing"),
        ("1\t2\t\n", "line 1: value 2 must be a number, .* received nothing"),
        ("1\t2\t3\n\n1\t2\n", "line 3: all lines must hold as many .* received 1, and 2 in line 1"),
        ("1\tNaN\tNaN\n", "line 1: all values of the series are missing"),
        ("1\t-inf\t2\n", "line 1: the series holds an infinite value"),
    ],
)
def test_wrong_files(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        read_ucr(written(tmp_path, text))
