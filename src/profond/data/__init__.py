"""Tables in: readers, bundled sets, splits, and the preprocessing that is kept with a model."""

from profond.data._bundled import BUNDLED, BundledSet, load_bundled
from profond.data._folds import cross_validation
from profond.data._preprocessor import TablePreprocessor
from profond.data._reading import Reading
from profond.data._splits import split_rows
from profond.data._splits_given import split_by_marks, split_by_rows
from profond.data._table import Table, open_table, read_table
from profond.data._target import (
    ClassTarget,
    NumberTarget,
    SeveralTargets,
    Target,
    target_from_dict,
)

__all__ = [
    "BUNDLED",
    "BundledSet",
    "ClassTarget",
    "NumberTarget",
    "Reading",
    "SeveralTargets",
    "Table",
    "TablePreprocessor",
    "Target",
    "cross_validation",
    "load_bundled",
    "open_table",
    "read_table",
    "split_by_marks",
    "split_by_rows",
    "split_rows",
    "target_from_dict",
]
