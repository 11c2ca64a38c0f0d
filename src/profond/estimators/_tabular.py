"""What the classifier and the regressor of tables share: preparing, training, predicting."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, check_random_state

from profond._progress import Progress, automatic_progress
from profond._randomness import seeded
from profond.data import TablePreprocessor, Target
from profond.data._conversion import convert_text_columns
from profond.estimators._fitted import fitted_model, history_frame, restarts_said
from profond.estimators._inputs import (
    as_frame,
    as_weights,
    encode_few,
    refuse_infinite_columns,
)
from profond.estimators._members import Member, Trainer, TrainingPart
from profond.estimators._settings import Settings
from profond.estimators._table_model import TableModel

_MOST_ROWS = 2**31 - 1
_LARGEST_SEED = 2**32 - 1  # that numpy takes


class Tabular(BaseEstimator, ABC):
    """Preprocessing, networks and training behind scikit-learn's words.

    Subclasses say what the target is, and name every parameter in their `__init__`.
    """

    seeds: int
    random_state: Any
    warm_start: bool
    verbose: bool
    network: Any
    model_: TableModel
    history_: pd.DataFrame
    n_features_in_: int
    _columns: list[str]  # of the fit
    _by_place: bool  # whether they had no names
    _passes: int  # of `partial_fit` since the last `fit`

    @abstractmethod
    def _read_target(self, y: Any) -> tuple[Target, np.ndarray]:
        """The fitted target, and what the network learns of it."""

    @abstractmethod
    def _encode_target(self, y: Any, target: Target) -> np.ndarray:
        """What the network learns of further rows, by a target that was fitted before."""

    def _row_weights(
        self, target: Target, learned: np.ndarray, weights: np.ndarray | None
    ) -> np.ndarray | None:
        """The weights of the rows, with what the target adds to them."""
        del target, learned
        return weights

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Prepare the columns and train the networks.

        Args:
            X: Rows to learn from: a pandas or polars data frame with numbers, texts, booleans,
                dates and missing values, or an array of shape (rows, columns).
            y: Their target, shape (rows,) or (rows, columns).
            sample_weight: Weight of each row in the loss, >= 0; a row of weight 0 is as if it were
                not there.

        Returns:
            The estimator.

        Raises:
            ValueError: If a parameter, a column or the target cannot be used.
            TypeError: If `X` is sparse.
            RuntimeError: If training fails: the loss became infinite, or an output died.
            KeyboardInterrupt: If Ctrl-C was pressed before a network was trained.
        """
        settings, chosen = self._settings(), self._seed_numbers()
        goes_on = self.warm_start and hasattr(self, "model_")
        frame, y, weights = self._checked(X, y, sample_weight, reset=not goes_on)
        if goes_on:
            target, preprocessor = self.model_.target, self.model_.preprocessor
            learned = self._encode_target(y, target)
            chosen = self._seeds_again()
            starts = [network.get_weights() for network in self.model_.networks]
        else:
            target, learned = self._read_target(y)
            preprocessor, starts = self._prepare(frame, settings), None
        part = self._part(frame, preprocessor, target, learned, weights)
        trainer = Trainer(part, settings, self.network)
        members = self._train(trainer, chosen, starts)
        self._keep(trainer, preprocessor, members)
        self._passes = 0
        return self

    def _train(self, trainer: Trainer, chosen: Sequence[int], starts: Any) -> list[Member]:
        progress = automatic_progress() if self.verbose else Progress()
        members: list[Member] = []
        with progress:
            scale = getattr(trainer.part.codec, "scale", 1.0)
            metric = "RMSE" if trainer.part.task == "regression" else "accuracy"
            epochs = trainer.settings.training.epochs
            progress.start(len(chosen), epochs, metric=metric, scale=scale)
            for member in trainer.train(chosen, progress, starts):
                members.append(member)
                if member.finished:
                    progress.member_done(len(members) - 1, member.best_epoch)
        return members

    def _keep(
        self, trainer: Trainer, preprocessor: TablePreprocessor, members: Sequence[Member]
    ) -> None:
        self.model_ = fitted_model(trainer, preprocessor, members)
        self.history_ = history_frame(members)
        for text in restarts_said(members):
            warnings.warn(text, stacklevel=4)
        self.n_epochs_ = [member.best_epoch for member in members]

    def _pass_over(self, X: Any, y: Any, sample_weight: Any, **known: Any) -> Self:
        """One pass over further rows; `known` is what `_read_target` is told besides."""
        settings = self._settings()
        first = not hasattr(self, "model_")
        frame, y, weights = self._checked(X, y, sample_weight, reset=first)
        if first:
            target, learned = self._read_target(y, **known)
            preprocessor = self._prepare(frame, settings)
            part = self._part(frame, preprocessor, target, learned, weights)
            model = TableModel(target, preprocessor, [], seeds=self._seed_numbers())
            constant = settings.model_copy(
                update={"training": settings.training.model_copy(update={"schedule": "constant"})}
            )
            trainer = Trainer(part, constant, self.network)
            for seed in model.seeds:
                with seeded(seed):
                    model.networks.append(trainer.build(len(frame)))
            model.temperatures = [1.0] * len(model.networks)
            self.model_, self.history_ = model, pd.DataFrame()
            self._passes = 0
        else:
            learned = self._encode_target(y, self.model_.target)
            part = self._part(frame, self.model_.preprocessor, self.model_.target, learned, weights)
            trainer = Trainer(part, settings, self.network)
        self._passes += 1
        for seed, network in zip(self.model_.seeds, self.model_.networks, strict=True):
            trainer.pass_over(network, (seed + self._passes * 7919) % _MOST_ROWS)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predict the target of each row: the mean of the networks, or the likeliest label.

        Args:
            X: Rows with the columns of the fit.

        Returns:
            Shape (rows,), or (rows, columns) for several targets.
        """
        return self._answers(self._outputs(X))

    def save(self, folder: Any) -> None:
        """Keep the fitted model in a folder, which `profond predict` takes too.

        Args:
            folder: Where to; it appears whole or not at all. `load_model_folder` gives it back
                as a `TableModel`. Nothing in it is run as code when it is loaded.

        Raises:
            ValueError: If the folder exists and is not a kept model.
            OSError: If it cannot be written.
        """
        check_is_fitted(self, "model_")
        self.model_.save(folder)

    def _outputs(self, x: Any, member: int | None = None) -> np.ndarray:
        inputs = self._encoded(x)
        return self.model_.outputs(inputs, member)

    def _answers(self, outputs: np.ndarray) -> np.ndarray:
        """Predictions from the outputs of the networks."""
        return self.model_.answer(outputs)

    def _encoded(self, x: Any) -> np.ndarray:
        check_is_fitted(self, "model_")
        few = encode_few(self, x, self.model_.preprocessor)
        if few is not None:
            return few
        frame = as_frame(self, x, reset=False)
        return self.model_.preprocessor.transform(frame)

    def _settings(self) -> Settings:
        values = self.get_params(deep=False)
        if not isinstance(self.seeds, int | np.integer) or self.seeds < 1:
            raise ValueError(
                f"`seeds` must be a whole number of at least 1; received {self.seeds!r}."
            )
        if self.network is not None and not callable(self.network):
            raise ValueError(
                "`network` must be a function of input and output shapes that returns a model, or "
                f"None; received {self.network!r}."
            )
        # A function of the user's own, and labels of any type, are no part of the sections.
        settings = Settings.of(
            {k: v for k, v in values.items() if k not in ("network", "class_weight")}
        )
        if self.network is None:
            return settings
        # A network of the user's own takes numbers, and knows nothing of codes.
        plain = settings.preprocessing.model_copy(update={"embed_from": None})
        return settings.model_copy(update={"preprocessing": plain})

    def _seed_numbers(self) -> list[int]:
        """The seed of each network: from `random_state` on, or drawn from it."""
        given = self.random_state
        if isinstance(given, int | np.integer):
            if not 0 <= given <= _LARGEST_SEED - self.seeds + 1:
                raise ValueError(
                    f"`random_state` and the seeds after it must be from 0 to {_LARGEST_SEED}; "
                    f"received {given!r}."
                )
            return [int(given) + i for i in range(self.seeds)]
        try:
            generator = check_random_state(given)
        except ValueError:
            raise ValueError(
                "`random_state` must be a whole number, a numpy RandomState or None; received "
                f"{given!r}."
            ) from None
        drawn = generator.randint(_MOST_ROWS - 1, size=self.seeds)
        return [int(seed) for seed in drawn]

    def _seeds_again(self) -> list[int]:
        """The seeds of the first fit, for networks that go on from it."""
        known = self.model_.seeds
        if len(known) != self.seeds:
            raise ValueError(
                f"`seeds` must stay {len(known)} with `warm_start`, which goes on with "
                f"the networks of the first fit; received {self.seeds}. Fit anew with "
                "`warm_start=False`."
            )
        return known

    def _checked(
        self, x: Any, y: Any, sample_weight: Any, *, reset: bool
    ) -> tuple[pd.DataFrame, Any, np.ndarray | None]:
        frame = as_frame(self, x, reset=reset)
        if y is None:
            raise ValueError(
                f"`y` must be given: {type(self).__name__} requires y to be passed, but the target "
                "y is None."
            )
        y = y if hasattr(y, "columns") or hasattr(y, "name") else np.asarray(y)
        if len(y.shape) == 0 or y.shape[0] != len(frame):
            raise ValueError(
                f"`y` must have one value for each row of `X`; received shape {y.shape} for "
                f"{len(frame)} rows."
            )
        if reset and len(frame) < 2:
            raise ValueError(
                f"At least 2 rows are needed to learn from; received n_samples={len(frame)}."
            )
        refuse_infinite_columns(frame)
        weights = as_weights(frame, sample_weight)
        if weights is None or weights.all():
            return frame, y, weights
        # A row that weighs nothing is as if it were not there, for scales and intervals too.
        there = np.flatnonzero(weights)
        if reset and len(there) < 2:
            raise ValueError(
                "At least 2 rows with a weight above 0 are needed to learn from; received "
                f"{len(there)} of n_samples={len(frame)}."
            )
        y = y.iloc[there] if hasattr(y, "iloc") else y[there]
        weights = weights[there] / weights[there].mean()
        return frame.iloc[there].reset_index(drop=True), y, weights

    def _prepare(self, frame: pd.DataFrame, settings: Settings) -> TablePreprocessor:
        chosen = settings.preprocessing
        absent = [name for name in chosen.categories if name not in frame.columns]
        if absent:
            raise ValueError(
                f"`categories` must name columns of `X`; received {', '.join(map(repr, absent))}. "
                f"The columns are: {', '.join(frame.columns)}."
            )
        frame, found, _ = convert_text_columns(frame)
        return TablePreprocessor.fit(
            frame,
            categories=chosen.categories,
            readings=found,
            scaling=chosen.scaling,
            embed_from=chosen.embed_from,
        )

    def _part(
        self,
        frame: pd.DataFrame,
        preprocessor: TablePreprocessor,
        target: Target,
        learned: np.ndarray,
        weights: np.ndarray | None,
    ) -> TrainingPart:
        with warnings.catch_warnings():
            # What is unusual in the rows of the fit itself is part of what is learned.
            warnings.simplefilter("ignore", UserWarning)
            inputs = preprocessor.transform(frame)
        weights = self._row_weights(target, learned, weights)
        return TrainingPart(inputs, learned, target, preprocessor.layout, weights)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        tags.target_tags.required = True
        return tags


def name_of(y: Any) -> str:
    """The name of a target of a single column, "y" where it has none."""
    columns = getattr(y, "columns", None)
    name = getattr(y, "name", None) if columns is None else columns[0]
    return "y" if name is None or name == "" else str(name)


def names_of(y: Any) -> list[str]:
    """Names of the columns of a target with two axes."""
    columns = getattr(y, "columns", None)
    if columns is not None:
        return [str(name) for name in columns]
    return [f"y{k}" for k in range(np.shape(y)[1])]
