"""The pictures of a run on images."""

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from profond import figures
from profond.experiment._figures import ResultFigures
from profond.experiment._on_test_rows import first_rows, labels_of_classes

if TYPE_CHECKING:
    from profond.data.images import ImageSet
    from profond.experiment._image_result import ImageResult
    from profond.figures._canvas import Language


class ImageFigures(ResultFigures):
    """The pictures of a finished run on images, with those of the images themselves."""

    result: "ImageResult"

    @property
    def names(self) -> tuple[str, ...]:
        """The methods that this result has a picture for."""
        own = ["image_examples", "learned_filters"]
        if self.result.model.classes:
            own.append("class_activation")
            if (self.result.test.predictions.argmax(1) != self.result.test.truth).any():
                own.append("most_confident_errors")
        return (*own, *super().names)

    def image_examples(self, *, most: int = 6, lang: "Language" = "en") -> Figure:
        """Training images, some of each class or from small numbers to large ones.

        Args:
            most: Images of each class, at most.
            lang: "en" or "fr".
        """
        result = self.result
        truth, classes = result.learned_truth, result.model.classes
        if classes:
            rows = [np.flatnonzero(truth == place)[:most] for place in range(len(classes))]
            titles = [str(one) for one in classes]
        else:
            order = np.argsort(truth, kind="stable")
            rows = [order[np.linspace(0, len(order) - 1, min(2 * most, len(order))).astype(int)]]
            titles = [result.model.target.name]
        images = [self._pixels(result.learned, one) for one in rows]
        return figures.image_examples(images, titles, lang=lang)

    def learned_filters(self, *, member: int = 0, lang: "Language" = "en") -> Figure:
        """The filters of the first convolution of a network."""
        return figures.learned_filters(self.result.model.networks[member], lang=lang)

    def class_activation(
        self, place: int | None = None, *, member: int = 0, lang: "Language" = "en"
    ) -> Figure:
        """Where a network looks in a test image, for the class it answers.

        Args:
            place: Which of the test images, from 0; None takes the first wrong one, or the first.
            member: Which network, from 0.
            lang: "en" or "fr".
        """
        result = self.result
        wrong = result.test.predictions.argmax(1) != result.test.truth
        chosen = int(wrong.argmax()) if place is None else place
        image = self._pixels(result.test.inputs, np.array([chosen]))[0]
        return figures.class_activation(
            result.model.networks[member], image, classes=result.model.classes, lang=lang
        )

    def most_confident_errors(self, *, n: int = 15, lang: "Language" = "en") -> Figure:
        """The test images that are taken for another class with the largest probability.

        Args:
            n: At most so many.
            lang: "en" or "fr".
        """
        result, rows = self.result, first_rows(self.result)
        predicted = result.test.predictions[rows]
        truth = result.test.truth[rows]
        wrong = np.flatnonzero(predicted.argmax(1) != truth)
        surest = wrong[np.argsort(-predicted[wrong].max(1), kind="stable")][:n]
        return figures.most_confident_errors(
            self._pixels(result.test.inputs, rows[surest]),
            labels_of_classes(result)[truth[surest]],
            predicted[surest],
            classes=result.model.classes,
            n=n,
            lang=lang,
        )

    def _pixels(self, images: "ImageSet", rows: np.ndarray) -> np.ndarray:
        """Some images as the networks see them."""
        return self.result.model.preprocessor.transform(images.take(rows))
