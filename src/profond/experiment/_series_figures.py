"""The pictures of a run on series."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from profond import figures
from profond.experiment._figures import ResultFigures
from profond.experiment._on_test_rows import encoded_quietly, first_rows

if TYPE_CHECKING:
    import pandas as pd

    from profond.experiment._series_result import SeriesResult
    from profond.figures._canvas import Language


class SeriesFigures(ResultFigures):
    """The pictures of a finished run on series, with those of the series themselves."""

    result: "SeriesResult"

    @property
    def names(self) -> tuple[str, ...]:
        """The methods that this result has a picture for."""
        own = ["series_examples"]
        if self.result.experiment.network.architecture != "mlp":
            own += ["learned_filters", *(["class_activation"] if self.result.model.classes else [])]
        return (*own, *super().names, "worst_series")

    def learned_filters(self, *, member: int = 0, lang: "Language" = "en") -> Figure:
        """The filters of the first convolution of a network."""
        self.of("learned_filters")
        return figures.learned_filters(self.result.model.networks[member], lang=lang)

    def class_activation(
        self, place: int | None = None, *, member: int = 0, lang: "Language" = "en"
    ) -> Figure:
        """When in a test series a network finds what speaks for the class it answers.

        Args:
            place: Which of the test series, from 0; None takes the first wrong one, or the first.
            member: Which network, from 0.
            lang: "en" or "fr".
        """
        self.of("class_activation")
        result = self.result
        wrong = result.test.predictions.argmax(1) != result.test.truth
        chosen = int(wrong.argmax()) if place is None else place
        series = result.test.inputs.take([chosen])
        encoded = encoded_quietly(result, series)[:, : series.lengths[0]]
        if result.model.preprocessor.window:  # the middle one
            windows = result.model.preprocessor.windows(encoded)[0]
            encoded = windows[len(windows) // 2][None]
        return figures.class_activation(
            result.model.networks[member], encoded[0], classes=result.model.classes, lang=lang
        )

    def series_examples(
        self, *, most: int = 12, channel: int = 0, lang: "Language" = "en"
    ) -> Figure:
        """Training series, of each class or from small numbers to large ones.

        Args:
            most: Series in each panel, at most.
            channel: Which channel, from 0.
            lang: "en" or "fr".
        """
        result = self.result
        classes = result.model.classes or None
        truth = result.learned_truth
        labels = truth if classes is None else [classes[place] for place in truth]
        return figures.series_examples(
            result.learned.padded_with_nan(), labels, classes=classes, most=most, channel=channel,
            name=result.model.target.name, lang=lang,
        )  # fmt: skip

    def worst_series(self, n: int = 6, *, channel: int = 0, lang: "Language" = "en") -> Figure:
        """The test series on which the networks are most wrong.

        Args:
            n: At most so many.
            channel: Which channel, from 0.
            lang: "en" or "fr".

        Raises:
            ValueError: If no series is wrong.
        """
        result = self.result
        rows = first_rows(result)
        worst = result.worst_errors(n)
        place = {int(row): i for i, row in zip(rows, result.test.rows[rows], strict=True)}
        chosen = np.array([place[int(row)] for row in worst.index], dtype=int)
        if not len(chosen):
            raise ValueError("No test series is wrong: there is none to draw.")
        return figures.series_in_panels(
            result.test.inputs.take(chosen).padded_with_nan(),
            self._titles(worst, lang),
            channel=channel,
            lang=lang,
        )

    def _titles(self, worst: "pd.DataFrame", lang: "Language") -> list[str]:
        """What is said of each wrong series: which it is, the truth and the answer."""
        from profond.figures._canvas import decimals, speaker

        say = speaker(lang)
        titles = []
        for place, row in zip(worst.index, worst.to_dict("records"), strict=True):
            truth, answer = row["truth"], row["predicted"]
            if self.result.model.task == "regression":
                truth, answer = decimals(truth, lang), decimals(answer, lang)
            said = say(f"true {truth}, predicted {answer}", f"vrai {truth}, prédit {answer}")
            titles.append(f"{int(place) + 1}: {said}")
        return titles
