"""What the estimators of every kind of data share: preparing, training, predicting."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, check_random_state

from profond._progress import Progress, automatic_progress
from profond.data import Target
from profond.data._encoded_rows import encoded_rows
from profond.estimators._fitted import fitted_model, history_frame, restarts_said
from profond.estimators._inputs import as_weights
from profond.estimators._members import Member, Trainer, TrainingPart
from profond.estimators._section import Sections
from profond.estimators._trained_model import TrainedModel

LARGEST_INTEGER = 2**31 - 1
_LARGEST_SEED = 2**32 - 1  # that numpy takes


class Estimator(BaseEstimator, ABC):
    """Preprocessing, networks and training behind scikit-learn's words.

    A kind of data says how it is read and prepared; a classifier or regressor what the target is,
    and names every parameter in its `__init__`.
    """

    _model_kind: ClassVar[type[TrainedModel]]
    _settings_kind: ClassVar[type[Sections]]
    seeds: int
    random_state: Any
    warm_start: bool
    verbose: bool
    network: Any
    model_: Any
    history_: pd.DataFrame
    _passes: int  # of `partial_fit` since the last `fit`

    @abstractmethod
    def _read(self, x: Any, *, reset: bool) -> Any:
        """The data in the kind's own form, with a length; in a fit (`reset`) it is described."""

    @abstractmethod
    def _some(self, data: Any, rows: np.ndarray) -> Any:
        """Some rows of what `_read` gave."""

    @abstractmethod
    def _prepare(self, data: Any, settings: Any) -> Any:
        """The preprocessing of the data, fitted; it has `transform` and `layout`."""

    @abstractmethod
    def _encoded(self, x: Any) -> Any:
        """What the fitted networks take: an array, or what is read by rows."""

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

    def _check_values(self, data: Any) -> None:
        """Refuse values that nothing can be learned from."""

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Prepare the data and train the networks.

        Args:
            X: What to learn from; the class says in which forms.
            y: Their target, shape (rows,) or (rows, columns).
            sample_weight: Weight of each row in the loss, >= 0; a row of weight 0 is as if it were
                not there.

        Returns:
            The estimator.

        Raises:
            ValueError: If a parameter, a value or the target cannot be used.
            TypeError: If `X` is of a type that cannot be read.
            RuntimeError: If training fails: the loss became infinite, or an output died.
            KeyboardInterrupt: If Ctrl-C was pressed before a network was trained.
        """
        settings, chosen = self._settings(), self._seed_numbers()
        goes_on = self.warm_start and hasattr(self, "model_")
        data, y, weights = self._checked(X, y, sample_weight, reset=not goes_on)
        if goes_on:
            target, preprocessor = self.model_.target, self.model_.preprocessor
            learned = self._encode_target(y, target)
            chosen = self._seeds_again()
            starts = [network.get_weights() for network in self.model_.networks]
        else:
            target, learned = self._read_target(y)
            preprocessor, starts = self._prepare(data, settings), None
        part = self._part(data, preprocessor, target, learned, weights)
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

    def _keep(self, trainer: Trainer, preprocessor: Any, members: Sequence[Member]) -> None:
        self.model_ = fitted_model(self._model_kind, trainer, preprocessor, members)
        self.history_ = history_frame(members)
        for text in restarts_said(members):
            warnings.warn(text, stacklevel=4)
        self.n_epochs_ = [member.best_epoch for member in members]

    def predict(self, X: Any) -> np.ndarray:
        """Predict the target of each row: the mean of the networks, or the likeliest label.

        Args:
            X: As for `fit`.

        Returns:
            Shape (rows,), or (rows, columns) for several targets.
        """
        return self._answers(self._outputs(X))

    def save(self, folder: Any) -> None:
        """Keep the fitted model in a folder, which `profond predict` takes too.

        Args:
            folder: Where to; it appears whole or not at all. `load_model_folder` gives it back
                as `model_`. Nothing in it is run as code when it is loaded.

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

    def _settings(self) -> Any:
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
        return self._settings_kind.of(
            {k: v for k, v in values.items() if k not in ("network", "class_weight")}
        )

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
        drawn = generator.randint(LARGEST_INTEGER - 1, size=self.seeds)
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
    ) -> tuple[Any, Any, np.ndarray | None]:
        data = self._read(x, reset=reset)
        if y is None:
            raise ValueError(
                f"`y` must be given: {type(self).__name__} requires y to be passed, but the target "
                "y is None."
            )
        y = y if hasattr(y, "columns") or hasattr(y, "name") else np.asarray(y)
        if len(y.shape) == 0 or y.shape[0] != len(data):
            raise ValueError(
                f"`y` must have one value for each row of `X`; received shape {y.shape} for "
                f"{len(data)} rows."
            )
        if reset and len(data) < 2:
            raise ValueError(
                f"At least 2 rows are needed to learn from; received n_samples={len(data)}."
            )
        self._check_values(data)
        weights = as_weights(data, sample_weight)
        if weights is None or weights.all():
            return data, y, weights
        # A row that weighs nothing is as if it were not there, for scales and intervals too.
        there = np.flatnonzero(weights)
        if reset and len(there) < 2:
            raise ValueError(
                "At least 2 rows with a weight above 0 are needed to learn from; received "
                f"{len(there)} of n_samples={len(data)}."
            )
        y = y.iloc[there] if hasattr(y, "iloc") else y[there]
        weights = weights[there] / weights[there].mean()
        return self._some(data, there), y, weights

    def _part(
        self,
        data: Any,
        preprocessor: Any,
        target: Target,
        learned: np.ndarray,
        weights: np.ndarray | None,
    ) -> TrainingPart:
        with warnings.catch_warnings():
            # What is unusual in the rows of the fit itself is part of what is learned.
            warnings.simplefilter("ignore", UserWarning)
            inputs = encoded_rows(preprocessor, data)
        weights = self._row_weights(target, learned, weights)
        return TrainingPart(inputs, learned, target, preprocessor.layout, weights)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.target_tags.required = True
        return tags
