"""The pictures of a run on a table."""

from typing import TYPE_CHECKING

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from profond import figures
from profond.experiment._figures import ResultFigures
from profond.experiment._on_test_rows import importance_metric

if TYPE_CHECKING:
    from profond.experiment._result import TableResult
    from profond.figures import Dependence
    from profond.figures._canvas import Language


class TableFigures(ResultFigures):
    """The pictures of a finished run on a table, with those of its columns."""

    result: "TableResult"

    @property
    def names(self) -> tuple[str, ...]:
        """The methods that this result has a picture for."""
        drawn = ("columns_at_a_glance", *(("network",) if self._is_chain else ()))
        return (*drawn, *super().names, "permutation_importance", "partial_dependence")

    @property
    def _is_chain(self) -> bool:
        """Whether the network is dense layers one after the other."""
        from profond.layers import Activation, Dense, Dropout

        network = self.result.model.networks[0]
        plain = all(isinstance(layer, Dense | Dropout | Activation) for layer in network.layers)
        return plain and not hasattr(network, "_graph")

    def columns_at_a_glance(self, *, most: int = 24, lang: "Language" = "en") -> Figure:
        """The target, the columns that are used, then the others, in up to 20000 rows."""
        result = self.result
        target, used = result.model.target.name, result.model.preprocessor.column_names
        kinds = result.profile.copy()
        if result.model.task != "regression":
            kinds.loc[kinds["column"] == target, "kind"] = "category"
        first = [target, *used]
        sample = result.sample.set_axis(result.sample.columns.map(str), axis=1)
        rest = [name for name in sample.columns if name not in first]
        return figures.columns_at_a_glance(
            sample, profile=kinds, columns=[*first, *rest], most=most, lang=lang
        )

    def network(
        self, *, member: int = 0, max_neurons: int = 10, ax: Axes | None = None,
        lang: "Language" = "en",
    ) -> Figure:  # fmt: skip
        """The neurons of one network, if its layers follow one another.

        Raises:
            ValueError: If the network is no chain of dense layers; `network_boxes` draws it.
        """
        network = self.result.model.networks[member]
        if not self._is_chain:
            raise ValueError(
                "The network is no chain of dense layers and cannot be drawn as neurons; "
                "`network_boxes` draws any network."
            )
        return figures.network(network, max_neurons=max_neurons, dropped=0.0, ax=ax, lang=lang)

    def permutation_importance(
        self,
        importances: pd.DataFrame | None = None,
        *,
        most: int = 20,
        ax: Axes | None = None,
        lang: "Language" = "en",
    ) -> Figure:
        """How much worse the predictions are when a column is shuffled.

        Args:
            importances: What `result.importance()` gave; computed when None.
            most: At most so many columns.
            ax: Axes to draw on.
            lang: "en" or "fr".
        """
        found = self.result.importance() if importances is None else importances
        metric = importance_metric(self.result)
        return figures.permutation_importance(found, metric=metric, most=most, ax=ax, lang=lang)

    def partial_dependence(
        self, column: "str | Dependence", *, ax: Axes | None = None, lang: "Language" = "en"
    ) -> Figure:
        """The mean prediction by the value of a column.

        Args:
            column: Its name, or what `result.dependence(name)` gave.
            ax: Axes to draw on.
            lang: "en" or "fr".
        """
        found = self.result.dependence(column) if isinstance(column, str) else column
        return figures.partial_dependence(
            found,
            classes=self.result.model.classes or None,
            name=self.result.model.target.name if not self.result.model.classes else None,
            ax=ax,
            lang=lang,
        )
