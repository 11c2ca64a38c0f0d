"""The loss along a straight line through a network's weights: not convex (notes, 4.1)."""

from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from profond._tensors import convert_to_tensor
from profond.figures._batch import one_thread
from profond.figures._canvas import BLUE, INK, SOFT, Language, canvas, finish, speaker
from profond.figures._checks import several, whole


def loss_slice(
    models: Any,
    x: ArrayLike,
    y: ArrayLike,
    *,
    to: Any = "swapped",
    loss: Any = None,
    points: int = 101,
    ax: Axes | None = None,
    lang: Language = "en",
) -> Figure:
    r"""The loss along the segment between two settings of a network's weights (notes, 4.1).

    $\mathcal{L}((1 - t) \theta + t \theta')$ for t in [0, 1]. By default θ' holds the weights of
    θ with the neurons of each hidden layer in reverse order: the same function, hence the same
    loss at both ends. Were the loss convex, it could rise nowhere in between; where it does, that
    is the proof that it is not.

    Args:
        models: A profond model, or several of the same kind (trained from several seeds): a
            line each. Their weights are as before on return.
        x: Inputs, as `models` take them.
        y: Targets, as the loss takes them.
        to: The other end: "swapped"; or a model of the same shape; or a list of weight arrays as
            `get_weights` gives them.
        loss: A loss by name or a `profond.losses` object; by default the one that the first model
            was compiled with, "mse" if it was not.
        points: Points on the segment, >= 3.
        ax: Axes to draw on; a new figure by default.
        lang: "en" or "fr".

    Returns:
        The figure. `numbers`: `t` `(points,)`, `loss` `(models, points)`, `bump` `(models,)`:
        how far the loss rises above the chord between its ends, <= 0 on a convex segment.

    Raises:
        TypeError: If `models` are not profond models.
        ValueError: If there is no hidden layer to swap, the weights do not fit, or the loss does
            not take these targets.
    """
    say = speaker(lang)
    chosen = [models] if hasattr(models, "get_weights") else several(models, "models")
    for model in chosen:
        if not hasattr(model, "get_weights"):
            raise TypeError(
                f"`models` must be profond models; received {type(model).__name__}. Train a "
                "Sequential first."
            )
    if loss is None:
        loss = getattr(chosen[0], "loss", None) or "mse"
    t = np.linspace(0, 1, whole(points, "points", least=3))
    losses = np.array([_along(model, x, y, to, loss, t) for model in chosen])
    chord = (1 - t) * losses[:, :1] + t * losses[:, -1:]
    ax = canvas(ax)
    for index, values in enumerate(losses):
        label = None
        if index == 0:
            label = (
                say("loss", "perte")
                if len(losses) == 1
                else say("one line per network", "une courbe par réseau")
            )
        ax.plot(
            t, values, color=BLUE, linewidth=2 if len(losses) == 1 else 1.2, alpha=0.8, label=label
        )
    ax.plot(
        t,
        chord.mean(axis=0),
        color=SOFT,
        linestyle="--",
        label=say("chord (a convex loss stays below)", "corde (une perte convexe reste dessous)"),
    )
    if len(losses) > 1:
        ax.plot(t, losses.mean(axis=0), color=INK, linewidth=2.5, label=say("mean", "moyenne"))
    ax.set_ylim(bottom=min(0.0, float(losses.min())), top=float(losses.max()) * 1.3)
    return finish(
        ax,
        lang=lang,
        x=say("position $t$ on the segment of weights", "position $t$ sur le segment de poids"),
        y=say("loss", "perte"),
        legend="upper right",
        numbers={"t": t, "loss": losses, "bump": (losses - chord).max(axis=1)},
    )


@one_thread()
def _along(model: Any, x: ArrayLike, y: ArrayLike, to: Any, loss: Any, t: np.ndarray) -> np.ndarray:
    """The loss of `model` at each point of the segment; its weights are put back."""
    from profond.losses import get

    start = [np.array(weight) for weight in model.get_weights()]
    if isinstance(to, str):
        if to != "swapped":
            raise ValueError(
                f'`to` must be "swapped", a model or a list of weights; received {to!r}.'
            )
        end = swapped_weights(model)
    else:
        end = list(to.get_weights() if hasattr(to, "get_weights") else to)
    shapes = [weight.shape for weight in start], [np.shape(weight) for weight in end]
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"`to` must have the model's weight shapes {shapes[0]}; received {shapes[1]}."
        )
    measure = get(loss)
    inputs = convert_to_tensor(x, "float32")
    targets = convert_to_tensor(y)
    values = np.empty(len(t))
    try:
        for index, position in enumerate(t):
            model.set_weights(
                [(1 - position) * a + position * b for a, b in zip(start, end, strict=True)]
            )
            with torch.no_grad():
                predicted = model(inputs)
                wanted = (
                    targets.reshape(predicted.shape)
                    if targets.numel() == predicted.numel()
                    else targets
                )
                try:
                    values[index] = float(measure(wanted, predicted).mean())
                except (TypeError, ValueError, RuntimeError) as error:
                    raise ValueError(
                        f"the loss {loss!r} does not take targets of shape "
                        f"{tuple(targets.shape)} for outputs of shape {tuple(predicted.shape)}; "
                        'give the model\'s own, such as loss="sparse_categorical_crossentropy" for '
                        f"class numbers. It says: {error}"
                    ) from error
    finally:
        model.set_weights(start)
    return values


def swapped_weights(model: Any) -> list[np.ndarray]:
    """The weights of `model` with the neurons of every hidden layer in reverse order.

    The function computed is the same: neurons of a layer are interchangeable.

    Raises:
        ValueError: If the model is not a chain of Dense layers with at least one hidden layer.
    """
    from profond.figures._networks import dense_layers

    layers = dense_layers(model)
    if len(layers) < 2:
        raise ValueError(
            "the model has no hidden layer, so there are no neurons to swap; give `to` another "
            "model or a list of weights."
        )
    weights: list[np.ndarray] = []
    for index, layer in enumerate(layers):
        kernel = layer.kernel[::-1] if index > 0 else layer.kernel
        bias = layer.bias
        if index < len(layers) - 1:
            kernel = kernel[:, ::-1]
            bias = None if bias is None else bias[::-1]
        weights.append(kernel.astype(np.float32))
        if bias is not None:
            weights.append(bias.astype(np.float32))
    return weights
