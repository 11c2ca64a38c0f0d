"""Confusion, ranking and calibration of predicted classes, against scikit-learn and by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from profond import figures
from profond.data import load_bundled
from profond.figures import numbers
from profond.figures._answers import (
    decimals_together,
    fixed,
    histogram_bars,
    percent,
    plain,
    plain_apart,
)
from profond.figures._calibration import equal_counts
from profond.figures._ranking import area_interval, resample, roc_interval

LANGUAGES = ("en", "fr")


def _texts(figure):
    figure.draw_without_rendering()
    return [text.get_text() for ax in figure.axes for text in ax.texts]


def _legend(figure):
    return [text.get_text() for text in figure.axes[0].get_legend().get_texts()]


@pytest.fixture(scope="module")
def flowers():
    """True species of 150 flowers and probabilities from a simple rule on one measure."""
    table = load_bundled("iris")
    names = np.array(["setosa", "versicolor", "virginica"])
    length = table["petal length (cm)"].to_numpy()
    logits = -((length[:, None] - np.array([1.5, 4.3, 5.3])) ** 2)
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return names[table["target"]], chances, names


@pytest.fixture(scope="module")
def two():
    """Two classes, overlapping, with ties among the probabilities."""
    rng = np.random.default_rng(1)
    chance = np.round(rng.random(400), 2)
    return np.where(rng.random(400) < chance, "sick", "healthy"), chance


# --- confusion -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("normalise", "theirs"), [("truth", "true"), ("predicted", "pred"), ("all", "all")]
)
def test_counts_and_shares_are_those_of_scikit_learn(flowers, normalise, theirs):
    truth, chances, names = flowers
    predicted = names[chances.argmax(axis=1)]
    found = numbers(figures.confusion_matrix(truth, predicted, normalise=normalise))
    assert found["classes"] == list(names)
    np.testing.assert_array_equal(found["counts"], metrics.confusion_matrix(truth, predicted))
    expected = metrics.confusion_matrix(truth, predicted, normalize=theirs)
    np.testing.assert_allclose(found["shares"], expected)
    assert found["accuracy"] == metrics.accuracy_score(truth, predicted)


def test_each_cell_has_its_count_and_share_in_both_languages():
    truth, predicted = ["a", "a", "a", "b"], ["a", "a", "b", "b"]
    english = figures.confusion_matrix(truth, predicted)
    assert _texts(english) == ["2\n67%", "1\n33%", "0", "1\n100%"]
    assert english.axes[0].get_title() == "3 of 4 right (75%)"
    french = figures.confusion_matrix(truth, predicted, lang="fr")
    assert french.axes[0].get_xlabel() == "classe prédite"
    assert _texts(french)[0] == "2\n67\N{NO-BREAK SPACE}%"
    plain_counts = figures.confusion_matrix(truth, predicted, normalise="none")
    assert _texts(plain_counts) == ["2", "1", "0", "1"]


def test_confusions_come_most_frequent_first():
    found = numbers(figures.confusion_matrix(list("aaabbc"), list("bbcbac")))
    assert found["confusions"] == [("a", "b", 2), ("a", "c", 1), ("b", "a", 1)]


def test_a_class_that_no_row_has_keeps_its_place():
    figure = figures.confusion_matrix(["a", "c"], ["a", "c"], classes=["c", "b", "a"])
    found = numbers(figure)
    assert found["classes"] == ["c", "b", "a"]
    assert np.isnan(found["shares"][1]).all()
    assert _texts(figure).count("0") == 7


def test_many_classes_have_shades_with_a_scale_instead_of_numbers():
    labels = [f"class {i:03d}" for i in range(100)]
    figure = figures.confusion_matrix(labels, labels)
    assert _texts(figure) == []
    assert len(figure.axes) == 2
    assert len(figure.axes[0].get_yticks()) <= 60


def test_labels_may_be_numbers_series_or_truth_values():
    found = numbers(figures.confusion_matrix(pd.Series([1.0, 2.0]), np.array([1, 1])))
    assert found["classes"] == [1, 2]
    assert numbers(figures.confusion_matrix([True, False], [True, True]))["accuracy"] == 0.5
    mixed = numbers(figures.confusion_matrix([1, "1"], [1, 1]))
    assert mixed["accuracy"] == 0.5


def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="`normalise` must be .*; received 'rows'"):
        figures.confusion_matrix([0], [0], normalise="rows")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`truth` and `predicted` must have as many rows"):
        figures.confusion_matrix([0], [0, 1])
    with pytest.raises(ValueError, match=r"`predicted` must be one label per row.*argmax"):
        figures.confusion_matrix([0, 1], np.eye(2))
    with pytest.raises(ValueError, match=r"in every row; 1 are missing, the first at 1"):
        figures.confusion_matrix(["a", None], ["a", "a"])
    with pytest.raises(ValueError, match=r"labels of `classes` \('a', 'b'\); received 0"):
        figures.confusion_matrix([0], ["a"], classes=["a", "b"])
    with pytest.raises(ValueError, match="`truth` is empty"):
        figures.confusion_matrix([], [])
    with pytest.raises(ValueError, match="`classes` must differ"):
        figures.confusion_matrix(["a"], ["a"], classes=["a", "a"])


# --- ranking -------------------------------------------------------------------------------


def test_areas_are_those_of_scikit_learn(flowers, two):
    truth, chances, names = flowers
    found = numbers(figures.roc_curve(truth, chances))
    precision = numbers(figures.precision_recall_curve(truth, chances))
    for i, name in enumerate(names):
        assert found["auc"][name].mean == metrics.roc_auc_score(truth == name, chances[:, i])
        assert precision["average_precision"][name].mean == metrics.average_precision_score(
            truth == name, chances[:, i]
        )
        assert precision["base_rate"][name] == pytest.approx(1 / 3)
    macro = metrics.roc_auc_score(truth, chances, multi_class="ovr")
    assert found["macro_auc"] == pytest.approx(macro)
    truth, chance = two
    assert list(numbers(figures.roc_curve(truth, chance))["auc"]) == ["sick"]


@given(st.integers(0, 10_000), st.integers(2, 30), st.booleans())
@settings(max_examples=25, deadline=None)
def test_resampled_areas_are_those_of_scikit_learn_on_the_rows_repeated(seed, rows, ties):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 4, rows) / 4 if ties else rng.random(rows)
    positive = rng.permutation(np.arange(rows) < rng.integers(1, rows))
    drawn = resample(scores, positive, seed=seed)
    # The same draws by hand: first the positive rows of all resamples, then the others.
    generator = np.random.default_rng(seed)
    chosen = [
        np.flatnonzero(kind)[generator.integers(0, kind.sum(), (1000, kind.sum()))][0]
        for kind in (positive, ~positive)
    ]
    order = np.concatenate(chosen)
    roc = metrics.roc_auc_score(positive[order], scores[order])
    precision = metrics.average_precision_score(positive[order], scores[order])
    assert drawn.roc[0] == pytest.approx(roc)
    assert drawn.precision[0] == pytest.approx(precision)


def test_the_interval_of_an_area_is_near_that_of_delong(two):
    truth, chance = two
    positive = truth == "sick"
    up, down = chance[positive], chance[~positive]
    wins = (up[:, None] > down).astype(float) + 0.5 * (up[:, None] == down)
    # DeLong et al. (1988): variances of the placements.
    half = 1.96 * np.sqrt(
        wins.mean(axis=1).var(ddof=1) / len(up) + wins.mean(axis=0).var(ddof=1) / len(down)
    )
    found = numbers(figures.roc_curve(truth, chance))["auc"]["sick"]
    assert found.low == pytest.approx(found.mean - half, abs=0.006)
    assert found.high == pytest.approx(found.mean + half, abs=0.006)


def test_few_draws_of_many_rows_have_the_normal_limit():
    draws = np.random.default_rng(0).normal(0.8, 0.01, 200)
    found = area_interval(0.8, draws)
    assert found.low == pytest.approx(0.78, abs=0.003)
    assert found.high == pytest.approx(0.82, abs=0.003)


def test_separated_rows_are_not_certain():
    figure = figures.roc_curve([0, 0, 0, 1, 1], [0.1, 0.2, 0.3, 0.8, 0.9])
    found = numbers(figure)["auc"][1]
    # Clopper and Pearson: 2 successes of 2.
    assert found == (1.0, pytest.approx(np.sqrt(0.025)), 1.0)
    assert roc_interval(0.0, np.zeros(9), 4, 2).high == pytest.approx(1 - np.sqrt(0.025))
    precision = figures.precision_recall_curve([0, 0, 1], [0.1, 0.2, 0.9])
    assert np.isnan(numbers(precision)["average_precision"][1].low)
    assert _legend(precision)[0] == "AP 1.000"


def test_constant_probabilities_are_a_guess():
    truth = [0, 1, 1, 0, 1]
    found = numbers(figures.roc_curve(truth, [0.4] * 5))["auc"][1]
    assert found.mean == 0.5
    assert np.isnan(found.low)
    assert numbers(figures.precision_recall_curve(truth, [0.4] * 5))["average_precision"][
        1
    ].mean == pytest.approx(0.6)


@pytest.mark.parametrize("draw", [figures.roc_curve, figures.precision_recall_curve])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_classes_without_a_curve_are_named(draw, lang):
    figure = draw(["a", "a"], [0.1, 0.8], classes=["a", "b"], lang=lang)
    assert numbers(figure)["absent"] == ["b"]
    assert any("b " in text for text in _texts(figure))
    chances = np.full((4, 3), 1 / 3)
    three = draw(["a", "b", "a", "b"], chances, classes=["a", "b", "c"], lang=lang)
    assert numbers(three)["absent"] == ["c"]
    assert {"en": "no curve: c", "fr": "sans courbe : c"}[lang] in _legend(three)


def test_of_many_classes_those_with_the_smallest_areas_are_named():
    rng = np.random.default_rng(0)
    truth = np.repeat(np.arange(9), 20)
    chances = rng.dirichlet(np.ones(9), 180)
    chances[np.arange(180), truth] += np.linspace(0.1, 2, 9)[truth]
    chances /= chances.sum(axis=1, keepdims=True)
    figure = figures.roc_curve(truth, chances)
    areas = {label: area.mean for label, area in numbers(figure)["auc"].items()}
    smallest = sorted(areas, key=areas.__getitem__)[:6]
    words = _legend(figure)
    assert [text.split(":")[0] for text in words[:6]] == [str(i) for i in sorted(smallest)]
    assert words[6].startswith("the other 3: AUC")


def test_many_rows_are_drawn_with_few_points_and_soon():
    rng = np.random.default_rng(0)
    chance = rng.random(30_000)
    figure = figures.precision_recall_curve(rng.random(30_000) < chance, chance)
    assert len(figure.axes[0].lines[0].get_xdata()) <= 501
    found = numbers(figure)["average_precision"][True]
    assert 0 < found.high - found.low < 0.02


def test_a_seed_gives_the_same_interval(two):
    first, again, other = (
        numbers(figures.roc_curve(*two, seed=seed))["auc"]["sick"] for seed in (0, 0, 1)
    )
    assert first == again != other


def test_probabilities_that_are_none_are_refused():
    for draw in (figures.roc_curve, figures.precision_recall_curve, figures.calibration):
        with pytest.raises(ValueError, match=r"must be in \[0, 1\]; received 3\. .* logits"):
            draw([0, 1], [0.5, 3.0])
        with pytest.raises(ValueError, match="must add up to 1 in every row; received 1.4 in row"):
            draw([0, 1], [[0.5, 0.5], [0.7, 0.7]])
        with pytest.raises(ValueError, match=r"`truth` holds 1 and the columns are 2\. Pass"):
            draw(["a", "a"], [0.5, 0.3])
        with pytest.raises(ValueError, match="`classes` are 3 and the columns are 2"):
            draw(["a", "a"], [0.5, 0.3], classes=["a", "b", "c"])
        with pytest.raises(ValueError, match="`probabilities` must be finite"):
            draw([0, 1], [0.5, np.nan])
        with pytest.raises(ValueError, match="`truth` and `probabilities` must have as many rows"):
            draw([0, 1, 1], [0.5, 0.5])


# --- calibration ---------------------------------------------------------------------------


def test_points_of_the_reliability_diagram_by_hand():
    chance = np.repeat([0.1, 0.9], 10)
    truth = np.array([0] * 8 + [1] * 2 + [1] * 9 + [0])
    found = numbers(figures.calibration(truth, chance))
    np.testing.assert_allclose(found["predicted"], [0.1, 0.9])
    np.testing.assert_allclose(found["observed"], [0.2, 0.9])
    assert list(found["count"]) == [10, 10]
    assert found["ece"] == pytest.approx(0.5 * 0.1)
    low, high = figures.share_interval(2, 10)[1:]
    assert (found["low"][0], found["high"][0]) == (low, high)


def test_bins_are_those_of_scikit_learn_where_there_are_no_ties():
    from sklearn.calibration import calibration_curve

    rng = np.random.default_rng(0)
    chance = rng.random(500)
    truth = rng.random(500) < chance**2
    found = numbers(figures.calibration(truth, chance, bins=5))
    observed, predicted = calibration_curve(truth, chance, n_bins=5, strategy="quantile")
    np.testing.assert_allclose(found["observed"], observed, atol=0.011)  # one row at an edge
    np.testing.assert_allclose(found["predicted"], predicted, atol=0.003)
    assert found["ece"] > found["ece_by_chance"]


def test_right_probabilities_are_within_chance():
    rng = np.random.default_rng(0)
    inside = []
    for _ in range(20):
        chance = rng.random(200)
        found = numbers(figures.calibration(rng.random(200) < chance, chance))
        inside.append(found["ece"] <= found["ece_by_chance"])
    assert np.mean(inside) >= 0.8


def test_of_several_classes_the_likeliest_is_judged(flowers):
    truth, chances, names = flowers
    found = numbers(figures.calibration(truth, chances, lang="fr"))
    right = names[chances.argmax(axis=1)] == truth
    weighted = np.sum(found["observed"] * found["count"]) / len(truth)
    assert weighted == pytest.approx(right.mean())


@given(st.lists(st.integers(0, 8), min_size=1, max_size=60), st.integers(1, 12), st.integers(1, 6))
def test_bins_have_equal_counts_and_never_part_equals(values, bins, least):
    ordered = np.sort(np.array(values, dtype=float))
    starts = equal_counts(ordered, bins, least)
    assert starts[0] == 0
    assert 1 <= len(starts) <= bins
    parts = np.split(ordered, starts[1:])
    assert all(a[-1] < b[0] for a, b in zip(parts, parts[1:], strict=False))
    assert len(parts) == 1 or min(map(len, parts)) >= least


def test_without_ties_bins_differ_by_one_row_at_most():
    sizes = np.diff(np.append(equal_counts(np.arange(103.0), 10), 103))
    assert set(sizes) <= {10, 11}
    assert len(sizes) == 10


def test_constant_probabilities_and_few_rows_are_one_bin():
    assert len(numbers(figures.calibration([0, 1] * 20, [0.3] * 40))["count"]) == 1
    assert len(numbers(figures.calibration([0, 1, 1], [0.1, 0.5, 0.7]))["count"]) == 1
    with pytest.raises(ValueError, match="`bins` must be at least 1; received 0"):
        figures.calibration([0, 1], [0.1, 0.5], bins=0)


def test_the_histogram_is_part_of_the_axes(two):
    from matplotlib.figure import Figure

    own = Figure(layout="constrained")
    left, right = own.subplots(1, 2)
    assert figures.calibration(*two, ax=left) is own
    assert len(own.axes) == 2
    assert len(left.child_axes) == 1
    assert sum(patch.get_height() for patch in left.child_axes[0].patches) == 400
    assert not right.has_data()


# --- names and numbers ---------------------------------------------------------------------


def test_names_from_data_can_be_drawn():
    assert plain("short") == "short"
    assert plain("a very long name of a class 17", 12) == "a very…ss 17"
    assert plain("$5 to $10") == r"\$5 to \$10"
    assert plain("_private\nname") == " _private name"
    assert plain(3.0) == "3"
    figure = figures.confusion_matrix(["$a_1$ {", "_b"], ["$a_1$ {", "_b"])
    figure.draw_without_rendering()
    assert [t.get_text() for t in figure.axes[0].get_xticklabels()] == [r"\$a_1\$ {", " _b"]


def test_shares_are_not_said_to_be_all_or_nothing():
    assert [percent(share, "en") for share in (0, 0.001, 0.5, 0.999, 1)] == [
        "0%",
        "<1%",
        "50%",
        ">99%",
        "100%",
    ]
    assert percent(0.5, "fr") == "50\N{NO-BREAK SPACE}%"
    assert fixed(-0.25, "fr", 2) == "−0,25"
    assert decimals_together([12.34, 0.5], "en") == ["12.3", "0.5"]
    assert decimals_together([0.0, -0.0], "en") == ["0", "0"]
    assert decimals_together([1e-7], "en") == ["$10^{-7}$"]
    assert decimals_together([68097.7, -358.0], "en") == ["68,098", "−358"]


def test_histograms_of_nearly_equal_numbers_can_be_drawn():
    nearly = np.array([5.0, 5.0 + 1e-15] * 500)
    assert np.histogram(nearly, histogram_bars(nearly, 50))[0].sum() == 1000
    assert histogram_bars(np.zeros(9), 50) == 1
    assert 6 <= histogram_bars(np.linspace(0, 1, 10_000), 50) <= 50


def test_names_that_differ_are_cut_so_that_they_do():
    names = ["Married-civ-spouse", "Married-AF-spouse", "Married-spouse-absent", "Single"]
    shown = plain_apart(names, 14)
    assert plain(names[0], 14) == plain(names[1], 14) == "Married…spouse"
    assert shown == ["Married-…v-spouse", "Married-AF-spouse", "Married…absent", "Single"]
    assert plain_apart([], 14) == []
    ends = [f"{'a' * 40}{i}{'b' * 40}" for i in "12"]  # not as long as it takes to see it
    assert max(map(len, plain_apart(ends, 14))) == 28
    assert plain_apart(["a", "a"], 14) == ["a", "a"]
