"""Convolutional networks and the best training loop that one would write for them in plain torch.

Images lie channels last, and a series is an image of height 1. Weights, order of rows, loss and
measurements are those of `fit`: rows gathered by index, the fused optimizer, loss and accuracy
summed on the device and read once per epoch.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit


class Same(nn.Conv2d):
    """A convolution with Keras's `"same"` padding, an odd zero after the end."""

    def __init__(self, before: int, filters: int, size: Any, stride: int = 1, **kwargs: Any):
        super().__init__(before, filters, size, stride, **kwargs)
        self._zeros: list[int] | None = None

    def forward(self, x: Tensor) -> Tensor:
        """The convolution."""
        around = [self._around(n, k) for n, k in zip(x.shape[2:], self.kernel_size, strict=True)]
        if all(before == after for before, after in around):
            zeros = [before for before, _ in around]
            return F.conv2d(x, self.weight, self.bias, self.stride, zeros)
        (top, bottom), (left, right) = around
        # Padded in the order in which it lies, so that it stays channels last.
        x = F.pad(x.permute(0, 2, 3, 1), [0, 0, left, right, top, bottom]).permute(0, 3, 1, 2)
        return F.conv2d(x, self.weight, self.bias, self.stride)

    def _around(self, size: int, kernel: int) -> tuple[int, int]:
        stride = self.stride[0]
        total = max(0, (-(-size // stride) - 1) * stride + kernel - size)
        return total // 2, total - total // 2


def norm(features: int) -> nn.BatchNorm2d:
    """Batch normalization with Keras's constants."""
    return nn.BatchNorm2d(features, eps=1e-3, momentum=0.01)


class Flatten(nn.Module):
    """Rows in the order of Keras, channels last."""

    def forward(self, x: Tensor) -> Tensor:
        """Shape (batch, height * width * channels)."""
        return x.permute(0, 2, 3, 1).flatten(1)


class Mean(nn.Module):
    """The mean over height and width."""

    def forward(self, x: Tensor) -> Tensor:
        """Shape (batch, channels)."""
        return x.mean((2, 3))


def lenet() -> nn.Module:
    """LeNet-5."""
    return nn.Sequential(
        nn.Conv2d(1, 6, 5),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        Flatten(),
        nn.Linear(400, 120),
        nn.ReLU(inplace=True),
        nn.Linear(120, 84),
        nn.ReLU(inplace=True),
        nn.Linear(84, 10),
    )


def fcn() -> nn.Module:
    """The fully convolutional network for series."""
    stack: list[nn.Module] = []
    channels = 1
    for filters, size in ((128, 8), (256, 5), (128, 3)):
        stack += [Same(channels, filters, (1, size)), norm(filters), nn.ReLU(inplace=True)]
        channels = filters
    return nn.Sequential(*stack, Mean(), nn.Linear(channels, 10))


class Block(nn.Module):
    """Two convolutions, and what they are added to; its parts in the order of Keras's weights."""

    def __init__(self, before: int, filters: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Sequential(
            Same(before, filters, 3, stride, bias=False), norm(filters), nn.ReLU(inplace=True)
        )
        self.second = Same(filters, filters, 3, bias=False)
        changes = stride > 1
        self.projection = Same(before, filters, 1, stride, bias=False) if changes else None
        self.second_norm = norm(filters)
        self.projection_norm = norm(filters) if changes else None

    def forward(self, x: Tensor) -> Tensor:
        """The block's output."""
        y = self.second_norm(self.second(self.first(x)))
        if self.projection is not None and self.projection_norm is not None:
            x = self.projection_norm(self.projection(x))
        return F.relu_(y.add_(x))


def resnet() -> nn.Module:
    """ResNet-20 with projections."""
    stack: list[nn.Module] = [Same(3, 16, 3, bias=False), norm(16), nn.ReLU(inplace=True)]
    before = 16
    for filters in (16, 32, 64):
        for place in range(3):
            stack.append(Block(before, filters, 2 if place == 0 and filters > 16 else 1))
            before = filters
    return nn.Sequential(*stack, Mean(), nn.Linear(before, 10))


NETWORKS = {"lenet": lenet, "fcn": fcn, "resnet": resnet}


@torch.no_grad()
def take(net: nn.Module, weights: Sequence[Any]) -> None:
    """Take over weights in Keras's order and layout: by layer, in the order of the calls."""
    values: Iterator[Tensor] = iter(torch.as_tensor(one) for one in weights)
    for part in net.modules():
        if isinstance(part, nn.Conv2d):
            kernel = next(values)
            kernel = kernel.unsqueeze(0) if kernel.ndim == 3 else kernel
            part.weight.copy_(kernel.permute(3, 2, 0, 1))
        elif isinstance(part, nn.Linear):
            part.weight.copy_(next(values).t())
        elif isinstance(part, nn.BatchNorm2d):
            part.weight.copy_(next(values))
        else:
            continue
        if part.bias is not None:
            part.bias.copy_(next(values))
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.copy_(next(values))  # type: ignore[union-attr]
            part.running_var.copy_(next(values))  # type: ignore[union-attr]


def fit(
    net: nn.Module,
    x: Tensor,
    y: Tensor,
    *,
    epochs: int,
    batch_size: int,
    half: bool = False,
) -> list[float]:
    """Adam on the cross-entropy of labels; returns the loss of each epoch.

    Args:
        net: The network.
        x: Images (rows, height, width, channels), or series (rows, time, channels).
        y: Labels.
        epochs: Passes over the rows.
        batch_size: Rows of a step.
        half: Whether it computes in bfloat16, by torch's autocast.
    """
    net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    x = x.unsqueeze(1) if x.ndim == 3 else x
    parameters = list(net.parameters())
    optimizer = torch.optim.Adam(parameters, lr=1e-3, eps=1e-7, fused=True)
    history = []
    net.train()
    for _ in range(epochs):
        total, right = torch.zeros(()), torch.zeros(())
        for rows in torch.randperm(len(x)).split(batch_size):
            targets = y[rows]
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                sums = net(x[rows].permute(0, 3, 1, 2))
            sums = sums.float()
            loss = F.cross_entropy(sums, targets)
            for parameter in parameters:  # `zero_grad` does more than this
                parameter.grad = None
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                total += loss.detach() * len(rows)
                right += (sums.argmax(-1) == targets).sum()
        history.append((total / len(x)).item())
        (right / len(x)).item()
    return history
