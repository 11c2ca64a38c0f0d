import tomllib

import pytest
import tomli_w

from profond.experiment import TableSettings
from profond.experiment._reproduce import command_line, python_call


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (
            "task",
            "regresion",
            r"`task` must be one of regression, binary, multiclass; received 'reg",
        ),
        ("output", "tanh", r"`output` must be one of auto, relu, linear; received 'tanh'"),
        ("test_size", 1.0, r"`test_size` must be between 0 and 1; received 1\.0"),
        ("validation_size", 0.0, r"`validation_size` must be between 0 and 1; received 0\.0"),
        ("epochs", 0, r"`epochs` must be at least 1; received 0"),
        ("patience", 0, r"`patience` must be at least 1; received 0"),
        ("seeds", 0, r"`seeds` must be at least 1; received 0"),
        ("max_rows", 0, r"`max_rows` must be at least 1; received 0"),
        ("batch_size", 0, r"`batch_size` must be at least 1; received 0"),
        ("seed", -1, r"`seed` must be at least 0; received -1"),
        ("split_seed", -1, r"`split_seed` must be at least 0; received -1"),
        ("l2", -0.1, r"`l2` must be at least 0; received -0\.1"),
        ("hidden", (64, 0), r"`hidden` must be positive whole numbers; received \(64, 0\)"),
        ("dropout", 1.0, r"`dropout` must be at least 0 and below 1; received 1\.0"),
        ("activation", "foo", r"'foo'"),
        ("learning_rate", 0.0, r"`learning_rate` must be above 0; received 0\.0"),
    ],
)
def test_a_setting_out_of_range_is_refused(field, value, message):
    with pytest.raises(ValueError, match=message):
        TableSettings("y", **{field: value})


def test_settings_come_back_from_toml():
    settings = TableSettings("y", drop=("a",), hidden=(32,), task="binary", l2=1e-4, max_rows=99)
    assert "reading" not in settings.to_sections()
    text = tomli_w.dumps(settings.to_sections())
    assert TableSettings.from_sections(tomllib.loads(text)) == settings


def test_how_the_file_is_read_is_kept_and_said_again():
    settings = TableSettings("y", separator="\t", decimal=",", encoding="cp1252", header=False)
    text = tomli_w.dumps(settings.to_sections())
    assert tomllib.loads(text)["reading"] == {
        "separator": "\t", "decimal": ",", "encoding": "cp1252", "header": False,
    }  # fmt: skip
    assert TableSettings.from_sections(tomllib.loads(text)) == settings
    # The preprocessing knows the decimal mark of each column.
    assert settings.reading == {"separator": "\t", "encoding": "cp1252", "header": False}
    assert command_line("t.txt", settings) == (
        "profond train t.txt --target y --separator tab --decimal , --encoding cp1252 --no-header"
    )
    sheet = command_line("t.xlsx", TableSettings("y", sheet="Données"))
    assert sheet == "profond train t.xlsx --target y --sheet 'Données'"


def test_an_unknown_setting_in_a_file_is_refused_with_the_nearest():
    with pytest.raises(
        ValueError, match=r"setting in \[training\]: 'epoch'\. Did you mean 'epochs'"
    ):
        TableSettings.from_sections({"data": {"target": "y"}, "training": {"epoch": 3}})
    with pytest.raises(ValueError, match=r"The section \[data\] must name the `target`"):
        TableSettings.from_sections({})


def test_batches_grow_with_the_rows():
    sizes = [TableSettings("y").batch_rows(rows) for rows in (400, 4000, 10_000, 50_000, 10**6)]
    assert sizes == sorted(sizes)
    assert sizes[0] == 16
    assert TableSettings("y", batch_size=64).batch_rows(10) == 10


def test_the_command_says_what_is_not_a_default():
    settings = TableSettings(
        "my price", drop=("a", "b"), categories=("k",), hidden=(32, 16), task="regression", seed=3
    )
    assert command_line("my data.csv", settings) == (
        "profond train 'my data.csv' --target 'my price' --task regression --drop a --drop b "
        "--category k --hidden 32,16 --seed 3"
    )
    assert python_call(settings) == (
        "train_table(frame, target='my price', task='regression', drop=('a', 'b'), "
        "categories=('k',), hidden=(32, 16), seed=3)"
    )
