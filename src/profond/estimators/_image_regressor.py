"""The regressor of images."""

from collections.abc import Sequence
from typing import Any

from profond.estimators._images import Images
from profond.estimators._regressor import Regressor


class ImageRegressor(Regressor, Images):
    """Networks that predict one or several numbers from an image.

    Images are brought to one size; the network scales their channels and, in training, changes
    them by chance each epoch (`augment`). `seeds` networks are trained from different seeds and
    their answers averaged.

    Images are an `ImageSet` or whatever `profond.data.images.open_images` takes: a folder with a
    folder for each class, a CSV of paths and labels, an array (n, height, width[, channels]), a
    list of paths. Images to predict are read the same way, and need the channels of the fit.

    Images in files are decoded in threads while the networks learn. What is decoded is kept in
    memory up to 2 GiB; of a larger set, images are decoded anew in each epoch, batch by batch.

    Args:
        architecture: "lenet" (LeCun et al. 1998), "resnet20", "resnet18", "resnet34" (He et al.
            2016), or "auto": LeNet for grey images up to 32 pixels, ResNet-20 below 64, ResNet-18
            else.
        output: "relu" (never negative), "linear", or "auto", which takes "relu" if no target
            value of the fit is negative, unless all lie more than 1000 deviations above 0.
        augment: What is done to training images: any of "flip" (left and right), "translation" (up
            to 10 %), "rotation" (18 degrees), "zoom" (10 %), "contrast", "brightness" (20 %),
            "erasing" (half of them get a hole), "mixup" (each is blended with another, and the
            targets likewise, in parts drawn from Beta(0.2, 0.2); Zhang et al. 2018).
        pretrained: Weights to begin with: a kept model, or a .safetensors, .pth or .keras file.
        frozen: Whether only the last layer learns, and what is pretrained stays as it is.
        network: A function of input and output shapes, as `((64, 64, 3), (4,))`, that returns a new
            model to train in the architecture's place; it gets pixels from 0 to 255.
        size: Height and width that images are brought to; None for their own, or 64.
        how: "fit" (all of it, with a border), "crop" (the middle) or "stretch".
        epochs: Passes over the images, at most.
        batch_size: Images per step; by their number when None.
        learning_rate: Step size of AdamW at first, > 0.
        schedule: "cosine" for a step size that falls to 0, "constant", or "plateau" (smaller, three
            times, when the validation loss stands still).
        weight_decay: Decoupled decay of the kernels, >= 0.
        precision: "float32", or "bfloat16" for the products of a training step.
        patience: Epochs without a better validation loss before the next smaller step size, or the
            end; None: all epochs.
        validation_size: Share of the images that each network holds out, to measure its errors
            for `predict_interval`, and with a patience to decide when to stop; 0 for none.
        seeds: How many networks are trained and averaged.
        random_state: Seed of the first network (the next have the next whole numbers), a
            `RandomState` to draw them from, or None for another draw each time.
        warm_start: Whether a further `fit` goes on from the trained weights.
        verbose: Whether to show progress.

    Attributes:
        model_: The trained `ImageModel`.
        history_: One row per seed and epoch: losses and metrics.
        n_epochs_: The epoch kept of each network, counted from 1.
    """

    def __init__(
        self,
        *,
        architecture: str = "auto",
        output: str = "auto",
        augment: Sequence[str] = ("translation",),
        pretrained: str | None = None,
        frozen: bool = False,
        network: Any = None,
        size: int | None = None,
        how: str = "fit",
        epochs: int = 20,
        batch_size: int | None = None,
        learning_rate: float = 2e-3,
        schedule: str = "cosine",
        weight_decay: float = 0.01,
        precision: str = "float32",
        patience: int | None = None,
        validation_size: float = 0.1,
        seeds: int = 5,
        random_state: Any = None,
        warm_start: bool = False,
        verbose: bool = False,
    ) -> None:
        self.architecture = architecture
        self.output = output
        self.augment = augment
        self.pretrained = pretrained
        self.frozen = frozen
        self.network = network
        self.size = size
        self.how = how
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.weight_decay = weight_decay
        self.precision = precision
        self.patience = patience
        self.validation_size = validation_size
        self.seeds = seeds
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose
