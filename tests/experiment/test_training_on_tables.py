import random
import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch

from profond.data import NumberTarget, open_table
from profond.data._preprocessor import Layout
from profond.estimators import _members as training
from profond.estimators._network import build_network
from profond.experiment import train_table
from profond.experiment._prepare import prepare, read_rows
from profond.experiment._schema import Experiment
from profond.experiment.report import report_html
from tests.experiment.helpers import SMALL, TARGETS, Recorder, make_table, run


@pytest.mark.parametrize(
    ("target", "task", "activation", "units", "loss"),
    [
        ("signal", "regression", "linear", 1, "mean_squared_error"),
        ("price", "regression", "relu", 1, "mean_squared_error"),
        ("sold", "binary", "sigmoid", 1, "binary_crossentropy"),
        ("grade", "multiclass", "softmax", 3, "sparse_categorical_crossentropy"),
    ],
)
def test_the_output_follows_from_the_target(results, target, task, activation, units, loss):
    result = results[target]
    last = result.model.networks[0].layers[-1].get_config()
    assert result.model.task == task
    assert (last["activation"], last["units"]) == (activation, units)
    assert result.model.networks[0].loss == loss


def test_classes_with_a_unit_are_the_labels_of_the_file():
    generator = np.random.default_rng(0)
    x = generator.normal(size=120)
    frame = pd.DataFrame({"x": x, "load": np.where(x > 0, "4 kg", "12 kg")})
    result = run(frame, "load")
    assert result.model.classes == ("12 kg", "4 kg")
    assert set(result.predict(frame)) == {"12 kg", "4 kg"}
    rows = read_rows(open_table(frame), Experiment.of(target="load"))
    assert "the classes of 'load' keep their unit: '4 kg' and so on" in rows.notes
    # Numbers when they are to be predicted as numbers.
    amounts = frame.assign(load=[f"{3 * v:.2f} kg" for v in x])
    rows = read_rows(open_table(amounts), Experiment.of(target="load"))
    assert rows.experiment.data.task == "regression"


@pytest.mark.parametrize("target", TARGETS)
def test_networks_learn_more_than_the_mean_or_the_majority(results, target):
    scores = results[target].evaluation.scores
    kept = results[target].evaluation.kept
    trivial = next(score for score in scores if score.name in ("mean", "majority"))
    if target in ("signal", "price"):
        assert kept.value < 0.8 * trivial.value
    else:
        assert kept.value > trivial.value + 0.2


def test_the_table_has_a_row_per_model(results):
    table = results["signal"].table()
    assert table["model"].tolist() == [
        "one network", "2 networks together", "mean", "linear regression", "gradient boosting",
    ]  # fmt: skip
    assert list(table.columns) == ["model", "RMSE", "over_seeds", "low", "high", "MAE", "R2"]
    assert table["over_seeds"].notna().tolist() == [True, False, False, False, False]


def test_the_same_seed_gives_the_same_run(table, results):
    again = run(table, "sold")
    for ours, theirs in zip(again.model.networks, results["sold"].model.networks, strict=True):
        for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
    assert again.metrics()["scores"] == results["sold"].metrics()["scores"]


def test_seeds_differ_and_the_test_part_does_not(table, results):
    other = run(table, "sold", seed=7)
    np.testing.assert_array_equal(other.test.rows, results["sold"].test.rows)
    assert other.model.seeds == [7, 8]
    first, second = (network.get_weights()[0] for network in results["sold"].model.networks)
    assert not np.array_equal(first, second)
    moved = run(table, "sold", split_seed=1)
    assert not np.array_equal(moved.test.rows, results["sold"].test.rows)


def test_the_test_part_keeps_the_shares_of_the_classes(table, results):
    rows = results["grade"].test.rows
    whole = table["grade"].value_counts(normalize=True)
    part = table["grade"].iloc[rows].value_counts(normalize=True)
    np.testing.assert_allclose(part.sort_index(), whole.sort_index(), atol=0.03)


def test_preprocessing_is_fitted_on_the_training_part_only(table, results):
    result = results["signal"]
    train = np.setdiff1d(np.arange(len(table)), result.test.rows)
    column = next(c for c in result.model.preprocessor.columns if c.name == "z")
    assert column.scaling.median == pytest.approx(table["z"].iloc[train].median())
    assert column.scaling.median != pytest.approx(table["z"].median())


def test_the_callers_random_state_is_left_as_it_was(table):
    torch.manual_seed(3), random.seed(3), np.random.seed(3)  # noqa: NPY002
    before = torch.rand(1).item(), random.random(), np.random.rand()  # noqa: NPY002
    torch.manual_seed(3), random.seed(3), np.random.seed(3)  # noqa: NPY002
    run(table, "signal", epochs=1)
    assert before == (torch.rand(1).item(), random.random(), np.random.rand())  # noqa: NPY002


def test_the_kept_epoch_has_the_lowest_validation_loss(results):
    result = results["signal"]
    losses = result.history.pivot(index="epoch", columns="seed", values="val_loss")
    assert tuple(losses.idxmin()) == result.best_epochs


def test_early_stopping_ends_a_run_that_no_longer_improves(table):
    options = {"epochs": 200, "patience": 2, "learning_rate": 0.05, "seeds": 1}
    result = run(table, "signal", **options, schedule="constant")
    assert len(result.history) < 200
    assert len(result.history) == result.best_epochs[0] + 2


def test_quick_sets_what_was_not_given(table):
    options = {"seeds": None, "epochs": None, "quick": True}
    experiment = run(table, "sold", **options).experiment
    training = experiment.training
    assert (experiment.seeds.count, training.epochs, training.patience) == (3, 40, 4)
    less = {**options, "seeds": 1, "epochs": 2}
    assert run(table, "sold", **less).experiment.seeds.count == 1


def test_max_rows_limits_the_training_rows(table):
    result = run(table, "grade", max_rows=100)
    assert result.sizes == {"train": 100, "test": 52}
    assert any("100 of the 208 training rows are used" in note for note in result.notes)


def test_folds_say_what_is_learned_from_and_warn_of_all_rows(table):
    doubled = pd.concat([table.head(60), table.head(30)], ignore_index=True)
    result = run(doubled, "grade", folds=2, max_rows=30, seeds=1, epochs=1)
    assert any("30 of the 90 rows (33 %) are exact copies" in text for text in result.warnings)
    assert any(
        "30 of the 45 training rows of a fold are used, drawn at random; the networks that are "
        "kept learn from all 90" in note
        for note in result.notes
    )


def test_a_linear_network_may_be_asked_for(table):
    result = run(table, "signal", hidden=(), numbers="plain", epochs=2)
    assert len(result.model.networks[0].layers) == 1


def test_dropout_and_l2_reach_the_network():
    options = {"hidden": (4, 3), "dropout": 0.25, "l2": 0.01, "activation": "tanh"}
    settings = Experiment.of(**options, numbers="plain").settings
    target = NumberTarget("y", 0.0, 1.0, True, 2.5)
    network = build_network(target, Layout(5, 0, ()), settings, 1)
    kinds = [type(layer).__name__ for layer in network.layers]
    assert kinds == ["Dense", "Dropout", "Dense", "Dropout", "Dense"]
    assert network.layers[1].get_config()["rate"] == 0.25
    first = network.layers[0].get_config()
    assert first["activation"] == "tanh"
    assert first["kernel_regularizer"]["config"]["l2"] == pytest.approx(0.01)
    assert network.layers[-1].get_weights()[1].tolist() == [2.5]  # starts at the target's mean


def dead_network(*arguments):
    """A network whose ReLU output is far below 0 for every row."""
    network = build_network(*arguments)
    kernel, bias = network.layers[-1].get_weights()
    network.layers[-1].set_weights([kernel * 0, bias * 0 - 100])
    return network


def test_a_seed_whose_output_died_is_started_again_and_it_is_said(table, monkeypatch):
    builds = []

    def dead_at_first(*arguments):
        builds.append(1)
        # The first network is thrown away after the estimate of the time.
        return (dead_network if len(builds) == 2 else build_network)(*arguments)

    monkeypatch.setattr(training, "build_network", dead_at_first)
    recorder = Recorder()
    result = run(table, "price", seeds=1, progress=recorder)
    assert len(builds) == 3
    assert "seed 0: the output died at 0; started again from fresh weights" in recorder.notes
    assert "seed 0 was started again 1 time(s): its output had died at 0" in result.notes
    assert result.evaluation.kept.value < result.evaluation.scores[1].value


def test_an_output_that_always_dies_is_a_failure(table, monkeypatch):
    monkeypatch.setattr(training, "build_network", dead_network)
    with pytest.raises(
        RuntimeError, match=r"Seed 0: the ReLU output died at 0 in 5 attempts\. Use"
    ):
        run(table, "price", seeds=1, epochs=2)


def test_a_loss_that_overflows_is_a_failure(table):
    with pytest.raises(
        RuntimeError, match=r"The training failed: the (val_)?loss became .* in epoch"
    ):
        run(table, "signal", learning_rate=1e25)


def test_progress_hears_of_every_epoch(table):
    recorder = Recorder()
    result = run(table, "sold", progress=recorder)
    assert recorder.epochs == len(result.history)
    assert any(note.startswith("task: binary classification of 'sold'") for note in recorder.notes)


def test_the_longest_time_is_told_before_a_long_run(table, monkeypatch):
    monkeypatch.setattr(training.Trainer, "estimate_seconds", lambda trainer, networks: 200.0)
    recorder = Recorder()
    run(table, "sold", progress=recorder)
    assert any("at most about 3 min 20 s (2 networks, up to 15 epochs" in n for n in recorder.notes)


def test_a_bundled_set_knows_its_target():
    with pytest.warns(UserWarning, match=r"The test part has only 30 rows"):
        result = train_table("iris", **{**SMALL, "epochs": 3, "seeds": 1})
    assert result.model.classes == (0, 1, 2)
    assert result.name == "iris"
    assert result.sizes == {"train": 120, "test": 30}


def test_files_polars_and_opened_tables_are_taken(tmp_path, table, results):
    frame = table[["x", "z", "town", "sold"]]
    expected = run(frame, "sold").table()
    frame.to_csv(tmp_path / "t.csv", index=False)
    for source in (tmp_path / "t.csv", pl.from_pandas(frame), open_table(tmp_path / "t.csv")):
        pd.testing.assert_frame_equal(train_table(source, "sold", **SMALL).table(), expected)


# Bad input


def warned(frame, target, match, **options):
    with pytest.warns(UserWarning, match=match):
        return train_table(frame, target, **{**SMALL, "epochs": 1, "seeds": 1, **options})


def test_columns_that_say_nothing_are_dropped_with_a_warning():
    frame = make_table(300)[["x", "z", "signal"]].assign(same=1.0, hollow=np.nan)
    with pytest.warns(UserWarning) as caught:
        result = train_table(frame, "signal", **{**SMALL, "epochs": 1})
    texts = [str(w.message) for w in caught]
    assert "Column 'same' has the same value in every row; it is not used." in texts
    assert "Column 'hollow' has no values; it is not used." in texts
    assert result.model.preprocessor.column_names == ["x", "z"]
    assert set(texts) == set(result.warnings)


@pytest.mark.parametrize(
    ("name", "told"),
    [("id", True), ("client_id", True), ("userId", True), ("N°", True), ("rooms", False),
     ("paid", False), ("Covid", False)],
)  # fmt: skip
def test_a_column_that_numbers_the_rows_is_told(name, told):
    frame = make_table(300)[["x", "signal"]].assign(**{name: np.arange(300) * 7 + 1000})
    with pytest.warns(UserWarning) as caught:
        train_table(frame.assign(same=1), "signal", **{**SMALL, "epochs": 1, "seeds": 1})
    text = f"Column {name!r} seems to number the rows; if it says nothing else, leave it out"
    assert any(str(w.message).startswith(text) for w in caught) == told


def test_rows_without_a_target_are_left_out_with_a_warning():
    frame = make_table(300)[["x", "z", "sold"]]
    frame.loc[[3, 7], "sold"] = None
    result = warned(
        frame, "sold", r"2 row\(s\) without a value of the target 'sold' .*row\(s\) 4, 8"
    )
    assert sum(result.sizes.values()) == 298
    assert not {3, 7} & set(result.test.rows)


def test_classes_with_few_rows_are_told():
    frame = make_table(300)[["x", "z", "sold"]]
    frame.loc[:2, "sold"] = "perhaps"
    texts = run(frame, "sold", epochs=1, seeds=1).warnings
    assert any(t.startswith("Class(es) with very few rows: perhaps (3)") for t in texts)
    assert any(t.startswith("Rare class(es): 'perhaps' (1.2 %, 3 row(s)).") for t in texts)


@pytest.mark.slow
def test_many_classes_with_few_rows_are_told_in_a_few_words():
    frame = make_table(300)[["x", "z"]].assign(kind=[f"k{i % 90:02d}" for i in range(300)])
    warned(frame, "kind", r"very few rows: k00 \(4\), .*, k05 \(4\) and 84 more; they can hardly")


def test_levels_that_share_an_input_stand_in_the_profile():
    frame = make_table(300)[["x", "sold"]].assign(k=[f"k{i % 41:02d}" for i in range(300)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        result = train_table(frame, "sold", **{**SMALL, "epochs": 1, "seeds": 1})
    use = result.profile.set_index("column")["use"]
    assert use["k"] == "an embedding of 42 codes"
    assert use["x"] == "2 input(s)"  # with one for its gaps


def test_an_enormous_value_is_told_at_training():
    frame = make_table(300)[["z", "signal"]]
    frame.loc[3, "z"] = 1e300
    result = run(frame, "signal", epochs=1, seeds=1, scaling="standard")
    assert 3 not in result.test.rows
    assert any("'z' has value(s) so far out" in text for text in result.warnings)


def test_letters_that_the_font_lacks_are_no_warning():
    frame = make_table(300)[["x", "z", "sold"]].replace({"sold": {"yes": "購入", "no": "無し"}})
    page = report_html(run(frame, "sold", epochs=1, seeds=1))  # a warning would be an error
    assert "購入</text>" in page


def test_the_longest_time_is_that_of_all_steps(table):
    experiment = Experiment.of(target="signal", hidden=(8,))
    rows = read_rows(open_table(table[["z", "signal"]]), experiment)
    trainer = training.Trainer(prepare(rows, *rows.splits[0]).part, experiment.settings)
    one, five = (trainer.estimate_seconds(networks) for networks in (1, 5))
    assert 0 < one < five


def test_a_small_test_part_is_told():
    warned(make_table(100)[["x", "signal"]], "signal", r"The test part has only 20 rows")


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"target": "sinal"}, r"There is no column 'sinal' \(target\)\. Did you mean 'signal'"),
        ({}, {"target": None}, r"Say which column to predict .*The table has: x, z, town"),
        ({}, {"drop": ["zz"]}, r"There is no column 'zz' \(drop\)\. .*The columns are: x, z"),
        ({}, {"categories": ["twn"]}, r"There is no column 'twn' \(category\)\. Did you mean 't"),
        ({}, {"drop": ["signal"]}, r"The target 'signal' cannot be dropped"),
        ({"x": np.inf}, {}, r"Column 'x' holds an infinite value in row 1 and 259 more row\(s\)"),
        ({"signal": 1.5}, {}, r"The target 'signal' has a single number \(1\.5\)"),
        ({"signal": np.nan}, {}, r"The target 'signal' has no values"),
        ({"signal": [1e300] + [0.5] * 259}, {}, r"The target 'signal' holds 1e\+300 in row 1: to"),
        ({}, {"output": "relu"}, r"A ReLU output is never negative, and the target 'signal' has n"),
        ({}, {"test_size": 0.001}, r"A share of 0\.001 of 260 row\(s\) leaves a part empty"),
    ],
)  # fmt: skip
def test_a_table_or_an_option_that_cannot_be_used_is_refused(table, change, options, message):
    options = {"target": "signal", **options}
    target = options.pop("target")
    with pytest.raises(ValueError, match=message):
        train_table(table.assign(**change), target, **SMALL, **options)


def test_a_column_of_a_table_without_names_is_explained(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("1,2.5\n" * 40)
    with pytest.raises(
        ValueError,
        match=r"no column 'y' \(target\)\. The first row was taken for data, not names; --header t",
    ):
        train_table(path, "y", **SMALL)


def test_one_infinite_cell_is_named_by_its_row(table):
    frame = table.copy()
    frame.loc[41, "z"] = -np.inf
    with pytest.raises(
        ValueError, match=r"Column 'z' holds an infinite value in row 42; replace it"
    ):
        train_table(frame, "sold", **SMALL)


def test_a_table_without_inputs_is_refused(table):
    with pytest.raises(
        ValueError, match=r"There is no column beside the target 'x' to predict it fr"
    ):
        train_table(table[["x"]], "x", **SMALL)


def test_too_few_rows_are_refused():
    with pytest.raises(
        ValueError, match=r"12 row\(s\) with a value of 'signal' are too few .*least 20"
    ):
        train_table(make_table(12), "signal", **SMALL)
