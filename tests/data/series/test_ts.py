"""Series from `.ts` files."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profond.data.series import read_ts
from tests.data.series.helpers import as_ts, real_set

HEADER = "@problemName Two\n@classLabel true a b\n"


def written(folder, text, name="Two_TRAIN.ts"):
    path = folder / name
    path.write_text(text)
    return path


def test_a_file_as_the_archive_writes_it(tmp_path):
    text = (
        "#Some words\n%more\n@problemName Basic Motions\n@timeStamps false\n@missing true\n"
        "@univariate false\n@dimensions 2\n@equalLength false\n\n@classLabel true Sit Run\n"
        "@data\n1.5,-2e-1,?:4,5,6:Run\r\n#between\n\n7, 8:NaN,10:sit\n"
    )
    made = read_ts(written(tmp_path, text))
    assert made.name == "Basic Motions"
    assert made.classes == ("Sit", "Run")
    assert made.labels.tolist() == ["Run", "Sit"]  # as the header spells it
    assert made.lengths.tolist() == [3, 2]
    expected = [[[1.5, 4], [-0.2, 5], [np.nan, 6]], [[7, np.nan], [8, 10], [0, 0]]]
    np.testing.assert_array_equal(made.values, expected)
    assert made.notes == (
        "2 missing value(s) in 2 of 2 series, the first at step 3, channel 1 of series 1.",
    )


def test_numbers_to_predict_and_no_labels(tmp_path):
    made = read_ts(written(tmp_path, "@targetlabel true\n@data\n1,2:0.5\n3,4:-1e3"))
    assert made.labels.tolist() == [0.5, -1000]
    assert made.labels.dtype == np.float64
    assert made.name == "Two_TRAIN"
    made = read_ts(written(tmp_path, "@CLASSLABEL False\n@DATA\n1,2:3,4\n"))
    assert made.labels is None
    assert made.values.shape == (1, 2, 2)


def test_a_header_of_the_regression_archive(tmp_path):
    text = (
        "\n@problemname BeijingPM10Quality\n@timestamps false\n@missing true\n@univariate false\n"
        "@dimension 2\n@equallength true\n@serieslength 3\n@targetlabel true\n@data    \n"
        "1,?,3:4,5,6:89.0\n"
    )
    made = read_ts(written(tmp_path, text))
    assert made.values.shape == (1, 3, 2)
    assert made.labels.tolist() == [89]
    assert made.notes == (
        "1 missing value(s) in 1 of 1 series, the first at step 2, channel 1 of series 1.",
    )


def test_classes_that_differ_in_their_capitals(tmp_path):
    made = read_ts(written(tmp_path, "@classLabel true A a\n@data\n1:a\n2:A\n"))
    assert made.labels.tolist() == ["a", "A"]


def test_a_compressed_file(tmp_path):
    path = tmp_path / "Two.ts.gz"
    path.write_bytes(gzip.compress((HEADER + "@data\n1,2:a\n").encode()))
    assert read_ts(path).labels.tolist() == ["a"]


@given(
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=4),
    channels=st.integers(1, 3),
    equal=st.booleans(),
    data=st.data(),
)
def test_what_is_written_comes_back(tmp_path_factory, lengths, channels, equal, data):
    number = st.one_of(st.just(np.nan), st.floats(allow_nan=False, allow_infinity=False))
    lengths = lengths[:1] * len(lengths) if equal else lengths
    series = [
        np.array([[data.draw(number) for _ in range(channels)] for _ in range(n)]) for n in lengths
    ]
    for one in series:
        one[0, 0] = 1.0
    labels = [data.draw(st.sampled_from("ab")) for _ in series]
    header = HEADER + (f"@equalLength true\n@seriesLength {lengths[0]}\n" if equal else "")
    made = read_ts(written(tmp_path_factory.mktemp("ts"), as_ts(series, labels, header)))
    assert made.lengths.tolist() == lengths
    assert made.labels.tolist() == labels
    for i, one in enumerate(series):
        np.testing.assert_array_equal(made.one(i), one)  # to the last bit


@pytest.mark.parametrize("name", ["JapaneseVowels", "BasicMotions"])
def test_real_series(name, tmp_path):
    data = real_set(f"series/{name}.npz")
    lengths, classes = data["len_test"], data["classes"]
    series = [x[:n] for x, n in zip(data["X_test"].astype(float), lengths, strict=True)]
    labels = classes[data["y_test"]].tolist()
    equal = str(name == "BasicMotions").lower()
    header = (
        f"@problemName {name}\n@univariate false\n@dimensions {series[0].shape[1]}\n"
        f"@equalLength {equal}\n@classLabel true {' '.join(classes)}\n"
    )
    made = read_ts(written(tmp_path, as_ts(series, labels, header)))
    assert made.labels.tolist() == labels
    np.testing.assert_array_equal(made.lengths, lengths)
    nan = data["X_test"][:, : lengths.max()]
    np.testing.assert_array_equal(made.padded_with_nan(), nan)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"Two_TRAIN\.ts: there must be a line @data .* received none in 0 line\(s\)"),
        ("@problemName x\n", r"there must be a line @data .* received none in 1 line\(s\)"),
        (
            "@problemName x\n1,2:a\n",
            r"Two_TRAIN\.ts, line 2: the header must be lines that begin with @.*'1,2:a'",
        ),
        (
            "@clasLabel true a\n@data\n",
            r"Two_TRAIN\.ts, line 1: unknown tag @clasLabel\. Did you mean @classLabel\?",
        ),
        ("@zzzzzz 1\n@data\n", "line 1: unknown tag @zzzzzz. Known are @timeStamps, .*@data"),
        ("\n@univariate yes\n", "line 2: @univariate must be followed by true or false; .*'yes'"),
        ("@equalLength\n", "line 1: @equalLength must be followed by true or false; received ''"),
        ("@dimensions two\n", "line 1: @dimensions must be followed by a number from 1 .*'two'"),
        ("@seriesLength 0\n", "line 1: @seriesLength must be followed by a number from 1 .*'0'"),
        ("@classLabel true\n", "line 1: @classLabel true must be followed by the names"),
        ("@classLabel true a b a\n", "line 1: @classLabel names the class 'a' twice"),
        ("@timeStamps true\n", "line 1: series with time stamps, .* cannot be read"),
        ("@data 1,2\n", "line 1: @data must stand alone; received '@data 1,2'"),
        (
            "@univariate true\n@dimensions 3\n@data\n",
            "line 3: the header says @univariate true and @dimensions 3",
        ),
        (
            "@classLabel true a\n@targetlabel true\n@data\n",
            "line 3: the header says @classLabel true and @targetlabel true",
        ),
        (HEADER + "@data\n\n", r"Two_TRAIN\.ts: there must be at least one series after @data"),
        (HEADER + "@data\n1,2:a\n1,2\n", "line 5: the label is missing; it stands after"),
        (HEADER + "@data\n1,2:\n", "line 4: the label is missing; it stands after the last colon"),
        (HEADER + "@data\n1,2:?\n", "line 4: the label is missing"),
        (
            HEADER + "@data\n1,2:c\n",
            "line 4: the label must be one of the classes .*, a, b; received 'c'",
        ),
        (
            "@targetlabel true\n@data\n1,2:c\n",
            "line 3: the header says @targetlabel true, so the line must end with a number.*'c'",
        ),
        (HEADER + "@data\n:a\n", "line 4: a channel is of length 0"),
        (HEADER + "@data\n1,2: :a\n", "line 4: a channel is of length 0"),
        (
            HEADER + "@data\n1,x,3:a\n",
            r"line 4: value 2 must be a number, or \? where it is missing; received 'x'",
        ),
        (HEADER + "@data\n1,,3:a\n", "line 4: value 2 must be a number, .* received nothing"),
        (HEADER + "@data\n1,2,:a\n", "line 4: value 3 must be a number, .* received nothing"),
        (HEADER + "@data\n1, ,2:a\n", "line 4: value 2 must be a number, .* received nothing"),
        (HEADER + "@data\n1, :2, 3:a\n", "line 4: value 2 must be a number, .* received nothing"),
        (HEADER + "@data\n1 2,3:a\n", "line 4: value 1 must be a number, .* received '1 2'"),
        (HEADER + "@data\n1_0,3:a\n", "line 4: the values must be numbers with ',' between them"),
        (HEADER + "@data\n?,?:a\n", "line 4: all values of the series are missing"),
        (HEADER + "@data\n1,inf:a\n", "line 4: the series holds an infinite value"),
        (HEADER + "@data\n(0,1),(1,2):a\n", "line 4: series with time stamps"),
        (
            HEADER + "@data\n1,2:1,2,3:a\n",
            "line 4: the channels .* same length; received 2 values in channel 1 and 3 in chan",
        ),
        (
            HEADER + "@data\n#\n1,2:3,4:a\n1,2:a\n",
            "line 6: all series must have the same number of channels; received 1, and 2 in line 5",
        ),
        (
            HEADER + "@dimensions 3\n@data\n1,2:3,4:a\n",
            r"line 5: the header says @dimensions 3; received 2 channel\(s\)",
        ),
        (
            HEADER + "@univariate true\n@data\n1,2:3,4:a\n",
            r"line 5: the header says @univariate true; received 2 channel\(s\)",
        ),
        (
            HEADER + "@equalLength true\n@data\n1,2:a\n1:b\n",
            "line 6: the header says @equalLength true; .* 1 steps, where 2 were expected",
        ),
        (
            HEADER + "@equalLength true\n@seriesLength 3\n@data\n1,2:a\n",
            "line 6: the header says @equalLength true; .* 2 steps, where 3 were expected",
        ),
    ],
)
def test_wrong_files(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        read_ts(written(tmp_path, text))


def test_no_such_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="Nowhere"):
        read_ts(tmp_path / "Nowhere.ts")
