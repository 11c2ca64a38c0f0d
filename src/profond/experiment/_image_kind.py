"""Images, as a run sees them."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np

from profond.data.images import (
    ImagePreprocessor,
    ImageSet,
    open_images,
    repeat_warnings,
)
from profond.data.images._known import KNOWN
from profond.estimators import ImageModel
from profond.estimators._trained_model import TrainedModel
from profond.experiment._folder_checks import check_fields
from profond.experiment._image_baselines import image_baselines
from profond.experiment._image_result import ImageResult
from profond.experiment._image_schema import ImageExperiment
from profond.experiment._kind import Kind
from profond.experiment._known_rows import KnownRows
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
from profond.experiment._set_identity import find_set, set_identity
from profond.experiment._set_script import Words, opened_by_name, set_script

_WAYS = Ways(
    "A folder has a folder for each class; a CSV file has columns path and label; arrays come as "
    "(x, y).",
    "the folder must hold the folders train and test, or the .npz file x_train and x_test.",
)

_SCRIPT = Words(
    "images", "profond.data.images", "open_images", ("ImageClassifier", "ImageRegressor")
)


class ImageKind(Kind):
    """Images of any size, grey or coloured, each with a label."""

    model: ClassVar[type[TrainedModel]] = ImageModel
    result: ClassVar[type[RunResult]] = ImageResult
    rows: ClassVar[str] = "images"
    use: ClassVar[str] = """profond predict FOLDER NEW_IMAGES -o predictions.csv

from profond.experiment import load_model_folder
load_model_folder("FOLDER").predict("NEW_IMAGES")"""

    def open(self, experiment: ImageExperiment, data: Any) -> ImageSet:
        """The images of a run."""
        chosen = experiment.data
        return open_images(data, broken=chosen.broken, channels=chosen.channels)

    def described(self, experiment: ImageExperiment, data: ImageSet) -> ImageExperiment:
        """The description with a name for the labels."""
        del data
        return experiment.with_settings({"target": experiment.data.target or NAME})

    def read_rows(self, data: ImageSet, experiment: ImageExperiment) -> Rows:
        """See `read_labelled_rows`."""
        return read_labelled_rows(data, experiment, called=self.rows, ways=_WAYS)

    def prepare(self, rows: Rows, train: np.ndarray, test: np.ndarray) -> Prepared:
        """Fit the size and the scaling on training images, and encode them and the test images."""
        chosen = rows.experiment.preprocessing
        preprocessor = ImagePreprocessor.fit(
            rows.inputs.take(train), size=chosen.size, how=chosen.how
        )
        return prepare_labelled(rows, train, test, preprocessor)

    def some(self, inputs: ImageSet, rows: np.ndarray) -> ImageSet:
        """Some of the images."""
        return inputs.take(rows)

    def doubts(self, prepared: Prepared) -> list[str]:
        """Images that are in both parts, or have two labels."""
        return repeat_warnings(prepared.rows.inputs, prepared.train, prepared.test)

    def baselines(
        self, prepared: Prepared, model: TrainedModel
    ) -> Iterator[tuple[str, np.ndarray]]:
        """See `image_baselines`."""
        return image_baselines(
            model.task,
            (prepared.part.inputs, prepared.train_truth),
            prepared.test_inputs,
            len(model.classes),
        )

    def facts(self, kept: Prepared) -> dict[str, Any]:
        """The training images, to draw examples from."""
        return {"learned": kept.rows.inputs.take(kept.train), "learned_truth": kept.train_truth}

    def report(self, result: Any) -> list[Any]:
        """See `image_sections`."""
        from profond.experiment.report._images import image_sections

        return image_sections(result)

    def card(self, result: Any) -> str:
        """See `image_card`."""
        from profond.experiment._image_card import image_card

        return image_card(result, self.use)

    def script(
        self,
        experiment: ImageExperiment,
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
            "broken": None if chosen.broken == "skip" else chosen.broken,
            "channels": chosen.channels,
        }
        return set_script(rows, _SCRIPT, found.source, options, seed)

    def read_preprocessor(self, state: Mapping[str, Any]) -> ImagePreprocessor:
        """The fitted size and scaling."""
        preprocessor = ImagePreprocessor.from_dict(state)
        check_fields(preprocessor, "preprocessing")
        return preprocessor

    def needs(self, model: ImageModel) -> list[dict[str, str]]:
        """The size that images are brought to, and the channels with what was usual."""
        found = model.preprocessor
        names = ("grey",) if len(found.mean) == 1 else ("red", "green", "blue", "alpha")
        size = f"{found.height} x {found.width} pixels ({found.how})"
        return [
            {"name": "size", "kind": "brought to", "values": size},
            *(
                {"name": name, "kind": "channel", "values": f"{mean:.4g} ± {std:.4g}"}
                for name, mean, std in zip(names, found.mean, found.std, strict=False)
            ),
        ]

    def new(self, model: ImageModel, data: Any) -> ImageSet:
        """The images, read in the colours of the training."""
        return open_images(data, channels=_channels(model))

    def known(self, model: ImageModel, data: Any, target: str | None, reading: Any) -> KnownRows:
        """See `known_rows_of_set`."""
        del target, reading
        return known_rows_of_set(model, self.new(model, data), self.rows)

    def pictures(self, model: ImageModel, rows: KnownRows, outputs: np.ndarray) -> dict[str, Any]:
        """See `set_pictures`."""
        from profond.experiment._set_pictures import set_pictures

        seen = transform_quietly(model.preprocessor, rows.inputs)
        return set_pictures(model, seen, rows.truth, outputs, steps=None)

    def identity(self, data: ImageSet) -> dict[str, Any]:
        """Where the images are, and a digest of their sizes, names and some of their pixels."""
        some = [data.one(i) for i in np.linspace(0, len(data) - 1, min(len(data), 64)).astype(int)]
        names = np.frombuffer("\n".join(data.names).encode(), dtype=np.uint8)
        return set_identity(data, [np.asarray(data.sizes), names, *some], KNOWN)

    def digest(self, data: ImageSet) -> str:
        """That of `identity`."""
        return self.identity(data)["digest"]

    def find(
        self, identity: Mapping[str, Any], experiment: ImageExperiment, data: Any, folder: str
    ) -> ImageSet:
        """See `find_set`."""
        return find_set(self, identity, experiment, data, folder)


def _channels(model: ImageModel) -> int | None:
    count = len(model.preprocessor.mean)
    return count if count in (1, 3) else None
