"""Finished runs that several tests look at."""

import pandas as pd
import pytest

from profond.experiment import TableResult
from tests.experiment.helpers import TARGETS, make_table, run


@pytest.fixture(scope="session")
def table() -> pd.DataFrame:
    return make_table()


@pytest.fixture(scope="session")
def results(table: pd.DataFrame) -> dict[str, TableResult]:
    return {target: run(table, target) for target in TARGETS}
