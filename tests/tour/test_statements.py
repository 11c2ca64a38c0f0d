"""Sentences follow from the numbers, whatever they are."""

import numpy as np
import pytest

from profond.figures import Estimate
from profond.tour import Text
from profond.tour._chapter_1 import _steps
from profond.tour._chapter_2 import _lowest
from profond.tour._local_minima import _conclusion, _gain
from profond.tour._statements import averages, clauses, curves, side, verdict

BELOW, WITHIN, ABOVE = Estimate(0.5, 0.2, 0.9), Estimate(1.0, 0.5, 2.0), Estimate(3.0, 2.0, 4.0)


def test_an_interval_is_on_one_side_or_on_none():
    assert [side(found) for found in (BELOW, WITHIN, ABOVE)] == [-1, 0, 1]
    assert [side(found, of=2.5) for found in (BELOW, WITHIN, ABOVE)] == [-1, -1, 0]
    words = {"below": Text("b", "b"), "above": Text("a", "a"), "unclear": Text("u", "u")}
    assert [verdict(found, **words).en for found in (BELOW, WITHIN, ABOVE)] == ["b", "u", "a"]


def test_clauses_name_each_ratio_once():
    names = {key: Text(key, key.upper()) for key in "abcd"}
    said = {
        1: Text("up with {names}", "plus avec {names}"),
        -1: Text("down with {names}", "moins avec {names}"),
        0: Text("unclear with {names}", "on ne sait avec {names}"),
    }
    found = clauses({"a": WITHIN, "b": ABOVE, "c": ABOVE, "d": ABOVE}, names, said)
    assert found.en == "up with b, c and d; unclear with a"
    assert found.fr == "plus avec B, C et D ; on ne sait avec A"
    assert clauses({"a": BELOW, "b": BELOW}, names, said).en == "down with a and b"


def test_means_say_of_which_kind_and_over_how_many_seeds():
    assert curves(7, log=True).en.startswith("Curves: geometric means over 7 seeds")
    assert curves(7, log=False).fr.startswith("Courbes : moyennes sur 7 graines")
    assert averages(4, log=True).fr.startswith("Moyennes géométriques sur 4 graines")
    assert averages(4, log=False).en.startswith("Means over 4 seeds")


def test_a_descent_that_does_not_arrive_is_not_said_to():
    rng = np.random.default_rng(0)
    x = rng.normal(6.0, 0.5, 50)
    y = 9 * x - 30 + rng.normal(size=50)
    assert _steps(x, y, 5) == Text("more than {most}", "plus de {most}")
    # On an input of mean 0 and variance 1, half the stable limit is Newton's rate.
    assert _steps((x - x.mean()) / x.std(), y, 5) == 1


def test_starts_that_all_end_alike_are_no_certainty():
    same = {None: np.zeros(20), 5: np.zeros(20)}
    found = _gain(same, 0.5)
    assert found.mean == 0
    assert -0.2 < found.low < -0.05 < 0.05 < found.high < 0.2
    # By hand: 30 starts won, 10 lost, of 100; the formula of the paper with half a start more.
    ends = {
        None: np.r_[np.ones(30), np.zeros(10), np.zeros(60)],
        5: np.r_[np.zeros(30), np.ones(10)],
    }
    ends[5] = np.r_[ends[5], np.zeros(60)]
    found = _gain(ends, 0.5)
    half = 1.96 * np.sqrt(30.5 + 10.5 - 20**2 / 102) / 102
    np.testing.assert_allclose(found, (0.2, 20 / 102 - half, 20 / 102 + half))


@pytest.mark.parametrize(
    ("sides", "word"),
    [
        ([1, -1], "a possibility, not a rule"),
        ([1, 0], "bear the claim out"),
        ([0, -1], "contradict the claim"),
        ([0, 0], "neither bear the claim out nor contradict it"),
    ],
)
def test_the_conclusion_on_noise_depends_on_what_came_out(sides, word):
    assert word in _conclusion(sides).en


def test_the_depth_of_the_lowest_error_is_read_off():
    errors = {"tanh": np.array([[1.0, 0.1], [1.0, 3.0]]), "relu": np.array([[0.1, 1.0]])}
    assert _lowest([1, 4], errors).en == "is at 4 for tanh, 1 for ReLU"
