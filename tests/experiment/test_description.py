import json
import tomllib

import pytest

from profond.experiment import Experiment
from profond.experiment._reproduce import command_line, python_call
from profond.experiment._schema import PLAIN


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("task", "regresion",
         r"`data\.task` must be one of regression, binary, multiclass; received 'regresion'"),
        ("separator", ";;", r"`reading\.separator` must be one character, or tab; received ';;'"),
        ("separator", "", r"`reading\.separator` must be one character, or tab; received ''"),
        ("decimal", ";", r"`reading\.decimal` must be '\.' or ','; received ';'"),
        ("max_rows", 0, r"`data\.max_rows` must be a whole number of at least 1, or none; re"),
        ("drop", 3, r"`data\.drop` must be a list of column names; received 3"),
        ("decimal", 3, r"`reading\.decimal` must be '\.' or ','; received 3"),
        ("header", "perhaps", r"`reading\.header` must be true or false; received 'perhaps'"),
        ("split", "times", r"`split\.kind` must be one of random, time, group, column; received"),
        ("test_size", 1.0, r"`split\.test_size` must be a number between 0 and 1; received 1\.0"),
        ("split_seed", -1, r"`split\.seed` must be a whole number of at least 0; received -1"),
        ("folds", 1, r"`split\.folds` must be a whole number of at least 2, or none; received 1"),
        ("repeats", 0, r"`split\.repeats` must be a whole number of at least 1; received 0"),
        ("scaling", "max", r"`preprocessing\.scaling` must be one of standard, robust, quantile;"),
        ("embed_from", 1, r"`preprocessing\.embed_from` must be a whole number of at least 2, or"),
        ("architecture", "cnn", r"`network\.architecture` must be one of mlp, resnet; received"),
        ("hidden", (64, 0), r"`network\.hidden` must be a list of positive whole numbers; rec"),
        ("activation", "rel", r"Unknown activation: 'rel'\. Did you mean 'relu'"),
        ("output", "tanh", r"`network\.output` must be one of auto, relu, linear; received 'tanh"),
        ("numbers", "wavy", r"`network\.numbers` must be one of plain, periodic, piecewise, bo"),
        ("number_units", 0, r"`network\.number_units` must be a whole number of at least 1; rece"),
        ("dropout", 1.0, r"`network\.dropout` must be a number of at least 0 and below 1; rec"),
        ("l2", -0.1, r"`network\.l2` must be a number of at least 0; received -0\.1"),
        ("epochs", 0, r"`training\.epochs` must be a whole number of at least 1; received 0"),
        ("epochs", True, r"`training\.epochs` must be a whole number of at least 1; received True"),
        ("learning_rate", False, r"`training\.learning_rate` must be a number above 0; rec"),
        ("patience", True, r"`training\.patience` must be a whole number of at least 1, or none"),
        ("epochs", "x", r"`training\.epochs` must be a whole number of at least 1; received 'x'"),
        ("batch_size", 0, r"`training\.batch_size` must be a whole number of at least 1, or no"),
        ("learning_rate", 0.0, r"`training\.learning_rate` must be a number above 0; received 0"),
        ("learning_rate", float("nan"), r"`training\.learning_rate` must be a number above 0"),
        ("schedule", "step", r"`training\.schedule` must be one of plateau, constant, cosine"),
        ("weight_decay", -1, r"`training\.weight_decay` must be a number of at least 0; rec"),
        ("patience", 0, r"`training\.patience` must be a whole number of at least 1, or none"),
        ("validation_size", 1.0, r"`training\.validation_size` must be a number of at least 0"),
        ("class_weight", "equal", r"`training\.class_weight` must be balanced, a table of label"),
        ("calibrate", "often", r"`training\.calibrate` must be true or false; received 'often'"),
        ("seeds", 0, r"`seeds\.count` must be a whole number of at least 1; received 0"),
        ("seed", -1, r"`seeds\.first` must be a whole number of at least 0; received -1"),
    ],
)  # fmt: skip
def test_a_setting_out_of_range_is_refused(name, value, message):
    with pytest.raises(ValueError, match=message):
        Experiment.of(**{name: value})


def test_every_wrong_setting_has_a_line():
    with pytest.raises(ValueError, match="training") as caught:
        Experiment(training={"epochs": 0, "epoch": 3}, data={"target": "y"}, network=4, dta={})
    assert sorted(str(caught.value).splitlines()) == [
        "Unknown setting in [training]: 'epoch'. Did you mean 'epochs'? Available: batch_size, "
        "calibrate, class_weight, epochs, learning_rate, patience, schedule, validation_size, "
        "weight_decay.",
        "Unknown setting: 'dta'. Did you mean 'data'? Available: data, network, preprocessing, "
        "reading, seeds, split, training.",
        "[network] must be a table of settings; received 4.",
        "`training.epochs` must be a whole number of at least 1; received 0.",
    ]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"split": "group"}, r"`split\.column` must name the column of the groups for the split"),
        ({"split": "column"}, r"must name the column of the part \(train, test\) of each row"),
        ({"split_column": "day"}, r"`split\.column` is of no use to a random split; set"),
        ({"split": "column", "split_column": "p", "folds": 3}, r"`split\.folds` cannot be given"),
        ({"repeats": 2}, r"`split\.repeats` needs `split\.folds` with a random or grouped split"),
        ({"split": "time", "folds": 3, "repeats": 2}, r"`split\.repeats` needs `split\.folds`"),
    ],
)
def test_splits_that_make_no_sense_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Experiment.of(**settings)


def test_an_unknown_plain_name_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match=r"Unknown setting: 'epoch'\. Did you mean 'epochs'\?"):
        Experiment.of(epoch=3)
    with pytest.raises(ValueError, match=r"'trainin\.epochs'\. Did you mean 'training\.epochs'"):
        Experiment().with_settings({"trainin.epochs": 3})


def test_an_unknown_section_is_refused_with_the_settings_that_have_one():
    with pytest.raises(ValueError, match="Unknown setting: 'trainig.epochs'. Did you") as caught:
        Experiment.of(**{"trainig.epochs": 3})
    known = str(caught.value).partition("Available: ")[2].rstrip(".").split(", ")
    assert known == sorted({name for name in known if "." in name})


def test_plain_names_reach_every_setting_once():
    assert len(set(PLAIN.values())) == len(PLAIN)
    fields = {
        f"{section}.{name}"
        for section, field in Experiment.model_fields.items()
        for name in field.annotation.model_fields
    }
    assert fields == set(PLAIN.values())


WITH_ALL = {
    "target": "y", "drop": ("a",), "task": "binary", "max_rows": 99, "missing": ("x",),
    "hidden": (), "l2": 1e-4, "patience": None, "embed_from": None, "folds": 3,
    "class_weight": {"a b": 2.0}, "categories": ("k",), "header": False, "separator": "\t",
}  # fmt: skip


@pytest.mark.parametrize("suffix", [".toml", ".json", ".yaml"])
def test_an_experiment_comes_back_from_a_file(tmp_path, suffix):
    experiment = Experiment.of(**WITH_ALL)
    if suffix == ".yaml":
        yaml = pytest.importorskip("yaml", reason="PyYAML is an extra")
        text = yaml.safe_dump(experiment.to_sections())
    else:
        dumps = {".toml": experiment.to_toml, ".json": experiment.model_dump_json}
        text = dumps[suffix]()
    (tmp_path / f"e{suffix}").write_text(text)
    assert Experiment.from_file(tmp_path / f"e{suffix}") == experiment


def test_defaults_say_little_and_none_has_a_word():
    assert "reading" not in Experiment().to_sections()
    assert "data" not in Experiment().to_sections()
    sections = tomllib.loads(Experiment.of(patience=None).to_toml())
    assert sections["training"]["patience"] == "none"
    assert Experiment.of(target="none").data.target == "none"  # a column may be called so


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("e.toml", "[data\n", r"e\.toml: it is not valid TOML: "),
        ("e.json", "{", r"e\.json: it is not valid JSON: "),
        ("e.yaml", "a: [", r"e\.yaml: it is not valid YAML: "),
        ("e.toml", "a = 1", r"e\.toml: it must hold sections with settings, like \[data\]"),
        ("e.json", "3", r"e\.json: it must hold sections with settings"),
        ("e.ini", "", r"an experiment is described in a \.toml, \.yaml, \.yml, \.json file"),
        ("e.toml", "[training]\nepochs = 0", r"e\.toml: `training\.epochs` must be a whole numb"),
        ("e.json", "[{}]", r"received \[\{\}\]\. A table is given as CSV, TSV, Parquet or Excel"),
        ("e.json", '{"data": {}, "data": {}}', r"e\.json: 'data' stands twice in the same section"),
        ("e.json", '{"data": {"target": 1, "target": 2}}', r"e\.json: 'target' stands twice"),
        ("e.yaml", "data:\n  name: a\n  name: b\n", r"e\.yaml: 'name' stands twice"),
        ("e.yaml", "- {a: 1, a: 2}", r"e\.yaml: 'a' stands twice"),
        ("e.yaml", "", r"e\.yaml: it must hold sections with settings.*received None"),
        ("e.toml", b"[data]\ntarget = '\xe9'", r"e\.toml: it is not written in UTF-8"),
    ],
)
def test_a_file_that_describes_nothing_is_refused(tmp_path, name, text, message):
    if name.endswith(".yaml"):
        pytest.importorskip("yaml", reason="PyYAML is an extra")
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ValueError, match=message):
        Experiment.from_file(tmp_path / name)
    with pytest.raises(FileNotFoundError, match=r"There is no file '.*none\.toml'"):
        Experiment.from_file(tmp_path / "none.toml")


def test_the_schema_is_json_and_describes_each_setting():
    schema = json.loads(json.dumps(Experiment.json_schema()))
    training = schema["$defs"]["Training"]["properties"]
    assert training["epochs"]["default"] == Experiment().training.epochs
    assert training["epochs"]["minimum"] == 1
    assert all(
        field["description"]
        for section in ("Data", "Split", "Network", "Training", "Seeds")
        for field in schema["$defs"][section]["properties"].values()
    )


def test_the_schema_knows_the_word_for_none_that_a_file_has():
    schema = Experiment.json_schema()["$defs"]
    written = Experiment.of(patience=None).to_sections()["training"]["patience"]
    assert {"const": written} in schema["Training"]["properties"]["patience"]["anyOf"]
    assert {"const": "none"} not in schema["Training"]["properties"]["batch_size"]["anyOf"]


def test_a_run_needs_a_table():
    with pytest.raises(ValueError, match=r"Say which table to learn from: `data\.source`"):
        Experiment.of(target="y").run()


def test_how_the_file_is_read_is_kept_and_said_again():
    experiment = Experiment.of(
        target="y", separator="\t", decimal=",", encoding="cp1252", header=False
    )
    assert tomllib.loads(experiment.to_toml())["reading"] == {
        "separator": "\t", "decimal": ",", "encoding": "cp1252", "header": False,
    }  # fmt: skip
    assert command_line("t.txt", experiment) == (
        "profond train t.txt --target y --separator tab --decimal , --encoding cp1252 --no-header"
    )
    sheet = command_line("t.xlsx", Experiment.of(target="y", sheet="Données"))
    assert sheet == "profond train t.xlsx --target y --sheet 'Données'"


@pytest.mark.parametrize("typed", ["\t", "\\t", "tab"])
def test_a_tab_may_be_typed(tmp_path, typed):
    assert Experiment.of(separator=typed).reading.separator == "\t"
    (tmp_path / "e.toml").write_text(f"[reading]\nseparator = '{typed}'\n")
    assert Experiment.from_file(tmp_path / "e.toml").reading.separator == "\t"
    allowed = Experiment.json_schema()["$defs"]["Reading"]["properties"]["separator"]["anyOf"]
    assert {"enum": ["\\t", "tab"]} in allowed


def test_batches_grow_with_the_rows():
    rows = (400, 4000, 10_000, 50_000, 10**6)
    sizes = [Experiment().training.batch_rows(count) for count in rows]
    assert sizes == sorted(sizes)
    assert len(set(sizes)) > 1
    assert Experiment.of(batch_size=64).training.batch_rows(10) == 10


def test_the_command_says_what_is_not_a_default():
    experiment = Experiment.of(
        target="my price", drop=("a", "b"), categories=("k",), hidden=(32, 16), task="regression",
        seed=3, patience=None, embed_from=None, calibrate=False, class_weight={"a b": 2.0},
    )  # fmt: skip
    assert command_line("my data.csv", experiment) == (
        "profond train 'my data.csv' --target 'my price' --task regression --drop a --drop b "
        "--category k --set preprocessing.embed_from=none --hidden 32,16 --patience none "
        "--class-weight '{\"a b\" = 2.0}' --set training.calibrate=false --seed 3"
    )
    assert python_call(experiment) == (
        "from profond.experiment import train_table\n"
        "train_table(frame, target='my price', task='regression', drop=('a', 'b'), "
        "categories=('k',), embed_from=None, hidden=(32, 16), patience=None, "
        "class_weight={'a b': 2.0}, calibrate=False, seed=3)"
    )
