"""One described run: a table in; trained, measured and kept networks out."""

from typing import TYPE_CHECKING

from profond._lazy import lazily

if TYPE_CHECKING:
    from profond._progress import BarProgress, LogProgress, Progress
    from profond.experiment._detectable import (
        detectable_difference,
        paired_half_width,
        rows_for_difference,
        small_test_warning,
    )
    from profond.experiment._evaluation import Evaluation, Score
    from profond.experiment._folder import load_model_folder
    from profond.experiment._image_result import ImageResult
    from profond.experiment._image_schema import ImageExperiment
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
    from profond.experiment._measure import evaluate_model
    from profond.experiment._model_comparison import ModelComparison, compare_models
    from profond.experiment._result import TableResult
    from profond.experiment._resume import resume_training
    from profond.experiment._schema import Experiment
    from profond.experiment._script import run_script
    from profond.experiment._series_result import SeriesResult
    from profond.experiment._series_schema import SeriesExperiment
    from profond.experiment._train_table import train_table

__all__ = [
    "BarProgress",
    "Evaluation",
    "Experiment",
    "ImageExperiment",
    "ImageResult",
    "SeriesExperiment",
    "SeriesResult",
    "Interval",
    "LogProgress",
    "ModelComparison",
    "Progress",
    "Score",
    "TableResult",
    "TrainingInterrupted",
    "bootstrap_means",
    "compare_models",
    "corrected_interval",
    "corrected_p_value",
    "detectable_difference",
    "evaluate_model",
    "load_model_folder",
    "paired_half_width",
    "percentile_interval",
    "proportion_interval",
    "resume_training",
    "rows_for_difference",
    "run_script",
    "small_test_warning",
    "student_interval",
    "train_table",
]

# The description of a run is read for `--help`, which does not wait for what training needs.
_MODULES = {
    "BarProgress": "profond._progress",
    "Evaluation": "profond.experiment._evaluation",
    "Experiment": "profond.experiment._schema",
    "ImageExperiment": "profond.experiment._image_schema",
    "ImageResult": "profond.experiment._image_result",
    "SeriesExperiment": "profond.experiment._series_schema",
    "SeriesResult": "profond.experiment._series_result",
    "Interval": "profond.experiment._intervals",
    "LogProgress": "profond._progress",
    "ModelComparison": "profond.experiment._model_comparison",
    "Progress": "profond._progress",
    "Score": "profond.experiment._evaluation",
    "TableResult": "profond.experiment._result",
    "TrainingInterrupted": "profond.experiment._interrupted",
    "bootstrap_means": "profond.experiment._intervals",
    "compare_models": "profond.experiment._model_comparison",
    "corrected_interval": "profond.experiment._intervals",
    "corrected_p_value": "profond.experiment._intervals",
    "detectable_difference": "profond.experiment._detectable",
    "evaluate_model": "profond.experiment._measure",
    "load_model_folder": "profond.experiment._folder",
    "paired_half_width": "profond.experiment._detectable",
    "percentile_interval": "profond.experiment._intervals",
    "proportion_interval": "profond.experiment._intervals",
    "resume_training": "profond.experiment._resume",
    "rows_for_difference": "profond.experiment._detectable",
    "run_script": "profond.experiment._script",
    "small_test_warning": "profond.experiment._detectable",
    "student_interval": "profond.experiment._intervals",
    "train_table": "profond.experiment._train_table",
}
__getattr__ = lazily(__name__, _MODULES)
