"""Estimators per kind of data: preprocessing, network and training together."""

from typing import TYPE_CHECKING

from profond._lazy import lazily

if TYPE_CHECKING:
    from profond.estimators._classifier import TabularClassifier
    from profond.estimators._regressor import TabularRegressor
    from profond.estimators._table_model import TableModel

__all__ = ["TableModel", "TabularClassifier", "TabularRegressor"]

_MODULES = {
    "TableModel": "profond.estimators._table_model",
    "TabularClassifier": "profond.estimators._classifier",
    "TabularRegressor": "profond.estimators._regressor",
}
__getattr__ = lazily(__name__, _MODULES)
