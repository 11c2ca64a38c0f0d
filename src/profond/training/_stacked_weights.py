"""The weights and optimizers of several networks in common memory, and apart again."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from profond._weight import Weight
from profond.training._stackable import options_of


class StackedWeights:
    """The weights of networks of one shape, and the state of their optimizers, stacked.

    While they are, the weights of each model are a part of the stack, and so are the variables of
    its optimizer: whoever looks at a model, a callback say, sees it as it is.

    Args:
        models: The models, compiled, their optimizers all at the same step.

    Attributes:
        optimizer: Changes the stacked weights, as each model's own would change its part.
    """

    def __init__(self, models: Sequence[Any]) -> None:
        self._models = list(models)
        for model in self._models:
            if not model.optimizer.built:
                model.optimizer.build(model.trainable_weights)
        first = models[0]
        self.weights = [
            Weight(_joined(parts), name=parts[0].name, path=parts[0].path)
            for parts in zip(*(model.trainable_weights for model in models), strict=True)
        ]
        self.optimizer = alike(first.optimizer)
        self.optimizer.build(self.weights)
        self.optimizer._iterations = first.optimizer._iterations
        states = zip(*(model.optimizer._variables for model in models), strict=True)
        for ours, parts in zip(self.optimizer._variables, states, strict=True):
            _join(ours, parts)
        self._look()
        self._rates = [model.optimizer._learning_rate for model in models]

    @property
    def tensors(self) -> list[Tensor]:
        """The stacked weights as plain tensors, (networks, ...)."""
        return [weight.detach().as_subclass(Tensor) for weight in self.weights]

    def step(self, gradients: list[Tensor]) -> None:
        """Change all weights by their gradients, given in the same order."""
        # They lie as the weights do, which `apply` would look at each time.
        self.optimizer._step(gradients, None)
        self.optimizer._iterations += 1

    def tell(self) -> None:
        """Let each model's optimizer know how many steps it has taken."""
        for model in self._models:
            model.optimizer._iterations = self.optimizer._iterations

    def check_rates(self) -> None:
        """Refuse a learning rate that a callback has changed: the stack has one for all.

        Raises:
            ValueError: If there is one.
        """
        for model, rate in zip(self._models, self._rates, strict=True):
            if model.optimizer._learning_rate is not rate:
                raise ValueError(
                    f"a callback changed the learning rate of the model {model.name!r}, which is "
                    "the same for all networks that are trained together. Give the optimizers a "
                    "schedule, or call `fit` on each model."
                )

    def part(self) -> None:
        """Give each model memory of its own again."""
        self.tell()
        for model in self._models:
            for variable in [*model.trainable_weights, *model.optimizer._variables]:
                variable.data = variable.detach().clone()
        self._look()

    def _look(self) -> None:
        """Let the models' optimizers know where their variables are now."""
        for model in self._models:
            model.optimizer._index_variables()
            model.optimizer._look()


def alike(optimizer: Any) -> Any:
    """An optimizer of the same kind and options, without state."""
    rate, name = optimizer._learning_rate, optimizer.name
    made = type(optimizer)(learning_rate=rate, name=name, **options_of(optimizer))
    made._excluded_names = optimizer._excluded_names
    return made


def _joined(parts: Sequence[Any]) -> Tensor:
    """Variables as one tensor, of which each becomes a part."""
    stacked = torch.stack([part.detach().as_subclass(Tensor) for part in parts])
    for part, own in zip(parts, stacked, strict=True):
        part.data = own
    return stacked


def _join(stacked: Any, parts: Sequence[Any]) -> None:
    """Put variables into the parts of a stacked one."""
    for part, own in zip(parts, stacked.detach().as_subclass(Tensor), strict=True):
        own.copy_(part.detach())
        part.data = own
