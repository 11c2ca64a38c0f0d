"""Time series, as a run sees them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from profond.data.series import BUNDLED_SERIES, SeriesPreprocessor, SeriesSet, open_series
from profond.estimators import SeriesModel
from profond.estimators._series_windows import with_windows
from profond.estimators._trained_model import TrainedModel
from profond.experiment._folder_checks import check_fields
from profond.experiment._kind import Kind
from profond.experiment._known_rows import KnownRows
from profond.experiment._known_series import opened_again
from profond.experiment._known_sets import known_rows_of_set
from profond.experiment._labelled_rows import (
    NAME,
    Ways,
    prepare_labelled,
    read_labelled_rows,
)
from profond.experiment._prepare import transform_quietly
from profond.experiment._result import RunResult
from profond.experiment._rows import Prepared, Rows
from profond.experiment._series_baselines import series_baselines
from profond.experiment._series_result import SeriesResult
from profond.experiment._series_schema import SeriesExperiment
from profond.experiment._set_identity import find_set, set_identity
from profond.experiment._set_script import Words, opened_by_name, set_script

_WAYS = Ways(
    "A .ts file says `@classLabel true ...` or `@targetlabel true`; arrays come with "
    "`series_from_arrays(values, labels)`.",
    "its file must be NAME_TRAIN with NAME_TEST beside it, or an .npz file with X_train and "
    "X_test.",
)

_SCRIPT = Words(
    "series", "profond.data.series", "open_series", ("SeriesClassifier", "SeriesRegressor")
)


class SeriesKind(Kind):
    """Series with one or several channels, of equal lengths or not, each with a label."""

    model: ClassVar[type[TrainedModel]] = SeriesModel
    result: ClassVar[type[RunResult]] = SeriesResult
    rows: ClassVar[str] = "series"
    use: ClassVar[str] = """profond predict FOLDER NEW.ts -o predictions.csv

from profond.experiment import load_model_folder
load_model_folder("FOLDER").predict(series)"""

    def open(self, experiment: SeriesExperiment, data: Any) -> SeriesSet:
        """The series of a run, with the test part that lies beside them."""
        chosen = experiment.data
        return open_series(
            data,
            id_column=chosen.id_column,
            time_column=chosen.time_column,
            label_column=chosen.target if chosen.id_column is not None else None,
        )

    def described(self, experiment: SeriesExperiment, data: SeriesSet) -> SeriesExperiment:
        """The description with a name for the labels."""
        del data
        return experiment.with_settings({"target": experiment.data.target or NAME})

    def read_rows(self, data: SeriesSet, experiment: SeriesExperiment) -> Rows:
        """See `read_labelled_rows`."""
        return read_labelled_rows(data, experiment, called=self.rows, ways=_WAYS)

    def prepare(self, rows: Rows, train: np.ndarray, test: np.ndarray) -> Prepared:
        """Fit scaling and lengths on training series, and encode them and the test series."""
        experiment = rows.experiment
        preprocessor = SeriesPreprocessor.fit(
            rows.inputs.take(train),
            scaling=experiment.preprocessing.scaling,
            fixed=experiment.network.fixed_length,
            window=experiment.training.window,
        )
        prepared = prepare_labelled(rows, train, test, preprocessor)
        if not preprocessor.window:
            return prepared
        part = with_windows(prepared.part, preprocessor, experiment.training.augment)
        return replace(prepared, part=part)

    def some(self, inputs: SeriesSet, rows: np.ndarray) -> SeriesSet:
        """Some of the series."""
        return inputs.take(rows)

    def doubts(self, prepared: Prepared) -> list[str]:
        """What may be wrong with the series."""
        series = prepared.rows.inputs.take(prepared.train)
        said = []
        for channel in range(series.values.shape[2]):
            values = series.values[:, :, channel][series.mask]
            if np.nanmin(values, initial=np.inf) >= np.nanmax(values, initial=-np.inf):
                name = series.channels[channel] if series.channels else str(channel + 1)
                said.append(f"Channel {name} has the same value everywhere: it tells nothing.")
        return said

    def baselines(
        self, prepared: Prepared, model: TrainedModel
    ) -> Iterator[tuple[str, np.ndarray]]:
        """See `series_baselines`."""
        return series_baselines(
            model.task,
            (self._whole(prepared), prepared.train_truth),
            prepared.test_inputs,
            len(model.classes),
        )

    def _whole(self, prepared: Prepared) -> np.ndarray:
        """The training series, encoded, where the networks learn from windows of them."""
        if not prepared.preprocessor.window:
            return prepared.part.inputs
        series = prepared.rows.inputs.take(prepared.train)
        return transform_quietly(prepared.preprocessor, series)

    def facts(self, kept: Prepared) -> dict[str, Any]:
        """The training series, to draw examples from."""
        return {"learned": kept.rows.inputs.take(kept.train), "learned_truth": kept.train_truth}

    def report(self, result: Any) -> list[Any]:
        """See `series_sections`."""
        from profond.experiment.report._series import series_sections

        return series_sections(result)

    def card(self, result: Any) -> str:
        """See `series_card`."""
        from profond.experiment._series_card import series_card

        return series_card(result, self.use)

    def script(
        self,
        experiment: SeriesExperiment,
        source: str | None,
        *,
        of: str = "",
        model: Any = None,
        seed: int | None = None,
        moved: bool = False,
    ) -> str:
        """See `set_script`."""
        del model, moved
        found = self.open(experiment, opened_by_name(source, self.rows, of))
        rows = self.read_rows(found, self.described(experiment, found))
        chosen = experiment.data
        options = {
            "id_column": chosen.id_column,
            "time_column": chosen.time_column,
            "label_column": chosen.target if chosen.id_column is not None else None,
        }
        return set_script(rows, _SCRIPT, found.source, options, seed)

    def read_preprocessor(self, state: Mapping[str, Any]) -> SeriesPreprocessor:
        """The fitted scaling and lengths."""
        preprocessor = SeriesPreprocessor.from_dict(state)
        check_fields(preprocessor, "preprocessing")
        return preprocessor

    def needs(self, model: SeriesModel) -> list[dict[str, str]]:
        """The lengths, and the channels with what was usual in training."""
        found = model.preprocessor
        steps = f"{found.longest}" if found.equal else f"{found.shortest} to {found.longest}"
        named = found.channels or tuple(f"channel {i + 1}" for i in range(len(found.centre)))
        scaled = found.scaling == "channels"
        return [
            {"name": "steps", "kind": "length", "values": steps},
            *(
                {
                    "name": name,
                    "kind": "channel",
                    "values": f"{round(centre, 6):g} ± {scale:.4g}" if scaled else "",
                }
                for name, centre, scale in zip(named, found.centre, found.scale, strict=True)
            ),
        ]

    def new(self, model: SeriesModel, data: Any) -> SeriesSet:
        """The series, read as those of the training."""
        return opened_again(model, data)

    def known(self, model: SeriesModel, data: Any, target: str | None, reading: Any) -> KnownRows:
        """See `known_rows_of_set`."""
        del reading
        goal = target or model.target.name
        return known_rows_of_set(model, opened_again(model, data, goal), self.rows)

    def pictures(self, model: SeriesModel, rows: KnownRows, outputs: np.ndarray) -> dict[str, Any]:
        """See `set_pictures`; of networks that know windows, the middle one of each series."""
        from profond.experiment._set_pictures import set_pictures

        seen, lengths = transform_quietly(model.preprocessor, rows.inputs), rows.inputs.lengths
        if model.preprocessor.window:
            windows = model.preprocessor.windows(seen)
            seen, lengths = windows[:, windows.shape[1] // 2], np.full(len(seen), windows.shape[2])
        return set_pictures(
            model, seen, rows.truth, outputs, steps=lambda place: int(lengths[place])
        )

    def identity(self, data: SeriesSet) -> dict[str, Any]:
        """Where the series are, and a digest of their values and labels."""
        return set_identity(data, [data.values, data.lengths], BUNDLED_SERIES)

    def digest(self, data: SeriesSet) -> str:
        """That of `identity`."""
        return self.identity(data)["digest"]

    def find(
        self, identity: Mapping[str, Any], experiment: SeriesExperiment, data: Any, folder: str
    ) -> SeriesSet:
        """See `find_set`."""
        return find_set(self, identity, experiment, data, folder)
