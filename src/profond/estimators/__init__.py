"""Estimators per kind of data: preprocessing, network and training together."""

from typing import TYPE_CHECKING

from profond._lazy import lazily

if TYPE_CHECKING:
    from profond.estimators._table_model import TableModel
    from profond.estimators._tabular_classifier import TabularClassifier
    from profond.estimators._tabular_regressor import TabularRegressor

__all__ = ["TableModel", "TabularClassifier", "TabularRegressor"]

_MODULES = {
    "TableModel": "profond.estimators._table_model",
    "TabularClassifier": "profond.estimators._tabular_classifier",
    "TabularRegressor": "profond.estimators._tabular_regressor",
}
__getattr__ = lazily(__name__, _MODULES)
