"""The base of all layers: Keras's protocol on `torch.nn.Module`."""

import copy
import functools
import inspect
import warnings
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from profond import _tree
from profond._dtypes import torch_dtype
from profond._lookup import refuse_unknown_keywords
from profond._naming import snake_case, unique_name
from profond._policy import DTypePolicy
from profond._symbolic import (
    KerasTensor,
    Node,
    for_real,
    infer_outputs,
    is_inferring,
    is_symbolic,
    operation,
)
from profond._tensors import convert_to_numpy, convert_to_tensor, default_device
from profond._weight import Weight
from profond.layers._description import (
    arguments_from,
    described_arguments,
    noting_arguments,
    with_changes,
)
from profond.layers._input_spec import check_inputs
from profond.layers._scopes import current, in_dtype, on_meta_device, training_is, weights_as
from profond.layers._signature import call_signature, is_tensor_tree, shapes_for
from profond.layers._tracking import holder_of, tracked


class Layer(nn.Module):
    """A part of a network: weights, and a computation with them.

    Write `call(self, inputs, ...)`, and `build(self, input_shape)` where weights depend on the
    shape of the input; `build` runs at the first call. A layer is a `torch.nn.Module`: it goes
    into torch models, has `parameters()`, `to(device)`, hooks, `state_dict()`. Its mode is
    inference until `fit`, `train()` or `layer(x, training=True)` says otherwise, as in Keras
    (a plain torch module starts in training mode).

    Args:
        activity_regularizer: Penalty on the output, averaged over the batch, added to the loss.
        trainable: Whether the weights are learned.
        dtype: Element type or policy: `"float32"`, `"float64"`, `"mixed_bfloat16"`, ...
        autocast: Whether float inputs are converted to the layer's type.
        name: Name, unique in a model; made from the class's by default.
        input_shape: Shape of one sample, for the first layer of a `Sequential`.
        input_dim: The same, for a single axis.
    """

    # Whether outputs may get a mask where inputs have none. Built-in layers that make one attach
    # it in `call`, so that the short way of a call stays open to them.
    _makes_masks = False
    _arguments: Any
    _builtin_arguments: Any

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Remember the constructor's arguments, which describe the layer."""
        layer = super().__new__(cls)
        object.__setattr__(layer, "_arguments", (args, kwargs))
        return layer

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "build" in cls.__dict__:
            cls.build = _noting_built(cls.__dict__["build"])  # type: ignore[method-assign]
        if "compute_mask" in cls.__dict__:
            cls._makes_masks = not cls.__module__.startswith("profond.")
        if cls.__module__.startswith("profond.layers.") and "__init__" in cls.__dict__:
            cls.__init__ = noting_arguments(cls, cls.__dict__["__init__"])  # type: ignore[method-assign]

    def __init__(
        self,
        *,
        activity_regularizer: Any = None,
        trainable: bool = True,
        dtype: Any = None,
        autocast: bool = True,
        name: str | None = None,
        input_shape: Sequence[int | None] | None = None,
        input_dim: int | None = None,
        **unknown: Any,
    ) -> None:
        from profond import config, regularizers

        super().__init__()
        if unknown:
            known = inspect.signature(type(self)).parameters
            base = inspect.signature(Layer.__init__).parameters
            names = {n for n in (*known, *base) if n not in ("self", "unknown", "kwargs", "args")}
            refuse_unknown_keywords(unknown, names, type(self).__name__)
        if name is not None and not isinstance(name, str):
            raise TypeError(f"`name` must be a string; received {name!r}.")
        if not isinstance(trainable, bool):
            raise ValueError(f"`trainable` must be True or False; received {trainable!r}.")
        # Mode and flags go straight into __dict__: nn.Module's own assignment is slower.
        self.training = False
        self.name = name or unique_name(snake_case(type(self).__name__))
        self.dtype_policy = config.dtype_policy() if dtype is None else DTypePolicy.of(dtype)
        self.autocast = autocast
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.supports_masking = type(self).compute_mask is not Layer.compute_mask
        self.input_spec: Any = None
        self.built = False
        self._trainable = trainable
        self._path: str | None = None
        self._own_losses: list[torch.Tensor] = []
        self._own_metrics: dict[str, Any] = {}
        self._nodes: list[Node] = []
        self._signature = call_signature(type(self).call)
        self._compute = self.dtype_policy.torch_compute_dtype
        self._input_shape_argument = (input_dim,) if input_dim is not None else input_shape

    # What a layer is made of

    def build(self, input_shape: Any) -> None:
        """Make the weights, for inputs of `input_shape` (batch first, None where not known)."""
        del input_shape

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the output from the input tensors.

        Raises:
            NotImplementedError: If the class does not define it.
        """
        raise NotImplementedError(f"{type(self).__name__} must define `call(self, inputs)`.")

    def add_weight(
        self,
        shape: Any = None,
        initializer: Any = None,
        dtype: Any = None,
        trainable: bool = True,
        autocast: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        aggregation: str = "none",
        overwrite_with_gradient: bool = False,
        name: str | None = None,
    ) -> Weight:
        """Make a weight of this layer.

        Args:
            shape: Its shape, `()` by default.
            initializer: Name or function of (shape, dtype); Glorot's uniform one for floats and
                zeros for other types by default.
            dtype: Element type; the layer's by default.
            trainable: Whether it is learned.
            autocast: Whether it is converted to the type of the computation under a mixed
                precision policy.
            regularizer: Penalty on its values.
            constraint: Function applied to it after each step.
            aggregation: Accepted for Keras's sake.
            overwrite_with_gradient: Accepted for Keras's sake; True is refused.
            name: Its name; `variable`, `variable_1`, ... by default.

        Returns:
            The weight, an `nn.Parameter`.
        """
        from profond import constraints, initializers, regularizers
        from profond.initializers._base import initial_values

        del aggregation
        if overwrite_with_gradient:
            raise ValueError("`overwrite_with_gradient=True` is not supported.")
        if isinstance(shape, str):
            raise TypeError(
                f"`shape` comes first, as in Keras 3; received {shape!r}. Give the name by "
                f"keyword: `add_weight(shape, initializer, name={shape!r})`."
            )
        if shape is None:
            shape = ()
        shape = (int(shape),) if isinstance(shape, int | np.integer) else tuple(shape)
        if any(n is None for n in shape):
            raise ValueError(
                f"the shape of the weight {name!r} of the layer {self.name!r} must be known; "
                f"received {shape}. Give the model's input shape without None on that axis."
            )
        kind = torch_dtype(dtype or self.dtype_policy.variable_dtype)
        if initializer is None:
            initializer = "glorot_uniform" if kind.is_floating_point else "zeros"
        with for_real(), torch.device(default_device()):
            begin = initializers.get(initializer)
            values = initial_values(begin, shape, kind)
        if tuple(values.shape) != shape:
            raise ValueError(
                f"the initializer of the weight {name!r} of the layer {self.name!r} must return "
                f"the shape {shape} that it is asked for; received {tuple(values.shape)}."
            )
        if not type(begin).__module__.startswith("profond."):
            values = values.clone()  # it may be an array that someone else keeps
        key = base = (name or "variable").replace(".", "_")  # the same in every session
        name = name or unique_name("variable")
        weight = Weight(
            values,
            trainable=trainable,
            name=name,
            path=f"{self.path}/{name}",
            regularizer=regularizers.get(regularizer),
            constraint=constraints.get(constraint),
            autocast=autocast,
        )
        if not self._trainable:
            weight.trainable = False
        count = 0
        while key in self._parameters:
            count += 1
            key = f"{base}_{count}"
        self._parameters[key] = weight
        return weight

    add_variable = add_weight

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

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The mask of the output, given that of the input; the same one by default."""
        del inputs
        return previous_mask

    # The call

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """Build at the first call, check the input, then `call`; torch's name for it."""
        if not current.inside:
            return self._call_from_outside(args, kwargs)
        if self.built and len(args) == 1 and not kwargs:
            # The usual call, one plain tensor of the layer's type, takes the short way.
            x = args[0]
            if (
                type(x) is torch.Tensor
                and x.dtype is self._compute
                and not x.is_meta
                and self.activity_regularizer is None
                and not self._makes_masks
                and getattr(x, "_keras_mask", None) is None
                and self._compute is self.dtype_policy.torch_variable_dtype
            ):
                spec = self.input_spec
                if spec is not None:
                    check_inputs(spec, x, self.name) if isinstance(
                        spec, list | tuple | dict
                    ) or not spec.fits(x) else None
                if not self._signature.takes_training:
                    return self.call(x)
                training = current.training
                return self.call(x, training=self.training if training is None else training)
        return self._call_in_full(args, kwargs)

    def _call_from_outside(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call that no other layer makes: what `add_loss` collected before is forgotten."""
        if current.holders.data:  # type: ignore[attr-defined] - the set inside: quicker to ask
            self._clear_losses()
        current.inside = True
        try:
            return self.forward(*args, **kwargs)
        finally:
            current.inside = False

    def _call_in_full(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The whole way of a call: conversions, build, masks, training, graph."""
        signature = self._signature
        explicit: Any = kwargs.pop("training", None) if not signature.takes_training else None
        mask_given = None
        if not signature.takes_mask and not signature.open_ended:
            mask_given = kwargs.pop("mask", None)
        if is_symbolic(args, kwargs):
            return self._call_symbolically(args, kwargs)
        args = tuple(convert_to_tensor(x) if _is_number_list(x) else x for x in args)
        args, kwargs = _tree.map_structure(self._as_input, (args, kwargs))
        bound = signature.bind(args, kwargs, self.name)
        first = next(iter(bound.values()), None)
        if self.input_spec is not None:
            check_inputs(self.input_spec, first, self.name)
        self._ensure_built(bound)
        if self.input_spec is not None:
            check_inputs(self.input_spec, first, self.name)
        if bound.get("training") is not None:
            explicit = bound["training"]
        if getattr(explicit, "ndim", 0):  # an array or tensor
            raise TypeError(
                f"`training` must be True or False; the layer {self.name!r} received a tensor of "
                f"the shape {tuple(explicit.shape)}. Several inputs are one argument: a list or "
                "a dict of them."
            )
        with training_is(explicit):
            if signature.takes_training and bound.get("training") is None:
                kwargs["training"] = self._is_training()
            previous = self._fill_masks(bound, kwargs)
            if mask_given is not None:
                previous = mask_given
            outputs = self._computed(args, kwargs)
        self.built = True
        if self.activity_regularizer is not None:
            self._add_activity_loss(outputs)
        self._set_masks(first, outputs, previous)
        return outputs

    def _is_training(self) -> bool:
        """Whether this call trains: said by a surrounding call, or by the mode."""
        if current.training is not None:
            return current.training
        return self.training or self._signature.training_default

    def _computed(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """`call`, with the weights in the form that the inputs ask for."""
        on_meta = any(
            isinstance(leaf, torch.Tensor) and leaf.is_meta
            for leaf in _tree.leaves_of((args, kwargs))
        )
        mixed = self.dtype_policy.compute_dtype != self.dtype_policy.variable_dtype
        if on_meta:
            with weights_as(self, on_meta_device(self._compute if mixed else None)):
                return self.call(*args, **kwargs)
        if mixed:
            with weights_as(self, in_dtype(self._compute)):
                return self.call(*args, **kwargs)
        return self.call(*args, **kwargs)

    def _as_input(self, x: Any) -> Any:
        """An array as a tensor, and float tensors in the layer's type."""
        if isinstance(x, np.ndarray | np.generic) or hasattr(x, "to_numpy"):
            x = convert_to_tensor(x)
        if not isinstance(x, torch.Tensor):
            return x
        if self.autocast and x.is_floating_point() and x.dtype is not self._compute:
            if not self._compute.is_floating_point:
                return x
            mask = getattr(x, "_keras_mask", None)
            x = x.to(self._compute)
            if mask is not None:
                x._keras_mask = mask  # type: ignore[attr-defined]
        return x

    def _ensure_built(self, bound: dict[str, Any]) -> None:
        """Run `build` for the shapes of this call, if it has not run."""
        if self.built:
            return
        if type(self).build is not Layer.build:
            shapes = shapes_for(self.build, bound, self.name)
            with for_real(), torch.device(default_device()):
                self.build(**shapes)
            self.built = True

    def _call_symbolically(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Infer the output's shape and record the call in the graph."""
        args = tuple(self._as_input(a) for a in args)
        bound = self._signature.bind(args, kwargs, self.name)
        first = next(iter(bound.values()), None)
        if self.input_spec is not None:
            check_inputs(self.input_spec, first, self.name)
        self._ensure_built(bound)
        if self.input_spec is not None:
            check_inputs(self.input_spec, first, self.name)
        if type(self).compute_output_shape is not Layer.compute_output_shape:
            believed = self.compute_output_shape
            shapes = believed(**shapes_for(believed, bound, self.name))
            outputs = _tensors_of_shapes(shapes, self.compute_dtype)
            if any(not layer.built for layer in self._flatten_layers(include_self=False)):
                infer_outputs(self, args, {**kwargs, "training": False})  # builds them
        else:
            with_masks = dict(kwargs)
            self._fill_masks(bound, with_masks)
            outputs = self.compute_output_spec(*args, **with_masks)
        self.built = True
        # A layer that returns its input as it is still makes a new tensor of the graph.
        outputs = _tree.map_structure(_another, outputs)
        self._nodes.append(Node(self, args, kwargs, outputs))
        if self.supports_masking:
            self._set_symbolic_mask(first, outputs)
        return outputs

    def _set_symbolic_mask(self, first: Any, outputs: Any) -> None:
        """Attach the symbolic mask, for those who look at it; the real one comes at run time."""
        previous = _masks_of(first)
        own = type(self).compute_mask is not Layer.compute_mask
        if not isinstance(outputs, KerasTensor) or not (own or _any_mask(previous)):
            return
        mask = operation(self.compute_mask)(first, previous) if own else previous
        if isinstance(mask, KerasTensor):
            outputs._keras_mask = mask

    def _is_builtin(self) -> bool:
        """Whether the class is profond's own."""
        return type(self).__module__.startswith("profond.")

    # Masks

    def _fill_masks(self, bound: dict[str, Any], kwargs: dict[str, Any]) -> Any:
        """Give `call` the masks that came with its tensors; returns the first one's."""
        tensors = {k: v for k, v in bound.items() if is_tensor_tree(v) and not k.endswith("mask")}
        masks = {name: _masks_of(value) for name, value in tensors.items()}
        names = self._signature.names
        first = next(iter(masks.values()), None)
        if len(masks) == 1 and "mask" in names and bound.get("mask") is None:
            if _any_mask(first):
                kwargs["mask"] = first
        for name, mask in masks.items():
            argument = f"{name}_mask"
            if argument in names and bound.get(argument) is None and _any_mask(mask):
                kwargs[argument] = mask
        return bound["mask"] if bound.get("mask") is not None else first

    def _set_masks(self, first: Any, outputs: Any, previous: Any) -> None:
        """Attach the output's mask to it, if this layer passes masks on."""
        has_mask = _any_mask(previous)
        if not self.supports_masking:
            if has_mask and self._is_mask_lost():
                warnings.warn(
                    f"the layer {self.name!r} ({type(self).__name__}) does not support masks: "
                    "the mask of its input ends here.",
                    stacklevel=5,
                )
            return
        if not has_mask and type(self).compute_mask is Layer.compute_mask:
            return
        outputs_flat = [t for t in _tree.flatten(outputs) if isinstance(t, torch.Tensor)]
        if all(getattr(t, "_keras_mask", None) is not None for t in outputs_flat):
            return
        masks = self.compute_mask(first, previous)
        if masks is None:
            return
        flat_masks = [masks] if isinstance(masks, torch.Tensor) else _tree.flatten(masks)
        for tensor, mask in zip(outputs_flat, flat_masks, strict=False):
            if mask is not None and getattr(tensor, "_keras_mask", None) is None:
                tensor._keras_mask = mask  # type: ignore[attr-defined]

    def _is_mask_lost(self) -> bool:
        """Whether a mask that is not passed on deserves a warning."""
        return not self._signature.takes_mask

    def _add_activity_loss(self, outputs: Any) -> None:
        """The activity regularizer's penalty, averaged over the batch."""
        for output in _tree.flatten(outputs):
            if isinstance(output, torch.Tensor) and not output.is_meta:
                loss = self.activity_regularizer(output)  # type: ignore[misc]
                self.add_loss(loss / output.shape[0] if output.ndim else loss)

    # Weights and sublayers

    def _sublayers(self) -> Iterator[nn.Module]:
        """Layers and torch modules directly inside this one, each once."""
        from profond.layers._tracking import Holder

        seen: set[int] = set()

        def walk(module: nn.Module) -> Iterator[nn.Module]:
            for child in module._modules.values():
                if child is None or id(child) in seen:
                    continue
                seen.add(id(child))
                if isinstance(child, Holder):
                    yield from walk(child)
                else:
                    yield child

        return walk(self)

    def _flatten_layers(self, include_self: bool = True, recursive: bool = True) -> list["Layer"]:
        """This layer and those inside it, each once, outermost first."""
        found: list[Layer] = [self] if include_self else []
        for child in self._sublayers():
            if isinstance(child, Layer):
                found += child._flatten_layers() if recursive else [child]
        return list({id(layer): layer for layer in found}.values())

    @property
    def weights(self) -> list[Any]:  # weights, and parameters of torch modules
        """All weights in Keras's order: own learned ones, own others, then the sublayers'."""
        from profond.layers._tracking import Holder

        own: list[Any] = [w for w in self._parameters.values() if w is not None]
        for child in self._modules.values():
            if isinstance(child, Holder):
                own += [w for w in child._parameters.values() if w is not None]
        own.sort(key=lambda w: not getattr(w, "_learned", True))
        for child in self._sublayers():
            own += child.weights if isinstance(child, Layer) else list(child.parameters())
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
            if isinstance(child, Layer):
                child.trainable = value
            else:
                child.requires_grad_(value)

    def _own_parameters(self) -> list[nn.Parameter]:
        """The parameters of this layer and of its lists, not of its sublayers."""
        from profond.layers._tracking import Holder

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

    # Attributes

    def __setattr__(self, name: str, value: Any) -> None:
        kind = type(value)
        if kind is bool or kind is int or kind is str or value is None:
            if name == "trainable":
                object.__setattr__(self, name, value)
            elif name in self.__dict__:
                self.__dict__[name] = value
            else:
                super().__setattr__(name, value)  # type: ignore[arg-type]
            return
        if isinstance(value, nn.Module) and "_modules" not in self.__dict__:
            raise _without_init(self)
        if "_own_metrics" in self.__dict__:
            from profond.metrics import Metric

            if kind is list or kind is dict:
                value = tracked(value, self, name)
                super().__setattr__(name, value)
                self._register_collection(name, value)
                return
            if kind is tuple:
                super().__setattr__(name, value)
                self._register_collection(name, value)
                return
            if isinstance(value, Metric):
                self._own_metrics[name] = value
            elif isinstance(value, nn.Parameter) and any(
                value is known for known in self._parameters.values()
            ):
                # `self.kernel = self.add_weight(..., name="w")`: one weight, the attribute's name
                key = next(k for k, known in self._parameters.items() if known is value)
                if key != name and name not in self._parameters and name not in self.__dict__:
                    renamed = {(name if k == key else k): v for k, v in self._parameters.items()}
                    self._parameters.clear()
                    self._parameters.update(renamed)
                    return
            if isinstance(value, Layer):
                self._place(value)
        super().__setattr__(name, value)  # type: ignore[arg-type]

    def _register_collection(self, name: str, collection: Any) -> None:
        """Make the layers and metrics in a list, tuple or dict known under `name`."""
        from profond.metrics import Metric

        if name in type(self).__dict__:
            return
        holder = holder_of(collection)
        if holder is None:
            self._modules.pop(name, None)
        else:
            self._modules[name] = holder
        for key in [k for k in self._own_metrics if k.startswith(f"{name}[")]:
            del self._own_metrics[key]
        for position, leaf in enumerate(_tree.leaves_of(collection)):
            if isinstance(leaf, Metric):
                self._own_metrics[f"{name}[{position}]"] = leaf
            elif isinstance(leaf, Layer):
                self._place(leaf)

    def _place(self, layer: "Layer") -> None:
        """Put a layer that is in no other one under this one, for the paths of its weights."""
        if layer._path is None:
            layer._move_to(f"{self.path}/{layer.name}")

    def _move_to(self, path: str) -> None:
        """Take a path, with the layers inside this one."""
        before, self._path = self.path, path
        for child in self._sublayers():
            if isinstance(child, Layer) and child._path == f"{before}/{child.name}":
                child._move_to(f"{path}/{child.name}")

    def __getattr__(self, name: str) -> Any:
        # torch's way, with the quick answer first. Python comes here too when a property raises
        # AttributeError: its message is then the one to show, not that there is no attribute.
        own = self.__dict__.get("_parameters")
        if own is not None and name in own:
            return own[name]
        found = getattr(type(self), name, None)
        return found.__get__(self) if isinstance(found, property) else super().__getattr__(name)

    def __delattr__(self, name: str) -> None:
        self.__dict__.get("_own_metrics", {}).pop(name, None)
        if name in self.__dict__ and name in self._modules:
            del self._modules[name]
        super().__delattr__(name)

    @property
    def path(self) -> str:
        """The name, with those of the layers around it."""
        return self._path or self.name

    @property
    def dtype(self) -> str:
        """Element type of the weights, `"float32"`."""
        return self.dtype_policy.variable_dtype

    @property
    def variable_dtype(self) -> str:
        """Element type of the weights; another name."""
        return self.dtype_policy.variable_dtype

    @property
    def compute_dtype(self) -> str:
        """Element type of the computation."""
        return self.dtype_policy.compute_dtype

    @property
    def input_dtype(self) -> str:
        """Element type that float inputs are converted to."""
        return self.dtype_policy.compute_dtype

    @property
    def input(self) -> Any:
        """The symbolic input of the layer's first call in a graph."""
        return self._first_node().args[0]

    @property
    def output(self) -> Any:
        """The symbolic output of the layer's first call in a graph."""
        return self._first_node().outputs

    def _first_node(self) -> Node:
        if not self._nodes:
            raise AttributeError(
                f"the layer {self.name!r} was never called on a symbolic tensor, so it has no "
                "`input` and `output`."
            )
        return self._nodes[0]

    # Description

    def get_config(self) -> dict[str, Any]:
        """The arguments that make the same layer.

        A class that does not define its own gets all arguments of its constructor, as they
        were given, and the defaults of the others.
        """
        config: dict[str, Any] = {
            "name": self.name,
            "trainable": self._trainable,
            "dtype": self.dtype_policy.name,
        }
        if type(self).get_config is Layer.get_config or self._is_builtin():
            given = described_arguments(type(self), self._arguments)
            return {**with_changes(self, given), **config}
        if "_builtin_arguments" in self.__dict__:
            # The class adds to the description of the built-in layer that it is made from.
            given = described_arguments(*self._builtin_arguments)
            return {**with_changes(self, given), **config}
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The layer that `get_config` described."""
        return cls(**arguments_from(cls, Layer, config))

    def get_build_config(self) -> dict[str, Any] | None:
        """The shapes that the layer was built for, in Keras's form."""
        shapes = self.__dict__.get("_build_shapes")
        if not shapes:
            return None
        if len(shapes) == 1:
            return {"input_shape": next(iter(shapes.values()))}
        return {"shapes_dict": dict(shapes)}

    def build_from_config(self, config: dict[str, Any]) -> None:
        """Build for the shapes of `get_build_config`."""
        if not config or self.built:
            return
        if "shapes_dict" in config:
            self.build(**{k: _as_shapes(v) for k, v in config["shapes_dict"].items()})
        else:
            self.build(_as_shapes(config["input_shape"]))

    def compute_output_shape(self, input_shape: Any, *more_shapes: Any) -> Any:
        """The shape of the output for inputs of these shapes; the layer stays as it is.

        A class may define its own, which is then believed.

        Args:
            input_shape: Shape, or structure of shapes, of the first argument of `call`; batch
                first, None where a size is not known.
            *more_shapes: The same for its other arguments.
        """
        shapes = (input_shape, *more_shapes)
        if self.built:
            outputs = _inferred(self, shapes)
        else:  # a copy is built, at no cost to the sequence of random numbers
            with torch.random.fork_rng(devices=[]):
                outputs = _inferred(copy.deepcopy(self), shapes)
        return _tree.map_structure(lambda t: getattr(t, "shape", None), outputs)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        """The symbolic output for symbolic inputs, without recording the call.

        A class may define its own, which is then believed.
        """
        return infer_outputs(self, args, {**kwargs, "training": False})

    def __getstate__(self) -> dict[str, Any]:
        """What a copy or a pickle of the layer keeps: not the graphs that it is part of."""
        state = super().__getstate__()
        state["_nodes"] = []
        state["_own_losses"] = []
        return state

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def forget_losses(layers: list[Layer]) -> None:
    """Empty the losses of `add_loss` of these layers."""
    for layer in layers:
        if layer._own_losses:
            layer._own_losses.clear()
            current.holders.discard(layer)


class _Missing:
    """Stands on the class for what torch's constructor puts on every instance."""

    def __get__(self, layer: Any, owner: type) -> Any:
        raise AttributeError if layer is None else _without_init(layer)


# A call looks here first: one message in the place of torch's.
Layer._backward_hooks = _Missing()  # type: ignore[assignment]


def _without_init(layer: Any) -> RuntimeError:
    """The error for a class whose constructor did not call the base's."""
    return RuntimeError(
        f"call `super().__init__()` first in the constructor of {type(layer).__name__}."
    )


def _noting_built(build: Callable[..., Any]) -> Callable[..., Any]:
    """`build` that remembers its shapes and that it ran."""

    @functools.wraps(build)
    def noting(self: Layer, *args: Any, **kwargs: Any) -> Any:
        if "_own_losses" not in self.__dict__:
            raise _without_init(self)
        bound = inspect.signature(build).bind(self, *args, **kwargs)
        shapes = dict(list(bound.arguments.items())[1:])
        result = build(self, *args, **kwargs)
        object.__setattr__(self, "_build_shapes", shapes)
        self.built = True
        return result

    return noting


def _inferred(layer: Layer, input_shapes: Any) -> Any:
    """The symbolic output for inputs of these shapes."""
    inputs = [_tensors_of_shapes(_as_shapes(s), layer.input_dtype) for s in input_shapes]
    return layer.compute_output_spec(*inputs)


def _another(t: Any) -> Any:
    """A new symbolic tensor of the same shape, type and mask."""
    if not isinstance(t, KerasTensor):
        return t
    new = KerasTensor(t.shape, t.dtype)
    new._keras_mask = t._keras_mask
    return new


def _masks_of(value: Any) -> Any:
    """The masks attached to the tensors of a structure, in the same structure."""
    return _tree.map_structure(lambda x: getattr(x, "_keras_mask", None), value)


def _any_mask(masks: Any) -> bool:
    """Whether there is a mask anywhere in the structure."""
    return any(mask is not None for mask in _tree.leaves_of(masks))


def _is_number_list(x: Any) -> bool:
    """Whether `x` is a list of numbers, nested or not, in the place of an array."""
    return (
        isinstance(x, list) and bool(x) and (isinstance(x[0], int | float) or _is_number_list(x[0]))
    )


def _as_shapes(value: Any) -> Any:
    """Lists of sizes, as JSON has them, as tuples."""
    if isinstance(value, list | tuple) and all(n is None or isinstance(n, int) for n in value):
        return tuple(value)
    return (
        _tree.map_structure(lambda x: x, value)
        if not isinstance(value, list)
        else [_as_shapes(v) for v in value]
    )


def _tensors_of_shapes(shapes: Any, dtype: str) -> Any:
    """Symbolic tensors for the answer of a `compute_output_shape`."""
    if isinstance(shapes, list | tuple) and all(n is None or isinstance(n, int) for n in shapes):
        return KerasTensor(shapes, dtype)
    if isinstance(shapes, dict):
        return {k: _tensors_of_shapes(v, dtype) for k, v in shapes.items()}
    return type(shapes)(_tensors_of_shapes(s, dtype) for s in shapes)
