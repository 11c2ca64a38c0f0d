"""What the classifier and the regressor of series share."""

from typing import Any, ClassVar, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from profond.data import Target
from profond.data.series import SeriesPreprocessor, SeriesSet
from profond.estimators._estimator import Estimator
from profond.estimators._inputs import as_dense
from profond.estimators._members import TrainingPart
from profond.estimators._series_model import SeriesModel, as_series
from profond.estimators._series_settings import SeriesSettings
from profond.estimators._series_windows import with_windows


class Series(Estimator):
    """Time series in, scaled and masked."""

    _model_kind: ClassVar[Any] = SeriesModel
    _settings_kind: ClassVar[Any] = SeriesSettings
    model_: SeriesModel
    augment: Any
    n_features_in_: int

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Prepare the series and train the networks.

        Args:
            X: A `SeriesSet`, an array (n, time) or (n, time, channels) with NaN at the end of
                shorter series, or a list of arrays of any lengths.
            y: Their target, shape (n,); the labels of a `SeriesSet` when None.
            sample_weight: Weight of each series in the loss, >= 0.

        Returns:
            The estimator.

        Raises:
            ValueError: If a parameter, a series or the target cannot be used.
            RuntimeError: If training fails: the loss became infinite, or an output died.
            KeyboardInterrupt: If Ctrl-C was pressed before a network was trained.
        """
        return super().fit(X, getattr(X, "labels", None) if y is None else y, sample_weight)

    def _read(self, x: Any, *, reset: bool) -> SeriesSet:
        series = as_series(as_dense(x, called="series", row="(time,) or (time, channels)"))
        if reset:
            self.n_features_in_ = series.values.shape[1]
        return series

    def _some(self, data: SeriesSet, rows: np.ndarray) -> SeriesSet:
        return data.take(rows)

    def _prepare(self, data: SeriesSet, settings: SeriesSettings) -> SeriesPreprocessor:
        return SeriesPreprocessor.fit(
            data,
            scaling=settings.preprocessing.scaling,
            fixed=settings.network.fixed_length,
            window=settings.training.window,
        )

    def _part(
        self,
        data: SeriesSet,
        preprocessor: SeriesPreprocessor,
        target: Target,
        learned: np.ndarray,
        weights: np.ndarray | None,
    ) -> TrainingPart:
        part = super()._part(data, preprocessor, target, learned, weights)
        return with_windows(part, preprocessor, self.augment) if preprocessor.window else part

    def _encoded(self, x: Any) -> np.ndarray:
        check_is_fitted(self, "model_")
        return self.model_.preprocessor.transform(self._read(x, reset=False))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        return tags
