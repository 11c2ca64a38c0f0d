"""What a run on images gives back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from profond.data.images import ImageSet
from profond.estimators import ImageModel
from profond.experiment._image_schema import ImageExperiment
from profond.experiment._on_test_rows import first_rows
from profond.experiment._result import RunResult

if TYPE_CHECKING:
    import pandas as pd

    from profond.experiment._image_figures import ImageFigures


@dataclass(frozen=True)
class ImageResult(RunResult):
    """A finished run on images.

    Attributes:
        learned: The training images.
        learned_truth: Their numbers, or places of their classes.
    """

    experiment: ImageExperiment
    model: ImageModel
    learned: ImageSet
    learned_truth: np.ndarray

    @property
    def figures(self) -> "ImageFigures":
        """Every picture of the report, one method each: `result.figures.learning_curves()`."""
        from profond.experiment._image_figures import ImageFigures

        return ImageFigures(self)

    @property
    def told_size(self) -> str:
        """Size and channels of the images, as the networks see them."""
        found = self.model.preprocessor
        kind = {1: "grey", 3: "colour"}.get(len(found.mean), f"{len(found.mean)}-channel")
        return f"{found.height} x {found.width} pixels, {kind}"

    def worst_errors(self, n: int = 10) -> "pd.DataFrame":
        """The test images on which the networks are most wrong; see `figures.worst_errors`.

        The index is the place of the image in the set, from 0; `name` is its file, where it has
        one.
        """
        import pandas as pd

        from profond.experiment._on_test_rows import labels_of_classes
        from profond.figures import worst_errors

        rows = first_rows(self)
        test = self.test
        names = test.inputs.take(rows).names
        frame = pd.DataFrame({"name": list(names)} if names else {}, index=test.rows[rows])
        truth, predicted = test.truth[rows], test.predictions[rows]
        if self.model.task == "regression":
            return worst_errors(frame, truth, predicted, n=n)
        labels = labels_of_classes(self)
        return worst_errors(frame, labels[truth], predicted, n=n, classes=self.model.classes)
