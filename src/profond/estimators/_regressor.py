"""What the regressors of every kind of data share: numbers in, numbers and intervals out."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import RegressorMixin

from profond.data import NumberTarget, SeveralTargets, Target
from profond.data._target import never_negative
from profond.data._values import ColumnError, to_numbers
from profond.estimators._estimator import Estimator
from profond.estimators._target_names import name_of, names_of


class Regressor(RegressorMixin, Estimator):
    """Predicts a number, or several."""

    output: str

    def predict_interval(self, X: Any, *, level: float = 0.9) -> np.ndarray:
        """Intervals for the target of each row, from the errors on held-out rows (conformal).

        Args:
            X: As for `fit`.
            level: Share of new rows whose target is to lie inside, in (0, 1).

        Returns:
            Low and high ends, shape (rows, 2); for several targets (rows, columns, 2).

        Raises:
            ValueError: If no rows were held out in the fit.
        """
        inputs = self._encoded(X)
        return self.model_.interval(inputs, level=level)

    def _read_target(self, y: Any) -> tuple[Target, np.ndarray]:
        values = _numbers(y)
        negative = (values < 0).any()
        if self.output == "relu" and negative:
            raise ValueError(
                "A ReLU output is never negative, and `y` has negative values; use the output "
                "'auto' or 'linear'."
            )
        non_negative = self.output == "relu" or (self.output == "auto" and never_negative(values))
        target: Target
        if values.ndim == 1:
            target = NumberTarget.fit(values, name_of(y), non_negative)
        else:
            target = SeveralTargets.of_numbers(values, names_of(y), non_negative)
        return target, target.encode(values)

    def _encode_target(self, y: Any, target: Target) -> np.ndarray:
        values = _numbers(y)
        if np.reshape(values, (len(values), -1)).shape[1] != target.outputs:
            raise ValueError(
                f"`y` must have {target.outputs} column(s), as in the first fit; received shape "
                f"{values.shape}."
            )
        if getattr(target, "non_negative", False) and (values < 0).any():
            raise ValueError(
                "`y` has negative values, and in the first fit it had none, so that the output is "
                "never negative. Begin with `output='linear'`, or fit anew with "
                "`warm_start=False`."
            )
        return target.encode(values)  # pyright: ignore[reportArgumentType, reportAttributeAccessIssue]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _numbers(y: Any) -> np.ndarray:
    """The target as numbers, shape (rows,) or (rows, columns), finite."""
    from sklearn.utils.validation import check_array

    if hasattr(y, "columns"):
        columns = [_column(_series(y[name]), str(name)) for name in y.columns]
        return np.column_stack(columns) if len(columns) > 1 else columns[0]
    values = np.asarray(y)
    if isinstance(y, pd.Series) or (values.ndim == 1 and values.dtype.kind in "UTO"):
        return _column(_series(y), name_of(y))
    values = check_array(y, ensure_2d=False, dtype="numeric", input_name="y", ensure_min_samples=0)
    values = np.asarray(values, dtype=np.float64)
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values


def _series(y: Any) -> pd.Series:
    return y.reset_index(drop=True) if isinstance(y, pd.Series) else pd.Series(np.asarray(y))


def _column(y: pd.Series, name: str) -> np.ndarray:
    """A column of the target as numbers, none missing."""
    if pd.api.types.is_float_dtype(y.dtype) and np.isinf(y.to_numpy(np.float64, na_value=0)).any():
        raise ColumnError(
            f"`y` must hold finite numbers; the column {name!r} has an infinite one. Input y "
            "contains infinity: leave these rows out."
        )
    values = to_numbers(y, name)
    absent = np.flatnonzero(np.isnan(values))
    if absent.size:
        raise ColumnError(
            f"`y` must have a value in each row; {absent.size} are missing, the first in row "
            f"{absent[0] + 1}. Input contains NaN: leave these rows out."
        )
    return values
