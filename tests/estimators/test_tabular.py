"""What the estimators of tables do with columns, targets, weights and options."""

import inspect

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy import sparse
from sklearn.metrics import log_loss

from profond.data import ClassTarget
from profond.estimators import TabularClassifier, TabularRegressor
from profond.estimators._class_weights import class_weights
from profond.estimators._settings import Network, Preprocessing, Training
from profond.experiment import load_model_folder
from tests.estimators.helpers import classifier, regressor, table


@pytest.mark.parametrize("kind", [TabularClassifier, TabularRegressor])
def test_every_default_is_that_of_the_settings(kind):
    parameters = inspect.signature(kind).parameters
    known = {**Preprocessing.model_fields, **Network.model_fields, **Training.model_fields}
    for name, field in known.items():
        if name in parameters:
            assert parameters[name].default == field.default, name
    only_the_other = {"output"} if kind is TabularClassifier else {"class_weight", "calibrate"}
    assert set(known) - set(parameters) == only_the_other


def test_columns_of_every_kind_are_learned_from():
    frame, y = table(800)
    model = regressor(epochs=100, hidden=(64,)).fit(frame[:600], y[:600])
    assert model.score(frame[600:], y[600:]) > 0.85
    kinds = {c.name: c.kind for c in model.model_.preprocessor.columns}
    assert kinds == {
        "x": "number", "z": "number", "town": "category", "shop": "category", "flag": "boolean",
        "day": "date",
    }  # fmt: skip
    assert model.model_.preprocessor.layout.codes == (41,)
    without = regressor(epochs=100, hidden=(64,)).fit(frame[:600].drop(columns="shop"), y[:600])
    assert without.score(frame[600:].drop(columns="shop"), y[600:]) < 0.8


@pytest.mark.parametrize("numbers", ["periodic", "piecewise"])
def test_embedded_numbers_bend_more(numbers):
    x = np.random.default_rng(0).uniform(-3, 3, (600, 1))
    y = np.sin(4 * x[:, 0])
    plain, bent = (
        regressor(hidden=(16,), output="linear", numbers=n).fit(x[:500], y[:500])
        for n in ("plain", numbers)
    )
    assert bent.score(x[500:], y[500:]) > plain.score(x[500:], y[500:]) + 0.2


@pytest.mark.parametrize("architecture", ["mlp", "resnet"])
def test_both_architectures_learn_and_are_kept(architecture, tmp_path):
    frame, y = table()
    model = regressor(architecture=architecture, seeds=2).fit(frame, y)
    assert model.score(frame, y) > 0.8
    model.save(tmp_path / "m")
    kept = load_model_folder(tmp_path / "m")
    np.testing.assert_array_equal(kept.predict(frame), model.predict(frame))
    np.testing.assert_array_equal(kept.predict_interval(frame), model.predict_interval(frame))


def test_polars_and_pandas_and_text_say_the_same():
    frame, y = table()
    model = regressor(epochs=2).fit(frame, y)
    other = regressor(epochs=2).fit(pl.from_pandas(frame), pd.Series(y))
    np.testing.assert_array_equal(model.predict(frame), other.predict(pl.from_pandas(frame)))
    text = frame.assign(z=[f"{v}".replace(".", ",") for v in frame["z"]])
    spelled = regressor(epochs=2).fit(text, y)
    np.testing.assert_allclose(spelled.predict(text), model.predict(frame), rtol=1e-5)


def test_what_is_said_of_a_row_does_not_depend_on_the_others():
    frame, y = table()
    model = regressor(epochs=2, seeds=2).fit(frame, y)
    whole = model.predict(frame)
    for rows in (slice(0, 1), slice(3, 8), slice(5, 200)):
        np.testing.assert_array_equal(model.predict(frame[rows]), whole[rows])
    row = {name: frame[name].iloc[4] for name in frame}
    np.testing.assert_array_equal(model.model_.predict(row), whole[4:5])


def test_several_numbers_at_once():
    frame, y = table()
    both = pd.DataFrame({"up": y, "down": -3 * y + 100})
    model = regressor().fit(frame, both)
    predicted = model.predict(frame)
    assert predicted.shape == (300, 2)
    assert model.score(frame, both) > 0.8
    assert model.model_.predict_frame(frame).columns.tolist() == [
        "prediction_up", "prediction_down",
    ]  # fmt: skip
    intervals = model.predict_interval(frame, level=0.8)
    assert intervals.shape == (300, 2, 2)
    inside = (both.to_numpy() >= intervals[..., 0]) & (both.to_numpy() <= intervals[..., 1])
    assert (inside.mean(axis=0) > 0.75).all()


def test_several_labels_at_once():
    frame, y = table()
    labels = np.column_stack([y > 0, y > 2, frame["z"] > 0]).astype(int)
    model = classifier().fit(frame, labels)
    assert model.predict(frame).shape == (300, 3)
    assert ((model.predict(frame) == labels).mean(axis=0) > 0.85).all()
    assert model.predict_proba(frame).shape == (300, 3)
    with pytest.raises(ValueError, match=r"with several columns must hold 0 and 1 for each label"):
        classifier().fit(frame, labels + 1)
    with pytest.raises(ValueError, match=r"`class_weight` must be None for several labels"):
        classifier(class_weight="balanced").fit(frame, labels)


def test_a_target_that_is_never_negative_has_predictions_that_are_not():
    frame, y = table()
    sure = regressor(epochs=5).fit(frame, np.maximum(y, 0))
    assert sure.predict(frame).min() >= 0
    assert sure.predict_interval(frame).min() >= 0
    assert sure.model_.target.centre == 0.0
    free = regressor(epochs=5, output="linear").fit(frame, np.maximum(y, 0))
    assert free.predict(frame).min() < 0
    with pytest.raises(ValueError, match=r"A ReLU output is never negative, and `y` has negative"):
        regressor(output="relu").fit(frame, y)


def test_a_network_whose_output_died_is_started_again_and_it_is_said(monkeypatch):
    from profond.estimators import _members

    build, built = _members.build_network, []

    def dead_at_first(*arguments):
        network = build(*arguments)
        built.append(network)
        if len(built) == 1:
            kernel, bias = network.layers[-1].get_weights()
            network.layers[-1].set_weights([kernel * 0, bias * 0 - 100])
        return network

    monkeypatch.setattr(_members, "build_network", dead_at_first)
    frame, y = table(100)
    with pytest.warns(UserWarning, match=r"seed 0 was started again 1 time\(s\): its"):
        model = regressor(epochs=3).fit(frame, y - y.min())
    assert len(built) == 2
    assert model.predict(frame).max() > 0


def test_one_dead_output_of_several_is_enough_to_start_again(monkeypatch):
    from profond.estimators import _members

    build, built = _members.build_network, []

    def half_dead_at_first(*arguments):
        network = build(*arguments)
        built.append(network)
        if len(built) == 1:
            kernel, bias = network.layers[-1].get_weights()
            network.layers[-1].set_weights([kernel * [0, 1], bias - [100, 0]])
        return network

    monkeypatch.setattr(_members, "build_network", half_dead_at_first)
    frame, y = table(100)
    y = y - y.min()
    with pytest.warns(UserWarning, match=r"seed 0 was started again 1 time\(s\): its"):
        model = regressor(epochs=3).fit(frame, np.column_stack([y, 2 * y]))
    assert len(built) == 2
    assert (model.predict(frame).max(axis=0) > 0).all()


def test_intervals_cover_as_often_as_they_say():
    frame, y = table(1500, seed=3)
    model = regressor(epochs=60, seeds=2).fit(frame[:1000], y[:1000])
    for level in (0.5, 0.9):
        ends = model.predict_interval(frame[1000:], level=level)
        covered = ((y[1000:] >= ends[:, 0]) & (y[1000:] <= ends[:, 1])).mean()
        # At least as often, but for the luck of 200 held-out rows; more, as the networks differ.
        assert level - 3 * np.sqrt(level * (1 - level) / 200) < covered < level + 0.2
    with pytest.raises(ValueError, match=r"There are no intervals: no rows were held out"):
        regressor(epochs=1, validation_size=0).fit(frame, y).predict_interval(frame)


def noisy_classes(rows=900):
    generator = np.random.default_rng(1)
    x = generator.normal(size=(rows, 5))
    return x, (x[:, 0] + generator.normal(size=rows) > 0).astype(int)


def test_calibrated_probabilities_are_better_ones():
    x, y = noisy_classes()
    options = {"epochs": 60, "patience": None, "dropout": 0.0, "l2": 0.0, "hidden": (64, 64)}
    calibrated, raw = (
        classifier(calibrate=flag, **options).fit(x[:300], y[:300]) for flag in (True, False)
    )
    losses = [log_loss(y[300:], m.predict_proba(x[300:])) for m in (calibrated, raw)]
    assert losses[0] < 0.9 * losses[1]
    assert calibrated.model_.temperatures[0] > 1.2
    assert raw.model_.temperatures == [1.0]
    np.testing.assert_array_equal(calibrated.predict(x), raw.predict(x))


def test_class_weights_shift_the_border():
    x, y = noisy_classes()
    keep = (y == 1) | (np.arange(len(y)) % 8 == 0)  # few of class 0
    x, y = x[keep], np.array(["rare", "usual"])[y[keep]]
    found = {
        str(weight): (classifier(class_weight=weight).fit(x, y).predict(x) == "rare").sum()
        for weight in (None, "balanced", {"rare": 50.0}, {"usual": 0.01})
    }
    assert found["None"] < found["balanced"] < found["{'rare': 50.0}"]
    assert found["balanced"] < found["{'usual': 0.01}"]
    with pytest.raises(ValueError, match=r"`class_weight` names the class 'x', which `y` does not"):
        classifier(class_weight={"x": 1.0}).fit(x, y)
    with pytest.raises(ValueError, match=r"`class_weight` must be 'balanced', a mapping or None;"):
        classifier(class_weight="equal").fit(x, y)
    for wrong in (-1, "2", np.inf, np.nan):
        with pytest.raises(ValueError, match=rf"numbers of at least 0; received {wrong!r} for the"):
            classifier(class_weight={"rare": wrong}).fit(x, y)
    with pytest.raises(ValueError, match=r"`class_weight` must be 'balanced', a mapping or None;"):
        classifier(class_weight=[1, 2]).fit(x, y)
    with pytest.raises(ValueError, match=r"`class_weight` must leave a class of more than 0 among"):
        classifier(class_weight={"rare": 0, "usual": 0}).fit(x, y)


@pytest.mark.parametrize("label", [1, 1.0, True, np.int64(1)])
@pytest.mark.parametrize("classes", [(0, 1), (0.0, 1.0), (False, True)])
def test_a_class_weight_is_found_by_any_label_that_is_equal(label, classes):
    target, places = ClassTarget("y", classes), np.array([0, 1, 1])
    assert class_weights({label: 3.0}, target, places).tolist() == [1.0, 3.0]
    assert class_weights({str(classes[1]): 3.0}, target, places).tolist() == [1.0, 3.0]


def test_rows_of_weight_zero_are_not_learned_from():
    frame, y = table()
    wrong = y.copy()
    wrong[::2] = 50.0
    weights = np.ones(300)
    weights[::2] = 0.0
    model = regressor().fit(frame, wrong, sample_weight=weights)
    assert model.score(frame[1::2], y[1::2]) > 0.7
    far = frame.assign(z=np.where(weights == 0, 1e9, frame["z"]))
    wrong[::2] = np.nan
    absent = regressor().fit(far, wrong, sample_weight=weights)
    expected = regressor().fit(frame[1::2], y[1::2], sample_weight=np.ones(150))
    assert absent.model_.target == expected.model_.target
    for wanted in ("predict", "predict_interval"):
        np.testing.assert_array_equal(
            getattr(absent, wanted)(frame[1::2]), getattr(expected, wanted)(frame[1::2])
        )
    with pytest.raises(ValueError, match=r"At least 2 rows with a weight above 0 are needed"):
        regressor().fit(frame, y, sample_weight=np.arange(300) == 7)
    with pytest.raises(ValueError, match=r"Sample weights must contain at least one non-zero"):
        regressor().fit(frame, y, sample_weight=np.zeros(300))


def test_partial_fit_goes_on_batch_by_batch():
    frame, y = table(600)
    model = regressor(learning_rate=0.001)
    scores = []
    for _ in range(20):
        for start in range(0, 600, 200):
            model.partial_fit(frame[start : start + 200], y[start : start + 200])
        scores.append(model.score(frame, y))
    assert scores[-1] > 0.6 > scores[0]
    labels = np.where(y > 0, "up", "down")
    one = classifier().partial_fit(frame[:100], ["up"] * 100, classes=["down", "up", "side"])
    assert one.partial_fit(frame[:100], labels[:100]).classes_.tolist() == ["down", "side", "up"]
    with pytest.raises(
        ValueError, match=r"`y` holds class\(es\) that are not among the known .*: 'x'"
    ):
        one.partial_fit(frame[:2], ["x", "up"])
    with pytest.raises(ValueError, match=r"`y` must have 1 column\(s\), as in the first fit"):
        model.partial_fit(frame[:2], np.zeros((2, 2)))


def test_warm_start_goes_on_from_what_was_learned():
    frame, y = table()
    short = {"epochs": 3, "patience": None}
    cold = regressor(**short).fit(frame, y)
    first = cold.history_["loss"].iloc[-1]
    warm = regressor(**short, warm_start=True).fit(frame, y).fit(frame, y)
    assert warm.history_["loss"].iloc[-1] < 0.7 * first
    assert cold.fit(frame, y).history_["loss"].iloc[-1] == first


def test_a_seed_gives_the_same_again_and_none_does_not():
    frame, y = table(100)
    fits = [regressor(epochs=1, random_state=s).fit(frame, y) for s in (3, 3, None, None)]
    predictions = [m.predict(frame) for m in fits]
    np.testing.assert_array_equal(predictions[0], predictions[1])
    assert not np.array_equal(predictions[2], predictions[3])
    assert regressor(seeds=3, random_state=4, epochs=1).fit(frame, y).model_.seeds == [4, 5, 6]
    drawn = regressor(seeds=2, random_state=np.random.RandomState(0), epochs=1)  # noqa: NPY002
    assert len(set(drawn.fit(frame, y).model_.seeds)) == 2


def test_the_mean_of_the_networks_is_predicted():
    frame, y = table(100)
    model = regressor(seeds=3, epochs=2).fit(frame, y)
    alone = [model.model_.predict(frame, member=i) for i in range(3)]
    np.testing.assert_allclose(model.predict(frame), np.mean(alone, axis=0))
    assert not np.allclose(alone[0], alone[1])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seeds": 0}, r"`seeds` must be a whole number of at least 1; received 0"),
        ({"random_state": -1}, r"`random_state` and the seeds after it must be from 0 to 42949"),
        ({"random_state": "a"}, r"`random_state` must be a whole number, a numpy RandomState or"),
        ({"hidden": np.array([4, 0])}, r"`hidden` must be a list of positive whole numbers; rec"),
        ({"hidden": 64}, r"`hidden` must be a list of positive whole numbers; received 64"),
        ({"epochs": 0}, r"`epochs` must be a whole number of at least 1; received 0"),
        ({"network": 3}, r"`network` must be a function of input and output shapes that returns"),
        ({"categories": ["q"]}, r"`categories` must name columns of `X`; received 'q'\. The colu"),
        ({"architecture": "resnet", "hidden": ()}, r"`hidden` of a residual network must give the"),
    ],
)
def test_wrong_parameters_are_named_at_fit(options, message):
    frame, y = table(40)
    with pytest.raises(ValueError, match=message):
        regressor(**options).fit(frame, y)


def test_wrong_tables_and_targets_are_named():
    frame, y = table(40)
    with pytest.raises(TypeError, match=r"`X` must be dense: .* received a sparse matrix\. Use `X"):
        regressor().fit(sparse.eye(40), y)
    with pytest.raises(ValueError, match=r"`y` must have one value for each row of `X`; received"):
        regressor().fit(frame, y[:5])
    with pytest.raises(ValueError, match=r"`y` must have at least two classes; received one class"):
        classifier().fit(frame, ["a"] * 40)
    gaps = pd.Series(y)
    gaps[3] = np.nan
    with pytest.raises(
        ValueError, match=r"`y` must have a value in each row; 1 are missing, the f"
    ):
        regressor().fit(frame, gaps)
    with pytest.raises(ValueError, match=r"`y` must have a label in each row; some are missing"):
        classifier().fit(frame, np.array([None, "a"] * 20, dtype=object))
    with pytest.raises(ValueError, match=r"Column 'z' holds an infinite value in row 1"):
        regressor().fit(frame.assign(z=np.inf), y)
    with pytest.raises(ValueError, match=r"Expected unique column names, got:"):
        regressor().fit(pd.concat([frame, frame[["x"]]], axis=1), y)
    with pytest.raises(ValueError, match=r"`X` must have at least one row and one column"):
        regressor().fit(frame[:0], y[:0])


def test_predict_names_columns_that_are_missing_and_takes_what_is_unusual():
    frame, y = table()
    model = regressor(epochs=1).fit(frame, y)
    with pytest.raises(ValueError, match=r"feature names should match|Missing column"):
        model.predict(frame.drop(columns="z"))
    odd = frame[:2].assign(
        town=["Paris", None], x=np.nan, z=np.nan, shop="new", flag=None, day=None
    )
    with pytest.warns(UserWarning):
        assert np.isfinite(model.predict(odd)).all()
    with pytest.raises(
        ValueError, match=r"`X` must have at least one row and one column; received"
    ):
        model.predict(frame[:0])
    assert model.model_.predict(frame[:0]).shape == (0,)
