import os
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from profond.data import load_bundled, open_table
from profond.data._target import fit_classes
from profond.data._warnings import duplicate_warnings, imbalance_warnings, table_warnings

REPOSITORY = Path(__file__).parents[2]
TABLES = Path(os.environ.get("PROFOND_DATA", REPOSITORY.parent / "shared" / "data")) / "tabular"


def rows_of(rows):
    generator = np.random.default_rng(0)
    return pd.DataFrame(
        {"size": generator.normal(size=rows), "kind": generator.choice(["a", "b", None], rows)}
    )


def test_a_rare_class_is_told():
    (said,) = imbalance_warnings(np.repeat([0, 1], [980, 20]), ["no", "yes"])
    assert said == (
        "Rare class(es): 'yes' (2 %, 20 row(s)). Always saying 'no' has an accuracy of 0.980; "
        "look at F1, the AUC or the log loss rather than at accuracy."
    )
    assert imbalance_warnings(np.repeat([0, 1], [95, 5]), ["no", "yes"]) == []
    assert imbalance_warnings(np.repeat(np.arange(30), 10), list(range(30))) == []  # all equal


def test_copied_rows_are_told():
    inputs = rows_of(100)
    copied = pd.concat([inputs, inputs.iloc[:5]], ignore_index=True)
    (said,) = duplicate_warnings(copied)
    assert said.startswith("5 of the 105 rows (4.8 %) are exact copies of earlier ones.")
    assert duplicate_warnings(copied, np.arange(105)) == []  # with targets of their own
    assert duplicate_warnings(inputs) == []
    assert duplicate_warnings(pd.concat([inputs, inputs.iloc[:1]])) == []  # 1 of 101


def test_all_warnings_together():
    truth = np.repeat([0, 1], [390, 10])
    inputs = rows_of(400).assign(leak=truth)
    assert len(table_warnings(inputs, truth, classes=["no", "yes"])) == 2
    assert len(table_warnings(inputs, np.random.default_rng(1).normal(size=400))) == 0


def test_the_bundled_sets_are_above_suspicion():
    boston = load_bundled("boston")
    assert table_warnings(boston, boston.pop("PRICE").to_numpy(float)) == []
    iris = load_bundled("iris")
    species = iris.pop("target")
    target = fit_classes(species, "target")
    assert table_warnings(iris, target.encode(species), classes=target.classes) == []


@pytest.mark.skipif(not TABLES.exists(), reason="the data sets are not here (PROFOND_DATA)")
@pytest.mark.parametrize("seed", range(3))
def test_real_tables_are_above_suspicion(seed):
    california = open_table(TABLES / "california_housing.csv").frame
    truth = california.pop("median_house_value").to_numpy(float)
    assert table_warnings(california, truth, seed=seed) == []
    names = (TABLES / "adult.test").read_text().split("\n")[0].split(",")
    adult = pd.read_csv(TABLES / "adult.data", names=names, skipinitialspace=True)
    income = adult.pop("income")
    target = fit_classes(income, "income")
    said = table_warnings(adult, target.encode(income), classes=target.classes, seed=seed)
    assert said == []


@pytest.mark.slow
def test_a_large_table_takes_about_a_second():
    generator = np.random.default_rng(0)
    inputs = pd.DataFrame(generator.normal(size=(50_000, 40)), columns=[f"x{i}" for i in range(40)])
    for i in range(10):
        inputs[f"c{i}"] = generator.choice(list("abcdefg"), 50_000)
    truth = (inputs["x0"] + inputs["x1"] > 0).to_numpy(int)
    start = time.perf_counter()
    assert table_warnings(inputs, truth, classes=["no", "yes"]) == []
    assert time.perf_counter() - start < 5  # 0.7 s measured
