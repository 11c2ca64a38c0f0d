"""Estimators per kind of data: preprocessing, network and training together."""

from typing import TYPE_CHECKING

from profond._lazy import lazily

if TYPE_CHECKING:
    from profond.estimators._image_classifier import ImageClassifier
    from profond.estimators._image_model import ImageModel
    from profond.estimators._image_regressor import ImageRegressor
    from profond.estimators._series_classifier import SeriesClassifier
    from profond.estimators._series_model import SeriesModel
    from profond.estimators._series_regressor import SeriesRegressor
    from profond.estimators._table_model import TableModel
    from profond.estimators._tabular_classifier import TabularClassifier
    from profond.estimators._tabular_regressor import TabularRegressor

__all__ = [
    "ImageClassifier",
    "ImageModel",
    "ImageRegressor",
    "SeriesClassifier",
    "SeriesModel",
    "SeriesRegressor",
    "TableModel",
    "TabularClassifier",
    "TabularRegressor",
]

_MODULES = {
    "ImageClassifier": "profond.estimators._image_classifier",
    "ImageModel": "profond.estimators._image_model",
    "ImageRegressor": "profond.estimators._image_regressor",
    "SeriesClassifier": "profond.estimators._series_classifier",
    "SeriesModel": "profond.estimators._series_model",
    "SeriesRegressor": "profond.estimators._series_regressor",
    "TableModel": "profond.estimators._table_model",
    "TabularClassifier": "profond.estimators._tabular_classifier",
    "TabularRegressor": "profond.estimators._tabular_regressor",
}
__getattr__ = lazily(__name__, _MODULES)
