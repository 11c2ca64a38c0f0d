"""One described run: a table in; trained, measured and kept networks out."""

from profond.experiment._evaluation import Evaluation, Score
from profond.experiment._folder import load_model_folder
from profond.experiment._interrupted import TrainingInterrupted
from profond.experiment._intervals import (
    Interval,
    bootstrap_means,
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
    "load_model_folder",
    "percentile_interval",
    "proportion_interval",
    "run_table",
    "student_interval",
    "train_table",
]
