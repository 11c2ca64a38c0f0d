"""What the classifier and the regressor of tables share."""

from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.utils.validation import check_is_fitted

from profond._randomness import seeded
from profond.data import TablePreprocessor
from profond.data._conversion import convert_text_columns
from profond.estimators._estimator import LARGEST_INTEGER, Estimator
from profond.estimators._inputs import as_frame, encode_few, refuse_infinite_columns
from profond.estimators._members import Trainer
from profond.estimators._settings import Settings
from profond.estimators._table_model import TableModel


class Tabular(Estimator):
    """Rows of a table in, read and encoded column by column."""

    _model_kind: ClassVar[Any] = TableModel
    _settings_kind: ClassVar[Any] = Settings
    model_: TableModel
    n_features_in_: int
    _columns: list[str]  # of the fit
    _by_place: bool  # whether they had no names

    def _pass_over(self, X: Any, y: Any, sample_weight: Any, **known: Any) -> Self:
        """One pass over further rows; `known` is what `_read_target` is told besides."""
        settings = self._settings()
        first = not hasattr(self, "model_")
        data, y, weights = self._checked(X, y, sample_weight, reset=first)
        if first:
            target, learned = self._read_target(y, **known)
            preprocessor = self._prepare(data, settings)
            part = self._part(data, preprocessor, target, learned, weights)
            model = TableModel(target, preprocessor, [], seeds=self._seed_numbers())
            constant = settings.model_copy(
                update={"training": settings.training.model_copy(update={"schedule": "constant"})}
            )
            trainer = Trainer(part, constant, self.network)
            for seed in model.seeds:
                with seeded(seed):
                    model.networks.append(trainer.build(len(data)))
            model.temperatures = [1.0] * len(model.networks)
            self.model_, self.history_ = model, pd.DataFrame()
            self._passes = 0
        else:
            learned = self._encode_target(y, self.model_.target)
            part = self._part(data, self.model_.preprocessor, self.model_.target, learned, weights)
            trainer = Trainer(part, settings, self.network)
        self._passes += 1
        for seed, network in zip(self.model_.seeds, self.model_.networks, strict=True):
            trainer.pass_over(network, (seed + self._passes * 7919) % LARGEST_INTEGER)
        return self

    def _read(self, x: Any, *, reset: bool) -> pd.DataFrame:
        return as_frame(self, x, reset=reset)

    def _some(self, data: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
        return data.iloc[rows].reset_index(drop=True)

    def _check_values(self, data: pd.DataFrame) -> None:
        refuse_infinite_columns(data)

    def _encoded(self, x: Any) -> np.ndarray:
        check_is_fitted(self, "model_")
        few = encode_few(self, x, self.model_.preprocessor)
        if few is not None:
            return few
        frame = as_frame(self, x, reset=False)
        return self.model_.preprocessor.transform(frame)

    def _settings(self) -> Settings:
        settings = super()._settings()
        if self.network is None:
            return settings
        # A network of the user's own takes numbers, and knows nothing of codes.
        plain = settings.preprocessing.model_copy(update={"embed_from": None})
        return settings.model_copy(update={"preprocessing": plain})

    def _prepare(self, data: pd.DataFrame, settings: Settings) -> TablePreprocessor:
        chosen = settings.preprocessing
        absent = [name for name in chosen.categories if name not in data.columns]
        if absent:
            raise ValueError(
                f"`categories` must name columns of `X`; received {', '.join(map(repr, absent))}. "
                f"The columns are: {', '.join(data.columns)}."
            )
        frame, found, _ = convert_text_columns(data)
        return TablePreprocessor.fit(
            frame,
            categories=chosen.categories,
            readings=found,
            scaling=chosen.scaling,
            embed_from=chosen.embed_from,
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags
