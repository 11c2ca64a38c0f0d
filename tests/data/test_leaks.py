import numpy as np
import pandas as pd
import pytest

from profond.data._leaks import leak_warnings


def harmless(rows=400, seed=0):
    generator = np.random.default_rng(100 + seed)
    return pd.DataFrame(
        {
            "size": generator.normal(size=rows),
            "gap": np.where(
                generator.uniform(size=rows) < 0.2, np.nan, generator.normal(size=rows)
            ),
            "kind": generator.choice(["a", "b", "c"], rows),
            "name": [f"row {i}" for i in range(rows)],
            "day": pd.date_range("2020-01-01", periods=rows)[generator.permutation(rows)],
            "flag": generator.uniform(size=rows) < 0.5,
            "empty": np.full(rows, np.nan),
            "one": 1,
        }
    )


NUMBERS = np.random.default_rng(1).lognormal(sigma=1.5, size=400)
TWO = (NUMBERS > np.median(NUMBERS)).astype(int)
RARE = (NUMBERS > np.quantile(NUMBERS, 0.97)).astype(int)
THREE = np.digitize(NUMBERS, np.quantile(NUMBERS, [0.3, 0.7]))
NOISE = np.random.default_rng(2).normal(size=400)


@pytest.mark.parametrize(
    ("truth", "classification"), [(NUMBERS, False), (TWO, True), (RARE, True), (THREE, True)]
)
@pytest.mark.parametrize("seed", range(3))
def test_columns_that_say_nothing_are_not_named(truth, classification, seed):
    assert leak_warnings(harmless(seed=seed), truth, classification=classification) == []


@pytest.mark.parametrize(
    ("column", "score"),
    [
        (NUMBERS, "R2 1.000"),
        (3 - 2 * NUMBERS + 0.01 * NOISE, "R2 0.999"),
        (np.log(NUMBERS), "R2 1.000"),
        (pd.Timestamp("2020-01-01") + pd.to_timedelta(NUMBERS, unit="D"), "R2 1.000"),
        (pd.Series(NUMBERS).where(np.arange(400) != 7), "R2 1.000"),  # one missing value
    ],
)
def test_a_copy_of_a_number_is_named(column, score):
    (said,) = leak_warnings(harmless().assign(leak=column), NUMBERS, classification=False)
    assert said.startswith(f"Column 'leak' ({score}) predicts the target almost perfectly alone.")


def test_a_curve_that_comes_back_is_found_by_the_tree():
    x = np.random.default_rng(0).uniform(-3, 3, 4000)
    inputs = pd.DataFrame({"x": x})
    (said,) = leak_warnings(inputs, np.cos(2 * x), classification=False)
    assert "'x' (R2 0.99" in said
    noisy = np.cos(2 * x) + np.random.default_rng(1).normal(0, 0.3, 4000)
    assert leak_warnings(inputs, noisy, classification=False) == []


def test_levels_that_stand_for_a_number_are_named():
    levels = np.random.default_rng(0).integers(0, 30, 400)
    truth = np.random.default_rng(1).normal(size=30)[levels]
    inputs = harmless().assign(leak=[f"level {i}" for i in levels])
    (said,) = leak_warnings(inputs, truth, classification=False)
    assert said.startswith("Column 'leak' (R2 ")


@pytest.mark.parametrize(
    ("truth", "column", "score"),
    [
        (TWO, NUMBERS, "AUC 1.000"),
        (TWO, np.where(TWO == 1, "yes", "no"), "AUC 1.000"),
        (RARE, RARE == 1, "AUC 1.000"),
        (RARE, pd.Series(NUMBERS).where(RARE == 1), "AUC 1.000"),  # missing, but for the rare
        (THREE, np.array(["low", "middle", "high"])[THREE], "accuracy 1.000"),
        (THREE, NUMBERS, "accuracy 1.000"),
    ],
)
def test_a_column_that_tells_the_class_is_named(truth, column, score):
    (said,) = leak_warnings(harmless().assign(leak=column), truth, classification=True)
    # A tree needs some rows near each border.
    assert said.startswith(f"Column 'leak' ({score}") or "0.99" in said
    assert "'leak'" in said and "'size'" not in said


def test_a_good_column_is_no_leak():
    # Accuracy 0.98 of two classes, R2 0.98.
    good = np.where(np.random.default_rng(0).uniform(size=400) < 0.02, 1 - TWO, TWO)
    assert leak_warnings(harmless().assign(good=good), TWO, classification=True) == []
    truth = np.random.default_rng(3).normal(size=400)
    good = truth + 0.15 * NOISE
    assert leak_warnings(harmless().assign(good=good), truth, classification=False) == []


def test_one_far_value_makes_no_leak():
    generator = np.random.default_rng(0)
    truth, column = generator.normal(size=(2, 400))
    truth[5] = column[5] = 1e6  # the correlation is 1.0000
    assert leak_warnings(pd.DataFrame({"x": column}), truth, classification=False) == []


def test_ranks_of_a_target_that_is_mostly_zero_make_no_leak():
    generator = np.random.default_rng(0)
    claims = (generator.uniform(size=2000) < 0.05) * generator.integers(1, 3, 2000)
    cost = claims * generator.lognormal(sigma=1.0, size=2000)
    assert leak_warnings(pd.DataFrame({"claims": claims}), cost, classification=False) == []
    copied = pd.DataFrame({"in cents": 100 * cost})
    assert len(leak_warnings(copied, cost, classification=False)) == 1


@pytest.mark.parametrize("sign", [1, -1])
def test_a_border_between_two_classes_is_found_in_few_rows(sign):
    truth = np.arange(30) % 2
    column = sign * (truth + 0.9 * np.random.default_rng(0).uniform(size=30))
    (said,) = leak_warnings(pd.DataFrame({"x": column}), truth, classification=True)
    assert said.startswith("Column 'x' (AUC 1.000)")


def test_nearly_all_rows_of_one_class_are_no_leak():
    truth = np.zeros(1500, dtype=int)
    truth[[3, 500, 501, 502, 700, 701, 702, 703]] = [1, 1, 1, 1, 1, 1, 2, 2]
    # The largest class has 0.994 of the rows that are tried: so right is any column.
    inputs = pd.DataFrame({"x": np.random.default_rng(0).normal(size=1500)})
    assert leak_warnings(inputs, truth, classification=True) == []


def test_too_few_rows_are_not_judged():
    inputs = pd.DataFrame({"x": np.arange(12.0)})
    assert leak_warnings(inputs, np.arange(12.0), classification=False) == []
    assert leak_warnings(inputs, np.arange(12) // 9, classification=True) == []
    assert leak_warnings(inputs, np.zeros(12, dtype=int), classification=True) == []


def test_several_columns_are_named_in_one_sentence():
    inputs = harmless().assign(**{f"copy {i}": NUMBERS for i in range(8)})
    (said,) = leak_warnings(inputs, NUMBERS, classification=False)
    assert said.startswith("Columns 'copy 0' (R2 1.000), 'copy 1' (R2 1.000), ")
    assert "and 2 more predict the target" in said


def test_a_class_that_only_one_half_has_is_no_obstacle():
    rows = pd.DataFrame({"x": np.arange(61) % 7, "z": np.arange(61) % 5})
    truth = np.r_[np.arange(60) % 3, 3]
    assert leak_warnings(rows, truth, classification=True) == []


def test_several_columns_are_spoken_of_as_several():
    target = np.random.default_rng(0).normal(size=200)
    one = pd.DataFrame({"double": 2 * target})
    (said,) = leak_warnings(one, target, classification=False)
    assert "If it is known only after the target" in said
    (said,) = leak_warnings(one.assign(half=target / 2), target, classification=False)
    assert "If one of them is known only after the target" in said
