"""Series from anything."""

import gzip

import numpy as np
import pandas as pd
import pytest
import torch

from profond.data.series import open_series, series_from_arrays
from tests.data.series.helpers import DATA, real_set

NAN = np.nan
X = np.array([[1.0, 2, 3], [4, 5, 6]])
TS = "@problemName Two\n@classLabel true a b\n@data\n{}:a\n{}:b\n"


def values(made):
    return made.values[..., 0].tolist()


def test_arrays_lists_and_pairs():
    for source in (X, torch.tensor(X), X.tolist(), [X[0], X[1]], pd.DataFrame(X), X[..., None]):
        assert values(open_series(source)) == X.tolist()
    for source in ((X, ["a", "b"]), (torch.tensor(X), torch.tensor([0, 1])), (list(X), [0, 1])):
        assert open_series(source).labels.tolist() in (["a", "b"], [0, 1])
    assert open_series(X, ["a", "b"]).labels.tolist() == ["a", "b"]
    assert open_series(pd.DataFrame(X), ["a", "b"]).labels.tolist() == ["a", "b"]
    assert open_series((X[0], X[1, :2])).lengths.tolist() == [3, 2]
    made = open_series(X)
    assert open_series(made) is made


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ts", TS.format("1,2,3", "4,5,6")),
        ("a.txt", TS.format("1,2,3", "4,5,6")),
        ("a.txt", "a  1 2 3\nb 4 5 6\n"),
        ("a.tsv", "a\t1\t2\t3\nb\t4\t5\t6\n"),
        ("a.csv", "a,1,2,3\nb,4,5,6\n"),
        ("a", "a,1,2,3\nb,4,5,6\n"),
        ("a.csv", "label,v1,v2,v3\na,1,2,3\nb,4,5,6\n"),
        ("a.csv", "v1,v2,v3,class\n1,2,3,a\n4,5,6,b\n"),
        (
            "a.csv",
            "id,time,x,label\n1,0,1,a\n1,1,2,a\n1,2,3,a\n2,1,5,b\n2,0,4,b\n2,2,6,b\n",
        ),
    ],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_text_files(tmp_path, name, text, compressed):
    path = tmp_path / (name + ".gz" * compressed)
    path.write_bytes(gzip.compress(text.encode()) if compressed else text.encode())
    made = open_series(str(path))
    assert values(made) == X.tolist()
    assert made.labels.tolist() == ["a", "b"]
    assert made.part is None


def test_tables_whose_columns_are_named(tmp_path):
    frame = pd.DataFrame(
        {"who": [1, 1, 2], "when": [1, 0, 0], "x": [2.0, 1, 3], "kind": list("aab")}
    )
    columns = {"id_column": "who", "time_column": "when", "label_column": "kind"}
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_parquet(tmp_path / "t.parquet")
    for source in (frame, tmp_path / "t.csv", tmp_path / "t.parquet"):
        made = open_series(source, **columns)
        assert values(made) == [[1, 2], [3, 0]]
        assert made.labels.tolist() == ["a", "b"]
    wide = pd.DataFrame(X).assign(id=[7, 8], kind=["a", "b"])
    made = open_series(wide, label_column="kind")
    assert values(made) == X.tolist()
    with pytest.raises(ValueError, match="`time_column` must be given too: a table with a row for"):
        open_series(frame, id_column="who")
    with pytest.raises(ValueError, match="There is no column 'kinds'; did you mean 'kind'"):
        open_series(frame, label_column="kinds")
    with pytest.raises(ValueError, match="with columns id and time .* column 'kind' is not"):
        open_series(frame)


@pytest.mark.parametrize("end", [".ts", ".tsv", ".csv"])
def test_a_pair_of_files_is_one_set_with_parts(tmp_path, end):
    texts = {
        "TRAIN": (TS if end == ".ts" else "a,{}\nb,{}\n").format("1,2", "3,4"),
        "TEST": (TS if end == ".ts" else "a,{}\nb,{}\n").format("5,6,7", "8,9,1"),
    }
    for part, text in texts.items():
        (tmp_path / f"Two_{part}{end}").write_text(text)
    for source in (tmp_path / f"Two_TRAIN{end}", tmp_path / "Two", tmp_path):
        made = open_series(source)
        assert values(made) == [[1, 2, 0], [3, 4, 0], [5, 6, 7], [8, 9, 1]]
        assert made.lengths.tolist() == [2, 2, 3, 3]
        assert made.part.tolist() == ["train", "train", "test", "test"]
        assert made.labels.tolist() == ["a", "b", "a", "b"]
        assert made.name == "Two"
    assert made.describe() == "4 series of 2 to 3 steps, 1 channel, 2 classes, 2 train, 2 test"
    assert made.take(made.part == "test").part.tolist() == ["test", "test"]
    assert values(open_series(tmp_path / f"Two_TEST{end}")) == [[5, 6, 7], [8, 9, 1]]
    assert len(open_series(tmp_path / f"Two_TRAIN{end}", pair=False)) == 2
    (tmp_path / f"Two_TEST{end}").unlink()
    assert open_series(tmp_path / f"Two_TRAIN{end}").part is None


def test_pairs_that_do_not_fit(tmp_path):
    (tmp_path / "Two_TRAIN.ts").write_text("@classLabel true a\n@data\n1,2:3,4:a\n")
    (tmp_path / "Two_TEST.ts").write_text("@classLabel true a\n@data\n1,2:a\n")
    with pytest.raises(
        ValueError, match="number of channels; received 2 in 'train' and 1 in 'test'"
    ):
        open_series(tmp_path / "Two")
    (tmp_path / "Two_TEST.ts").write_text("@data\n1,2:3,4\n")
    with pytest.raises(
        ValueError, match="All parts must have labels or none; received none in 'te"
    ):
        open_series(tmp_path / "Two")
    (tmp_path / "Three_TRAIN.ts").write_text("@data\n1,2\n")
    with pytest.raises(
        ValueError, match="must hold one file NAME_TRAIN .* found Three_TRAIN, Two_"
    ):
        open_series(tmp_path)


def test_npz_files(tmp_path):
    train, test = np.array([[1, 2, NAN]]), np.array([[3, NAN]])
    np.savez(
        tmp_path / "some.npz",
        X_train=train,
        y_train=np.array([1]),
        X_test=test,
        y_test=np.array([0]),
        classes=np.array([1.0, -1.0]),
    )
    made = open_series(tmp_path / "some.npz")
    assert values(made) == [[1, 2], [3, 0]]
    assert (made.lengths.tolist(), made.part.tolist()) == ([2, 1], ["train", "test"])
    assert (made.labels.tolist(), made.classes) == (["-1", "1"], ("1", "-1"))
    assert made.notes == (
        "train: NaN at the end is padding: the series have 2 to 2 steps.",
        "test: NaN at the end is padding: the series have 1 to 1 steps.",
    )
    np.savez(tmp_path / "plain.npz", x=X, y=[0.5, 1], len=[3, 2], channels=["force"])
    made = open_series(tmp_path / "plain.npz")
    assert values(made) == [[1, 2, 3], [4, 5, 0]]
    assert (made.labels.tolist(), made.part, made.channels) == ([0.5, 1], None, ("force",))
    np.save(tmp_path / "one.npy", X)
    assert values(open_series(tmp_path / "one.npy")) == X.tolist()


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"z": X}, "a.npz: there must be an array 'X', or 'X_train' and 'X_test'; it holds z"),
        (
            {"X_train": X, "X_test": X, "y_test": [0, 1]},
            r"series and labels must have the same par",
        ),
        ({"X": X, "y": [0]}, r"a.npz: There must be one label per series; received 2 series"),
        ({"X": X, "y": [0, 2], "classes": ["a", "b"]}, "a.npz: Labels must be codes from 0 to 1"),
        ({"X": np.array([["a"]])}, "a.npz: Series must hold numbers"),
        ({"X": np.array([None])}, "a.npz holds Python objects, which are not loaded"),
    ],
)
def test_wrong_npz_files(tmp_path, arrays, message):
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(ValueError, match=message):
        open_series(tmp_path / "a.npz")


def test_what_cannot_be_opened(tmp_path, monkeypatch):
    monkeypatch.delenv("PROFOND_DATA", raising=False)
    (tmp_path / "Two_TRAIN.ts").write_text("?")
    with pytest.raises(
        FileNotFoundError, match=r"no file '.*Two_TRIAN\.ts'\. Did you mean .*TRAIN"
    ):
        open_series(tmp_path / "Two_TRIAN.ts")
    with pytest.raises(
        FileNotFoundError, match="'gunpoint'. Did you mean 'gun_point'. Bundled sets"
    ):
        open_series("gunpoint")
    with pytest.raises(FileNotFoundError, match="the folder '.*a' does not exist"):
        open_series(tmp_path / "a" / "b.ts")
    with pytest.raises(
        ValueError, match="`labels` are given with arrays; received them with a path"
    ):
        open_series(tmp_path / "Two_TRAIN.ts", [1])
    with pytest.raises(ValueError, match="is a web address; download the file"):
        open_series("https://example.com/a.ts")
    (tmp_path / "x.arff").write_text("@relation x")
    with pytest.raises(ValueError, match=r"x\.arff: \.arff files are not read; give the \.ts file"):
        open_series(tmp_path / "x.arff")
    (tmp_path / "x.npy").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"x\.npy: "):
        open_series(tmp_path / "x.npy")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(
        ValueError, match="must hold one file NAME_TRAIN .*; found none. Give the pa"
    ):
        open_series(empty)
    with pytest.raises(ValueError, match="each of the 2 series; received the shape"):
        series = series_from_arrays(X)
        type(series)(series.values, series.lengths, part=np.array(["train"]))


def test_gun_point_is_that_of_the_archive(monkeypatch):
    made = open_series("gun_point")
    assert made.describe() == ("200 series of 150 steps, 1 channel, 2 classes, 50 train, 150 test")
    assert made.classes == ("1", "2")
    data = real_set("ucr/GunPoint.npz")
    for part in ("train", "test"):
        rows = made.part == part
        np.testing.assert_array_equal(made.values[rows, :, 0], data[f"X_{part}"])
        codes = [made.classes.index(one) for one in made.labels[rows]]
        assert codes == data[f"y_{part}"].tolist()


def test_names_of_sets_in_the_folder_of_data(monkeypatch):
    real_set("ucr/ECG200.npz")
    real_set("series/JapaneseVowels.npz")
    monkeypatch.setenv("PROFOND_DATA", str(DATA))
    made = open_series("ECG200")
    assert made.describe() == "200 series of 96 steps, 1 channel, 2 classes, 100 train, 100 test"
    assert made.name == "ECG200"
    made = open_series("JapaneseVowels")
    assert made.describe() == (
        "640 series of 7 to 29 steps, 12 channels, 9 classes, 270 train, 370 test"
    )
