"""Many small networks of one shape, trained at the same time: one per seed.

A figure over seeds wants tens of small trainings. One after the other, each step costs more in
Python calls than in arithmetic; stacked along a first axis, all of them cost about as much as one.
The networks do not interact: the loss is summed over them, and every optimizer used here works
parameter by parameter.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn

from profond._lookup import choose
from profond.figures._checks import positive


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread inside: for products this small, handing work over costs more."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda x: x,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
}


class Networks(nn.Module):
    r"""Multilayer perceptrons of the same sizes, one per seed, on a first axis.

    $a^{(\ell)} = \varphi(a^{(\ell-1)} w^{(\ell-1)} + b^{(\ell-1)})$, the last layer linear
    (notes, equations 2.1 to 2.3).

    Args:
        sizes: Neurons per layer, input first.
        activation: Activation of the hidden layers: "linear", "relu", "sigmoid" or "tanh".
        seeds: One network per seed; a seed sets its initial weights.
        initializer: "glorot_uniform" (Keras's default) or "he_normal"; biases start at 0.
        dtype: Element type.

    Shape:
        Input: `(rows, inputs)`, the same rows for all, or `(networks, rows, inputs)`.
        Output: `(networks, rows, outputs)`.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str,
        seeds: Sequence[int],
        *,
        initializer: str = "glorot_uniform",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.activation = choose(activation, ACTIVATIONS, "activation")
        draw = choose(initializer, {"glorot_uniform": _glorot, "he_normal": _he}, "initializer")
        generators = [torch.Generator().manual_seed(seed) for seed in seeds]
        pairs = list(zip(sizes, sizes[1:], strict=False))
        self.kernels = nn.ParameterList(
            torch.stack([draw(n, m, generator) for generator in generators]).to(dtype)
            for n, m in pairs
        )
        self.biases = nn.ParameterList(
            torch.zeros(len(generators), 1, m, dtype=dtype) for _, m in pairs
        )

    def forward(self, x: Tensor) -> Tensor:
        """The outputs of all networks."""
        if x.ndim == 2:
            x = x.expand(len(self.kernels[0]), *x.shape)
        last = len(self.kernels) - 1
        for index, (kernel, bias) in enumerate(zip(self.kernels, self.biases, strict=True)):
            x = torch.baddbmm(bias, x, kernel)  # (networks, rows, units)
            if index < last:
                x = self.activation(x)
        return x


def _glorot(inputs: int, units: int, generator: torch.Generator) -> Tensor:
    """Uniform in ±sqrt(6 / (inputs + units)) (Glorot and Bengio 2010, eq. 16)."""
    limit = (6 / (inputs + units)) ** 0.5
    return torch.empty(inputs, units, dtype=torch.float64).uniform_(
        -limit, limit, generator=generator
    )


def _he(inputs: int, units: int, generator: torch.Generator) -> Tensor:
    """Normal of standard deviation sqrt(2 / inputs) (He et al. 2015, eq. 10)."""
    return torch.empty(inputs, units, dtype=torch.float64).normal_(
        0.0, (2 / inputs) ** 0.5, generator=generator
    )


def squared_errors(predicted: Tensor, target: Tensor) -> Tensor:
    """The mean squared error of each network, `(networks,)`."""
    return ((predicted - target) ** 2).mean(dim=(1, 2))


@one_thread()
def train(
    networks: Networks,
    x: Tensor,
    y: Tensor,
    *,
    steps: int,
    rate: float,
    optimizer: str = "adam",
    decay: bool = False,
    watch: Callable[[int, Networks], None] | None = None,
    every: int = 1,
) -> np.ndarray:
    """Train all networks on all rows at each step, on the mean squared error.

    Args:
        networks: The networks, changed in place.
        x: Inputs, `(rows, inputs)` or `(networks, rows, inputs)`.
        y: Targets, `(rows, outputs)` or `(networks, rows, outputs)`.
        steps: Number of updates.
        rate: Learning rate.
        optimizer: "adam" or "sgd" (here: plain gradient descent, all rows at each step).
        decay: Lower the rate to 0 along a half cosine.
        watch: Called with the step's number (0 before the first) and the networks.
        every: Steps between two calls of `watch`.

    Returns:
        The last mean squared error of each network, `(networks,)`.

    Raises:
        TypeError: If `rate` is not a number.
        ValueError: If `rate` is not above 0, or a training diverges: means without it would
            flatter the rate.
    """
    positive(rate, "rate")
    kinds = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}
    # Fused: one call per step for all weights, half the time of the step.
    stepper = choose(optimizer, kinds, "optimizer")(networks.parameters(), lr=rate, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(stepper, steps) if decay else None
    for step in range(steps):
        if watch is not None and step % every == 0:
            watch(step, networks)
        stepper.zero_grad()
        squared_errors(networks(x), y).sum().backward()
        stepper.step()
        if schedule is not None:
            schedule.step()
    if watch is not None:
        watch(steps, networks)
    with torch.no_grad():
        errors = squared_errors(networks(x), y).double().numpy()
    lost = int(np.sum(~np.isfinite(errors)))
    if lost:
        raise ValueError(
            f"with `rate` {rate} {lost} of {len(errors)} trainings diverged; take a smaller rate."
        )
    return errors


def parameter_count(sizes: Sequence[int]) -> int:
    """Weights and biases of a multilayer perceptron of these sizes, input first."""
    return sum((n + 1) * m for n, m in zip(sizes, sizes[1:], strict=False))
