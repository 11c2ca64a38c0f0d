"""Activation functions and their derivatives (notes, 2.3 and 4.3)."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from profond.figures._canvas import Language, canvas, finish, speaker, style
from profond.figures._checks import pair, several

Activation = str | Callable[..., Any]


def activations(
    functions: Activation | Sequence[Activation] = ("tanh", "sigmoid", "relu"),
    *,
    span: tuple[float, float] = (-4.0, 4.0),
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    """Activation functions, drawn together (notes, 2.3).

    Args:
        functions: Names that `profond.activations` knows, or callables of a tensor, element by
            element.
        span: First and last input drawn.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `x`, and `values` by function (a name that comes again has a number
        after it).

    Raises:
        TypeError: If `span` does not hold numbers.
        ValueError: If a name is unknown, `span` is not two numbers that ascend, or a function does
            not act element by element.
    """
    return _drawn(functions, span, ax, lang, derivative=False)


def activation_derivatives(
    functions: Activation | Sequence[Activation] = ("tanh", "sigmoid", "relu"),
    *,
    span: tuple[float, float] = (-4.0, 4.0),
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""Derivatives $\varphi'$ of activation functions, by automatic differentiation (notes, 4.3).

    Args:
        functions: Names that `profond.activations` knows, or callables of a tensor, element by
            element.
        span: First and last input drawn.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `x`, and `values` (of the derivatives) by function.

    Raises:
        TypeError: If `span` does not hold numbers.
        ValueError: If a name is unknown, `span` is not two numbers that ascend, or a function does
            not act element by element.
    """
    return _drawn(functions, span, ax, lang, derivative=True)


def _drawn(
    functions: Activation | Sequence[Activation],
    span: tuple[float, float],
    ax: Axes | None,
    lang: Language,
    *,
    derivative: bool,
) -> Figure:
    """The functions, or their derivatives."""
    from profond.activations import get

    speaker(lang)
    first, last = pair(span, "span")
    if not first < last:
        raise ValueError(f"`span` must ascend; received {span}.")
    chosen = several(functions, "functions")
    # An even number of points steps over 0, where ReLU has no derivative.
    x = torch.linspace(first, last, 400, dtype=torch.float64)
    ax = canvas(ax)
    values: dict[str, np.ndarray] = {}
    for index, function in enumerate(chosen):
        name = function if isinstance(function, str) else getattr(function, "__name__", "φ")
        seen = sum(known == name or known.startswith(f"{name} (") for known in values)
        name = f"{name} ({seen + 1})" if seen else name  # two lambdas are two lines
        points = x.clone().requires_grad_(True)
        computed = get(function)
        output = computed(points)
        if output.shape != points.shape:
            raise ValueError(
                f"an activation must act element by element; {name} turned shape "
                f"{tuple(points.shape)} into {tuple(output.shape)}."
            )
        with torch.no_grad():
            apart = computed(x[:7])
        if not torch.allclose(apart, output[:7].detach(), equal_nan=True):
            raise ValueError(
                f"an activation must act element by element; what {name} gives for a number "
                "depends on the others. Draw functions of one number."
            )
        if derivative:
            (output,) = torch.autograd.grad(output.sum(), points)
        values[name] = output.detach().numpy()
        ax.plot(
            x.numpy(),
            values[name],
            **style(index),
            linewidth=2,
            label=name + "′" if derivative else name,
        )
    return finish(
        ax,
        lang=lang,
        x="$x$",
        y=r"$\varphi'(x)$" if derivative else r"$\varphi(x)$",
        legend=True,
        numbers={"x": x.numpy(), "values": values},
    )
