"""Intersection over union of the areas of each class, for segmentation."""

import warnings
from collections.abc import Sequence
from typing import Any

import torch

from profond._tensors import convert_to_tensor
from profond.config import epsilon
from profond.metrics._metric import Metric


class IoU(Metric):
    r"""Mean over some classes of $TP / (TP + FP + FN)$, from the confusion matrix.

    Classes that neither occur nor are predicted do not count. Labels and predictions that are
    no class are left out.

    Args:
        num_classes: Number of classes, > 0.
        target_class_ids: The classes whose mean is the result.
        name: Name in logs.
        dtype: Element type of the confusion matrix. None is int32, which cuts off the fraction
            of sample weights (and warns): give "float32" with fractional weights.
        ignore_class: A label whose samples are left out, or None.
        sparse_y_true: Whether targets are class numbers; else one-hot.
        sparse_y_pred: Whether predictions are class numbers; else one value per class.
        axis: The axis of the classes where there is one.

    Raises:
        ValueError: If a target class is out of range.
    """

    _direction = "up"

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(name=name, dtype=dtype or "int32")
        wrong = [class_id for class_id in target_class_ids if not 0 <= class_id < num_classes]
        if wrong:
            raise ValueError(
                f"`target_class_ids` must be in [0, {num_classes}), the classes that there are; "
                f"received {wrong[0]!r}."
            )
        self.num_classes = num_classes
        self.target_class_ids = list(target_class_ids)
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis
        self.total_cm = self.add_variable(
            (num_classes, num_classes), "zeros", name="total_confusion_matrix"
        )

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Args:
            y_true: Class numbers, or one-hot labels.
            y_pred: Class numbers, or values per class.
            sample_weight: One weight per label, or a single one.

        Raises:
            ValueError: If there are not as many labels as predictions.
        """
        y_pred, y_true = convert_to_tensor(y_pred), convert_to_tensor(y_true)
        y_true = y_true.to(y_pred.device)
        self._follow(y_pred)
        if not self.sparse_y_true:
            y_true = y_true.argmax(self.axis)
        if not self.sparse_y_pred:
            y_pred = y_pred.argmax(self.axis)
        shapes = tuple(y_true.shape), tuple(y_pred.shape)
        y_true, y_pred = y_true.reshape(-1).long(), y_pred.reshape(-1).long()
        if y_true.shape != y_pred.shape:
            raise ValueError(
                f"{type(self).__name__} needs as many labels as predictions; received classes "
                f"of shape {shapes[0]} and predictions of shape {shapes[1]}."
            )
        weights = self._weights(sample_weight, y_true)
        inside = (y_true >= 0) & (y_true < self.num_classes)
        inside = inside & (y_pred >= 0) & (y_pred < self.num_classes)
        if self.ignore_class is not None:
            inside = inside & (y_true != self.ignore_class)
        cells = torch.where(inside, y_true * self.num_classes + y_pred, 0)
        weights = torch.where(inside, weights, 0).to(self._torch_dtype)
        self.total_cm.view(-1).scatter_add_(0, cells, weights)

    def _weights(self, sample_weight: Any, y_true: torch.Tensor) -> torch.Tensor:
        """One weight per label in the type of the matrix."""
        if sample_weight is None:
            return torch.ones_like(y_true, dtype=self._torch_dtype)
        weights = convert_to_tensor(sample_weight).to(y_true.device)
        if weights.is_floating_point() and not self._torch_dtype.is_floating_point:
            warnings.warn(
                f"{type(self).__name__} counts in {self.dtype} and cuts off the fraction of "
                'sample weights: give it `dtype="float32"` to keep it.',
                stacklevel=3,
            )
        return weights.to(self._torch_dtype).reshape(-1).expand(len(y_true))

    def result(self) -> torch.Tensor:
        """The mean over the target classes that occur, a scalar."""
        matrix = self.total_cm.detach()
        hits = matrix.diagonal()
        union = matrix.sum(0) + matrix.sum(1) - hits
        ids = torch.tensor(self.target_class_ids, device=matrix.device)
        hits, union = hits[ids].to(torch.float32), union[ids].to(torch.float32)
        occurs = union > 1e-9
        shares = torch.where(occurs, hits / (union + epsilon()), 0.0)
        return shares.sum() / (occurs.sum() + epsilon())

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same metric."""
        return {
            **super().get_config(),
            "num_classes": self.num_classes,
            "target_class_ids": self.target_class_ids,
            "ignore_class": self.ignore_class,
            "sparse_y_true": self.sparse_y_true,
            "sparse_y_pred": self.sparse_y_pred,
            "axis": self.axis,
        }


def _without(config: dict[str, Any], *names: str) -> dict[str, Any]:
    """A configuration without the arguments that a subclass sets itself."""
    return {key: value for key, value in config.items() if key not in names}


class BinaryIoU(IoU):
    """Intersection over union of two classes, from probabilities of the second.

    Args:
        target_class_ids: The classes whose mean is the result: (0,), (1,) or (0, 1).
        threshold: Predictions at or above it are class 1.
        name: Name in logs.
        dtype: Element type of the confusion matrix; None is int32.
    """

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(2, target_class_ids, name=name, dtype=dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Add a batch.

        Args:
            y_true: Labels 0 or 1.
            y_pred: Probabilities of 1, as many.
            sample_weight: One weight per label, or a single one.

        Raises:
            ValueError: If there are not as many labels as predictions.
        """
        guess = convert_to_tensor(y_pred).to(torch.float32) >= self.threshold
        super().update_state(y_true, guess, sample_weight)

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same metric."""
        config = {**super().get_config(), "threshold": self.threshold}
        return _without(
            config, "num_classes", "ignore_class", "sparse_y_true", "sparse_y_pred", "axis"
        )


class MeanIoU(IoU):
    """Mean intersection over union of all classes that occur.

    Args:
        num_classes: Number of classes, > 0.
        name: Name in logs.
        dtype: Element type of the confusion matrix; None is int32.
        ignore_class: A label whose samples are left out, or None.
        sparse_y_true: Whether targets are class numbers; else one-hot.
        sparse_y_pred: Whether predictions are class numbers; else one value per class.
        axis: The axis of the classes where there is one.
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            range(num_classes),
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=sparse_y_true,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same metric."""
        return _without(super().get_config(), "target_class_ids")


class OneHotIoU(IoU):
    """Mean intersection over union of some classes, from one-hot labels.

    Args:
        num_classes: Number of classes, > 0.
        target_class_ids: The classes whose mean is the result.
        name: Name in logs.
        dtype: Element type of the confusion matrix; None is int32.
        ignore_class: A label whose samples are left out, or None.
        sparse_y_pred: Whether predictions are class numbers; else one value per class.
        axis: The axis of the classes.
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            target_class_ids,
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=False,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same metric."""
        return _without(super().get_config(), "sparse_y_true")


class OneHotMeanIoU(MeanIoU):
    """Mean intersection over union of all classes that occur, from one-hot labels.

    Args:
        num_classes: Number of classes, > 0.
        name: Name in logs.
        dtype: Element type of the confusion matrix; None is int32.
        ignore_class: A label whose samples are left out, or None.
        sparse_y_pred: Whether predictions are class numbers; else one value per class.
        axis: The axis of the classes.
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            name=name,
            dtype=dtype,
            ignore_class=ignore_class,
            sparse_y_true=False,
            sparse_y_pred=sparse_y_pred,
            axis=axis,
        )

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same metric."""
        return _without(super().get_config(), "sparse_y_true")
