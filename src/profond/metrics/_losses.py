"""Means of the losses for classes, distributions and counts, as metrics."""

from typing import Any

from profond.losses._crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from profond.losses._divergence import kl_divergence, poisson
from profond.losses._hinge import categorical_hinge, hinge, squared_hinge
from profond.metrics._mean import BuiltinMean


class BinaryCrossentropy(BuiltinMean):
    """Mean cross-entropy of labels 0 or 1.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
        from_logits: Whether predictions are logits.
        label_smoothing: In [0, 1]: how far targets are moved towards 0.5.
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
    ) -> None:
        super().__init__(
            binary_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
        )


class CategoricalCrossentropy(BuiltinMean):
    """Mean cross-entropy of one-hot labels.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
        from_logits: Whether predictions are logits.
        label_smoothing: In [0, 1]: the part of each target spread evenly over the classes.
        axis: The axis of the classes.
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        label_smoothing: float = 0,
        axis: int = -1,
    ) -> None:
        super().__init__(
            categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            label_smoothing=label_smoothing,
            axis=axis,
        )


class SparseCategoricalCrossentropy(BuiltinMean):
    """Mean cross-entropy of class numbers.

    Samples of `ignore_class` add 0 to the mean but count in it, as in Keras, unless there are
    sample weights; the loss of the same name leaves them out.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
        from_logits: Whether predictions are logits.
        ignore_class: A label whose loss is 0, or None.
        axis: The axis of the classes.
    """

    _direction = "down"

    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: Any = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy,
            name,
            dtype,
            from_logits=from_logits,
            ignore_class=ignore_class,
            axis=axis,
        )


class KLDivergence(BuiltinMean):
    """Mean Kullback-Leibler divergence of predicted from true distributions.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "kl_divergence", dtype: Any = None) -> None:
        super().__init__(kl_divergence, name, dtype)


class Poisson(BuiltinMean):
    """Mean Poisson loss of counts.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "poisson", dtype: Any = None) -> None:
        super().__init__(poisson, name, dtype)


class Hinge(BuiltinMean):
    """Mean hinge loss of labels -1 and 1.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "hinge", dtype: Any = None) -> None:
        super().__init__(hinge, name, dtype)


class SquaredHinge(BuiltinMean):
    """Mean squared hinge loss of labels -1 and 1.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "squared_hinge", dtype: Any = None) -> None:
        super().__init__(squared_hinge, name, dtype)


class CategoricalHinge(BuiltinMean):
    """Mean hinge loss of one-hot labels.

    Args:
        name: Name in logs.
        dtype: Element type of the state; None is `config.floatx()`.
    """

    _direction = "down"

    def __init__(self, name: str | None = "categorical_hinge", dtype: Any = None) -> None:
        super().__init__(categorical_hinge, name, dtype)
