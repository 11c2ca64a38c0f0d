import bz2
import gzip
import lzma

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from profond.data import open_table, read_table
from profond.data._text import detect_separator, parse_text

FRENCH = (
    "ville;prix;surface;date\n"
    '"Saint-Étienne; Loire";12,5;1 234,5;03/04/2020\n'
    "Nîmes;7,25;12,0;13/04/2020\n"
    "Paris;;;\n"
)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be"]
)
def test_a_french_file_just_works(tmp_path, encoding):
    path = tmp_path / "villes.csv"
    path.write_bytes(FRENCH.encode(encoding))
    frame = read_table(path)
    assert list(frame["ville"]) == ["Saint-Étienne; Loire", "Nîmes", "Paris"]
    np.testing.assert_array_equal(frame["prix"], [12.5, 7.25, np.nan])
    np.testing.assert_array_equal(frame["surface"], [1234.5, 12.0, np.nan])
    # "13/04" settles that the day comes first, so "03/04" is in April too.
    assert list(frame["date"].dt.month[:2]) == [4, 4]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_text_is_read_whatever_it_is_called(tmp_path, pack):
    path = tmp_path / "villes.csv.gz"
    path.write_bytes(pack(FRENCH.encode()))
    assert open_table(path).name == "villes"
    assert open_table(path).frame.shape == (3, 4)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@given(
    rows=st.lists(
        st.lists(
            st.text(alphabet="abc ,;|\"'\n\t.1é", max_size=6),
            min_size=3,
            max_size=3,
        ),
        min_size=1,
        max_size=8,
    )
)
def test_what_csv_writers_write_is_read_back(separator, rows):
    frame = pd.DataFrame([["x y", *row] for row in rows], columns=["a", "b", "c", "d"])
    text = frame.to_csv(index=False, sep=separator, quoting=1)
    parsed = parse_text(text, "t", separator).frame
    expected = frame.map(str.strip)
    assert parsed.to_numpy().tolist() == expected.to_numpy().tolist()
    assert list(parsed.columns) == ["a", "b", "c", "d"]


@given(
    separator=st.sampled_from([",", ";", "\t", "|"]),
    columns=st.integers(2, 6),
    rows=st.integers(1, 30),
    decimal=st.sampled_from([".", ","]),
    seed=st.integers(0, 2**16),
)
def test_the_separator_is_found(separator, columns, rows, decimal, seed):
    if separator == "," and decimal == ",":
        decimal = "."
    numbers = np.random.default_rng(seed).normal(size=(rows, columns)).round(3)
    text = pd.DataFrame(numbers, columns=[f"c{i}" for i in range(columns)]).to_csv(
        index=False, sep=separator, decimal=decimal
    )
    assert detect_separator(text) == separator


def test_the_separator_may_be_given(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a:b\n1:2\n")
    assert list(read_table(path, separator=":").columns) == ["a", "b"]


def test_a_space_before_a_quotation_mark_is_no_content(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text('a, b\n1, "x, y"\n2, "z"\n')
    frame = read_table(path)
    assert list(frame.columns) == ["a", "b"]
    assert list(frame["b"]) == ["x, y", "z"]


def test_a_file_without_header_gets_names(tmp_path):
    path = tmp_path / "t.data"
    path.write_text("39, State-gov, 77516, <=50K\n50, Private, 83311, >50K\n")
    table = open_table(path)
    assert list(table.frame.columns) == ["column_1", "column_2", "column_3", "column_4"]
    assert len(table.frame) == 2
    assert any("the first row is data" in note for note in table.notes)


def test_a_first_row_of_data_that_holds_a_known_name_is_told(tmp_path):
    path = tmp_path / "t.data"
    path.write_text("39, State-gov, 77516, <=50K\n50, Private, 83311, >50K\n")
    told = "the first row looks like data; it is taken for names, since it holds '<=50K' "
    for options, due in (
        ({"names": ("<=50K",)}, True),
        ({"names": ("<=50K", "39")}, False),  # two names are no chance
        ({"names": ("<=50K",), "header": True}, False),
    ):
        table = open_table(path, **options)
        assert list(table.frame.columns) == ["39", "State-gov", "77516", "<=50K"]
        assert any(note.startswith(told) for note in table.notes) is due
    plain = tmp_path / "named.csv"
    plain.write_text("a,y\n1,2\n3,4\n")
    assert not any("looks like data" in note for note in open_table(plain, names=("y",)).notes)


@pytest.mark.parametrize(
    ("text", "options", "names"),
    [
        ("2019,2020,y\n1,2,3\n4,5,6\n", {}, ["2019", "2020", "y"]),  # a word above numbers
        ("20,21\n1,2\n4,5\n", {}, ["column_1", "column_2"]),
        ("20,21\n1,2\n4,5\n", {"names": ["21"]}, ["20", "21"]),
        ("20,21\n1,2\n4,5\n", {"header": True}, ["20", "21"]),
        # Years in order are names, unless years stand below them too.
        ("land,2019,2020\nFrance,1,2\nItaly,4,5\n", {}, ["land", "2019", "2020"]),
        (",2019,2020\n0,1,2\n1,1999,5\n", {}, ["", "2019", "2020"]),
        ("2019,2020\n2020,2021\n1999,2000\n", {}, ["column_1", "column_2"]),
        ("2019,2021\n1,2\n4,5\n", {}, ["column_1", "column_2"]),
        ("x,2019\ny,2\nz,5\n", {}, ["column_1", "column_2"]),
        ("a,b\n1,2\n4,5\n", {"header": False}, ["column_1", "column_2"]),
        ("1,NA,x\n2,3,y\n4,,z\n", {}, ["column_1", "column_2", "column_3"]),  # a gap is no word
        ("a,b\nNA,x\n4,y\n", {}, ["a", "b"]),
        ("1,2\n", {"names": ["column_1", "column_2"]}, ["column_1", "column_2"]),
    ],
)
def test_a_header_is_told_from_data(text, options, names):
    assert list(parse_text(text, "t", **options).frame.columns) == names


@pytest.mark.parametrize(
    ("text", "options", "names", "rows"),
    [
        ('#,Name,Note\n1,"Dupont, Jean",12\n2,Solo,9\n', {}, ["#", "Name", "Note"], 2),
        ('#,"Name, first",Note\n1,Jean,12\n2,Solo,9\n', {}, ["#", "Name, first", "Note"], 2),
        ('#;Name;Note\n1;"a\nb;c";12\n', {}, ["#", "Name", "Note"], 1),
        ("#x\n1\n2\n", {}, ["#x"], 2),
        ("# about x\n1\n2\n", {}, ["column_1"], 2),
        ("# about x\n1\n2\n", {"header": True}, ["# about x"], 2),
        ("# one\n# two\na\n1\n", {}, ["a"], 1),
        # Codes, of which the first may be all that the file holds.
        ("#A3,1,0\n#B2,2,1\nC1,3,4\n", {}, ["column_1", "column_2", "column_3"], 3),
        ("#A3,1,0\n#B2,2,1\n", {}, ["column_1", "column_2", "column_3"], 2),
        # Prose that has as many fields as the header below it.
        ("# by x, on y\n# a, b\n1,2\n3,4\n", {}, ["# a", "b"], 2),
    ],
)
def test_lines_with_a_hash_that_fit_the_table_belong_to_it(text, options, names, rows):
    frame = parse_text(text, "t", **options).frame
    assert list(frame.columns) == names
    assert len(frame) == rows


def test_line_ends_of_old_macs_are_read(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(b"a,b\r1,2\r3,4\r")
    assert read_table(path)["b"].tolist() == [2, 4]


def test_a_field_that_no_reader_takes_is_an_error_of_the_file(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(f"a,{'b' * 200_000}\n1,2\n")
    with pytest.raises(ValueError, match=r"t\.csv cannot be cut into fields: field larger than"):
        open_table(path)


@pytest.mark.parametrize(
    ("text", "names", "comments"),
    [
        ("# made by hand\n# 2020; 2021\na,b\n1,2\n", ["a", "b"], 2),
        ("# units\n#a\tb\n1\t2\n", ["#a", "b"], 1),  # the last one is the header
        ("#a,b\n1,2\n", ["#a", "b"], 0),
    ],
)
def test_lines_of_comments_before_the_table_are_skipped(tmp_path, text, names, comments):
    path = tmp_path / "t.csv"
    path.write_text(text)
    table = open_table(path)
    assert list(table.frame.columns) == names
    note = f"{comments} line(s) before the table that begin with '#' were skipped"
    assert (note in table.notes) == bool(comments)


def test_column_names_may_be_numbers(tmp_path):
    path = tmp_path / "t.csv"
    pd.DataFrame(np.arange(6).reshape(3, 2) * 1.5).to_csv(path, index=False)
    assert list(read_table(path).columns) == ["0", "1"]


def test_names_that_stand_twice_are_changed_and_said(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b,a\n1,2,3\n4,5,6\n")
    table = open_table(path)
    assert list(table.frame.columns) == ["a", "b", "a.1"]
    assert any("a.1" in note for note in table.notes)


def test_the_notes_say_how_the_file_is_written(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes(FRENCH.encode("cp1252"))
    assert "cp1252, separated by semicolon" in open_table(path).notes[0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"t\.csv is empty \(0 bytes\)"),
        (b"  \n \n", r"t\.csv is empty: there is no table in it"),
        (b"a,b\n", r"t\.csv has no rows: only 2 column name\(s\) were found"),
        (b"a,b\n1,2\n3", r"line 3 has 1 field\(s\) where 2 are due: '3'\. It is the last line: the "
                         r"file seems truncated"),
        (b"a,b\n1,2\n3,4,5\n6,7\n", r"line 3 has 3 field\(s\) where 2 are due: '3,4,5'\. Mend the "
                                    r"line, or give the separator"),
        (b'a,b\n1,"x\n2,3\n', r"a quotation mark is opened and never closed; the file seems trunc"),
        (bytes(range(256)) * 9, r"not a table that can be read: its content is binary"),
        (
            gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:-9],
            r"the gzip data are truncated or damaged",
        ),
        (b"PAR1" + b"x" * 40, r"t\.csv is a truncated or damaged Parquet file"),
        (b"PK\x03\x04" + b"x" * 40, r"t\.csv is a truncated or damaged Excel file"),
        (b'[{"a": 1},\n {"a": 2}]', r"t\.csv holds JSON, not rows and columns; give a CSV, TSV"),
        (b'{"a": 1, "b": 2}\n{"a": 2, "b": 3}\n', r"t\.csv holds JSON, not rows and columns"),
        (b"\n<!DOCTYPE html>\n<p>a, b</p>", r"t\.csv holds HTML or XML, not rows and columns"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 40, r"Excel file of the old kind \(\.xls\); save it as"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_refused_in_one_line(tmp_path, content, message):
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        open_table(path)


def test_an_encoding_that_is_wrong_or_unknown_is_refused(tmp_path):
    path = tmp_path / "t.csv"
    path.write_bytes("a;b\né;1\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"is not a text in utf-8: .* Leave the encoding out"):
        open_table(path, encoding="utf-8")
    with pytest.raises(ValueError, match=r"Unknown encoding 'utf-9'; examples: utf-8"):
        open_table(path, encoding="utf-9")
