"""Means, paired differences and sentences, against scipy and by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from profond.figures import numbers
from profond.trials import Comparison
from profond.trials._comparison import is_lower_better


def comparison(metric="accuracy", **values):
    """A comparison of variants with these results, one per seed."""
    rows = [
        {"variant": name, "seed": seed, metric: value}
        for name, results in values.items()
        for seed, value in enumerate(results)
    ]
    return Comparison(pd.DataFrame(rows), metric)


finite = st.floats(-100, 100).map(lambda x: round(x, 3))


@given(st.lists(st.tuples(finite, finite), min_size=3, max_size=12))
def test_paired_differences_are_those_of_scipy(pairs):
    a, b = np.array(pairs).T
    gains = b - a
    (found,) = comparison(a=a, b=b).differences("a")
    assert found.gain == pytest.approx(gains.mean(), abs=1e-9)
    assert found.share_better == pytest.approx(np.mean(gains > 0) + np.mean(gains == 0) / 2)
    if gains.std() < 1e-6:
        return
    theirs = stats.ttest_rel(b, a)
    low, high = theirs.confidence_interval()
    assert found.p_value == pytest.approx(theirs.pvalue, rel=1e-6)
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high))
    assert found.effect_size == pytest.approx(gains.mean() / gains.std(ddof=1))


def test_lower_is_better_for_losses():
    worse, better = [1.0, 1.1, 1.2, 1.3], [0.5, 0.65, 0.7, 0.8]
    (found,) = comparison("val_loss", a=worse, b=better).differences("a")
    assert found.gain == pytest.approx(0.4875)
    assert found.verdict == "better"
    (found,) = comparison("accuracy", a=worse, b=better).differences("a")
    assert found.verdict == "worse"
    frame = comparison("accuracy", a=worse, b=better).frame.rename(columns={"accuracy": "cost"})
    (found,) = Comparison(frame, "cost", lower_is_better=True).differences("a")
    assert found.verdict == "better"


def test_p_values_are_corrected_for_their_number():
    rng = np.random.default_rng(0)
    base = rng.normal(size=10)
    found = comparison(
        a=base,
        b=base + 0.5 + 0.1 * rng.normal(size=10),
        c=base + 0.2 + 0.5 * rng.normal(size=10),
        d=base + 0.5 * rng.normal(size=10),
    )
    raw = {name: stats.ttest_rel(found.values(name), found.values("a")).pvalue for name in "bcd"}
    corrected = {d.variant: d.p_value for d in found.differences("a")}
    running = 0.0
    for rank, name in enumerate(sorted(raw, key=raw.get)):
        running = max(running, min(1.0, (3 - rank) * raw[name]))
        assert corrected[name] == pytest.approx(running)
    assert len(found.differences()) == 6


def test_means_leave_out_what_is_not_finite():
    found = comparison(a=[1.0, math.nan, 3.0], b=[2.0, 2.0, 2.0])
    row = found.means().loc["a"]
    assert (row["mean"], row["seeds"], row["failed"]) == (2.0, 2, 1)
    half = stats.t.ppf(0.975, 1) * math.sqrt(2) / math.sqrt(2)
    assert row["high"] == pytest.approx(2 + half)
    assert found.differences("a")[0].seeds == 2
    assert "(2 seeds, 1 not finite)" in str(found)


@pytest.mark.parametrize(
    ("a", "b", "sentence"),
    [
        (
            [0.90, 0.91, 0.92, 0.90],
            [0.93, 0.935, 0.95, 0.934],
            "b is better than a by 0.0297 ± 0.00586 accuracy over 4 paired seeds (p < 0.001).",
        ),
        (
            [0.9, 0.8, 0.9, 0.8],
            [0.8, 0.9, 0.85, 0.87],
            "b and a are not distinguishable: a difference of 0.00500 ± 0.152 accuracy over "
            "4 paired seeds (p = 0.92).",
        ),
        (
            [1.0, 1.0],
            [1.0, 1.0],
            "a and b are not distinguishable: a difference of 0 ± 0 accuracy over 2 paired "
            "seeds (p = 1).",
        ),
        ([1.0], [2.0], "b and a need finite results with two common seeds or more to be compared."),
    ],
)
def test_sentence(a, b, sentence):
    assert comparison(a=a, b=b).sentence() == sentence


def test_sentence_of_a_single_variant():
    assert comparison(a=[1.0, 2.0, 3.0]).sentence() == "accuracy 2.00 ± 2.48 over 3 seeds."


def test_an_unknown_variant_gets_the_nearest_name():
    with pytest.raises(ValueError, match="standardized.*standardised"):
        comparison(standardised=[1.0], raw=[2.0]).values("standardized")


def test_print_shows_means_and_the_sentence():
    text = str(comparison(raw=[0.90, 0.91, 0.92], standardised=[0.93, 0.95, 0.94]))
    lines = text.splitlines()
    assert lines[0] == "accuracy (higher is better)"
    assert lines[1] == "  raw           0.910 ± 0.0248  (3 seeds)"
    assert lines[3].startswith("standardised is better than raw by 0.0300")


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_plot_shows_every_variant(lang):
    figure = comparison(raw=[0.90, 0.91, 0.92], standardised=[0.93, 0.95, 0.94]).plot(lang=lang)
    (ax,) = figure.axes
    assert [label.get_text() for label in ax.get_yticklabels()] == ["raw", "standardised"]
    assert numbers(figure)["means"] == pytest.approx({"raw": 0.91, "standardised": 0.94})
    assert ("intervalle" in ax.get_xlabel()) == (lang == "fr")


def test_a_variant_without_a_finite_result_comes_last():
    found = comparison(a=[math.nan, math.nan], b=[1.0, 1.5], c=[2.0, 2.51])
    assert found.sentence().startswith("c is better than b by 1.00")


@pytest.mark.parametrize(
    ("metric", "lower"),
    [
        ("binary_crossentropy", True),
        ("test MSE", True),
        ("perplexity", True),
        ("val_f1-score", False),
        ("log_likelihood", False),
    ],
)
def test_the_direction_is_read_from_the_words_of_the_name(metric, lower):
    assert is_lower_better(metric) is lower


@pytest.mark.parametrize("metric", ["cost", "negative_log_likelihood", "score of the loss"])
def test_a_direction_that_is_not_clear_is_asked_for(metric):
    with pytest.raises(ValueError, match=f"`lower_is_better` must be True or False .*'{metric}'"):
        is_lower_better(metric)


def of_scores(**scores):
    rows = [(name, seed, one) for name, all_ in scores.items() for seed, one in enumerate(all_)]
    return Comparison(pd.DataFrame(rows, columns=["variant", "seed", "score"]), "score")


def test_a_single_name_is_compared_with_the_best_of_the_others():
    found = of_scores(a=[1.0, 2.0], b=[5.0, 7.0], c=[3.0, 3.5])
    assert found.sentence("a") == found.sentence("a", "b")
    assert found.sentence("b") == found.sentence("b", "c")
    assert found.sentence(other="b") == found.sentence("c", "b")
    assert found.sentence() == found.sentence("b", "c")
    assert of_scores(a=[1.0, 2.0]).sentence("a").startswith("score 1.50 ± 6.35 over 2 seeds.")


ROWS = pd.DataFrame({"variant": ["a", "a"], "seed": [0, 0], "score": [1.0, 2.0]})


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (ROWS, r"one row for each variant and seed; received several of 'a' with seed 0\."),
        (ROWS.iloc[:0], r"received 0 row\(s\) with variant, seed, score\."),
        (ROWS[["variant", "score"]], r"`frame` must have rows with the columns variant, seed and "
         r"score; received 2 row\(s\) with variant, score\."),
    ],
)  # fmt: skip
def test_a_table_of_results_is_checked(frame, message):
    with pytest.raises(ValueError, match=message):
        Comparison(frame, "score")


@pytest.mark.parametrize("name", ["a", "a long name of a variant, with all of its settings"])
def test_the_label_of_the_picture_lies_in_it(name):
    figure = of_scores(**{name: [1.0, 2.0], "b": [3.0, 4.0]}).plot(lang="fr")
    figure.draw_without_rendering()
    label = figure.axes[0].xaxis.label.get_window_extent()
    assert label.x0 >= 0
    assert label.x1 <= figure.bbox.width
