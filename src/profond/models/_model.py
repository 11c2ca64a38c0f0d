"""The base of all models: a layer that can be compiled, fitted, summed up and saved."""

import warnings
from typing import Any

from profond import _tree
from profond._lookup import unknown
from profond._symbolic import KerasTensor, infer_outputs
from profond.layers._layer import Layer
from profond.layers._signature import is_tensor_tree
from profond.training import Trainer


class Model(Trainer, Layer):
    """A network that can be trained.

    `Model(inputs, outputs)` makes one from a graph of layers; a subclass defines `call`. In
    both cases `compile`, `fit`, `evaluate` and `predict` are as in Keras, and the model is a
    `torch.nn.Module` too.

    Args:
        *args: `inputs` and `outputs` for a functional model.
        **kwargs: The same by name; `name`, `trainable`, `dtype`.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make a functional model where inputs and outputs are given."""
        if cls is Model and _is_functional(args, kwargs):
            from profond.models._functional import Functional

            return super().__new__(Functional, *args, **kwargs)  # type: ignore[arg-type]
        return super().__new__(cls, *args, **kwargs)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if _is_functional(args, kwargs):
            from profond.models._functional import Functional

            _make_functional(type(self))
            Functional.__init__(self, *args, **kwargs)  # type: ignore[arg-type]
            return
        if args:
            raise TypeError(
                f"{type(self).__name__} takes `inputs` and `outputs`, both or none; received "
                f"{len(args)} positional argument(s)."
            )
        for name, other in (("inputs", "outputs"), ("outputs", "inputs")):
            if name in kwargs:
                raise TypeError(
                    f"{type(self).__name__} got `{name}` without `{other}`: a functional model "
                    "takes both."
                )
        Trainer.__init__(self)
        Layer.__init__(self, **kwargs)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take up a pickled or copied state."""
        if "_door_layers" in state:
            # A functional model of a user's class that has made none in this process yet.
            from profond.models._functional import Functional

            _make_functional(type(self))
            Functional.__setstate__(self, state)  # type: ignore[arg-type]
            return
        super().__setstate__(state)

    @property
    def layers(self) -> list[Layer]:
        """The layers directly inside, in the order in which they were made known."""
        return [child for child in self._sublayers() if isinstance(child, Layer)]

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of this name, or at this place.

        Raises:
            ValueError: If there is none, or neither or both are given.
        """
        if (name is None) == (index is None):
            raise ValueError("give either `name` or `index`.")
        if index is not None:
            if not -len(self.layers) <= index < len(self.layers):
                raise ValueError(
                    f"`index` must be below the number of layers, {len(self.layers)}; "
                    f"received {index}."
                )
            return self.layers[index]
        by_name = {layer.name: layer for layer in self.layers}
        if name not in by_name:
            raise ValueError(unknown(name, by_name, f"layer of the model {self.name!r}"))
        return by_name[name]

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of `input_shape`, batch first."""
        overridden = type(self).build is not Model.build  # called as `super().build(...)`
        if self.built or overridden or type(self).call is Layer.call:
            return
        infer_outputs(self, (_placeholders(input_shape),), {})

    def _ensure_built(self, bound: dict[str, Any]) -> None:
        """Run a `build` of the user's own; else the layers build themselves as they are called."""
        if self.built:
            return
        if type(self).build is not Model.build:
            super()._ensure_built(bound)
            return
        tensors = [value for value in bound.values() if is_tensor_tree(value)]
        if len(tensors) == 1:
            shape = _tree.map_structure(lambda x: (None, *x.shape[1:]), tensors[0])
            object.__setattr__(self, "_build_shapes", {"input_shape": shape})

    def _in_a_row(self) -> tuple[Layer, ...]:
        """The layers, where calling them one after the other is all that a call does."""
        return ()

    def __getstate__(self) -> dict[str, Any]:
        """What a copy or a pickle keeps: not the run that it may be in the middle of."""
        return {**super().__getstate__(), "_run": None}

    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,
        print_fn: Any = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
    ) -> None:
        """Print the layers, their output shapes and numbers of parameters.

        Args:
            line_length: Width of the table, in characters.
            positions: Relative or absolute places of the columns' ends.
            print_fn: What to print with; it gets the whole text.
            expand_nested: Whether the layers of nested models are listed too.
            show_trainable: Whether to add a column that says which layers learn.
            layer_range: First and last layer name, to list a part only.
        """
        from profond.models._summary import print_summary

        print_summary(
            self,
            line_length=line_length,
            positions=positions,
            print_fn=print_fn,
            expand_nested=expand_nested,
            show_trainable=show_trainable,
            layer_range=layer_range,
        )

    def save_weights(self, filepath: Any, overwrite: bool = True) -> None:
        """Write the weights to a safetensors file, whole or not at all.

        Args:
            filepath: Name of the file, ending in `.safetensors` or `.weights.safetensors`
                (`.weights.h5`, Keras's own ending, is accepted and holds safetensors too).
            overwrite: Whether an existing file is replaced.

        Raises:
            ValueError: If the file exists and `overwrite` is False, or the model is not built.
        """
        from profond.models._weights_file import save_weights

        save_weights(self, filepath, overwrite)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, **options: Any) -> None:
        """Read the weights from a file of `save_weights`.

        Args:
            filepath: Name of the file.
            skip_mismatch: Whether weights that are missing or of another shape are left as
                they are, with a warning, instead of an error.
            **options: `objects_to_skip`: layers that are left as they are.

        Raises:
            ValueError: If a weight is missing or of another shape; nothing is changed then.
        """
        from profond.models._weights_file import load_weights

        load_weights(self, filepath, skip_mismatch, **options)

    def export(self, filepath: Any, *args: Any, **kwargs: Any) -> None:
        """Refuse: a model is a torch module, which torch itself exports.

        Raises:
            NotImplementedError: Always.
        """
        del filepath, args, kwargs
        raise NotImplementedError(
            "`export` is not available in profond. The model is a torch.nn.Module: give it to "
            "`torch.export.export` or `torch.onnx.export`; `model.save('name.keras')` keeps it "
            "for profond."
        )

    def save(self, filepath: Any, overwrite: bool = True, **options: Any) -> None:
        """Write architecture, weights and state of training to one file.

        Args:
            filepath: Name of the file, ending in `.keras`.
            overwrite: Whether an existing file is replaced.
            **options: `include_optimizer`: whether the state of training is kept (True).
        """
        from profond.models._load import save_model

        save_model(self, filepath, overwrite, **options)

    def to_json(self, **kwargs: Any) -> str:
        """The architecture as JSON, in Keras's form; `kwargs` go to `json.dumps`."""
        import json

        from profond.saving import serialize_keras_object

        return json.dumps(serialize_keras_object(self), **kwargs)

    def get_compile_config(self) -> dict[str, Any] | None:
        """The arguments of `compile`, for JSON; None if it was not called.

        An argument that cannot be described (a lambda, say) makes it None too, with a warning.
        """
        from profond.saving import serialize_keras_object

        if not self.compiled:
            return None
        try:
            return serialize_keras_object({**(self._compile_arguments or {})})
        except TypeError as error:
            warnings.warn(
                f"the model {self.name!r} is described without its loss, metrics and optimizer: "
                f"{error} Call `compile` again after loading.",
                stacklevel=2,
            )
            return None

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The model that `get_config` described; `Model` itself reads functional models."""
        from profond.models._functional import Functional
        from profond.saving import custom_object_scope

        if cls is Model and "input_layers" in config:
            return Functional.from_config(config, custom_objects)
        with custom_object_scope(custom_objects or {}):
            return super().from_config(config)

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile with the arguments of `get_compile_config`."""
        from profond.saving import deserialize_keras_object

        self.compile(**deserialize_keras_object(config))


def is_called_as(kind: type, base: type) -> bool:
    """Whether models of a class are called just as those of `base`, which it derives from."""
    names = ("call", "forward", "__call__")
    return all(getattr(kind, name) is getattr(base, name) for name in names)


def _is_functional(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether the arguments of a constructor are inputs and outputs."""
    return (
        len(args) >= 2
        or (len(args) == 1 and "outputs" in kwargs)
        or ("inputs" in kwargs and "outputs" in kwargs)
    )


def _make_functional(cls: type) -> None:
    """Put `Functional` in the place of `Model` among the bases of a user's class."""
    from profond.models._functional import Functional

    if issubclass(cls, Functional):
        return
    for base in cls.__bases__:
        if base is not Model and issubclass(base, Model):
            _make_functional(base)
    if not issubclass(cls, Functional):
        cls.__bases__ = tuple(Functional if base is Model else base for base in cls.__bases__)


def _placeholders(shapes: Any) -> Any:
    """Symbolic tensors for a shape or a structure of shapes."""
    if isinstance(shapes, list | tuple) and all(n is None or isinstance(n, int) for n in shapes):
        return KerasTensor(shapes)
    if isinstance(shapes, dict):
        return {name: _placeholders(shape) for name, shape in shapes.items()}
    return _tree.map_structure(lambda s: s, type(shapes)(_placeholders(s) for s in shapes))
