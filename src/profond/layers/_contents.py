"""What a layer holds: the values of its weights, its losses, its metrics."""

from collections.abc import Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from profond import _tree
from profond._symbolic import KerasTensor, is_inferring
from profond._tensors import convert_to_numpy, convert_to_tensor
from profond._weight import Weight
from profond.layers._attributes import Attributes
from profond.layers._scopes import current
from profond.layers._tracking import Holder

if TYPE_CHECKING:
    from profond.layers._layer import Layer


class Contents(Attributes):
    """The weights, losses and metrics of a layer, with those of the layers inside it."""

    activity_regularizer: Any
    _own_losses: list[torch.Tensor]

    # Weights

    @property
    def weights(self) -> list[Any]:  # weights, and parameters of torch modules
        """All weights in Keras's order: own learned ones, own others, then the sublayers'."""
        own: list[Any] = self._own_parameters()
        own.sort(key=lambda w: not getattr(w, "_learned", True))
        for child in self._sublayers():
            own += child.weights if isinstance(child, Contents) else list(child.parameters())
        return list({id(w): w for w in own}.values())

    @property
    def trainable_weights(self) -> list[Any]:
        """The weights that are learned now."""
        return [w for w in self.weights if w.requires_grad] if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Any]:
        """The weights that are not learned now."""
        if not self.trainable:
            return self.weights
        return [w for w in self.weights if not w.requires_grad]

    @property
    def variables(self) -> list[Any]:
        """The weights; another name."""
        return self.weights

    @property
    def trainable_variables(self) -> list[Weight]:
        """The weights that are learned now; another name."""
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Weight]:
        """The weights that are not learned now; another name."""
        return self.non_trainable_weights

    @property
    def trainable(self) -> bool:
        """Whether the weights are learned; setting it sets it for all sublayers."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        value = bool(value)
        self._trainable = value
        for weight in self._own_parameters():
            if getattr(weight, "_learned", True):
                weight.requires_grad_(value)
        for child in self._sublayers():
            if isinstance(child, Contents):
                child.trainable = value
            else:
                child.requires_grad_(value)

    def _own_parameters(self) -> list[nn.Parameter]:
        """The parameters of this layer and of its lists, not of its sublayers."""
        own = [w for w in self._parameters.values() if w is not None]
        for child in self._modules.values():
            if isinstance(child, Holder):
                own += [w for w in child._parameters.values() if w is not None]
        return own

    def get_weights(self) -> list[np.ndarray]:
        """The values of all weights as numpy arrays, in Keras's order and layout."""
        return [convert_to_numpy(w).copy() for w in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Set all weights, in the order and layout of `get_weights`.

        Raises:
            ValueError: If their number or a shape does not fit; nothing is changed then.
        """
        own = self.weights
        arrays = [w if isinstance(w, torch.Tensor) else np.asarray(w) for w in weights]
        if len(arrays) != len(own):
            raise ValueError(
                f"{len(own)} weights are required by the layer {self.name!r}; received "
                f"{len(arrays)}."
                + ("" if own or self.built else " It is not built yet: call it on some data first.")
            )
        for weight, array in zip(own, arrays, strict=True):
            if tuple(weight.shape) != tuple(array.shape):
                raise ValueError(
                    f"the weight {getattr(weight, 'path', '?')!r} has the shape "
                    f"{tuple(weight.shape)}; received {tuple(array.shape)}."
                )
        with torch.no_grad():
            for weight, array in zip(own, arrays, strict=True):
                weight.copy_(convert_to_tensor(array))

    def save_own_variables(self, store: MutableMapping[str, Any]) -> None:
        """Put the values of the layer's own weights, not of its sublayers', into `store`.

        A class that keeps more than weights may define its own, and `load_own_variables` with it:
        what it puts into `store`, arrays by name, is part of every file of the model.
        """
        for place, weight in enumerate(self._own_parameters()):
            store[str(place)] = convert_to_numpy(weight)

    def load_own_variables(self, store: Mapping[str, Any]) -> None:
        """Take the values of the layer's own weights from what `save_own_variables` stored.

        Raises:
            ValueError: If their number is another.
        """
        own = self._own_parameters()
        if len(store) != len(own):
            raise ValueError(
                f"the layer {self.name!r} has {len(own)} weights of its own; the file has "
                f"{len(store)} for it."
            )
        with torch.no_grad():
            for place, weight in enumerate(own):
                weight.copy_(convert_to_tensor(store[str(place)]))

    def count_params(self) -> int:
        """The number of values in all weights.

        Raises:
            ValueError: If the layer is not built, so that it is not known.
        """
        if not self.built:
            raise ValueError(
                f"the layer {self.name!r} is not built, so the number of its parameters is not "
                "known. Call it on some data, or `build(input_shape)`, first."
            )
        return sum(w.numel() for w in self.weights)

    # Losses and metrics

    def add_loss(self, loss: Any) -> None:
        """Add a scalar to the training loss of the step that is running.

        Raises:
            ValueError: If `loss` is not a tensor.
        """
        for one in _tree.flatten(loss):
            if not isinstance(one, torch.Tensor | KerasTensor):
                raise ValueError(
                    f"`loss` must be a tensor computed in `call`; received {one!r}. Penalties on "
                    "weights are `regularizer=` of `add_weight`."
                )
            if isinstance(one, torch.Tensor) and not one.is_meta and not is_inferring():
                if not self._own_losses:
                    current.holders.add(self)
                self._own_losses.append(one)

    def _add_activity_loss(self, outputs: Any) -> None:
        """The activity regularizer's penalty, averaged over the batch."""
        for output in _tree.flatten(outputs):
            if isinstance(output, torch.Tensor) and not output.is_meta:
                loss = self.activity_regularizer(output)
                self.add_loss(loss / output.shape[0] if output.ndim else loss)

    @property
    def losses(self) -> list[torch.Tensor]:
        """What is added to the training loss: `add_loss`, and penalties on weights."""
        collected: list[torch.Tensor] = []
        for layer in self._flatten_layers():
            collected += layer._own_losses
        for weight in self.trainable_weights:
            regularizer = getattr(weight, "regularizer", None)
            if regularizer is not None:
                collected.append(regularizer(weight))
        return collected

    def _clear_losses(self) -> None:
        """Forget what `add_loss` collected, before the next step."""
        forget_losses(self._flatten_layers())

    @property
    def metrics(self) -> list[Any]:
        """The metrics that are attributes of this layer and of those inside it."""
        found: list[Any] = []
        for layer in self._flatten_layers():
            found += layer._own_metrics.values()
        return list({id(metric): metric for metric in found}.values())

    @property
    def metrics_variables(self) -> list[Any]:
        """The variables of `metrics`."""
        return [v for metric in self.metrics for v in metric.variables]


def forget_losses(layers: "list[Layer]") -> None:
    """Empty the losses of `add_loss` of these layers."""
    for layer in layers:
        if layer._own_losses:
            layer._own_losses.clear()
            current.holders.discard(layer)
