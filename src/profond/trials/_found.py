"""What a search has found."""

import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from profond.trials._space import Dimension, plain

_FEWEST = 4  # complete trials that an importance can be estimated from


@dataclass(frozen=True)
class SearchResult:
    """The best settings of a search and all its trials. `print` shows the best.

    Attributes:
        best: The settings of the best trial, by name.
        value: Its score.
        metric: What the score is.
        lower_is_better: Whether small ones are good.
        frame: One row per trial: `number`, `state` ("complete", "pruned", "failed"), `value` (of a
            pruned one, the last that was reported), `seconds`, and a column for each setting.
        experiment: The experiment with the best settings; None for a function.
        study: Optuna's study, for what else it can do.
        space: The dimensions of the space.
    """

    best: dict[str, Any]
    value: float
    metric: str
    lower_is_better: bool
    frame: pd.DataFrame
    experiment: Any
    study: Any
    space: tuple[Dimension, ...]

    @classmethod
    def of(
        cls, study: Any, space: list[Dimension], metric: str, experiment: Any, scratch: bool
    ) -> "SearchResult":
        """The result of a study.

        Args:
            study: The study.
            space: Its space.
            metric: What the score is.
            experiment: What was searched, or None.
            scratch: Whether the storage is thrown away: the study is then copied to memory.

        Raises:
            RuntimeError: If no trial has a score.
        """
        import optuna

        if scratch:
            kept = optuna.create_study(
                study_name=study.study_name, direction=study.direction, sampler=study.sampler
            )
            kept.add_trials(study.get_trials(deepcopy=False))
            study = kept
        frame = _frame(study, space)
        if "complete" not in frame["state"].tolist():
            reasons = [t.user_attrs["failed"] for t in study.trials if "failed" in t.user_attrs]
            said = f": {reasons[-1]}" if reasons else ""
            raise RuntimeError(f"none of {len(frame)} trial(s) has a score{said}.")
        best = study.best_trial
        values = {one.name: one.decode(best.params[one.name]) for one in space}
        return cls(
            best=values,
            value=float(best.value),
            metric=metric,
            lower_is_better=study.direction == optuna.study.StudyDirection.MINIMIZE,
            frame=frame,
            experiment=None if experiment is None else experiment.with_settings(values),
            study=study,
            space=tuple(space),
        )

    @property
    def note(self) -> str:
        """How the settings were chosen, in a sentence for a report."""
        return (
            f"settings chosen among {len(self.frame)} trials by the {self.metric} "
            f"({self.value:.4g}) of the training part: {plain(self.best)}; the test part was not "
            "used for it"
        )

    def importance(self) -> dict[str, float]:
        """The share of each setting in the variation of the score (fANOVA, Hutter et al. 2014).

        Over the complete trials; the shares are together 1, the greatest first.

        Raises:
            ValueError: If there are fewer than 4 complete trials, or all have the same score.
        """
        import optuna

        values = self.frame.loc[self.frame["state"] == "complete", "value"]
        if len(values) < _FEWEST or values.nunique() < 2:
            raise ValueError(
                f"an importance needs {_FEWEST} complete trials with different scores; received "
                f"{len(values)} with {values.nunique()}."
            )
        evaluator = optuna.importance.FanovaImportanceEvaluator(seed=0)
        found = optuna.importance.get_param_importances(self.study, evaluator=evaluator)
        return {name: float(share) for name, share in found.items()}

    def plot_history(self, *, ax: Any = None, lang: Any = "en") -> Any:
        """The score of each trial, and the best so far.

        Args:
            ax: Axes to draw on, or None for a new figure.
            lang: "en" or "fr".
        """
        from profond.figures import search_history

        return search_history(
            self.frame["value"],
            self.frame["state"].tolist(),
            name=self.metric,
            lower_is_better=self.lower_is_better,
            ax=ax,
            lang=lang,
        )

    def plot_slices(self, *, lang: Any = "en") -> Any:
        """The score against each setting, one picture each.

        Args:
            lang: "en" or "fr".
        """
        from profond.figures import search_slices

        return search_slices(
            {one.name.rpartition(".")[2]: self.frame[one.name] for one in self.space},
            self.frame["value"],
            self.frame["state"].tolist(),
            name=self.metric,
            lower_is_better=self.lower_is_better,
            log=[one.name.rpartition(".")[2] for one in self.space if one.log],
            lang=lang,
        )

    def __str__(self) -> str:
        counts = self.frame["state"].value_counts()
        made = ", ".join(f"{counts[state]} {state}" for state in counts.index)
        return (
            f"best of {len(self.frame)} trials ({made}): {self.metric} {self.value:.4g} with "
            f"{plain(self.best)}"
        )


def _frame(study: Any, space: list[Dimension]) -> pd.DataFrame:
    """One row per trial that is over."""
    from optuna.trial import TrialState

    names = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned"}
    rows = []
    for trial in study.get_trials(deepcopy=False):
        over = trial.state in names or (trial.state == TrialState.FAIL and trial.params)
        if not over:
            continue
        failed = "failed" in trial.user_attrs or trial.state == TrialState.FAIL
        took = trial.duration.total_seconds() if trial.duration is not None else math.nan
        rows.append(
            {
                "number": trial.number,
                "state": "failed" if failed else names[trial.state],
                "value": math.nan if trial.value is None or failed else float(trial.value),
                "seconds": took,
                **{
                    one.name: one.decode(trial.params[one.name])
                    if one.name in trial.params
                    else None
                    for one in space
                },
            }
        )
    columns = ["number", "state", "value", "seconds", *(one.name for one in space)]
    return pd.DataFrame(rows, columns=columns)
