"""The residual networks that have a name."""

from collections.abc import Sequence
from typing import Any

from profond.architectures._resnet import resnet


def resnet18(
    input_shape: Sequence[int | None],
    outputs: int,
    *,
    output_activation: Any = None,
    stem: str | None = None,
    shortcut: str = "B",
    zero_init: bool = False,
    dropout: float = 0.0,
) -> Any:
    """ResNet-18 (He et al. 2016, table 1): 11,689,512 learned weights at 1000 classes.

    Four stages of two blocks each, of 64, 128, 256 and 512 kernels. The paper's own 18-layer
    network has shortcuts "A" in table 2; "B" is the form that is in use.

    Args:
        input_shape: `(height, width, channels)`, at least 8 pixels high and wide; 32 with
            `stem="large"`.
        outputs: Number of output neurons.
        output_activation: Activation of the output layer.
        stem: `"large"` (7x7, max pooling; the paper's), `"small"` (3x3); by default small below
            64 pixels.
        shortcut: `"A"`, zeros, or `"B"`, 1x1 convolutions, where the size changes.
        zero_init: Whether each block begins as the identity.
        dropout: Share of features switched off before the output layer in training, in [0, 1).

    Returns:
        A `profond.Model`, not compiled; see `resnet` for its layers' names.
    """
    return resnet(
        input_shape,
        outputs,
        blocks=(2, 2, 2, 2),
        filters=(64, 128, 256, 512),
        stem=stem,
        shortcut=shortcut,
        zero_init=zero_init,
        output_activation=output_activation,
        dropout=dropout,
        name="resnet18",
    )


def resnet34(
    input_shape: Sequence[int | None],
    outputs: int,
    *,
    output_activation: Any = None,
    stem: str | None = None,
    shortcut: str = "B",
    zero_init: bool = False,
    dropout: float = 0.0,
) -> Any:
    """ResNet-34 (He et al. 2016, table 1): 21,797,672 learned weights at 1000 classes.

    Four stages of 3, 4, 6 and 3 blocks, of 64, 128, 256 and 512 kernels.

    Args:
        input_shape: `(height, width, channels)`, at least 8 pixels high and wide; 32 with
            `stem="large"`.
        outputs: Number of output neurons.
        output_activation: Activation of the output layer.
        stem: `"large"` (7x7, max pooling; the paper's), `"small"` (3x3); by default small below
            64 pixels.
        shortcut: `"A"`, zeros, or `"B"`, 1x1 convolutions, where the size changes.
        zero_init: Whether each block begins as the identity.
        dropout: Share of features switched off before the output layer in training, in [0, 1).

    Returns:
        A `profond.Model`, not compiled; see `resnet` for its layers' names.
    """
    return resnet(
        input_shape,
        outputs,
        blocks=(3, 4, 6, 3),
        filters=(64, 128, 256, 512),
        stem=stem,
        shortcut=shortcut,
        zero_init=zero_init,
        output_activation=output_activation,
        dropout=dropout,
        name="resnet34",
    )


def resnet20(
    input_shape: Sequence[int | None],
    outputs: int,
    *,
    output_activation: Any = None,
    shortcut: str = "A",
    zero_init: bool = False,
    dropout: float = 0.0,
) -> Any:
    """ResNet-20 for small images (He et al. 2016, 4.2): 269,722 learned weights at ten classes.

    A 3x3 entrance, then three stages of three blocks each, of 16, 32 and 64 kernels. Shortcuts
    are "A" as in the paper's networks for CIFAR-10 (with "B" 272,474 weights).

    Args:
        input_shape: `(height, width, channels)`, at least 4 pixels high and wide.
        outputs: Number of output neurons.
        output_activation: Activation of the output layer.
        shortcut: `"A"`, zeros, or `"B"`, 1x1 convolutions, where the size changes.
        zero_init: Whether each block begins as the identity.
        dropout: Share of features switched off before the output layer in training, in [0, 1).

    Returns:
        A `profond.Model`, not compiled; see `resnet` for its layers' names.
    """
    return resnet(
        input_shape,
        outputs,
        blocks=(3, 3, 3),
        filters=(16, 32, 64),
        stem="small",
        shortcut=shortcut,
        zero_init=zero_init,
        output_activation=output_activation,
        dropout=dropout,
        name="resnet20",
    )
