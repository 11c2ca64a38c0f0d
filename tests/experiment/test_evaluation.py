import re

import numpy as np
import pytest
from sklearn import metrics

from profond.experiment._baselines import baseline_names, baseline_predictions
from profond.experiment._detectable import paired_half_width
from profond.experiment._evaluation import NumberFormat, evaluate
from profond.experiment._intervals import corrected_interval
from profond.experiment._metrics import further_metrics, headline


def regression(rows=300, seeds=5, noise=1.0, worse=2.0):
    generator = np.random.default_rng(0)
    truth = generator.normal(size=rows) * 5
    members = [truth + generator.normal(size=rows) * noise for _ in range(seeds)]
    return members, {"poor": truth + generator.normal(size=rows) * worse, "mean": 0 * truth}, truth


def test_a_clear_gain_is_called_better():
    members, baselines, truth = regression()
    evaluation = evaluate("regression", members, baselines, truth)
    assert evaluation.verdict == "better"
    assert evaluation.difference_interval.low > 0
    assert evaluation.sentence.startswith(
        "The 5 networks together are better than the best baseline, poor: RMSE 0."
    )


def test_a_clear_loss_is_called_worse():
    members, baselines, truth = regression(noise=4.0, worse=0.5)
    evaluation = evaluate("regression", members, baselines, truth)
    assert evaluation.verdict == "worse"
    assert "are worse than the best baseline, poor" in evaluation.sentence
    assert evaluation.difference < 0


def test_a_gain_within_the_noise_is_called_not_distinguishable():
    members, baselines, truth = regression(rows=30, seeds=1, noise=1.0, worse=1.02)
    evaluation = evaluate("regression", members, baselines, truth)
    assert evaluation.verdict == "undecided"
    assert "The network is not distinguishable from the best baseline" in evaluation.sentence
    assert [score.role for score in evaluation.scores] == ["network", "baseline", "baseline"]
    assert evaluation.kept.role == "network"


def test_scores_are_those_of_scikit_learn():
    members, baselines, truth = regression()
    evaluation = evaluate("regression", members, baselines, truth)
    network, ensemble, poor, _ = evaluation.scores
    each = [metrics.root_mean_squared_error(truth, m) for m in members]
    assert network.value == pytest.approx(np.mean(each))
    assert network.per_seed == pytest.approx(each)
    together = np.mean(members, axis=0)
    assert ensemble.value == pytest.approx(metrics.root_mean_squared_error(truth, together))
    assert ensemble.further["R2"] == pytest.approx(metrics.r2_score(truth, together))
    assert poor.further["MAE"] == pytest.approx(
        metrics.mean_absolute_error(truth, baselines["poor"])
    )
    assert network.further["MAE"] == pytest.approx(
        np.mean([metrics.mean_absolute_error(truth, m) for m in members])
    )
    for score in evaluation.scores:
        assert score.over_rows.low < score.value < score.over_rows.high


def test_only_the_single_network_has_an_interval_over_seeds():
    members, baselines, truth = regression()
    evaluation = evaluate("regression", members, baselines, truth)
    assert [score.over_seeds is not None for score in evaluation.scores] == [
        True, False, False, False,
    ]  # fmt: skip
    assert evaluation.kept.role == "ensemble"


def test_a_perfect_accuracy_is_not_claimed_to_be_certain():
    truth = np.array([0, 1] * 15)
    right, wrong = np.eye(2)[truth], np.full((30, 2), 0.5)
    evaluation = evaluate("binary", [right], {"majority": wrong}, truth)
    assert evaluation.scores[0].value == 1.0
    # The exact bound for 30 of 30.
    assert evaluation.scores[0].over_rows.low == pytest.approx(0.025 ** (1 / 30))


def test_models_that_are_right_on_the_same_rows_are_not_given_an_empty_interval():
    truth = np.array([0, 1] * 15)
    evaluation = evaluate("binary", [np.eye(2)[truth]], {"other": np.eye(2)[truth]}, truth)
    assert evaluation.verdict == "undecided"
    assert evaluation.sentence.endswith("1.000 (both are right on all 30 test rows).")
    wrong = np.eye(2)[np.where(np.arange(30) < 3, 1 - truth, truth)]
    evaluation = evaluate("binary", [wrong], {"other": wrong}, truth)
    assert evaluation.sentence.endswith("(both are right on the same 27 of the 30 test rows).")


def test_the_gain_is_the_difference_of_the_numbers_that_are_shown():
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 2, 243)
    # 0.8683 and 0.8765, shown as 0.868 and 0.877; the difference is 0.0082.
    ours, theirs = (
        np.eye(2)[np.where(np.arange(243) < hits, truth, 1 - truth)] for hits in (211, 213)
    )
    sentence = evaluate("binary", [ours], {"other": theirs}, truth).sentence
    shown = re.findall(r"(0\.\d{3}) against (0\.\d{3}) \(gain \N{MINUS SIGN}(0\.\d{3})", sentence)
    first, second, gain = map(float, shown[0])
    assert round(second - first, 3) == gain


@pytest.mark.parametrize("folds", [None, [7, 13, 10]])
def test_between_equal_accuracies_the_log_loss_names_the_best_baseline(folds):
    truth = np.array([0, 1, 1] * 10)
    majority = np.tile([1 / 3, 2 / 3], (30, 1))
    # As often right as the majority, and surer where it is.
    sure = np.where((truth == 1)[:, None], [0.1, 0.9], [0.4, 0.6])
    worse = np.tile([0.9, 0.1], (30, 1))
    baselines = {"majority": majority, "sure": sure, "worse": worse}
    evaluation = evaluate("binary", [worse], baselines, truth, folds=folds)
    assert evaluation.best_baseline == "sure"
    assert "the best baseline, sure: accuracy" in evaluation.sentence
    alike = evaluate("binary", [worse], {"first": sure, "second": sure}, truth, folds=folds)
    assert alike.best_baseline == "first"
    assert evaluate("binary", [worse], {}, truth).best_baseline == ""


def test_the_best_baseline_of_numbers_has_the_smallest_rmse_however_small():
    truth = np.linspace(0, 1e-13, 20)
    baselines = {"far": truth + 2e-14, "near": truth + 1e-14}
    assert evaluate("regression", [truth], baselines, truth).best_baseline == "near"


def test_networks_that_are_all_right_are_not_claimed_to_be_certain_either():
    truth = np.array([0, 1] * 15)
    right = np.eye(2)[truth]
    evaluation = evaluate("binary", [right] * 3, {"majority": np.full((30, 2), 0.5)}, truth)
    for score in evaluation.scores[:2]:
        assert score.over_rows.low == pytest.approx(0.025 ** (1 / 30))
        assert score.over_rows.high == 1.0


def test_the_metric_is_the_mean_of_one_number_per_row():
    members, baselines, truth = regression(rows=2000, seeds=1, worse=1.1)
    rmse = headline("regression")
    ours, theirs = (rmse.linear_per_row(p, truth) for p in (members[0], baselines["poor"]))
    evaluation = evaluate("regression", members, {"poor": baselines["poor"]}, truth)
    assert ours.mean() == pytest.approx(evaluation.kept.value)
    assert theirs.mean() - ours.mean() == pytest.approx(evaluation.difference)
    # The delta method against the bootstrap, in large samples the same.
    assert paired_half_width(ours, theirs) == pytest.approx(
        evaluation.difference_interval.half, rel=0.1
    )
    assert rmse.linear_per_row(truth, truth).tolist() == [0.0] * len(truth)
    hits = headline("binary").linear_per_row(np.array([[0.8, 0.2], [0.7, 0.3]]), np.array([0, 1]))
    assert hits.tolist() == [1.0, 0.0]


def test_class_metrics_are_those_of_scikit_learn():
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet([1, 1], size=80)
    truth = generator.integers(0, 2, 80)
    got = further_metrics("binary", probabilities, truth)
    assert got["AUC"] == pytest.approx(metrics.roc_auc_score(truth, probabilities[:, 1]))
    assert got["log loss"] == pytest.approx(metrics.log_loss(truth, probabilities))
    assert got["F1"] == pytest.approx(
        metrics.f1_score(truth, probabilities.argmax(axis=1), average="macro")
    )
    assert "AUC" not in further_metrics("binary", probabilities, 0 * truth)


@pytest.mark.parametrize("task", ["regression", "binary", "multiclass"])
def test_baselines_answer_in_the_right_shape(task):
    generator = np.random.default_rng(0)
    inputs, new = generator.normal(size=(60, 3)), generator.normal(size=(7, 3))
    classes = {"regression": 0, "binary": 2, "multiclass": 4}[task]
    # The last class has no training row; its probability is 0.
    seen = max(2, classes - 1)
    target = inputs[:, 0] if task == "regression" else np.arange(60) % seen
    answers = dict(baseline_predictions(task, (inputs, target), new, classes))
    assert list(answers) == baseline_names(task)
    for answer in answers.values():
        if task == "regression":
            assert answer.shape == (7,)
        else:
            assert answer.shape == (7, classes)
            np.testing.assert_allclose(answer.sum(axis=1), 1.0)


def test_a_zero_has_no_sign_and_a_difference_has_the_long_one():
    show = NumberFormat([1.5], "RMSE")
    assert show.of("R2", -0.0003) == "0.000"
    assert show(-0.0003) == "0.000"
    assert show(-0.0003, sign=True) == "+0.000"
    assert show(-0.25, sign=True) == "\N{MINUS SIGN}0.250"
    assert NumberFormat([1e-9], "RMSE")(-1e-9, sign=True) == "\N{MINUS SIGN}1.000e-09"


@pytest.mark.parametrize(
    ("values", "metric", "shown"),
    [
        ([3.14159], "RMSE", "3.142"),
        ([48123.4, 1.0], "RMSE", "3"),
        ([0.012345], "RMSE", "0.01235"),
        ([0.96666], "accuracy", "0.967"),
        ([2.5e9], "RMSE", "2.500e+09"),
    ],
)
def test_numbers_have_a_sensible_number_of_digits(values, metric, shown):
    show = NumberFormat(values, metric)
    assert show(3.14159 if shown == "3" else values[0]) == shown


@pytest.mark.parametrize("task", ["regression", "binary"])
def test_an_interval_over_folds_stays_where_the_metric_can_be(task):
    right = np.repeat([1.0, 0.2, 1.0], 10)  # folds that differ much
    if task == "binary":
        truth = np.zeros(30, dtype=int)
        said = np.stack([right, 1 - right], axis=1)
    else:
        truth, said = np.zeros(30), 1 - right
    score = evaluate(task, [said], {}, truth, folds=[10, 10, 10], test_share=1 / 3).kept
    by_fold = np.array([1.0, 0.0, 1.0] if task == "binary" else [0.0, 0.8, 0.0])
    whole = corrected_interval(by_fold, 1 / 3)
    assert whole is not None
    if task == "binary":
        assert (whole.low < 0) and (whole.high > 1)
        assert (score.over_rows.low, score.over_rows.high) == (0.0, 1.0)
    else:
        assert whole.low < 0
        assert score.over_rows.low == 0.0
        assert score.over_rows.high == pytest.approx(whole.high)
