"""Which networks can be trained as one stack, and what stands in the way of others."""

from collections.abc import Iterator, Sequence
from typing import Any

from profond import _tree, losses, metrics, optimizers
from profond.layers import Activation, Dense, Dropout
from profond.optimizers.schedules import LearningRateSchedule
from profond.training._compile_loss import _is_by_shape
from profond.training._dense_stack import _is_observed, _is_plain, _is_watched
from profond.training._stacked_losses import PENALTIES
from profond.training._steps import Steps
from profond.training._widening import is_ours

# Optimizers that change each number of a weight by itself, all by the same rule.
_ELEMENTWISE = (
    optimizers.SGD,
    optimizers.Adam,
    optimizers.AdamW,
    optimizers.RMSprop,
    optimizers.Adagrad,
    optimizers.Adadelta,
    optimizers.Adamax,
    optimizers.Lion,
)
_MEANS = ("sum_over_batch_size", "mean")
_STEPS = ("train_step", "test_step", "compute_loss", "compute_metrics")


def why_not_stackable(models: Sequence[Any]) -> str | None:
    """What keeps models from being trained as one stack, the first thing found; None if nothing.

    Args:
        models: The models.
    """
    names = _names(models)
    if len({id(model) for model in models}) < len(models):
        return "the same model is there twice"
    for model, name in zip(models, names, strict=True):
        reason = next(_obstacles(model), None)
        if reason is not None:
            return f"{name}: {reason}"
    reason = _shared(models)
    if reason is not None:
        return reason
    first = _facts(models[0])
    for model, name in zip(models[1:], names[1:], strict=True):
        facts = _facts(model)
        for what in sorted(first.keys() | facts.keys(), key=list({**first, **facts}).index):
            if first.get(what) != facts.get(what):
                shown = _shown(facts.get(what)), _shown(first.get(what))
                return f"{name} differs from {names[0]} in its {what}: {shown[0]}, not {shown[1]}"
    return None


def chain_of(model: Any) -> list[Any]:
    """The layers of a model that can be stacked, in order."""
    return list(model._in_a_row())


def weights_of(model: Any) -> list[Any]:
    """The weights of its dense layers, in order, each kernel before its bias."""
    dense = [layer for layer in chain_of(model) if isinstance(layer, Dense)]
    return [w for layer in dense for w in (layer.kernel, layer.bias) if w is not None]


def options_of(optimizer: Any) -> dict[str, Any]:
    """The configuration of an optimizer but for rate and name.

    A schedule of the user's own may have no configuration.
    """
    rate = optimizer._learning_rate
    try:
        optimizer._learning_rate = 0.0
        config = optimizer.get_config()
    finally:
        optimizer._learning_rate = rate
    return {key: value for key, value in config.items() if key not in ("learning_rate", "name")}


def _names(models: Sequence[Any]) -> list[str]:
    """What to call each model: its place, and its name."""
    return [f"model {place} ({model.name!r})" for place, model in enumerate(models)]


def _shared(models: Sequence[Any]) -> str | None:
    """What two models have in common that each must have for itself."""
    parts = {
        "optimizer": [[model.optimizer] for model in models],
        "weight": [model.weights for model in models],
        "metric": [_given_metrics(model) for model in models],
    }
    for what, found in parts.items():
        each = [{id(one) for one in own} for own in found]
        if len(set().union(*each)) < sum(map(len, each)):
            return f"two models have the same {what}: give each one of its own"
    return None


def _given_metrics(model: Any) -> list[Any]:
    """The metrics that `compile` got as objects."""
    given = _tree.flatten(model._compile_arguments["metrics"])
    return [metric for metric in given if isinstance(metric, metrics.Metric)]


def _obstacles(model: Any) -> Iterator[str]:
    """What keeps a model from being part of a stack of its like."""
    if not model.compiled or model.optimizer is None:
        yield "it is not compiled with an optimizer"
    elif not model.built:
        yield "it is not built: begin it with `Input(shape)`"
    else:
        yield from _obstacles_in_layers(model)
        yield from _obstacles_in_optimizer(model.optimizer)
        yield from _obstacles_in_loss(model)
        yield from _obstacles_in_metrics(model)


def _obstacles_in_layers(model: Any) -> Iterator[str]:
    overridden = [
        name
        for name in _STEPS
        if getattr(getattr(model, name), "__func__", None) is not getattr(Steps, name)
    ]
    if overridden:
        yield f"it has a `{overridden[0]}` of its own"
    chain = chain_of(model)
    if not chain:
        yield "its layers are not called one after the other"
        return
    if model.jit_compile or _is_observed(model):
        yield "it is compiled by `jit_compile`, or hooks listen to it"
    if model._precision is not None:
        yield f"it is compiled with precision={model._precision!r}"
    door = model.inputs[0]
    if len(door.shape) != 2 or door.shape[0] is not None:
        yield f"its input must be rows of numbers, (None, features); it is {tuple(door.shape)}"
    if door.dtype != chain[0].compute_dtype:
        yield f"its input is of type {door.dtype}, its first layer of {chain[0].compute_dtype}"
    if not any(isinstance(layer, Dense) for layer in chain):
        yield "it has no Dense layer"
    for layer in chain:
        yield from _obstacles_in_layer(layer)
    weights = model.weights
    if not all(weight.requires_grad for weight in weights):
        yield "some of its weights are frozen"
    if len({(weight.dtype, weight.device) for weight in weights}) > 1 or any(
        map(_is_watched, weights)
    ):
        yield "its weights are of several types or devices, or hooks listen to their gradients"
    found = [id(weight) for weight in weights_of(model)]
    if len(set(found)) < len(found) or found != [id(weight) for weight in weights]:
        yield "two of its layers share weights"


def _obstacles_in_layer(layer: Any) -> Iterator[str]:
    if type(layer) not in (Dense, Activation, Dropout):
        yield (
            f"the layer {layer.name!r} is a {type(layer).__name__}; only Dense, Activation and "
            "Dropout can be batched over networks"
        )
        return
    if not _is_plain(layer):
        yield f"the layer {layer.name!r} has an activity regularizer, hooks or mixed precision"
    if isinstance(layer, Dropout):
        if layer.noise_shape is not None and layer.seed_generator is None:
            yield f"the layer {layer.name!r} has a `noise_shape` without a `seed`"
        return
    if layer.activation is not None and not is_ours(layer.activation):
        yield f"the activation of the layer {layer.name!r} is a function of your own"
    if not isinstance(layer, Dense):
        return
    for what in ("kernel", "bias"):
        penalty = getattr(layer, f"{what}_regularizer")
        if penalty is not None and type(penalty) not in PENALTIES:
            yield f"the {what} regularizer of the layer {layer.name!r} must be L1, L2 or L1L2"
        if getattr(layer, f"{what}_constraint") is not None:
            yield f"the layer {layer.name!r} has a {what} constraint"


def _obstacles_in_optimizer(optimizer: Any) -> Iterator[str]:
    if type(optimizer) not in _ELEMENTWISE:
        known = ", ".join(kind.__name__ for kind in _ELEMENTWISE)
        yield f"its optimizer is {type(optimizer).__name__}; it must be one of {known}"
        return
    if optimizer.clipnorm or optimizer.global_clipnorm:
        yield "its optimizer clips by norm, which is of one network alone; `clipvalue` can be used"
    if optimizer.loss_scale_factor:
        yield "its optimizer scales the loss"
    if optimizer._excluded:
        yield "its optimizer has weights excluded from decay one by one; exclude them by name"
    if not isinstance(optimizer._learning_rate, float | LearningRateSchedule):
        yield "its learning rate is a function; it must be a number or a schedule"


def _obstacles_in_loss(model: Any) -> Iterator[str]:
    compiled = model._compile_loss
    if compiled is None or not compiled._is_one:
        yield "it must have one loss, without weights"
        return
    loss = compiled.loss
    if _is_by_shape(loss):
        return
    loss = losses.resolve(loss, (), ())
    if not isinstance(loss, losses.Loss) or not is_ours(loss):
        yield "its loss is a function of your own"
    elif not loss._is_of_rows or loss.reduction not in _MEANS:
        yield f"its loss {loss.name!r} must be a mean over rows"
    elif getattr(loss, "ignore_class", None) is not None:
        yield f"its loss {loss.name!r} ignores a class"


def _obstacles_in_metrics(model: Any) -> Iterator[str]:
    given = model._compile_arguments
    if given["weighted_metrics"] is not None:
        yield "it has `weighted_metrics`"
    for metric in _tree.flatten(given["metrics"]):
        if not isinstance(metric, str | type(None)):
            if not isinstance(metric, metrics.Metric) or not is_ours(metric):
                yield "it has a metric of your own"


def _facts(model: Any) -> dict[str, Any]:
    """What has to be the same in all models of a stack, by what it is called."""
    facts: dict[str, Any] = {"input": model.inputs[0].shape}
    chain = chain_of(model)
    facts["number of layers"] = len(chain)
    for place, layer in enumerate(chain):
        facts[f"layer {place}"] = _layer_facts(layer)
    weight = model.weights[0]
    facts["element type"], facts["device"] = weight.dtype, weight.device
    optimizer = model.optimizer
    facts["optimizer"] = type(optimizer).__name__
    options = {**options_of(optimizer), "excluded": optimizer._excluded_names}
    facts["optimizer's options"] = options
    facts["learning rate"] = _rate_facts(optimizer._learning_rate)
    facts["number of steps taken"] = optimizer._iterations
    facts["loss"] = _loss_facts(model._compile_loss.loss)
    return facts


def _layer_facts(layer: Any) -> tuple[Any, ...]:
    """Kind and options of a layer, as far as they matter once it is built."""
    if isinstance(layer, Dropout):
        return "Dropout", layer.rate, layer.noise_shape, layer.seed_generator is not None
    activation = getattr(layer.activation, "__name__", "linear")
    if not isinstance(layer, Dense):
        return "Activation", activation
    penalties = [
        None if one is None else (type(one).__name__, one.get_config())
        for one in (layer.kernel_regularizer, layer.bias_regularizer)
    ]
    return "Dense", layer.units, activation, layer.use_bias, *penalties


def _rate_facts(rate: Any) -> Any:
    """A rate, or kind and options of a schedule."""
    if isinstance(rate, float):
        return rate
    try:
        return type(rate).__name__, rate.get_config()
    except NotImplementedError:  # a schedule of the user's own: the same one, or another
        return type(rate).__name__, id(rate)


def _loss_facts(loss: Any) -> Any:
    if _is_by_shape(loss):
        return loss.lower()
    loss = losses.resolve(loss, (), ())
    return type(loss).__name__, {**loss.get_config(), "name": None}


def _shown(fact: Any) -> str:
    """A fact in words."""
    if isinstance(fact, tuple) and fact and isinstance(fact[0], str):
        options = ", ".join(str(option) for option in fact[1:] if option is not None)
        return f"{fact[0]}({options})"
    return "nothing" if fact is None else str(fact)
