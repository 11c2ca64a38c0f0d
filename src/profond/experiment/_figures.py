"""Every picture of a result, by `profond.figures` from what the run has kept."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from profond import figures
from profond.experiment._on_test_rows import (
    encoded_quietly,
    first_rows,
    labels_of_classes,
)

if TYPE_CHECKING:
    from profond.experiment._result import RunResult
    from profond.figures._canvas import Language

_ANY = ("network_boxes", "learning_curves", "comparison")
_NUMBERS = ("predicted_against_true", "residuals")
_CLASSES = ("confusion_matrix", "roc_curve", "precision_recall_curve", "calibration")
_SPREAD = 20.0  # largest by smallest loss from which the axis is logarithmic


class ResultFigures:
    """The pictures of a finished run, each a `matplotlib.figure.Figure`.

    They are those of the report. `ax` draws into a figure of yours, `lang="fr"` in French; the
    functions of `profond.figures` of the same names say what is drawn and what `numbers` has.

    Attributes:
        result: The run.
    """

    def __init__(self, result: "RunResult") -> None:
        self.result = result

    @property
    def names(self) -> tuple[str, ...]:
        """The methods that this result has a picture for."""
        regression = self.result.model.task == "regression"
        return _ANY + (_NUMBERS if regression else _CLASSES)

    def network_boxes(self, *, member: int = 0, across: bool = False) -> Figure:
        """The layers of one network as boxes and arrows, with the shapes of what passes.

        Args:
            member: Which network, from 0.
            across: From left to right, not from top to bottom.
        """
        from profond.utils import plot_model

        return plot_model(
            self.result.model.networks[member],
            to_file=None,
            show_shapes=True,
            show_layer_activations=True,
            rankdir="LR" if across else "TB",
        )

    def learning_curves(self, *, ax: Axes | None = None, lang: "Language" = "en") -> Figure:
        """Loss by epoch: a thin line per network; mean and band while all of them train.

        Dots are the epochs whose weights are kept.
        """
        from profond.figures._canvas import PALETTE, canvas, speaker

        history, say = self.result.history, speaker(lang)
        metrics = [name for name in ("loss", "val_loss") if name in history]
        runs = [
            {name: part[name].to_numpy() for name in metrics}
            for _, part in history.groupby("seed", sort=False)
        ]
        ax = canvas(ax, size=(6.6, 3.4))
        for i, name in enumerate(metrics):
            for run in runs if len(runs) > 1 else []:
                at = np.arange(1, len(run[name]) + 1)
                ax.plot(at, run[name], color=PALETTE[i], linewidth=0.6, alpha=0.4)
        kept = np.array(self.result.best_epochs)
        # On the validation loss where there is one: without it, the last epoch is kept.
        best = [run[metrics[-1]][epoch - 1] for run, epoch in zip(runs, kept, strict=True)]
        label = say("epoch kept", "époque gardée")
        ax.plot(kept, best, "o", color=PALETTE[3], markersize=5, zorder=5, label=label)
        together = min(len(run["loss"]) for run in runs)
        shown = [{name: values[:together] for name, values in run.items()} for run in runs]
        losses = history[metrics].to_numpy()
        log = bool(losses.max() > _SPREAD * losses.min() > 0)
        return figures.learning_curves(shown, metrics=metrics, log=log, ax=ax, lang=lang)

    def comparison(self, *, ax: Axes | None = None, lang: "Language" = "en") -> Figure:
        """The networks and the baselines with their intervals; dots are single networks."""
        evaluation = self.result.evaluation
        return figures.comparison(
            self.result.table(),
            metric=evaluation.metric.name,
            better="lower" if evaluation.metric.lower_is_better else "higher",
            baselines=[score.name for score in evaluation.scores if score.role == "baseline"],
            runs={s.name: s.per_seed for s in evaluation.scores if len(s.per_seed) > 1},
            ax=ax,
            lang=lang,
        )

    def confusion_matrix(self, *, ax: Axes | None = None, lang: "Language" = "en") -> Figure:
        """Which class was taken for which, on the test rows."""
        truth, probabilities, classes = self._classes("confusion_matrix")
        predicted = labels_of_classes(self.result)[probabilities.argmax(axis=1)]
        return figures.confusion_matrix(truth, predicted, classes=classes, ax=ax, lang=lang)

    def roc_curve(self, *, ax: Axes | None = None, lang: "Language" = "en") -> Figure:
        """True positives by false positives, on the test rows."""
        truth, probabilities, classes = self._classes("roc_curve")
        return figures.roc_curve(truth, probabilities, classes=classes, ax=ax, lang=lang)

    def precision_recall_curve(self, *, ax: Axes | None = None, lang: "Language" = "en") -> Figure:
        """Precision by recall, on the test rows."""
        truth, probabilities, classes = self._classes("precision_recall_curve")
        return figures.precision_recall_curve(
            truth, probabilities, classes=classes, ax=ax, lang=lang
        )

    def calibration(self, *, ax: Axes | None = None, lang: "Language" = "en") -> Figure:
        """Whether the probabilities can be believed, on the test rows."""
        truth, probabilities, classes = self._classes("calibration")
        return figures.calibration(truth, probabilities, classes=classes, ax=ax, lang=lang)

    def predicted_against_true(
        self, *, level: float | None = None, ax: Axes | None = None, lang: "Language" = "en"
    ) -> Figure:
        """Predicted numbers against the true ones, on the test rows.

        Args:
            level: Draw the intervals that are to hold this share of the rows, in (0, 1).
            ax: Axes to draw on.
            lang: "en" or "fr".

        Raises:
            ValueError: If the model predicts classes; if intervals are asked for after a
                cross-validation (the kept networks know all rows), or it has none.
        """
        truth, predicted = self._numbers("predicted_against_true")
        interval = None
        if level is not None:
            if self.result.cross_validated:
                raise ValueError(
                    "`level` must be None after a cross-validation: the kept networks learned "
                    "from all rows, and their intervals would look better than they are."
                )
            inputs = encoded_quietly(self.result, self.result.test.inputs)
            interval = self.result.model.interval(inputs, level=level)
        name = self.result.model.target.name
        return figures.predicted_against_true(
            truth, predicted, interval=interval, name=name, ax=ax, lang=lang
        )

    def residuals(self, *, ax: Axes | None = None, lang: "Language" = "en") -> Figure:
        """What is left over, by prediction, on the test rows."""
        truth, predicted = self._numbers("residuals")
        name = self.result.model.target.name
        return figures.residuals(truth, predicted, name=name, ax=ax, lang=lang)

    def of(self, name: str) -> Callable[..., Figure]:
        """The method of this name.

        Raises:
            ValueError: If this result has no such picture.
        """
        if name not in self.names:
            from profond._lookup import unknown

            raise ValueError(unknown(name, self.names, "figure of this result"))
        return getattr(self, name)

    def _numbers(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        self.of(name)
        rows, test = first_rows(self.result), self.result.test
        return test.truth[rows], test.predictions[rows]

    def _classes(self, name: str) -> tuple[np.ndarray, np.ndarray, tuple[Any, ...]]:
        self.of(name)
        rows, test = first_rows(self.result), self.result.test
        labels = labels_of_classes(self.result)
        return labels[test.truth[rows]], test.predictions[rows], self.result.model.classes
