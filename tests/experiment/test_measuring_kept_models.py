import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from profond.experiment import compare_models, evaluate_model
from profond.experiment._evaluation import evaluate
from tests.experiment.helpers import make_table, run


@pytest.fixture(scope="module")
def new():
    return make_table(rows=120, seed=7)


def test_numbers_are_those_of_scikit_learn(results, new):
    model = results["signal"].model
    found = evaluate_model(model, new)
    assert [score.role for score in found.scores] == ["network", "ensemble"]
    truth = new["signal"].to_numpy()
    rmse = metrics.root_mean_squared_error(truth, model.predict(new))
    assert found.kept.value == pytest.approx(rmse)
    assert found.kept.further["R2"] == pytest.approx(metrics.r2_score(truth, model.predict(new)))
    each = [metrics.root_mean_squared_error(truth, model.predict(new, member=i)) for i in range(2)]
    assert found.scores[0].per_seed == pytest.approx(each)
    assert found.scores[0].value == pytest.approx(np.mean(each))
    assert found.scores[0].over_seeds is not None
    assert found.kept.over_rows.low < rmse < found.kept.over_rows.high
    assert (found.verdict, found.resampled, found.rows) == ("", "rows", 120)
    assert found.sentence.startswith("The 2 networks together have RMSE ")
    assert found.sentence.endswith(" over the 120 rows).")


def test_without_baselines_there_is_no_verdict():
    truth = np.arange(30.0)
    found = evaluate("regression", [truth + 1.0], {}, truth)
    assert found.kept.value == pytest.approx(1.0)
    assert found.verdict == ""
    assert np.isnan(found.difference)
    assert found.sentence == (
        "The network has RMSE 1.000 (95 % interval 1.000 to 1.000 over the 30 rows)."
    )


@pytest.mark.parametrize("target", ["sold", "grade"])
def test_classes_are_measured_from_a_file_as_from_a_frame(results, new, tmp_path, target):
    model = results[target].model
    found = evaluate_model(model, new)
    assert found.kept.value == np.mean(model.predict(new) == new[target])
    new.to_csv(tmp_path / "new.csv", index=False)
    from_file = evaluate_model(model, tmp_path / "new.csv")
    assert from_file.kept.value == found.kept.value
    assert from_file.kept.further == pytest.approx(found.kept.further, rel=1e-5)


def test_a_target_written_in_another_country_is_read(results, new, tmp_path):
    new.to_csv(tmp_path / "neu.csv", index=False, sep=";", decimal=",")
    found = evaluate_model(results["price"].model, tmp_path / "neu.csv")
    same = evaluate_model(results["price"].model, new)
    assert found.kept.value == pytest.approx(same.kept.value, rel=1e-5)


def test_rows_without_a_target_are_left_out_and_said(results, new):
    holes = new.copy()
    holes.loc[[3, 5, 90], "signal"] = np.nan
    with pytest.warns(UserWarning, match=r"3 row\(s\) without a target were left out; 117 are me"):
        found = evaluate_model(results["signal"].model, holes)
    kept = new.drop(index=[3, 5, 90])
    assert found.rows == 117
    same = evaluate_model(results["signal"].model, kept)
    assert found.kept.value == same.kept.value
    with pytest.warns(UserWarning, match=r"There are only 9 rows to measure on: the numbers are"):
        evaluate_model(results["signal"].model, new.head(9))


def test_what_cannot_be_measured_on_is_told(results, new):
    model = results["sold"].model
    strange = new.copy()
    strange.loc[[4, 6], "sold"] = "maybe"
    message = (
        r"The target 'sold' holds 'maybe' in 2 row\(s\) \(the first is row 5\), which is no class "
        r"of the model: it knows 'no', 'yes'\. Leave these rows out"
    )
    with pytest.raises(ValueError, match=message):
        evaluate_model(model, strange)
    with pytest.raises(ValueError, match=r"no column 'sold' \(is it 'Sald'\?\), which holds the t"):
        evaluate_model(model, new.rename(columns={"sold": "Sald"}))
    found = evaluate_model(model, new.rename(columns={"sold": "Sald"}), target="Sald")
    assert found.kept.value == evaluate_model(model, new).kept.value
    assert evaluate_model(model, new.rename(columns={"sold": "SOLD"})).rows == 120
    with pytest.raises(ValueError, match=r"The target 'sold' has no values"):
        evaluate_model(model, new.assign(sold=None))
    with pytest.raises(ValueError, match=r"must hold numbers; received 'dear' in row 2"):
        evaluate_model(
            results["price"].model,
            new.astype({"price": object}).replace({"price": {new["price"][1]: "dear"}}),
        )
    with pytest.raises(ValueError, match=r"Missing column\(s\): 'town'"):
        evaluate_model(model, new.drop(columns="town"))


# Comparison


@pytest.fixture(scope="module")
def poor(table):
    return run(table, "signal", drop=["price", "sold", "grade", "x"], epochs=2).model


def test_the_difference_is_paired(results, poor, new):
    good = results["signal"].model
    found = compare_models({"good": good, "poor": poor}, new)
    assert (found.best, found.rows, found.metric.name) == ("good", 120, "RMSE")
    truth = new["signal"]
    values = [metrics.root_mean_squared_error(truth, m.predict(new)) for m in (good, poor)]
    assert [score.value for score in found.scores] == pytest.approx(values)
    (one,) = found.differences
    assert one.loss == pytest.approx(values[1] - values[0])
    assert one.over_rows.low < one.loss < one.over_rows.high
    # By hand: resampled rows, the same for both.
    errors = np.stack([(m.predict(new) - truth) ** 2 for m in (good, poor)], axis=1)
    rows = np.random.default_rng(5).integers(0, 120, (4000, 120))
    draws = np.diff(np.sqrt(errors[rows].mean(axis=1)), axis=1)
    np.testing.assert_allclose(
        [one.over_rows.low, one.over_rows.high], np.quantile(draws, [0.025, 0.975]), rtol=0.05
    )
    assert one.p_value < 0.001
    assert found.sentence.startswith("good has the best RMSE on 120 rows, ")
    assert "poor is worse by RMSE " in found.sentence


def test_a_model_and_its_copy_are_equally_good(results, poor, new):
    model = results["signal"].model
    found = compare_models({"a": model, "b": model, "c": poor}, new)
    assert [one.p_value for one in found.differences][0] == 1.0
    assert "b is as good on these rows." in found.sentence
    alone = compare_models({"a": model, "c": poor}, new).differences[0].p_value
    # Holm: the smaller of two p-values is doubled.
    assert found.differences[1].p_value == pytest.approx(2 * alone)


def test_classes_are_compared_by_accuracy(results, table, new):
    other = run(table, "sold", epochs=1, seeds=1).model
    found = compare_models({"long": results["sold"].model, "short": other}, new)
    assert found.metric.name == "accuracy"
    assert found.best == "long"
    assert found.differences[0].loss >= 0


def test_models_of_different_targets_are_not_compared(results, new):
    models = {name: results[name].model for name in ("signal", "sold")}
    message = (
        r"predict different things: signal the number 'signal', sold 'sold', one of 'no', 'yes'\. C"
    )
    with pytest.raises(ValueError, match=message):
        compare_models(models, new)
    with pytest.raises(ValueError, match=r"At least two models are needed to compare; received 1"):
        compare_models({"signal": models["signal"]}, new)


def test_classes_that_differ_are_different_things(results, table, new):
    renamed = table.assign(sold=table["sold"].map({"yes": "oui", "no": "non"}))
    other = run(renamed, "sold", epochs=1, seeds=1).model
    with pytest.raises(ValueError, match=r"b 'sold', one of 'non', 'oui'\. Compare models of the"):
        compare_models({"a": results["sold"].model, "b": other}, pd.DataFrame(new))
