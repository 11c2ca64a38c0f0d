"""The regressor of series."""

from typing import Any

from profond.estimators._regressor import Regressor
from profond.estimators._series import Series


class SeriesRegressor(Regressor, Series):
    """Networks that predict one or several numbers from a time series.

    Series are scaled channel by channel, missing values filled in between their neighbours, and
    series of unequal lengths masked, so that no answer depends on how they are filled up. `seeds`
    networks are trained from different seeds and their answers averaged: of InceptionTime, five
    are the ensemble of its paper.

    Series are a `SeriesSet` (see `profond.data.series`), an array (n, time) or (n, time, channels)
    with NaN at the end of shorter series, or a list of arrays of any lengths. Series to predict
    need the channels of the fit, and, where all of its series had the same length, that length.

    Args:
        architecture: "fcn", "resnet", "mlp" (Wang et al. 2017), "inception_time" (Fawaz et al.
            2020), "encoder" (Serrà et al. 2018), "time_cnn" (Zhao et al. 2017) or "t_lenet" (Le
            Guennec et al. 2016), of which the last two and "mlp" take series up to the longest of
            the fit; "rnn", "lstm", "gru" (recurrent layers in both directions) or "transformer".
        output: "relu" (never negative), "linear", or "auto", which takes "relu" if no target
            value of the fit is negative, unless all lie more than 1000 deviations above 0.
        network: A function of input and output shapes, as `((150, 3), (4,))` (None for a length
            that varies), that returns a new model to train in the architecture's place.
        scaling: "channels" (mean and deviation over all training series), "series" (of each series
            by itself) or "none".
        epochs: Passes over the series, at most.
        batch_size: Series per step; by their number when None.
        learning_rate: Step size of AdamW at first, > 0.
        schedule: "cosine" for a step size that falls to 0, "constant", or "plateau" (smaller, three
            times, when the validation loss stands still).
        weight_decay: Decoupled decay of the kernels, >= 0.
        augment: None, "slicing" (the networks learn from windows of 90 % of the series, and the
            answers for windows of a series are averaged) or "warping" (of copies at half and double
            speed for a tenth of their length, too; Le Guennec et al. 2016).
        precision: "float32", or "bfloat16" for the products of a training step.
        patience: Epochs without a better validation loss before the next smaller step size, or the
            end; None: all epochs.
        validation_size: Share of the series that each network holds out, to measure its errors
            for `predict_interval`, and with a patience to decide when to stop; 0 for none.
        seeds: How many networks are trained and averaged.
        random_state: Seed of the first network (the next have the next whole numbers), a
            `RandomState` to draw them from, or None for another draw each time.
        warm_start: Whether a further `fit` goes on from the trained weights, with the scaling of
            the first one.
        verbose: Whether to show progress.

    Attributes:
        model_: The trained `SeriesModel`.
        history_: One row per seed and epoch: losses and metrics.
        n_epochs_: The epoch kept of each network, counted from 1.
        n_features_in_: Steps of the longest series of the fit.
    """

    def __init__(
        self,
        *,
        architecture: str = "fcn",
        output: str = "auto",
        network: Any = None,
        scaling: str = "channels",
        epochs: int = 150,
        batch_size: int | None = None,
        learning_rate: float = 1e-3,
        schedule: str = "cosine",
        weight_decay: float = 0.01,
        augment: str | None = None,
        precision: str = "float32",
        patience: int | None = None,
        validation_size: float = 0.2,
        seeds: int = 5,
        random_state: Any = None,
        warm_start: bool = False,
        verbose: bool = False,
    ) -> None:
        self.architecture = architecture
        self.output = output
        self.network = network
        self.scaling = scaling
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.weight_decay = weight_decay
        self.augment = augment
        self.precision = precision
        self.patience = patience
        self.validation_size = validation_size
        self.seeds = seeds
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose
