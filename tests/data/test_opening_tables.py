import numpy as np
import pandas as pd
import polars as pl
import pytest

from profond.data import BUNDLED, Reading, load_bundled, open_table, read_table


def test_bundled_sets_have_the_shapes_of_the_notes():
    boston, iris = load_bundled("boston"), load_bundled("iris")
    assert boston.shape == (506, 7)
    assert list(boston.columns) == ["RM", "CRIM", "INDUS", "NOX", "AGE", "TAX", "PRICE"]
    assert boston.iloc[0].tolist() == [6.575, 0.00632, 2.31, 0.538, 65.2, 296.0, 24.0]
    assert iris.shape == (150, 5)
    assert iris["target"].value_counts().tolist() == [50, 50, 50]


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_sets_know_their_target(name):
    table = open_table(name)
    assert table.target == BUNDLED[name].target
    assert table.target in table.frame.columns


def test_an_unknown_bundled_set_is_refused():
    with pytest.raises(ValueError, match=r"Unknown bundled data set: 'bostn'\. Did you mean 'bost"):
        load_bundled("bostn")


def test_the_index_column_of_iris_is_taken_off_with_a_word():
    table = open_table("iris")
    assert "" not in table.frame.columns
    assert any("only numbers the rows" in note for note in table.notes)


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "id", "Index"])
def test_a_first_column_that_counts_is_taken_off(name):
    frame = pd.DataFrame({name: [5, 6, 7], "x": [1.0, 2.0, 4.0]})
    assert list(read_table(frame).columns) == ["x"]


def test_columns_that_do_not_count_stay():
    assert list(read_table(pd.DataFrame({"id": [7, 5, 5], "x": [1, 2, 3]})).columns) == ["id", "x"]
    assert list(read_table(pd.DataFrame({"n": [0, 1, 2], "x": [1, 2, 3]})).columns) == ["n", "x"]
    table = open_table(pd.DataFrame({"": ["a", "b", "c"], "x": [1, 2, 3]}))
    assert list(table.frame.columns) == ["column_1", "x"]
    assert "the first column was named column_1" in table.notes


def test_empty_columns_of_a_spreadsheet_are_left_out(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b,,\n1,2,,\n3,4,,\n")
    table = open_table(path)
    assert list(table.frame.columns) == ["a", "b"]


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet", "xlsx"])
def test_every_format_gives_the_same_table(tmp_path, suffix):
    frame = pd.DataFrame(
        {
            "n": [1.5, np.nan, -3.0],
            "k": [1, 2, 3],
            "c": ["é", "b", None],
            "d": pd.to_datetime(["2020-01-31", "2021-02-03", None]),
        }
    )
    path = tmp_path / f"table.{suffix}"
    if suffix == "parquet":
        frame.to_parquet(path)
    elif suffix == "xlsx":
        frame.to_excel(path, index=False)
    else:
        frame.to_csv(path, index=False, sep="\t" if suffix == "tsv" else ",")
    table = open_table(path)
    assert table.name == "table"
    read = table.frame
    np.testing.assert_array_equal(read["n"], frame["n"])
    np.testing.assert_array_equal(read["k"], frame["k"])
    assert read["c"].fillna("-").tolist() == ["é", "b", "-"]
    assert read["d"].isna().tolist() == [False, False, True]
    assert read["d"].dt.month.tolist()[:2] == [1, 2]


@pytest.mark.parametrize("typed", ["\t", "\\t", "tab"])
def test_a_tab_may_be_typed(tmp_path, typed):
    (tmp_path / "t.txt").write_text("a,b\tc\n1,2\t3\n4,5\t6\n")
    table = open_table(tmp_path / "t.txt", separator=typed)
    assert list(table.frame.columns) == ["a,b", "c"]
    assert table.separator == "\t"


def test_a_sheet_is_chosen_by_name_or_refused(tmp_path):
    path = tmp_path / "book.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"a": [1, 2]}).to_excel(book, sheet_name="one", index=False)
        pd.DataFrame({"b": ["1,5", "2,5"]}).to_excel(book, sheet_name="two", index=False)
    assert read_table(path)["a"].tolist() == [1, 2]
    assert read_table(path, sheet="two")["b"].tolist() == [1.5, 2.5]
    assert open_table(path).notes == (
        "read book.xlsx: Excel, sheet 'one' of one, two (--sheet chooses another)",
    )
    assert open_table(path).sheets == ("two",)
    assert "sheet 'two' of one, two" in open_table(path, sheet="two").notes[0]
    assert open_table(path, sheet=1).sheets == ("one",)
    with pytest.raises(ValueError, match=r"has no sheet 2; its sheets are: one, two \(--sheet\)"):
        open_table(path, sheet=2)
    with pytest.raises(ValueError, match=r"has no sheet 'three'; its sheets are: one, two"):
        open_table(path, sheet="three")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["y", "a", "y"], ("y.1",)),
        (["y", "y", "y.1", "y"], ("y.2", "y.3")),
        ([2020, 2020, 2021], ("2020.1",)),
        (["y", "a", "y.1"], ()),
        ([pd.Timestamp(2020, 1, 1), 1.5, True], ()),
    ],
)
def test_names_that_stand_twice_in_excel_are_told_as_of_a_text(tmp_path, names, expected):
    pd.DataFrame([range(len(names))] * 3, columns=names).to_excel(tmp_path / "t.xlsx", index=False)
    table = open_table(tmp_path / "t.xlsx")
    assert table.renamed == expected
    assert set(expected) <= set(table.frame.columns)
    told = [note for note in table.notes if "stood twice" in note]
    said = f"column names that stood twice were changed: {', '.join(expected)}"
    assert told == ([said] if expected else [])


def test_columns_without_a_name_in_excel_do_not_stand_twice(tmp_path):
    frame = pd.DataFrame([[1, 2, 3, 4]] * 3, columns=["a", "", "", "b"])
    frame.to_excel(tmp_path / "t.xlsx", index=False)
    assert open_table(tmp_path / "t.xlsx").renamed == ()
    pd.DataFrame([["a", None], [1, 5], [2, 6]]).to_excel(
        tmp_path / "narrow.xlsx", index=False, header=False
    )
    assert open_table(tmp_path / "narrow.xlsx").renamed == ()


def test_excel_without_openpyxl_asks_for_the_extra(tmp_path, monkeypatch):
    path = tmp_path / "t.xlsx"
    pd.DataFrame({"a": [1]}).to_excel(path)
    monkeypatch.setitem(__import__("sys").modules, "openpyxl", None)
    with pytest.raises(ImportError, match=r"needs openpyxl: pip install 'profond\[excel\]'"):
        open_table(path)


def test_periods_are_read_as_dates():
    frame = pd.DataFrame({"m": pd.period_range("2020-02", periods=3, freq="M"), "x": [1, 2, 3]})
    assert read_table(frame)["m"].dt.month.tolist() == [2, 3, 4]


def test_a_polars_frame_is_read():
    frame = pl.DataFrame({"x": [1.5, None, 2.5], "c": ["a", None, "b"], "b": [True, False, None]})
    read = read_table(frame)
    np.testing.assert_array_equal(read["x"], [1.5, np.nan, 2.5])
    assert read["c"].isna().tolist() == [False, True, False]


def test_the_callers_frame_is_left_as_it_was():
    frame = pd.DataFrame({"": [0, 1], "x": ["1,5", "2"]}, index=[7, 8])
    before = frame.copy()
    read_table(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_marks_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match=r"The decimal mark must be '\.' or ','; received ';'"):
        open_table("iris", decimal=";")
    with pytest.raises(ValueError, match=r"must be one character, or tab; received '::'"):
        open_table("iris", separator="::")


def test_something_else_is_refused():
    with pytest.raises(TypeError, match=r"must be a path, the name of a bundled set, or a pandas"):
        open_table([[1, 2]])


def test_columns_with_the_same_name_are_refused():
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    with pytest.raises(ValueError, match=r"Column name\(s\) a stand twice in table; rename them"):
        open_table(frame)


def test_a_file_that_is_not_there_names_its_neighbours(tmp_path):
    (tmp_path / "sales.csv").write_text("a\n1\n")
    with pytest.raises(
        FileNotFoundError, match=r"no file '.*sale\.csv'\. Did you mean '.*sales\.c"
    ):
        open_table(tmp_path / "sale.csv")
    with pytest.raises(
        FileNotFoundError, match=r"Did you mean 'boston'\? Bundled sets: boston, ir"
    ):
        open_table("bostn")
    with pytest.raises(FileNotFoundError, match=r"the folder .*nowhere does not exist"):
        open_table(tmp_path / "nowhere" / "t.csv")


def test_a_folder_or_an_address_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"is a folder; give a file: CSV, TSV, Parquet or Excel"):
        open_table(tmp_path)
    with pytest.raises(ValueError, match=r"is a web address; download the file"):
        open_table("https://example.org/t.csv")


def test_a_file_that_may_not_be_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text("a\n1\n")

    def refuse(self):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(path), "read_bytes", refuse)
    with pytest.raises(ValueError, match=r"t\.csv cannot be read: permission denied"):
        open_table(path)


def test_a_known_column_in_another_spelling_is_taken_with_a_word():
    known = {"age": Reading("number", ","), "Town": Reading("text")}
    table = open_table(pd.DataFrame({"AGE": ["1,234"], "Town": ["x"]}), readings=known)
    assert table.frame["age"].tolist() == [1.234]
    assert table.notes[0] == "column(s) in another spelling were taken: 'AGE' for 'age'"
    # Two candidates: none is taken.
    table = open_table(pd.DataFrame({"AGE": [1], "Age": [2], "Town": ["x"]}), readings=known)
    assert list(table.frame.columns) == ["AGE", "Age", "Town"]
