"""Time series, as a run sees them."""

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from profond.data.series import BUNDLED_SERIES, SeriesPreprocessor, SeriesSet, open_series
from profond.estimators import SeriesModel
from profond.estimators._trained_model import TrainedModel
from profond.experiment._folder_checks import check_fields
from profond.experiment._kind import Kind
from profond.experiment._known_rows import KnownRows
from profond.experiment._known_series import known_series, opened_again
from profond.experiment._result import RunResult
from profond.experiment._rows import Prepared, Rows
from profond.experiment._series_baselines import series_baselines
from profond.experiment._series_result import SeriesResult
from profond.experiment._series_rows import NAME, prepare_series, read_series_rows
from profond.experiment._series_schema import SeriesExperiment


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
        """See `read_series_rows`."""
        return read_series_rows(data, experiment)

    def prepare(self, rows: Rows, train: np.ndarray, test: np.ndarray) -> Prepared:
        """See `prepare_series`."""
        return prepare_series(rows, train, test)

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
            (prepared.part.inputs, prepared.train_truth),
            prepared.test_inputs,
            len(model.classes),
        )

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
        """See `known_series`."""
        del reading
        return known_series(model, data, target)

    def identity(self, data: SeriesSet) -> dict[str, Any]:
        """Where the series are, and a digest of their values and labels."""
        digest = hashlib.sha256()
        for array in (data.values, data.lengths):
            digest.update(repr((array.shape, str(array.dtype))).encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        digest.update(repr(None if data.labels is None else data.labels.tolist()).encode())
        path = Path(data.source)
        place = "" if not data.source else None
        if path.is_file():
            place = os.path.abspath(path)
        elif data.source and data.source not in BUNDLED_SERIES:
            place = ""
        return {
            "source": data.source,
            "name": data.name,
            "path": place,  # absolute; None for a bundled set, empty for series from memory
            "series": len(data),
            "digest": digest.hexdigest(),
        }

    def find(
        self, identity: Mapping[str, Any], experiment: SeriesExperiment, data: Any, folder: str
    ) -> SeriesSet:
        """The series of an interrupted run, opened again.

        Raises:
            ValueError: If they are others, or came from memory and are not given again.
            FileNotFoundError: If the file is no longer there.
        """
        if data is None:
            data = identity["source"] if identity["path"] is None else identity["path"]
            if not data:
                raise ValueError(
                    f"The interrupted run of {folder} learned from series in memory; give the same "
                    f"ones again: resume_training({folder!r}, series)."
                )
        series = self.open(experiment, data)
        if self.identity(series)["digest"] != identity["digest"]:
            raise ValueError(
                f"The series are not those that the interrupted run of {folder} began with "
                f"({len(series)} now, {identity['series']} then). Give them back their content, or "
                "train anew without --resume."
            )
        return replace(series, source=identity["source"], name=identity["name"])
