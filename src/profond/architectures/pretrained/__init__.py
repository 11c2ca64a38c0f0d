"""Networks that were trained before: their weights, what their inputs are to be, fine-tuning."""

from profond.architectures.pretrained._fine_tune import fine_tune, freeze, unfreeze
from profond.architectures.pretrained._load import load_pretrained, save_pretrained
from profond.architectures.pretrained._preprocessing import IMAGENET, ImagePreprocessing
from profond.architectures.pretrained._report import LoadedWeights

__all__ = [
    "IMAGENET",
    "ImagePreprocessing",
    "LoadedWeights",
    "fine_tune",
    "freeze",
    "load_pretrained",
    "save_pretrained",
    "unfreeze",
]
