"""Large files in parts: what whole files give, row for row."""

import gzip

import numpy as np
import pandas as pd
import pytest

from profond.data import TablePreprocessor, _chunks, open_table
from profond.data._chunks import open_in_chunks

ROWS = 9_500
NARROW = 40_000  # rows of two short columns, for as many parts


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(_chunks, "_LARGE", 1)
    monkeypatch.setattr(_chunks, "_LARGE_PACKED", 1)
    monkeypatch.setattr(_chunks, "_BLOCK", 60_000)
    monkeypatch.setattr(_chunks, "_BATCHES", 1)
    monkeypatch.setattr(_chunks, "_UNIT_ROWS", 512)


@pytest.fixture(scope="module")
def frame():
    g = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "x": np.where(g.random(ROWS) < 0.05, np.nan, g.normal(size=ROWS).round(3)),
            "whole": g.integers(0, 90, ROWS),
            "town": g.choice(["Nîmes", 'Le "Mans"', "a, b", "two\nlines"], ROWS),
            "day": (pd.Timestamp("2020-01-01") + pd.to_timedelta(g.integers(0, 700, ROWS), "D")),
            "price": [f"{v:.2f} €" for v in g.uniform(1, 99, ROWS)],
        }
    )


def fitted(path):
    table = open_table(path)
    return TablePreprocessor.fit(table.frame, readings=table.readings)


def parts(path, preprocessor, **options):
    chunks = open_in_chunks(path, readings=preprocessor.readings, **options)
    assert chunks is not None
    return chunks, list(chunks)


def encoded_both_ways(path, preprocessor, **options):
    whole = open_table(path, readings=preprocessor.readings, **options).frame
    chunks, found = parts(path, preprocessor, **options)
    assert len(found) > 3
    starts = np.cumsum([0, *(len(frame) for _, frame in found[:-1])])
    assert [start for start, _ in found] == starts.tolist()
    assert all(start % 512 == 0 for start in starts)
    together = np.concatenate([preprocessor.transform(frame) for _, frame in found])
    np.testing.assert_array_equal(together, preprocessor.transform(whole))
    return chunks


STYLES = {
    "plain": lambda text: text.encode(),
    "bom": lambda text: text.encode("utf-8-sig"),
    "windows": lambda text: text.replace("\n", "\r\n").encode("cp1252"),
    "utf-16": lambda text: text.encode("utf-16"),
    "gzip": lambda text: gzip.compress(text.encode()),
    "comments": lambda text: ("# made by hand\n# 2020\n" + text).encode(),
    "no last line end": lambda text: text.rstrip("\n").encode(),
}


@pytest.mark.parametrize("style", STYLES)
def test_a_text_file_in_parts_is_the_file(frame, tmp_path, style):
    path = tmp_path / "t.csv"
    path.write_bytes(STYLES[style](frame.to_csv(index=False)))
    encoded_both_ways(path, fitted(path))


def test_the_decimal_comma_and_semicolons(frame, tmp_path):
    path = tmp_path / "t.csv"
    french = frame.assign(price=frame["price"].str.replace(".", ","))
    french.to_csv(path, index=False, sep=";", decimal=",")
    chunks = encoded_both_ways(path, fitted(path))
    assert chunks.notes[0] == "read t.csv in parts: utf-8, separated by semicolon"
    assert chunks.rows_all > ROWS - 1


def test_an_encoding_that_shows_at_the_end_holds_from_the_begin(frame, tmp_path):
    path = tmp_path / "t.csv"
    plain = frame.assign(town="here", price=1.5)
    plain.loc[ROWS - 1, "town"] = "Nîmes"
    path.write_bytes(plain.to_csv(index=False).encode("cp1252"))
    chunks = encoded_both_ways(path, fitted(path.parent / path.name))
    assert "cp1252" in chunks.notes[0]


def test_a_parquet_file_in_parts_is_the_file(frame, tmp_path):
    path = tmp_path / "t.parquet"
    frame.to_parquet(path, row_group_size=777)
    preprocessor = fitted(path)
    whole = open_table(path, readings=preprocessor.readings).frame
    chunks = open_in_chunks(path, readings=preprocessor.readings)
    assert chunks is not None
    found = np.concatenate([preprocessor.transform(part) for _, part in chunks])
    np.testing.assert_array_equal(found, preprocessor.transform(whole))


def test_no_header_and_other_spellings(tmp_path):
    lines = "".join(f"{i % 7},{i % 5}.5\n" for i in range(NARROW))
    (tmp_path / "t.csv").write_text(lines)
    preprocessor = fitted(tmp_path / "t.csv")
    chunks = encoded_both_ways(tmp_path / "t.csv", preprocessor)
    assert any("the first row is data" in note for note in chunks.notes)
    (tmp_path / "named.csv").write_text("COLUMN_1,Column_2\n" + lines)
    encoded_both_ways(tmp_path / "named.csv", preprocessor, header=True)


# What is wrong is told with its place


@pytest.mark.slow
def test_a_wrong_value_is_named_with_its_row_in_the_file(tmp_path):
    rows = [f"{i % 7},{i % 5}.5" for i in range(NARROW)]
    good = tmp_path / "good.csv"
    good.write_text("a,b\n" + "\n".join(rows) + "\n")
    preprocessor = fitted(good)
    rows[30_000] = "3,many"
    (tmp_path / "bad.csv").write_text("a,b\n" + "\n".join(rows) + "\n")
    with pytest.raises(ValueError, match=r"must hold numbers; received 'many' in row 30001"):
        parts(tmp_path / "bad.csv", preprocessor)
    rows[30_000] = '3,"4,5"'
    (tmp_path / "bad.csv").write_text("a,b\n" + "\n".join(rows) + "\n")
    message = r"received '4,5' in row 30001 \(with the decimal mark '\.', as the file begins; --d"
    with pytest.raises(ValueError, match=message):
        parts(tmp_path / "bad.csv", preprocessor)


def test_a_line_with_too_many_fields_is_named_by_its_number(tmp_path):
    rows = [f"{i % 7},{i % 5}.5" for i in range(NARROW)]
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "\n".join(rows) + "\n")
    preprocessor = fitted(path)
    rows[30_000] = "1,2,3"
    path.write_text("a,b\n" + "\n".join(rows) + "\n")
    with pytest.raises(ValueError, match=r"t\.csv: line 30002 has 3 field\(s\) where 2 are due"):
        parts(path, preprocessor)


def test_truncated_files_are_told(frame, tmp_path):
    path = tmp_path / "t.csv"
    text = frame.to_csv(index=False)
    path.write_text(text)
    preprocessor = fitted(path)
    path.write_bytes(gzip.compress(text.encode())[:-2000])
    with pytest.raises(ValueError, match=r"t\.csv: the gzip data are truncated or damaged"):
        parts(path, preprocessor)
    path.write_text(text + '1.0,2,"never closed,2020-01-01,3 €\nand on\n')
    with pytest.raises(ValueError, match=r"(quotation mark is opened and never closed|field\(s\))"):
        parts(path, preprocessor)
    path.write_text(text)
    with pytest.raises(ValueError, match=r"Unknown encoding 'utf-99'"):
        open_in_chunks(path, readings=preprocessor.readings, encoding="utf-99")
    with pytest.raises(ValueError, match=r"t\.csv is not a text in ascii: "):
        open_in_chunks(path, readings=preprocessor.readings, encoding="ascii")


def test_a_truncated_parquet_file_is_told(frame, tmp_path):
    path = tmp_path / "t.parquet"
    frame.to_parquet(path)
    preprocessor = fitted(path)
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(ValueError, match=r"t\.parquet is a truncated or damaged Parquet file"):
        parts(path, preprocessor)


def test_what_is_read_whole(frame, tmp_path, monkeypatch):
    path = tmp_path / "t.csv"
    path.write_text('a,b\n1, "x, y"\n2, "z"\n')  # spaces before quotation marks
    assert open_in_chunks(path, readings={}) is None
    frame.head(5).to_csv(path, index=False)
    monkeypatch.setattr(_chunks, "_LARGE", 10**9)
    assert open_in_chunks(path, readings={}) is None
    assert open_in_chunks(tmp_path / "nothing.csv", readings={}) is None
