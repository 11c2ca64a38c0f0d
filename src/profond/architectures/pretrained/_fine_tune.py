"""Training of a network that was trained before: the head first, then all of it, gently."""

from collections.abc import Sequence
from typing import Any

from profond.architectures.pretrained._places import places_of


def freeze(model: Any, *, but: Sequence[str] | None = None) -> list[str]:
    """Hold the weights of all layers but the head; `fit` then learns the head alone.

    Batch normalization that is held uses its moving averages in training too, and does not
    change them (as in Keras).

    Args:
        model: A built model.
        but: Names of the layers that go on learning; the last layer with weights by default. In a
            model inside, its name and a `/` stand before a layer's.

    Returns:
        Names of the layers that learn.

    Raises:
        ValueError: If there is no layer of a name.
    """
    places = places_of(model)
    names = [place.name for place in places]
    learning = [names[-1]] if but is None else list(but)
    unknown = [name for name in learning if name not in names]
    if unknown:
        from profond._lookup import unknown as said

        raise ValueError(said(unknown[0], names, "layer with weights in `but`"))
    for place in places:
        place.layer.trainable = place.name in learning
    return learning


def unfreeze(model: Any, *, batch_normalization: bool = True) -> list[str]:
    """Let all layers learn.

    Args:
        model: A built model.
        batch_normalization: Whether batch normalization learns too. It is better held in
            fine-tuning on few data or small batches, whose statistics are rough.

    Returns:
        Names of the layers that learn.
    """
    places = places_of(model)
    held = set() if batch_normalization else {"BatchNormalization"}
    for place in places:
        place.layer.trainable = type(place.layer).__name__ not in held
    return [place.name for place in places if place.layer.trainable]


def fine_tune(
    model: Any,
    x: Any,
    y: Any = None,
    *,
    frozen_epochs: int = 3,
    epochs: int = 10,
    rate_factor: float = 0.1,
    but: Sequence[str] | None = None,
    batch_normalization: bool = False,
    batch_size: int | None = None,
    validation_data: Any = None,
    validation_split: float = 0.0,
    class_weight: dict[int, float] | None = None,
    sample_weight: Any = None,
    callbacks: Any = None,
    verbose: str | int = "auto",
) -> Any:
    """Train a network with weights of `load_pretrained` in two phases.

    First the head alone, at the compiled optimizer's step size, since a new head's errors would
    spoil the features below. Then the whole network with a fresh optimizer of the same kind and a
    step size that is smaller by `rate_factor`, with batch normalization held.

    Args:
        model: A built and compiled model; its step size is a number, not a schedule.
        x: Inputs, as `fit` takes them.
        y: Targets.
        frozen_epochs: Epochs of the first phase, >= 0.
        epochs: Epochs of the second phase, >= 0.
        rate_factor: Step size of the second phase over that of the first, > 0.
        but: Names of the layers that learn in the first phase; the head by default.
        batch_normalization: Whether batch normalization learns in the second phase.
        batch_size: Rows per step.
        validation_data: As in `fit`.
        validation_split: As in `fit`.
        class_weight: As in `fit`.
        sample_weight: As in `fit`.
        callbacks: As in `fit`, for both phases; each phase is a training of its own to them, the
            epochs' numbers go on.
        verbose: As in `fit`.

    Returns:
        The `History` of both phases, one after the other; `model.history` is it too. Afterwards
        the layers that learned in the last phase are those that learn.

    Raises:
        RuntimeError: If the model is not compiled.
        ValueError: If a number of epochs is negative, both are 0, or the step size is no number.
    """
    counts = {"frozen_epochs": frozen_epochs, "epochs": epochs}
    for name, count in counts.items():
        if isinstance(count, bool) or not hasattr(count, "__index__") or count < 0:
            raise ValueError(f"`{name}` must be an integer >= 0; received {name}={count!r}.")
    if not frozen_epochs and not epochs:
        raise ValueError("one of `frozen_epochs` and `epochs` must be > 0; received 0 and 0.")
    model._require_compiled("fine_tune")
    second = _smaller_rate(model.optimizer, rate_factor)

    def train(begin: int, end: int) -> Any:
        return model.fit(
            x,
            y,
            batch_size=batch_size,
            epochs=end,
            initial_epoch=begin,
            validation_data=validation_data,
            validation_split=validation_split,
            class_weight=class_weight,
            sample_weight=sample_weight,
            callbacks=callbacks,
            verbose=verbose,
        )

    first = None
    if frozen_epochs:
        freeze(model, but=but)
        first = train(0, frozen_epochs)
        if first.interrupted or not epochs:
            return first
    unfreeze(model, batch_normalization=batch_normalization)
    model.compile(**{**model._compile_arguments, "optimizer": second})
    history = train(frozen_epochs, frozen_epochs + epochs)
    if first is not None:
        history.epoch = [*first.epoch, *history.epoch]
        names = [*first.history, *(n for n in history.history if n not in first.history)]
        history.history = {
            name: [*first.history.get(name, []), *history.history.get(name, [])] for name in names
        }
    return history


def _smaller_rate(optimizer: Any, rate_factor: float) -> Any:
    """A fresh optimizer of the same kind, with a step size that is smaller.

    Raises:
        ValueError: If `rate_factor` is not positive, or the step size follows a schedule.
    """
    from profond import optimizers
    from profond.layers._checks import positive

    factor = positive(rate_factor, "rate_factor")
    described = optimizers.serialize(optimizer)
    rate = described["config"].get("learning_rate")
    if not isinstance(rate, int | float):
        raise ValueError(
            "`fine_tune` needs a model whose optimizer has a number as `learning_rate`, to make it "
            f"smaller in the second phase; received {type(optimizer).__name__} with "
            f"{rate if rate is None else 'a schedule'}. Compile it with a number."
        )
    described["config"]["learning_rate"] = rate * factor
    return optimizers.deserialize(described)
