import errno
import gzip
import io
import os
import signal
import subprocess
import sys
import tempfile

import numpy as np
import pandas as pd
import pytest

from profond.cli import main
from profond.data import load_bundled

FAST = ["--epochs", "3", "--seeds", "2", "--hidden", "8"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys, *words):
    code = main([str(word) for word in words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_train_on_a_bundled_set_then_predict(capsys, folder):
    code, out, err = run(capsys, "train", "iris", *FAST)
    assert code == 0, err
    for words in ("iris: target on 30 test rows", "one network", "2 networks together", "majority",
                  "logistic regression", "gradient boosting", "runs/iris-target",
                  "best baseline"):  # fmt: skip
        assert words in out
    assert "the first column (without a name) only numbers the rows" in err
    assert "warning: The test part has only 30 rows" in err
    assert "network 2/2 trained" in err

    load_bundled("iris").drop(columns="target").to_csv("new.csv", index=False)
    code, out, err = run(capsys, "predict", "runs/iris-target", "new.csv", "-o", "answers.csv")
    assert (code, out) == (0, "")
    assert err == (
        "read new.csv: utf-8, separated by comma\n150 prediction(s) written to answers.csv\n"
    )
    answers = pd.read_csv("answers.csv")
    assert list(answers.columns) == [
        "prediction", "probability_0", "probability_1", "probability_2",
    ]  # fmt: skip
    assert len(answers) == 150
    assert set(answers["prediction"]) <= {0, 1, 2}


def french_file(path):
    generator = np.random.default_rng(0)
    x = generator.normal(size=200).round(3)
    frame = pd.DataFrame(
        {
            "surface": x * 1000 + 5000,
            "ville": generator.choice(["Nîmes", "Évry"], 200),
            "date": pd.date_range("2021-01-01", periods=200).strftime("%d/%m/%Y"),
            "prix": (x * 3 + 20).round(2),
        }
    )
    text = frame.to_csv(index=False, sep=";", decimal=",")
    path.write_bytes(gzip.compress(text.encode("cp1252")))
    return frame


@pytest.mark.slow
def test_a_french_file_from_training_to_prediction(capsys, folder):
    frame = french_file(folder / "maisons.csv.gz")
    code, out, err = run(capsys, "train", "maisons.csv.gz", "--target", "prix", "--out", "m", *FAST)
    assert code == 0, err
    assert "cp1252, separated by semicolon" in err
    assert (folder / "m" / "report.html").is_file()
    # One row, in another style: the date alone could be the second of January or the first of
    # February; the model knows.
    new = "prix;ville;surface;date\n;Évry;5 000,5;01/02/2021\n"
    (folder / "one.csv").write_text(new, encoding="utf-8-sig")
    other = "surface,ville,date\n5000.5,Évry,01/02/2021\n"
    (folder / "other.csv").write_text(other)
    code, first, _ = run(capsys, "predict", "m", "one.csv")
    assert code == 0
    assert run(capsys, "predict", "m", "other.csv")[1] == first
    assert first.splitlines()[0] == "prediction"
    assert frame["prix"].min() < float(first.splitlines()[1]) < frame["prix"].max()


def test_text_labels_and_formats_of_the_answer(capsys, folder):
    frame = load_bundled("iris")
    frame["target"] = frame["target"].map({0: "setosa", 1: "versicolor", 2: "virginica"})
    frame.to_parquet("flowers.parquet")
    frame.to_excel("flowers.xlsx", index=False)
    code, _, err = run(capsys, "train", "flowers.xlsx", "-t", "target", "-o", "m", *FAST)
    assert code == 0, err
    code, _, _ = run(capsys, "predict", "m", "flowers.parquet", "-o", "a.parquet", "--with-data")
    assert code == 0
    answers = pd.read_parquet("a.parquet")
    assert set(answers["prediction"]) <= {"setosa", "versicolor", "virginica"}
    assert list(answers.columns)[-3:] == [
        "probability_setosa", "probability_versicolor", "probability_virginica",
    ]  # fmt: skip
    assert "petal width (cm)" in answers
    one = run(capsys, "predict", "m", "flowers.parquet", "--member", "1")[1]
    assert one != run(capsys, "predict", "m", "flowers.parquet")[1]


def test_every_option_reaches_the_run(capsys, folder):
    import tomllib

    frame = load_bundled("boston").assign(kind=1, note="n.d.")
    frame.loc[::2, "kind"] = 2
    frame.loc[3:, "note"] = "1.5"
    frame.to_csv("t.csv", index=False, sep="|")
    words = (
        "train t.csv --target PRICE --drop CRIM --drop AGE --category kind --missing n.d. "
        "--task regression --output linear --test-size 0.3 --validation-size 0.25 --split-seed 4 "
        "--max-rows 200 --hidden 6,5 --activation tanh --dropout 0.2 --l2 0.001 --seeds 1 "
        "--seed 9 --epochs 2 --patience 1 --batch-size 16 --learning-rate 0.01 --separator | "
        "--decimal . --encoding utf-8 --out m --scaling quantile --numbers periodic "
        "--architecture resnet --set network.number_units=3 --set training.calibrate=false"
    )
    code, _, err = run(capsys, *words.split())
    assert code == 0, err
    sections = tomllib.loads((folder / "m" / "experiment.toml").read_text())
    assert sections["data"] == {
        "name": "t", "source": "t.csv", "target": "PRICE", "drop": ["CRIM", "AGE"],
        "missing": ["n.d."], "task": "regression", "max_rows": 200,
    }  # fmt: skip
    assert sections["split"].items() >= {"test_size": 0.3, "seed": 4}.items()
    assert (
        sections["preprocessing"].items() >= {"categories": ["kind"], "scaling": "quantile"}.items()
    )
    assert sections["network"].items() >= {
        "architecture": "resnet", "hidden": [6, 5], "activation": "tanh", "numbers": "periodic",
        "output": "linear", "dropout": 0.2, "l2": 0.001, "number_units": 3,
    }.items()  # fmt: skip
    assert sections["training"].items() >= {
        "epochs": 2, "batch_size": 16, "learning_rate": 0.01, "patience": 1,
        "validation_size": 0.25, "calibrate": False,
    }.items()  # fmt: skip
    assert sections["seeds"] == {"count": 1, "first": 9}
    assert sections["reading"] == {"separator": "|", "decimal": ".", "encoding": "utf-8"}
    assert "runs" not in os.listdir()


def write(folder, text):
    (folder / "t.csv").write_text(text)
    return "t.csv"


READ = "read t.csv: utf-8, separated by comma\n"
GOOD = "a,b,y\n" + "".join(f"{i % 7},{i % 5}.5,{i % 2}\n" for i in range(40))


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        (GOOD, [], "Say which column to predict (`target`, on the command line --target). The tab"),
        (GOOD, ["--target", "z"], "There is no column 'z' (target)."),
        (
            GOOD,
            ["--target", "y", "--hidden", "a"],
            "--hidden takes whole numbers with commas betwe",
        ),
        (
            GOOD,
            ["--target", "y", "--seeds", "0"],
            "`seeds.count` must be a whole number of at least 1; received '0'.",
        ),
        (
            GOOD.replace("3.5", "inf"),
            ["--target", "y"],
            "Column 'b' holds an infinite value in row ",
        ),
        (
            GOOD.replace("a,b,y", "y,b,y"),
            ["--target", "y"],
            "The target 'y' is the name of 2 columns, of which the further are called y.1 here. "
            "Rename them in the file, or leave those out that are not meant (--drop 'y.1').",
        ),
        ("", ["--target", "y"], "t.csv is empty (0 bytes)."),
        (
            GOOD[:-3],
            ["--target", "y"],
            "t.csv: line 41 has 2 field(s) where 3 are due: '4,4.5'. It",
        ),
        (
            "a,y\n" + "1,x\n2,x\n" * 20,
            ["--target", "y"],
            "The target 'y' has a single class (x) in ",
        ),
        (
            "a,y\n" + "1,x\n1,z\n" * 20,
            ["--target", "y"],
            "No column is left to predict from: 'a' has",
        ),
        (
            "a,y\n1,x\n2,z\n",
            ["--target", "y"],
            "2 row(s) with a value of 'y' are too few for a trai",
        ),
    ],
)
def test_bad_tables_are_one_clear_line_and_code_2(capsys, folder, text, words, message):
    code, out, err = run(capsys, "train", write(folder, text), *FAST, *words)
    assert code == 2
    assert out == ""
    last = err.splitlines()[-1]
    assert last.startswith(f"profond: {message}")
    assert "Traceback" not in err
    assert os.listdir() == ["t.csv"] or "runs" in os.listdir()


def test_a_table_that_is_not_there_names_its_neighbours(capsys, folder):
    write(folder, GOOD)
    code, _, err = run(capsys, "train", "tt.csv", "--target", "y")
    assert code == 2
    assert err == (
        "profond: There is no file 'tt.csv'. Did you mean 't.csv'? Bundled sets: boston, iris, "
        "gun_point, digits.\n"
    )


def test_a_place_for_the_model_is_checked_before_training(capsys, folder):
    write(folder, GOOD)
    code, _, err = run(capsys, "train", "t.csv", "--target", "y", "--out", "t.csv/model", *FAST)
    assert code == 1
    assert err.startswith("profond: The model cannot be kept in t.csv/model: ")
    (folder / "photos").mkdir()
    (folder / "photos" / "cat.jpg").touch()
    code, _, err = run(capsys, "train", "t.csv", "--target", "y", "--out", "photos", *FAST)
    assert code == 2
    assert "photos exists and is not a kept model; it is left alone" in err
    assert "network" not in err


def test_training_again_replaces_the_model(capsys, folder):
    write(folder, GOOD)
    words = ["train", "t.csv", "--target", "y", *FAST]
    assert run(capsys, *words)[0] == 0
    first = (folder / "runs/t-y/weights.safetensors").read_bytes()
    (folder / "runs/t-y/notes.txt").write_text("mine")
    code, out, _ = run(capsys, *words, "--seed", "5")
    assert code == 0
    assert "report.html are in runs/t-y (an older model was replaced)" in out
    assert (folder / "runs/t-y/weights.safetensors").read_bytes() != first
    assert (folder / "runs/t-y/notes.txt").read_text() == "mine"
    assert os.listdir("runs") == ["t-y"]


def test_a_target_with_an_awkward_name_makes_a_plain_folder(capsys, folder):
    write(folder, GOOD.replace("a,b,y", "a,b,../y €"))
    code, out, err = run(capsys, "train", "t.csv", "--target", "../y €", *FAST)
    assert code == 0, err
    assert os.listdir("runs") == ["t-.._y__".strip("._")]


def test_predict_says_what_is_wrong_with_its_input(capsys, folder):
    write(folder, GOOD)
    assert run(capsys, "train", "t.csv", "--target", "y", "-o", "m", *FAST)[0] == 0
    (folder / "new.csv").write_text("a,c\n1,2\n")
    code, _, err = run(capsys, "predict", "m", "new.csv")
    assert code == 2
    read = READ.replace("t.csv", "new.csv")
    assert err == (
        f"{read}profond: Missing column(s): 'b'. The model needs: a, b. The table has: a, c.\n"
    )
    (folder / "new.csv").write_text("a,b\n1,2\n1,many\n")
    assert run(capsys, "predict", "m", "new.csv")[2] == (
        f"{read}profond: Column 'b' must hold numbers; received 'many' in row 2.\n"
    )
    assert run(capsys, "predict", "mm", "new.csv")[2] == (
        "profond: There is no model folder 'mm'. Kept models here: m.\n"
    )
    assert run(capsys, "predict", "m", "t.csv", "--interval", "0.9")[2] == (
        "profond: --interval is of a predicted number, and the model predicts the class 'y': leave "
        "it out. The columns probability_LABEL say how sure an answer is.\n"
    )
    code, _, err = run(capsys, "predict", "m", "t.csv", "-o", "t.csv/x/answers.csv")
    assert code == 1
    assert err.startswith(f"{READ}profond: ")


def test_one_network_has_no_interval_over_seeds(capsys, folder):
    write(folder, GOOD)
    code, out, _ = run(capsys, "train", "t.csv", "--target", "y", *FAST, "--seeds", "1")
    assert code == 0
    assert "95 % intervals: over test rows (bootstrap)." in out
    assert "Student" not in out


def test_predictions_are_written_in_the_format_of_the_name(capsys, folder):
    write(folder, GOOD)
    assert run(capsys, "train", "t.csv", "--target", "y", "-o", "m", *FAST)[0] == 0
    assert run(capsys, "predict", "m", "t.csv", "-o", "new/a.csv")[0] == 0
    expected = pd.read_csv("new/a.csv")
    readers = {"a.tsv": lambda path: pd.read_csv(path, sep="\t"), "a.XLSX": pd.read_excel,
               "a.parquet": pd.read_parquet, "a": pd.read_csv}  # fmt: skip
    for name, read in readers.items():
        assert run(capsys, "predict", "m", "t.csv", "-o", name)[0] == 0
        pd.testing.assert_frame_equal(read(name), expected)


def test_predictions_for_a_spreadsheet_with_the_decimal_comma(capsys, folder):
    write(folder, GOOD)
    assert run(capsys, "train", "t.csv", "--target", "y", "-o", "m", *FAST)[0] == 0
    expected = pd.read_csv(io.StringIO(run(capsys, "predict", "m", "t.csv")[1]))
    assert run(capsys, "predict", "m", "t.csv", "-o", "a.csv", "--out-decimal", ",")[0] == 0
    shown = run(capsys, "predict", "m", "t.csv", "--out-decimal", ",")[1]
    assert (folder / "a.csv").read_text() == shown
    pd.testing.assert_frame_equal(pd.read_csv("a.csv", sep=";", decimal=","), expected)
    # The target is no column of the model: it is kept as it is written, but for the mark.
    (folder / "more.csv").write_text("a,b,y,code,big\n1,2.5,3.5,a1.5,1.250\n2,1.5,4,b2.5,2.500\n")
    asked = ["more.csv", "--with-data", "--out-decimal", ","]
    lines = run(capsys, "predict", "m", *asked)[1].splitlines()
    assert [line.rsplit(";", lines[0].count(";") - 4)[0] for line in lines] == [
        "a;b;y;code;big",
        "1;2,5;3,5;a1.5;1.250",
        "2;1,5;4;b2.5;2.500",
    ]
    code, _, err = run(capsys, "predict", "m", "t.csv", "--out-decimal", ";")
    assert (code, err) == (2, "profond: --out-decimal must be '.' or ','; received ';'.\n")


@pytest.mark.parametrize(
    ("out", "code", "message"),
    [
        ("t.csv", 2, "t.csv is the table itself, which the predictions would overwrite; give "
                     "another file (--out), and --with-data to have its columns in it."),
        ("a.json", 2, "Predictions are written to .csv, .txt, .tsv, .parquet, .xlsx files; "
                      "received 'a.json' (--out)."),
        (".", 2, ". is a folder; give a file for the predictions, like answers.csv."),
        ("t.csv/a.csv", 1, "The predictions cannot be written to t.csv/a.csv: File exists. Give "
                           "another file (--out)."),
    ],
)  # fmt: skip
def test_a_place_that_cannot_take_predictions_is_named(capsys, folder, out, code, message):
    write(folder, GOOD)
    assert run(capsys, "train", "t.csv", "--target", "y", "-o", "m", *FAST)[0] == 0
    read = READ if code == 1 else ""  # the others are told before anything is read
    answer = run(capsys, "predict", "m", "t.csv", "-o", out)
    assert answer == (code, "", f"{read}profond: {message}\n")
    assert (folder / "t.csv").read_text() == GOOD


@pytest.mark.slow
def test_a_full_disk_leaves_the_older_predictions(capsys, folder, monkeypatch):
    write(folder, GOOD)
    assert run(capsys, "train", "t.csv", "--target", "y", "-o", "m", *FAST)[0] == 0
    (folder / "a.csv").write_text("older")

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    code, _, err = run(capsys, "predict", "m", "t.csv", "-o", "a.csv")
    assert (code, err) == (
        1,
        f"{READ}profond: The predictions cannot be written to a.csv: No space left on device (the "
        "earlier file is as it was). Give another file (--out).\n",
    )
    assert (folder / "a.csv").read_text() == "older"
    code, _, err = run(capsys, "train", "t.csv", "--target", "y", "-o", "m", *FAST)
    assert code == 1
    assert err.splitlines()[-1] == (
        "profond: The model cannot be kept in m: No space left on device. What was there before is "
        "unchanged."
    )
    assert sorted(os.listdir()) == ["a.csv", "m", "t.csv"]


def test_a_read_only_disk_is_told_before_training(capsys, folder, monkeypatch):
    def read_only(**options):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    write(folder, GOOD)
    monkeypatch.setattr(tempfile, "TemporaryFile", read_only)
    assert run(capsys, "train", "t.csv", "--target", "y", "-o", "m", *FAST) == (
        1,
        "",
        "profond: The model cannot be kept in m: Read-only file system. Give another folder "
        "(--out).\n",
    )


# How a file is written, remembered


def test_the_decimal_mark_of_the_training_file_is_remembered(capsys, folder):
    x = np.random.default_rng(0).uniform(0.5, 9, 200)
    lines = [f"{v:.3f}\t{i % 7}\t{10 * v:.2f}".replace(".", ",") for i, v in enumerate(x)]
    (folder / "t.tsv").write_text("weight\tother\ty\n" + "\n".join(lines) + "\n")
    code, _, err = run(capsys, "train", "t.tsv", "-t", "y", "-o", "m", *FAST)
    assert code == 0, err
    (folder / "new.tsv").write_text("weight\tother\n1,234\t1\n5,678\t2\n")
    (folder / "same.tsv").write_text("weight\tother\n1.2340\t1\n5.6780\t2\n")
    code, out, err = run(capsys, "predict", "m", "new.tsv")
    assert code == 0
    assert err.splitlines()[1:] == [
        "column(s) 'weight': ',' is read as the decimal mark, as in training; --decimal sets the "
        "decimal mark"
    ]
    assert out == run(capsys, "predict", "m", "same.tsv")[1]
    # A mistake of a factor of 1000 does not pass in silence.
    code, out, err = run(capsys, "predict", "m", "new.tsv", "--decimal", ".")
    assert "warning: Column 'weight' has 2 value(s) far out of the range in training (0." in err


def test_how_to_read_the_training_file_holds_for_new_ones_unless_said_anew(capsys, folder):
    (folder / "t.txt").write_text(GOOD.replace(",", ":"))
    code, _, err = run(capsys, "train", "t.txt", "-t", "y", "-o", "m", "--separator", ":", *FAST)
    assert code == 0, err
    (folder / "new.txt").write_text("a:b\n1:2.5\n")
    code, first, _ = run(capsys, "predict", "m", "new.txt")
    assert code == 0
    (folder / "new.csv").write_text("a,b\n1,2.5\n")
    code, _, err = run(capsys, "predict", "m", "new.csv")
    assert code == 2
    assert err.splitlines()[-1].endswith(
        "The table has: a,b. Is another character between the fields? (--separator)"
    )
    assert run(capsys, "predict", "m", "new.csv", "--separator", ",")[:2] == (0, first)
    assert "train t.txt --target y --task binary" in (folder / "m/report.html").read_text()
    assert "--separator :" in (folder / "m/report.html").read_text()


@pytest.mark.parametrize(
    "words", [["--separator", r"\t"], ["--separator", "tab"], ["--set", r"reading.separator=\t"]]
)
def test_a_tab_is_typed_in_a_shell(capsys, folder, words):
    (folder / "t.txt").write_text(GOOD.replace(",", "\t"))
    code, _, err = run(capsys, "train", "t.txt", "-t", "y", "-o", "m", *words, *FAST)
    assert code == 0, err
    assert "--separator tab" in (folder / "m/report.html").read_text()


def test_a_target_that_stands_twice_in_excel_is_refused(capsys):
    good = pd.DataFrame({"y": np.arange(40) % 7, "b": np.arange(40) % 5, "z": np.arange(40) % 2})
    good.set_axis(["y", "b", "y"], axis=1).to_excel("twice.xlsx", index=False)
    code, _, err = run(capsys, "train", "twice.xlsx", "-t", "y", *FAST)
    assert code == 2
    assert err.splitlines()[-1].startswith(
        "profond: The target 'y' is the name of 2 columns, of which the further are called y.1 "
    )
    words = ["train", "twice.xlsx", "-t", "y", "--drop", "y.1", "-o", "m", *FAST]
    assert run(capsys, *words)[0] == 0


def test_the_sheet_is_remembered_and_others_are_named(capsys, folder):
    good = pd.DataFrame({"a": np.arange(40) % 7, "b": np.arange(40) % 5, "y": np.arange(40) % 2})
    with pd.ExcelWriter("book.xlsx") as book:
        pd.DataFrame({"notes": ["read me"]}).to_excel(book, sheet_name="About", index=False)
        good.to_excel(book, sheet_name="Données", index=False)
    code, _, err = run(capsys, "train", "book.xlsx", "-t", "y", *FAST)
    assert code == 2
    assert err.splitlines()[-1].endswith(
        "The columns are: notes. The workbook has other sheets: Données (--sheet)."
    )
    words = ["train", "book.xlsx", "-t", "y", "--sheet", "Données", "-o", "m", *FAST]
    assert run(capsys, *words)[0] == 0
    assert run(capsys, "predict", "m", "book.xlsx")[0] == 0


@pytest.mark.slow
def test_a_header_of_numbers_is_told_by_the_target_or_an_option(capsys, folder):
    rows = "".join(f"{i % 7},{i % 5}.5,{i % 3}\n" for i in range(60))
    (folder / "years.csv").write_text("2019,2020,2021\n" + rows)
    code, _, err = run(capsys, "train", "years.csv", "-t", "2021", "-o", "m", *FAST)
    assert code == 0, err
    (folder / "new.csv").write_text("2019,2020\n1,2.5\n")
    assert run(capsys, "predict", "m", "new.csv")[0] == 0
    words = ["train", "years.csv", "-t", "column_3", "-o", "n", *FAST]
    assert run(capsys, *words, "--header")[0] == 2
    assert run(capsys, *words, "--no-header")[0] == 0
    # Names that were given to columns without any: the next file has none either.
    (folder / "one.csv").write_text("1,2.5,0\n")
    code, out, _ = run(capsys, "predict", "n", "one.csv")
    assert (code, len(out.splitlines())) == (0, 2)


@pytest.mark.parametrize("out", [".", "..", "link"])
def test_a_folder_in_use_is_refused_before_training_and_a_link_is_followed(
    capsys, folder, monkeypatch, out
):
    (folder / "here").mkdir()
    monkeypatch.chdir(folder / "here")
    write(folder, GOOD)
    (folder / "real").mkdir()
    (folder / "here" / "link").symlink_to("../real")
    code, _, err = run(capsys, "train", "../t.csv", "-t", "y", "-o", out, *FAST)
    if out == "link":
        assert code == 0, err
        assert (folder / "here" / "link").is_symlink()
        assert (folder / "real" / "model.json").is_file()
        assert sorted(os.listdir(folder)) == ["here", "real", "t.csv"]
    else:
        assert code == 2
        assert err.splitlines()[-1].startswith(
            f"profond: {out} cannot hold a model: a model's folder is put in place as a whole, and "
            "this one is in use"
        )
        assert "network" not in err
        assert sorted(os.listdir(folder)) == ["here", "real", "t.csv"]


def test_a_narrow_terminal_cuts_no_number(capsys, folder, monkeypatch):
    import rich.console

    real = rich.console.Console
    narrow = {"width": 60, "force_terminal": True, "color_system": None}
    monkeypatch.setattr(rich.console, "Console", lambda **options: real(**options, **narrow))
    write(folder, GOOD)
    code, out, err = run(capsys, "train", "t.csv", "--target", "y", *FAST)
    assert code == 0
    assert "…" not in out + err
    assert "over test rows" in out
    assert max(map(len, out.splitlines()[:12])) <= 60


# Ctrl-C


def press_ctrl_c(words, when):
    """Run the command line in a process of its own; Ctrl-C when a line of its log says so."""
    with subprocess.Popen(
        [sys.executable, "-c", "from profond.cli import main; raise SystemExit(main())", *words],
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line)
            if when in line:
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read()
        return process.wait(60), lines, rest.splitlines()


@pytest.mark.slow
def test_ctrl_c_keeps_the_networks_that_are_trained(capsys, folder):
    write(folder, GOOD)
    words = ["train", "t.csv", "--target", "y", "--out", "m", "--hidden", "8",
             "--seeds", "3", "--epochs", "2000", "--patience", "2000"]  # fmt: skip
    code, _, rest = press_ctrl_c(words, "network 1/3 trained")
    assert code == 130
    assert len(rest) <= 2, rest
    assert rest[-1].startswith("profond: interrupted: ")
    assert "of 3 networks are trained" in rest[-1]
    assert rest[-1].endswith(
        "not measured, is in m: profond predict m NEW_ROWS.csv -o predictions.csv"
    )
    assert "trained, network 2" in rest[-1] or "1 of 3" in rest[-1]
    assert "`profond train --resume m` goes on where it stopped" in rest[-1]
    assert sorted(os.listdir()) == [".m.training", "m", "t.csv"]
    code, out, _ = run(capsys, "predict", "m", "t.csv")
    assert code == 0
    assert len(out.splitlines()) == 41


def test_ctrl_c_leaves_an_older_model_alone(capsys, folder, monkeypatch):
    from profond import experiment
    from profond.experiment import _table_kind

    write(folder, GOOD)
    words = ["train", "t.csv", "--target", "y", "--out", "m", *FAST]
    assert run(capsys, *words)[0] == 0
    before = (folder / "m" / "weights.safetensors").read_bytes()

    def pressed(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(_table_kind, "baseline_predictions", pressed)
    code, out, err = run(capsys, *words, "--seed", "7")
    assert (code, out) == (130, "")
    assert err.splitlines()[-1] == (
        "profond: interrupted: 2 of 2 networks are trained. `profond train --resume m` goes on "
        "where it stopped. The model of 2 network(s), not measured, is in m-interrupted: profond "
        "predict m-interrupted NEW_ROWS.csv -o predictions.csv"
    )
    assert (folder / "m" / "weights.safetensors").read_bytes() == before
    assert experiment.load_model_folder("m-interrupted").seeds == [7, 8]


def test_ctrl_c_at_once_keeps_nothing_and_says_so(capsys, folder, monkeypatch):
    from profond.estimators._members import Trainer

    def pressed(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(Trainer, "estimate_seconds", pressed)
    write(folder, GOOD)
    code, _, err = run(capsys, "train", "t.csv", "--target", "y", "--out", "m", *FAST)
    assert code == 130
    assert err.splitlines()[-1] == (
        "profond: interrupted: 0 of 2 networks are trained; none had finished an epoch, so nothing "
        "was kept."
    )
    assert os.listdir() == ["t.csv"]


def test_ctrl_c_after_the_work_does_not_change_the_code():
    script = (
        "import os, signal, sys; from profond.cli import main; "
        "sys.argv = ['profond', '--version']; code = main(); "
        "os.kill(os.getpid(), signal.SIGINT); raise SystemExit(code)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
