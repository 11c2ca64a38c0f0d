"""What the classifier and the regressor of images share."""

from typing import Any, ClassVar, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from profond.data.images import ImagePreprocessor, ImageSet, open_images
from profond.estimators._estimator import Estimator
from profond.estimators._image_model import ImageModel
from profond.estimators._image_settings import ImageSettings
from profond.estimators._inputs import as_dense


class Images(Estimator):
    """Images in, brought to one size."""

    _model_kind: ClassVar[Any] = ImageModel
    _settings_kind: ClassVar[Any] = ImageSettings
    model_: ImageModel

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Prepare the images and train the networks.

        Args:
            X: The images; see the class.
            y: Their target, shape (n,); the labels of what is opened (the names of the folders)
                when None.
            sample_weight: Weight of each image in the loss, >= 0.

        Returns:
            The estimator.

        Raises:
            ValueError: If a parameter, an image or the target cannot be used.
            FileNotFoundError: If there is no such file or folder.
            RuntimeError: If training fails: the loss became infinite, or an output died.
            KeyboardInterrupt: If Ctrl-C was pressed before a network was trained.
        """
        images = self._read(X, reset=True)
        return super().fit(images, images.labels if y is None else y, sample_weight)

    def _read(self, x: Any, *, reset: bool) -> ImageSet:
        del reset
        row = "(height, width) or (height, width, channels)"
        return open_images(as_dense(x, called="images", row=row), verbose=self.verbose)

    def _some(self, data: ImageSet, rows: np.ndarray) -> ImageSet:
        return data.take(rows)

    def _prepare(self, data: ImageSet, settings: ImageSettings) -> ImagePreprocessor:
        chosen = settings.preprocessing
        return ImagePreprocessor.fit(data, size=chosen.size, how=chosen.how)

    def _encoded(self, x: Any) -> Any:
        check_is_fitted(self, "model_")
        return self.model_.preprocessor.rows(self._read(x, reset=False))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.two_d_array = tags.input_tags.allow_nan = False
        return tags
