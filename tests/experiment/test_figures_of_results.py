import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from profond import figures
from profond.experiment._kinds import kind_of
from profond.experiment._on_test_rows import interval_coverage
from tests.experiment.helpers import run

COLUMN_OF = {"partial_dependence": ("z",)}


@pytest.mark.parametrize("target", ["signal", "sold", "grade"])
def test_every_picture_has_a_name_and_is_drawn_in_both_languages(results, target):
    pictures = results[target].figures
    for name in pictures.names:
        asked = COLUMN_OF.get(name, ())
        figure = pictures.of(name)(*asked)
        assert isinstance(figure, Figure)
        assert figure.axes
        if name != "network_boxes":
            assert isinstance(pictures.of(name)(*asked, lang="fr"), Figure)


def test_the_pictures_are_drawn_where_one_wants(results, table):
    plain = run(table, "signal", seeds=1, epochs=1, numbers="plain", embed_from=None)
    for name in ("learning_curves", "comparison", "residuals", "network"):
        figure = Figure()
        ax = figure.add_subplot()
        assert getattr(plain.figures, name)(ax=ax) is figure


def test_neurons_are_drawn_where_the_layers_are_a_chain(results):
    assert "network" not in results["signal"].figures.names
    with pytest.raises(ValueError, match=r"no chain of dense layers .* `network_boxes` draws any"):
        results["signal"].figures.network()


def test_a_picture_that_the_task_has_not_is_refused(results):
    with pytest.raises(
        ValueError, match=r"Unknown figure of this result: 'roc_curve'\..*Available: .*residuals"
    ):
        results["signal"].figures.roc_curve()
    with pytest.raises(ValueError, match=r"Unknown figure of this result: 'residuals'\..*roc_cur"):
        results["sold"].figures.residuals()
    with pytest.raises(ValueError, match=r"'roc_curv'\. Did you mean 'roc_curve'\?"):
        results["sold"].figures.of("roc_curv")


def test_the_comparison_has_the_scores(results):
    result = results["signal"]
    found = figures.numbers(result.figures.comparison())
    table = result.table()
    assert found["model"] == table["model"].tolist()
    np.testing.assert_array_equal(found["value"], table["RMSE"])
    np.testing.assert_array_equal(found["high"], table["high"])


def test_the_measures_of_the_pictures_are_those_of_the_table(results):
    kept = results["signal"].evaluation.kept
    found = figures.numbers(results["signal"].figures.predicted_against_true())
    assert found["rmse"] == pytest.approx(kept.value)
    assert found["r2"] == pytest.approx(kept.further["R2"])
    kept = results["sold"].evaluation.kept
    pictures = results["sold"].figures
    assert figures.numbers(pictures.confusion_matrix())["accuracy"] == pytest.approx(kept.value)
    area = figures.numbers(pictures.roc_curve())["auc"]["yes"].mean
    assert area == pytest.approx(kept.further["AUC"])


def test_curves_have_a_line_per_network_and_a_band_while_all_train(table):
    result = run(table, "signal", epochs=60, patience=2, learning_rate=0.05, seeds=3)
    lengths = result.history.groupby("seed").size()
    assert lengths.nunique() > 1
    figure = result.figures.learning_curves()
    assert figures.numbers(figure)["loss"].shape == (3, lengths.min())
    dots = next(line for line in figure.axes[0].lines if line.get_label() == "epoch kept")
    np.testing.assert_array_equal(dots.get_xdata(), result.best_epochs)
    losses = result.history.set_index(["seed", "epoch"])["val_loss"]
    kept = [losses[s, e] for s, e in zip(result.model.seeds, result.best_epochs, strict=True)]
    np.testing.assert_allclose(np.asarray(dots.get_ydata()), kept)


def test_a_network_that_is_no_chain_is_drawn_as_boxes(table):
    result = run(table, "signal", architecture="resnet", seeds=1, epochs=1)
    with pytest.raises(ValueError, match="no chain of dense layers .* `network_boxes` draws any"):
        result.figures.network()
    wide = result.figures.network_boxes(across=True)
    tall = result.figures.network_boxes()
    assert wide.get_figwidth() > wide.get_figheight()
    assert tall.get_figwidth() < tall.get_figheight()


def test_the_target_comes_first_at_a_glance(results):
    found = figures.numbers(results["grade"].figures.columns_at_a_glance())
    assert next(iter(found["kinds"].items())) == ("grade", "category")  # whole numbers are labels
    assert list(found["kinds"])[1:6] == ["x", "z", "town", "day", "flag"]
    assert found["missing"]["x"] == pytest.approx(results["grade"].sample["x"].isna().mean())


def test_the_pictures_of_columns_are_of_the_rows_that_are_used(table, monkeypatch):
    result = run(table, "signal", max_rows=100, seeds=1, epochs=1)
    assert len(result.sample) == 152  # 100 to train on, 52 to test on
    assert set(result.test.rows) <= set(result.sample.index)
    monkeypatch.setattr("profond.experiment._table_kind._MOST_DRAWN", 30)
    sample = run(table, "signal", seeds=1, epochs=1).sample
    assert len(sample) == 30
    assert sample.index.is_monotonic_increasing


# What the columns matter


def test_the_column_that_makes_the_target_matters_most(results):
    table = results["signal"].importance(repeats=3)
    assert list(table.columns) == ["column", "importance", "low", "high"]
    assert table["column"].iloc[0] == "x"  # its factor is 2, that of z is 1
    assert table["low"].iloc[0] > 0
    assert set(table["column"]) == {"x", "z", "town", "day", "flag"}
    # Its baseline is the RMSE of the networks together, in the target's unit.
    assert table.attrs["baseline"] == pytest.approx(results["signal"].evaluation.kept.value)


def test_of_classes_the_log_loss_rises(results):
    table = results["grade"].importance(repeats=2)
    further = results["grade"].evaluation.kept.further
    assert table.attrs["baseline"] == pytest.approx(further["log loss"])
    few = results["grade"].importance(repeats=2, rows=20)
    assert few.attrs["baseline"] != table.attrs["baseline"]


def test_a_class_that_was_thought_impossible_does_not_cost_infinity(results):
    from profond.experiment._on_test_rows import _log_loss

    losses = _log_loss(np.array([0, 1]), np.array([[1.0, 0.0], [1.0, 0.0]]))
    np.testing.assert_allclose(losses, [0.0, -np.log(1e-7)])


def test_the_dependence_is_that_of_each_network(results):
    result = results["signal"]
    found = result.dependence("z", points=5, rows=30)
    assert found.means.shape == (2, 5, 1)
    assert found.means[0, 0] > found.means[0, -1]  # its factor is -1
    inputs = result.test.inputs
    alone = result.dependence("z", points=5, rows=len(inputs)).means
    changed = inputs[result.model.preprocessor.column_names].assign(z=found.grid[2])
    for i in range(2):
        expected = result.predict(changed, member=i).mean()
        assert alone[i, 2, 0] == pytest.approx(expected, rel=1e-5)  # of float32 networks


def test_a_column_that_is_not_used_has_no_dependence(results):
    with pytest.raises(ValueError, match=r"Unknown column of the networks: 'pric'.*: day, flag"):
        results["signal"].dependence("pric")


def test_the_worst_rows_are_those_with_the_largest_errors(results, table):
    result = results["signal"]
    worst = result.worst_errors(4)
    off = abs(result.test.predictions - result.test.truth)
    expected = result.test.rows[np.argsort(-off)[:4]]
    assert worst.index.tolist() == expected.tolist()
    pd.testing.assert_series_equal(
        worst["z"], table["z"].iloc[expected], check_index=False, check_names=False
    )
    wrong = results["sold"].worst_errors(1000)
    assert (wrong["truth"] != wrong["predicted"]).all()
    assert set(wrong["truth"]) <= {"yes", "no"}
    assert len(wrong) == round(52 * (1 - results["sold"].evaluation.kept.value))


# Intervals


def test_the_intervals_hold_the_share_of_rows_that_is_said(results):
    result = results["signal"]
    share = interval_coverage(result, 0.8)
    figure = result.figures.predicted_against_true(level=0.8)
    assert figures.numbers(figure)["coverage"] == pytest.approx(share)
    ends = result.model.predict_interval(result.test.inputs, level=0.8)
    inside = (ends[:, 0] <= result.test.truth) & (result.test.truth <= ends[:, 1])
    assert share == pytest.approx(inside.mean())
    assert interval_coverage(results["sold"]) is None


def test_intervals_are_not_drawn_on_rows_that_were_learned(table):
    result = run(table, "signal", folds=2, seeds=1, epochs=1)
    assert result.cross_validated
    with pytest.raises(ValueError, match="`level` must be None after a cross-validation: the kept"):
        result.figures.predicted_against_true(level=0.9)


def test_too_few_held_out_rows_have_no_intervals():
    from tests.experiment.helpers import make_table

    result = run(make_table(40), "signal", seeds=1, epochs=1)
    assert len(result.model.residuals[0]) < 9
    assert interval_coverage(result) is None


def test_the_predictions_of_the_baselines_are_kept(results):
    test = results["signal"].test
    assert list(test.baselines) == ["mean", "linear regression", "gradient boosting"]
    for score in results["signal"].evaluation.scores[2:]:
        error = np.sqrt(np.mean((test.baselines[score.name] - test.truth) ** 2))
        assert error == pytest.approx(score.value)


def test_the_card_says_what_is_known_of_answers(results, table):
    def card(result):
        return kind_of(result.experiment).card(result)

    share = interval_coverage(results["signal"])
    assert f"Its 90 % intervals hold {100 * share:.0f} % of the test rows" in card(
        results["signal"]
    )
    assert "Probabilities are calibrated on held-out rows by temperatures of" in card(
        results["sold"]
    )
    folded = card(run(table, "signal", folds=2, seeds=1, epochs=1))
    assert "each by networks that did not learn from it" in folded
    assert "rows that no network saw" not in folded
