"""Chapters 4.5 and 5: curves over seeds, standardisation, risk, stopping, L2, dropout."""

import os
import random
import signal

import numpy as np
import pytest
import torch

from profond import figures
from profond.callbacks import Callback
from profond.figures import numbers
from profond.figures._runs import fit_seeds, notes_network, read_task

SMALL = {"hidden": (8,), "epochs": 6, "batch_size": 10, "seeds": 2}


def test_learning_curves_take_one_history_or_several():
    runs = [
        {"loss": [1.0, 0.5, 0.2], "val_loss": [2.0, 1.0, 1.5]},
        {"loss": [3.0], "val_loss": [4.0]},
    ]
    found = numbers(figures.learning_curves(runs))
    assert found["loss"].shape == (2, 3)
    assert np.isnan(found["val_loss"][1, 1])
    single = figures.learning_curves(runs[0], metrics="loss", log=True)
    assert single.axes[0].get_yscale() == "log"
    line = single.axes[0].lines[0]
    np.testing.assert_allclose(line.get_ydata(), [1.0, 0.5, 0.2])
    assert list(line.get_xdata()) == [1, 2, 3]


def test_curves_are_compared_by_name():
    figure = figures.compare_curves({"a": {"val_loss": [1.0]}, "b": [{"val_loss": [2.0, 3.0]}]})
    assert numbers(figure)["b"].tolist() == [[2.0, 3.0]]
    with pytest.raises(ValueError, match="a history has no 'auc'; it has val_loss"):
        figures.compare_curves({"a": {"val_loss": [1.0]}}, metric="auc")
    with pytest.raises(ValueError, match="`runs` is empty"):
        figures.compare_curves({})
    with pytest.raises(ValueError, match="`histories` is empty"):
        figures.learning_curves([])


def test_histories_of_fit_are_taken_as_they_are(flowers):
    todo = read_task(*flowers)
    model = notes_network(todo, hidden=(4,))
    history = model.fit(todo.inputs, todo.target, epochs=3, verbose=0, validation_split=0.2)
    found = numbers(figures.learning_curves(history))
    np.testing.assert_allclose(found["val_loss"][0], history.history["val_loss"])


def test_tasks_are_read_from_the_target(flowers):
    x, y = flowers
    assert read_task(x, y).classes == 3
    assert read_task(x, np.eye(3)[np.repeat([0, 1, 2], 20)]).classes == 3
    assert read_task(x, np.arange(60) % 2).classes == 2
    assert read_task(x, np.linspace(0, 1, 60)).classes is None
    assert read_task(x, np.linspace(0, 1, 60)).loss == "mse"
    with pytest.raises(ValueError, match="`y` has a single value, 1; there is nothing to learn"):
        read_task(x, np.ones(60, dtype=int))
    with pytest.raises(ValueError, match="`x` has the same value in every row of column 1"):
        read_task(np.column_stack([x["length"], np.ones(60)]), y).standardised()


def test_numbers_are_quantities_unless_they_count_from_0(flowers):
    x = flowers[0]
    prices = 10 + np.arange(60) % 7
    assert read_task(x, prices).classes is None
    assert read_task(x, prices.astype(float)).classes is None
    assert read_task(x, prices, "classification").classes == 7
    assert read_task(x, np.arange(60) % 3, "regression").classes is None
    assert read_task(x, np.array([True, False] * 30)).classes == 2
    two = np.column_stack([np.linspace(0, 1, 60), np.linspace(1, 2, 60)])
    assert read_task(x, two, "regression").target.shape == (60, 2)
    found = numbers(figures.early_stopping(x, two, task="regression", **{**SMALL, "epochs": 1}))
    assert np.isfinite(found["kept_loss"]).all()


@pytest.mark.parametrize(
    ("y", "kind", "error", "message"),
    [
        (np.ones((60, 2)), None, ValueError, "`y` of 2 columns must be one-hot, a single 1 in"),
        (np.full((60, 2), 0.5), None, ValueError, 'or task="regression" to predict all columns'),
        (None, None, TypeError, "`y` must hold a label or a number per row; received NoneType"),
        ([0.0, np.nan] * 30, None, ValueError, r"`y` has no value in 30 row\(s\), the first is"),
        (["a", "b"] * 30, "regression", TypeError, "`y` must hold numbers"),
        (np.arange(60), "ranking", ValueError, "\"regression\" or None; received 'ranking'"),
    ],
)
def test_targets_that_do_not_suit_are_refused(flowers, y, kind, error, message):
    with pytest.raises(error, match=message):
        figures.early_stopping(flowers[0], y, task=kind)


def test_one_hidden_layer_can_be_a_number(flowers):
    options = {**SMALL, "epochs": 1}
    one = numbers(figures.penalty(*flowers, **{**options, "hidden": 4}))
    listed = numbers(figures.penalty(*flowers, **{**options, "hidden": [4]}))
    assert set(one) == set(listed)
    for name in one:
        np.testing.assert_equal(one[name], listed[name])


def test_bands_stay_in_the_range_of_the_metric():
    runs = [{"accuracy": [0.5, 0.9], "loss": [0.1, 1.0]}, {"accuracy": [0.9, 1.0], "loss": [2, 1]}]
    for metric, low, high in (("accuracy", 0, 1), ("loss", 0, np.inf)):
        band = figures.learning_curves(runs, metrics=metric).axes[0].collections[0]
        heights = band.get_paths()[0].vertices[:, 1]
        assert heights.min() >= low
        assert heights.max() <= high
    below = figures.learning_curves([{"loss": [-1.0]}, {"loss": [-2.0]}], metrics="loss")
    assert below.axes[0].collections[0].get_paths()[0].vertices[:, 1].max() < 10
    assert below.axes[0].collections[0].get_paths()[0].vertices[:, 1].min() < -2


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: figures.learning_curves(None), "a history must be what `fit` returned.*NoneType"),
        (lambda: figures.learning_curves([3]), "received int"),
        (
            lambda: figures.learning_curves({"loss": "a", "val_loss": [1.0]}),
            "'loss' of a history must be a list with a number per epoch; received 'a'",
        ),
        (lambda: figures.compare_curves([1]), "`runs` must be a mapping of names to histories"),
    ],
)
def test_what_is_no_history_is_refused(wrong, message):
    with pytest.raises(TypeError, match=message):
        wrong()


def test_a_seed_gives_the_same_training_again(flowers):
    todo = read_task(*flowers).standardised()

    def run(seeds):
        runs = fit_seeds(
            todo, lambda: notes_network(todo, hidden=(4,)), seeds, epochs=3, batch_size=10
        )
        return [history["loss"] for _, history in runs]

    assert run([0, 1]) == [run([0])[0], run([1])[0]]
    assert run([0]) != run([1])


def test_standardised_inputs_help_badly_scaled_ones(flowers):
    x, y = flowers
    far = x * [1.0, 1000.0] + [0.0, 5000.0]
    figure = figures.standardisation(far, y, **{**SMALL, "epochs": 10})
    found = numbers(figure)
    assert len(found["raw"]) == len(found["standardised"]) == 2
    raw, prepared = (np.mean([h["loss"][-1] for h in found[k]]) for k in ("raw", "standardised"))
    assert prepared < 0.2 * raw
    accuracy = figures.standardisation(x, y, metric="accuracy", **SMALL)
    assert accuracy.axes[0].get_yscale() == "linear"
    with pytest.raises(ValueError, match='`metric` must be "loss" or, for classes, "accuracy"'):
        figures.standardisation(x, np.linspace(0, 1, 60), metric="accuracy", **SMALL)


def test_the_true_risk_is_above_the_noise_and_turns_up():
    found = numbers(figures.risks(train_rows=12, hidden=(32, 32), steps=700, rate=0.02, seeds=3))
    assert found["noise"] == pytest.approx(0.09)
    assert found["true"].min() >= 0.09
    assert found["empirical"][:, -1].max() < 0.09
    assert np.mean(found["true"][:, -1] / found["true"].min(axis=1)) > 1.1
    lowest = found["true"].argmin(axis=1)
    assert list(found["best_step"]) == list(found["steps"][lowest])
    assert (found["steps"][0], found["steps"][-1]) == (1, 700)


def test_risks_of_the_users_table(line):
    found = numbers(figures.risks(*line, train_rows=10, hidden=(8,), steps=60, seeds=2))
    assert found["noise"] == 0.0
    assert found["true"].shape == found["empirical"].shape
    curve = numbers(figures.overfit_curve(*line, train_rows=10, hidden=(8,), steps=60))
    assert len(curve["x"]) == len(curve["best"]) == 30
    with pytest.raises(ValueError, match="`train_rows` is 40 but there are 40 rows"):
        figures.risks(*line, train_rows=40)
    with pytest.raises(ValueError, match=r"give both `x` and `y`, or neither \(a known law"):
        figures.risks(line[0])
    with pytest.raises(ValueError, match="to be drawn; received 2 columns"):
        figures.overfit_curve(np.random.default_rng(0).normal(size=(40, 2)), line[1], steps=2)


def test_early_stopping_restores_the_best_epoch(flowers):
    x, _ = flowers
    noise = np.random.default_rng(1).integers(0, 3, 60)  # nothing to learn: it overfits
    options = {"hidden": (32,), "epochs": 25, "batch_size": 10, "seeds": 2}
    figure = figures.early_stopping(x, noise, patience=3, **options)
    found = numbers(figure)
    for index, history in enumerate(found["stopped"]):
        losses = history["val_loss"]
        assert found["restored"][index] == int(np.argmin(losses)) + 1
        assert found["kept_loss"][index] == pytest.approx(min(losses), rel=1e-4)
        assert found["stopped_after"][index] == len(losses)
        assert len(losses) == found["restored"][index] + 3
        # The stopped training is the beginning of the full one.
        np.testing.assert_allclose(
            losses, found["full"][index]["val_loss"][: len(losses)], rtol=1e-5
        )
    assert np.all(found["last_loss"] >= found["kept_loss"])
    marked = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    assert list(marked[0].get_xdata()) == list(found["restored"])
    legend = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert f"median of these epochs: {np.median(found['restored']):g}" in legend


def test_the_penalty_shrinks_the_weights_and_is_left_out_of_the_curve(flowers):
    figure = figures.penalty(*flowers, strengths=(0.0, 0.05), **SMALL)
    found = numbers(figure)
    assert np.all(found["weight_norm"][0.05] < found["weight_norm"][0.0])
    np.testing.assert_allclose(found["reported"][0.0], found["val_loss"][0.0], rtol=1e-5)
    assert np.all(found["reported"][0.05] > found["val_loss"][0.05])
    # What is reported exceeds the loss by exactly the penalty, at the end.
    gap = found["reported"][0.05][:, -1] - found["val_loss"][0.05][:, -1]
    np.testing.assert_allclose(gap, 0.05 * found["weight_norm"][0.05] ** 2, rtol=1e-3)
    for strengths, message in (
        ((-1,), "`strengths` must be at least 0; received -1"),
        ((0.1, 0.1), r"`strengths` must differ; received \[0.1, 0.1\]"),
        ("a", "`strengths` must be a number; received 'a'"),
    ):
        with pytest.raises((TypeError, ValueError), match=message):
            figures.penalty(*flowers, strengths=strengths, **SMALL)


def test_the_penalty_is_drawn_on_training_rows_too(flowers):
    figure = figures.penalty(*flowers, strengths=(0.0, 0.05), **SMALL)
    found = numbers(figure)
    # Without a penalty the loss of the training rows is what `fit` reports.
    thin = [one for one in figure.axes[0].lines if one.get_linewidth() < 1]
    np.testing.assert_allclose(
        thin[0].get_ydata(), np.exp(np.log(found["loss"][0.0]).mean(axis=0)), rtol=1e-6
    )
    assert np.all(found["loss"][0.05][:, -1] < found["reported"][0.05][:, -1])


def test_dropout_is_why_the_training_loss_is_above(flowers):
    options = {**SMALL, "hidden": (16,), "epochs": 12, "seeds": 3}
    found = numbers(figures.dropout(*flowers, rate=0.5, **options))
    assert {values.shape for values in found.values()} == {(3, 12)}
    drawn = figures.dropout(*flowers, rate=0.5, **options).axes[0].lines
    assert [line.get_label() for line in drawn][-1] == "same moment, with dropout"
    assert np.mean(found["clean_loss"][:, 3:]) < np.mean(found["noisy_loss"][:, 3:])
    none = numbers(figures.dropout(*flowers, rate=0.0, **options))
    np.testing.assert_allclose(none["clean_loss"], none["noisy_loss"], rtol=1e-6)
    with pytest.raises(ValueError, match=r"`rate` must be in \[0, 1\); received 1.0"):
        figures.dropout(*flowers, rate=1.0)


def test_figures_leave_the_generators_as_they_were(flowers):
    torch.manual_seed(3)
    np.random.seed(3)  # noqa: NPY002
    random.seed(3)
    before = torch.random.get_rng_state(), np.random.get_state()[1], random.getstate()  # noqa: NPY002
    figures.dropout(*flowers, **{**SMALL, "epochs": 1})
    figures.risks(steps=2, seeds=1, hidden=(2,))
    figures.many_starts(starts=2, updates=1, settle=1)
    figures.linearity(depths=(1,), seeds=1)
    figures.gradient_norms(depth=1, seeds=1)
    assert torch.equal(torch.random.get_rng_state(), before[0])
    assert np.array_equal(np.random.get_state()[1], before[1])  # noqa: NPY002
    assert random.getstate() == before[2]


def test_watching_does_not_change_the_training(flowers):
    todo = read_task(*flowers).standardised()
    plain = fit_seeds(
        todo,
        lambda: notes_network(todo, hidden=(16,), rate=0.5),
        [0],
        epochs=4,
        batch_size=10,
        validation=0.3,
    )[0][1]
    seen = numbers(
        figures.dropout(*flowers, rate=0.5, hidden=(16,), epochs=4, batch_size=10, seeds=[0])
    )
    np.testing.assert_array_equal(seen["loss"][0], plain["loss"])


def test_numbers_as_targets_are_trained_on_too(line):
    x, y = line
    found = numbers(figures.early_stopping(x, y, **{**SMALL, "epochs": 4}))
    assert np.isfinite(found["kept_loss"]).all()


@pytest.mark.parametrize("figure", [figures.early_stopping, figures.penalty, figures.dropout])
def test_rows_must_be_left_on_both_sides(flowers, figure):
    with pytest.raises(
        ValueError, match="`validation` = 0 leaves none of the 60 rows to validate on"
    ):
        figure(*flowers, validation=0, **SMALL)
    with pytest.raises(ValueError, match="`validation` = 0.99 leaves none of the 60 rows to train"):
        figure(*flowers, validation=0.99, **SMALL)


def test_ctrl_c_in_a_training_is_not_drawn_as_a_whole_one():
    class Pressed(Callback):
        def on_epoch_end(self, epoch, logs=None):
            os.kill(os.getpid(), signal.SIGINT)

    rng = np.random.default_rng(0)
    todo = read_task(rng.normal(size=(20, 2)), rng.integers(0, 2, 20))
    with pytest.raises(KeyboardInterrupt):
        fit_seeds(
            todo,
            lambda: notes_network(todo),
            [0, 1],
            epochs=3,
            batch_size=10,
            validation=0.0,
            callbacks=lambda model, train: [Pressed()],
        )
