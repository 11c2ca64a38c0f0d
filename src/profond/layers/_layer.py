"""The base of all layers, Keras's protocol on `torch.nn.Module`: how one is made and called.

The rest of the protocol is in the bases: what is assigned to a layer (`_attributes`), its weights,
losses and metrics (`_contents`), its description (`_description`), its masks (`_masks`), its
calls on symbolic tensors (`_graph`).
"""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from profond import _tree
from profond._dtypes import torch_dtype
from profond._lookup import refuse_unknown_keywords
from profond._naming import snake_case, unique_name
from profond._policy import DTypePolicy
from profond._symbolic import Node, for_real, is_symbolic
from profond._tensors import convert_to_tensor, default_device
from profond._weight import Weight
from profond.layers._attributes import without_init
from profond.layers._contents import Contents
from profond.layers._description import Described, noting_arguments
from profond.layers._graph import InGraph
from profond.layers._input_spec import check_inputs
from profond.layers._scopes import current, in_dtype, on_meta_device, training_is, weights_as
from profond.layers._signature import call_signature, shapes_for


class Layer(Contents, Described, InGraph):
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

    # What the layer does in a step of half precision (`training._precision`): None, as usual;
    # "computes" in it, or "follows" the type of its input.
    _in_half: str | None = None

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
            if (
                self._in_half is not None
                and type(x) is torch.Tensor
                and not x.is_meta
                and self.activity_regularizer is None
                and getattr(x, "_keras_mask", None) is None
            ):
                return self._call_in_half(x)
        return self._call_in_full(args, kwargs)

    def _call_in_half(self, x: torch.Tensor) -> Any:
        """The short way of a layer of ours in a step of half precision."""
        spec = self.input_spec
        if spec is not None:
            check_inputs(spec, x, self.name)
        options = {"training": self._is_training()} if self._signature.takes_training else {}
        if self._in_half == "follows":
            return self.call(x, **options)
        half = self._compute
        if x.is_floating_point():
            x = x.to(half)
        own = self._parameters
        kept = dict(own)
        try:
            for name, weight in kept.items():
                if weight is not None and weight.is_floating_point():
                    own[name] = weight.to(half)  # type: ignore[assignment]
            return self.call(x, **options)
        finally:
            own.update(kept)

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
            args = tuple(self._as_input(x) for x in args)
            return self._record_call(args, kwargs, self._bound_arguments(args, kwargs))
        args = tuple(convert_to_tensor(x) if _is_number_list(x) else x for x in args)
        args, kwargs = _tree.map_structure(self._as_input, (args, kwargs))
        bound = self._bound_arguments(args, kwargs)
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
        self._set_masks(next(iter(bound.values()), None), outputs, previous)
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

    def _bound_arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments of `call` by name, checked; the layer is built for them."""
        bound = self._signature.bind(args, kwargs, self.name)
        first = next(iter(bound.values()), None)
        if self.input_spec is not None:
            check_inputs(self.input_spec, first, self.name)
        self._ensure_built(bound)
        if self.input_spec is not None:  # `build` may have made it
            check_inputs(self.input_spec, first, self.name)
        return bound

    def _ensure_built(self, bound: dict[str, Any]) -> None:
        """Run `build` for the shapes of this call, if it has not run."""
        if self.built:
            return
        if type(self).build is not Layer.build:
            shapes = shapes_for(self.build, bound, self.name)
            with for_real(), torch.device(default_device()):
                self.build(**shapes)
            self.built = True

    # Copies and words

    def __getstate__(self) -> dict[str, Any]:
        """What a copy or a pickle of the layer keeps: not the graphs that it is part of."""
        state = super().__getstate__()
        state["_nodes"] = []
        state["_own_losses"] = []
        return state

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"


def _noting_built(build: Callable[..., Any]) -> Callable[..., Any]:
    """`build` that remembers its shapes and that it ran."""

    @functools.wraps(build)
    def noting(self: Layer, *args: Any, **kwargs: Any) -> Any:
        if "_own_losses" not in self.__dict__:
            raise without_init(self)
        bound = inspect.signature(build).bind(self, *args, **kwargs)
        shapes = dict(list(bound.arguments.items())[1:])
        result = build(self, *args, **kwargs)
        object.__setattr__(self, "_build_shapes", shapes)
        self.built = True
        return result

    return noting


def _is_number_list(x: Any) -> bool:
    """Whether `x` is a list of numbers, nested or not, in the place of an array."""
    return (
        isinstance(x, list) and bool(x) and (isinstance(x[0], int | float) or _is_number_list(x[0]))
    )
