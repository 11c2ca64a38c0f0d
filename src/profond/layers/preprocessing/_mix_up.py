"""Images and labels mixed with those of others."""

from typing import Any

import torch
from torch import Tensor

from profond import random
from profond.layers._checks import positive
from profond.layers.preprocessing._images import RandomImageLayer, wide


class MixUp(RandomImageLayer):
    r"""Each image blended with another of the batch in training (Zhang et al. 2018).

    $\lambda x_i + (1 - \lambda) x_j$ with $j$ from a random order of the batch, and the same of
    the labels; $\lambda$ is drawn from Beta(alpha, alpha) for each image.

    Args:
        alpha: Parameter of the distribution, > 0: small numbers mix little, 1 all parts alike.
        data_format: None or `"channels_last"`.
        seed: Starts a generator of this layer's own; None draws from torch's global one.
        **kwargs: `name`, `dtype`, `trainable`, as in `Layer`.

    Shape:
        Input: images `(batch, height, width, channels)`, or a dict of these as "images" and of
        "labels", one-hot or numbers, `(batch, outputs)`. Output: the same.

    Raises:
        ValueError: If `alpha` is not above 0, or at the call if labels are codes of classes.
    """

    def __init__(
        self,
        alpha: float = 0.2,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.alpha = positive(alpha, "alpha")

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        """The images and labels, mixed in training."""
        together = isinstance(inputs, dict)
        images = inputs["images"] if together else inputs
        out = self.as_floats(images)
        mixed = dict(inputs) if together else {}
        if training:
            order, weight = self._drawn(out)
            out = self._mixed(out, order, weight).to(self._compute)
            if "labels" in mixed:
                mixed["labels"] = self._mixed(_checked(mixed["labels"]), order, weight)
        mixed["images"] = out.squeeze(0) if images.ndim == 3 else out
        return mixed if together else mixed["images"]

    def _drawn(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Partner and weight of each image."""
        n = len(images)
        places = torch.arange(n, device=images.device)
        order = random.shuffle(places, seed=self.seed_generator)
        weight = random.beta((n,), self.alpha, self.alpha, "float32", seed=self.seed_generator)
        return order, weight.to(images.device)

    @staticmethod
    def _mixed(x: Tensor, order: Tensor, weight: Tensor) -> Tensor:
        one = wide(x)
        weight = weight.reshape(-1, *[1] * (x.ndim - 1)).to(one.dtype)
        return weight * one + (1.0 - weight) * one[order]


def _checked(labels: Tensor) -> Tensor:
    if labels.ndim < 2 or not labels.is_floating_point():
        raise ValueError(
            "`labels` must be floats of the shape (batch, outputs), as codes of classes cannot be "
            f"mixed; received {labels.dtype} of the shape {tuple(labels.shape)}. One-hot labels "
            "are `utils.to_categorical(codes)`."
        )
    return labels
