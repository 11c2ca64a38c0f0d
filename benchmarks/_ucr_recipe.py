"""How a network for series is trained in the benchmark.

As `SeriesClassifier` trains one, or by the protocol of the papers.
"""

import time
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

PRECISION = "bfloat16"  # what the benchmark changes of the defaults
_CALLED = {"resnet1d": "resnet", "series_mlp": "mlp"}  # architectures, for the estimator


@dataclass(frozen=True)
class Trained:
    """What a training gave.

    Attributes:
        probabilities: Of the classes, for each series that was held out.
        steps: Number of steps.
        batch: Series per step.
        seconds: Of the training.
        loss: The last epoch's.
    """

    probabilities: np.ndarray
    steps: int
    batch: int
    seconds: float
    loss: float


class Recipe:
    """A training, the same for every network and set.

    Args:
        **changes: Settings of `SeriesClassifier` in the place of its defaults.
    """

    def __init__(self, **changes: Any) -> None:
        from profond.estimators._series_settings import SeriesSettings

        self.changes = {"precision": PRECISION, **changes}
        self.training = SeriesSettings.of(self.changes).training

    def describe(self) -> dict[str, Any]:
        """All settings of the training, as plain values."""
        return self.training.model_dump(mode="json")

    def train(
        self, network: str, x: np.ndarray, y: np.ndarray, x_test: np.ndarray, seed: int
    ) -> Trained:
        """Train a network and let it answer.

        Args:
            network: Name of a function of `profond.architectures`.
            x: Training series, NaN after the end of shorter ones.
            y: Their classes, from 0 on, each at least once.
            x_test: Series to answer for.
            seed: Where all randomness starts.
        """
        from profond.estimators import SeriesClassifier

        classifier = SeriesClassifier(
            architecture=_CALLED.get(network, network), seeds=1, random_state=seed, **self.changes
        )
        start = time.perf_counter()
        classifier.fit(x, y)
        seconds = time.perf_counter() - start
        batch = self.training.batch_rows(len(x))
        steps = -(-len(x) // batch) * self.training.epochs
        loss = float(classifier.history_["loss"].iloc[-1])
        return Trained(classifier.predict_proba(x_test), steps, batch, seconds, loss)


class Published:
    """The training of Wang et al. (2017) and Fawaz et al. (2019), for FCN and ResNet.

    Adam with step size 0.001, halved after 50 epochs without a lower training loss, down to 0.0001;
    batches of a tenth of the series, at most 16; the weights of the lowest training loss; 2000
    epochs of FCN and 1500 of ResNet, in float32.

    Args:
        **changes: `epochs` in the place of those.
    """

    EPOCHS: ClassVar[dict[str, int]] = {"fcn": 2000, "resnet1d": 1500}

    def __init__(self, **changes: Any) -> None:
        self.epochs = int(changes.pop("epochs", 0)) or None
        if changes:
            raise ValueError(f"the published protocol has no settings; received {changes}.")

    def describe(self) -> dict[str, Any]:
        """What it is, as plain values."""
        return {"protocol": "published", "epochs": self.epochs}

    def train(
        self, network: str, x: np.ndarray, y: np.ndarray, x_test: np.ndarray, seed: int
    ) -> Trained:
        """Train a network and let it answer; the arguments are those of `Recipe.train`."""
        from profond import architectures, utils
        from profond.callbacks import EarlyStopping, ReduceLROnPlateau
        from profond.optimizers import Adam

        utils.set_random_seed(seed)
        epochs = self.epochs or self.EPOCHS[network]
        masked = bool(np.isnan(x).any() or np.isnan(x_test).any())
        build = getattr(architectures, network)
        classes = int(y.max()) + 1
        model = build(x.shape[1:], classes, output_activation="softmax", masked=masked)
        model.compile(Adam(0.001), "sparse_categorical_crossentropy")
        batch = max(1, min(len(x) // 10, 16))
        callbacks = [
            ReduceLROnPlateau(monitor="loss", factor=0.5, patience=50, min_lr=0.0001),
            EarlyStopping(monitor="loss", patience=epochs, restore_best_weights=True),
        ]
        start = time.perf_counter()
        history = model.fit(x, y, batch_size=batch, epochs=epochs, callbacks=callbacks, verbose=0)
        seconds = time.perf_counter() - start
        probabilities = model.predict(x_test, batch_size=128, verbose=0)
        steps = -(-len(x) // batch) * epochs
        return Trained(probabilities, steps, batch, seconds, min(history.history["loss"]))
