"""A trained model for images."""

from typing import Any, ClassVar

from profond.data.images import ImagePreprocessor, open_images
from profond.estimators._trained_model import TrainedModel


class ImageModel(TrainedModel):
    """Predicts a class or a number from an image.

    `predict`, `predict_proba`, `predict_interval` and `predict_frame` take an `ImageSet`, or what
    `profond.data.images.open_images` takes: a folder, a list of paths, an array.

    Attributes:
        preprocessor: The fitted preprocessing.
    """

    kind: ClassVar[str] = "images"
    preprocessor: ImagePreprocessor

    def encode(self, data: Any) -> Any:
        """What the networks take, shape (n, height, width, channels).

        Returns:
            An array; of images in files `DecodedImages`, which decodes those it is asked for.
        """
        return self.preprocessor.rows(open_images(data))
