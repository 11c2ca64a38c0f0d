"""The network for images: augmentation, scaling, a published architecture."""

from typing import TYPE_CHECKING, Any

from profond.data.images._preprocessor import ImageLayout

if TYPE_CHECKING:
    from profond.estimators._image_settings import ImageNetwork

_SMALL, _LENET = 64, 32  # pixels
_FACTOR = 0.1  # of a turn, a zoom and a shift, at most; of contrast and brightness twice that


def image_network(
    chosen: "ImageNetwork",
    layout: ImageLayout,
    outputs: int,
    *,
    output_activation: Any,
    output_bias: Any,
) -> Any:
    """Layers that change the images of training, (p - mean) / std, and the architecture.

    Args:
        chosen: The settings of the network.
        layout: What the encoded images are.
        outputs: Number of output neurons.
        output_activation: Activation of the output layer.
        output_bias: Initializer of its bias.

    Returns:
        A `profond` model, not compiled.

    Raises:
        ValueError: If the images are too small, or pretrained weights do not fit.
    """
    from profond import architectures
    from profond.architectures.pretrained import freeze, load_pretrained
    from profond.estimators._output_bias import start_output_at
    from profond.layers import Input, Normalization
    from profond.models import Model

    name = chosen_architecture(chosen.architecture, layout)
    body = getattr(architectures, name)(layout.shape, outputs, output_activation=output_activation)
    start_output_at(body, output_bias)
    mean, std = layout.mean, layout.std
    if chosen.pretrained is not None:
        loaded = load_pretrained(body, chosen.pretrained)
        known = loaded.preprocessing
        if known is not None and len(known.mean) == layout.channels and layout.dtype == "uint8":
            # What the weights have learned from was scaled so.
            low, high = known.value_range
            unit = 255.0 / (high - low)
            mean = tuple((one - low) * unit for one in known.mean)
            std = tuple(one * unit for one in known.std)
        # Else all weights learn at the full step size from the beginning. The head first and then
        # all at a tenth (`fine_tune`) was worse on MNIST's digits 5 to 9 after 0 to 4: accuracy of
        # LeNet with 20 examples each 0.65 in place of 0.88 after 20 epochs (6 seeds), 0.86 in place
        # of 0.90 after 80 (4 seeds); of ResNet-20 with 10 each 0.56 in place of 0.84 (3 seeds).
        if chosen.frozen:
            freeze(body)
    elif chosen.frozen:
        raise ValueError(
            "`frozen` leaves pretrained layers as they are; give the weights too (`pretrained`), "
            "or leave it out."
        )
    # Mixed images have values between the whole numbers.
    entrance = Input(layout.shape, dtype="float32" if "mixup" in chosen.augment else layout.dtype)
    x = entrance
    for layer in augmentations(chosen.augment, layout):
        x = layer(x)
    x = Normalization(mean=list(mean), variance=[one**2 for one in std])(x)
    return Model(entrance, body(x), name=f"{name}_for_images")


def chosen_architecture(architecture: str, layout: ImageLayout) -> str:
    """The architecture, by the size of the images if it is "auto"."""
    if architecture != "auto":
        return architecture
    largest = max(layout.height, layout.width)
    if largest <= _LENET and layout.channels == 1:
        return "lenet"
    return "resnet20" if largest < _SMALL else "resnet18"


def augmentations(names: Any, layout: ImageLayout) -> list[Any]:
    """The layers that change training images by chance.

    Args:
        names: Which, in any order: they are applied in one that does not lose pixels twice. That
            of "mixup" is none: targets are mixed too, by the training step.
        layout: What the images are; the values of contrast and brightness are theirs.
    """
    from profond import layers

    limits = (layout.low, layout.high)
    make = {
        "flip": lambda: layers.RandomFlip("horizontal"),
        "rotation": lambda: layers.RandomRotation(_FACTOR / 2, fill_mode="nearest"),
        "zoom": lambda: layers.RandomZoom(_FACTOR, fill_mode="nearest"),
        "translation": lambda: layers.RandomTranslation(_FACTOR, _FACTOR, fill_mode="nearest"),
        "contrast": lambda: layers.RandomContrast(2 * _FACTOR, value_range=limits),
        "brightness": lambda: layers.RandomBrightness(2 * _FACTOR, value_range=limits),
        "erasing": lambda: layers.RandomErasing(0.5, value_range=limits),
    }
    return [build() for name, build in make.items() if name in names]
