"""Residual networks in plain torch, written after torchvision's `resnet.py`: the oracle."""

import torch
from torch import nn
from torch.nn import functional as F


class BasicBlock(nn.Module):
    def __init__(self, inputs, planes, stride, shortcut="B"):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.stride, self.more = stride, planes - inputs
        self.downsample = None
        if shortcut == "B" and (stride != 1 or self.more):
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, planes, 1, stride, bias=False), nn.BatchNorm2d(planes)
            )

    def forward(self, x):
        out = F.relu(self.bn1(self.conv1(x)))
        out = self.bn2(self.conv2(out))
        if self.downsample is not None:
            x = self.downsample(x)
        elif self.stride != 1 or self.more:
            half = self.more // 2
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, half, half))
        return F.relu(out + x)


class TorchResNet(nn.Module):
    def __init__(self, channels, outputs, blocks, filters, stem, shortcut="B"):
        super().__init__()
        self.stem, width = stem, filters[0]
        kernel, stride = (7, 2) if stem == "large" else (3, 1)
        self.conv1 = nn.Conv2d(channels, width, kernel, stride, kernel // 2, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.stages = len(blocks)
        for stage, (count, planes) in enumerate(zip(blocks, filters, strict=True)):
            layers = []
            for block in range(count):
                stride = 2 if stage and not block else 1
                layers.append(BasicBlock(width, planes, stride, shortcut))
                width = planes
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.fc = nn.Linear(width, outputs)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        if self.stem == "large":
            x = F.max_pool2d(x, 3, 2, 1)
        for stage in range(self.stages):
            x = getattr(self, f"layer{stage + 1}")(x)
        return self.fc(x.mean((2, 3)))


def torch_resnet(channels, outputs, blocks, filters, stem, shortcut="B"):
    """The oracle with random weights and moving averages that are not those of the beginning."""
    network = TorchResNet(channels, outputs, blocks, filters, stem, shortcut)
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if "bn" in name or "downsample.1" in name:
                if value.is_floating_point():
                    value.uniform_(0.5, 1.5)
    return network


# The last part of a name in torch: the weight's name here, and torch's axes in our order.
_WEIGHTS = {
    "weight": ("gamma", None),
    "bias": ("bias", None),
    "running_mean": ("moving_mean", None),
    "running_var": ("moving_variance", None),
}


def place_of(model, name):
    """The weight here of a name there, and how to turn torch's array into ours."""
    *layer, last = name.split(".")
    found = model.get_layer("_".join(layer))
    if last == "weight" and hasattr(found, "kernel"):
        axes = (2, 3, 1, 0) if found.kernel.ndim == 4 else (1, 0)
        return found.kernel, axes
    if last == "bias" and hasattr(found, "beta"):
        return found.beta, None
    return getattr(found, _WEIGHTS[last][0]), None


def copy_weights(network, model):
    for name, value in network.state_dict().items():
        if "num_batches" not in name:
            weight, axes = place_of(model, name)
            weight.assign(value.permute(axes) if axes else value)
