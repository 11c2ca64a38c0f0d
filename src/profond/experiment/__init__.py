"""One described run: a table in; trained, measured and kept networks out."""

from profond.experiment._detectable import (
    detectable_difference,
    paired_half_width,
    rows_for_difference,
    small_test_warning,
)
from profond.experiment._evaluation import Evaluation, Score
from profond.experiment._folder import load_model_folder
from profond.experiment._interrupted import TrainingInterrupted
from profond.experiment._intervals import (
    Interval,
    bootstrap_means,
    corrected_interval,
    corrected_p_value,
    percentile_interval,
    proportion_interval,
    student_interval,
)
from profond.experiment._model import TableModel
from profond.experiment._progress import BarProgress, LogProgress, Progress
from profond.experiment._result import TableResult
from profond.experiment._run import run_table, train_table
from profond.experiment._settings import TableSettings

__all__ = [
    "BarProgress",
    "Evaluation",
    "Interval",
    "LogProgress",
    "Progress",
    "Score",
    "TableModel",
    "TableResult",
    "TableSettings",
    "TrainingInterrupted",
    "bootstrap_means",
    "corrected_interval",
    "corrected_p_value",
    "detectable_difference",
    "load_model_folder",
    "paired_half_width",
    "percentile_interval",
    "proportion_interval",
    "rows_for_difference",
    "run_table",
    "small_test_warning",
    "student_interval",
    "train_table",
]
