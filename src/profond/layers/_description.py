"""How a layer is described for a file: its constructor's arguments, the shapes it was built for."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from profond import _tree
from profond.layers._attributes import Attributes

Given = tuple[tuple[Any, ...], dict[str, Any]]


class Described(Attributes):
    """Tells the arguments that make the same layer, and the shapes it was built for."""

    _arguments: Any
    _builtin_arguments: Any

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
        if type(self).get_config is Described.get_config or self._is_builtin():
            given = _described_arguments(type(self), self._arguments)
            return {**_with_changes(self, given), **config}
        if "_builtin_arguments" in self.__dict__:
            # The class adds to the description of the built-in layer that it is made from.
            given = _described_arguments(*self._builtin_arguments)
            return {**_with_changes(self, given), **config}
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The layer that `get_config` described."""
        return cls(**_arguments_from(cls, config))

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
            self.build(**{k: as_shapes(v) for k, v in config["shapes_dict"].items()})
        else:
            self.build(as_shapes(config["input_shape"]))

    def _is_builtin(self) -> bool:
        """Whether the class is profond's own."""
        return type(self).__module__.startswith("profond.")


def _described_arguments(cls: type, given: Given) -> dict[str, Any]:
    """The arguments given to the constructor of `cls`, and the defaults of the others.

    Args:
        cls: A class of layers.
        given: Positional and keyword arguments.

    Returns:
        Values for JSON, by name.

    Raises:
        TypeError: If the constructor takes positional arguments of any number.
    """
    from profond.saving import serialize_keras_object

    args, kwargs = given
    signature = inspect.signature(cls)
    bound = signature.bind(*args, **kwargs)
    bound.apply_defaults()
    flat: dict[str, Any] = {}
    for name, value in bound.arguments.items():
        kind = signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            flat.update(value)
        elif kind is inspect.Parameter.VAR_POSITIONAL:
            if value:
                raise TypeError(
                    f"{cls.__name__} takes positional arguments of any number, which cannot be "
                    "described. Define its `get_config`."
                )
        else:
            flat[name] = value
    if cls.__module__.startswith("profond.") and "activation" in flat:
        flat["activation"] = flat["activation"] or "linear"  # as Keras writes it
    described = {name: serialize_keras_object(value) for name, value in flat.items()}
    return {k: v for k, v in described.items() if not (k in ("name", "dtype") and v is None)}


def _with_changes(layer: Any, described: dict[str, Any]) -> dict[str, Any]:
    """The description with the attributes that got another value since: `layer.rate = 0.1`."""
    from profond.saving import serialize_keras_object

    own = vars(layer)
    changed = {
        name: serialize_keras_object(own[name])
        for name, value in own.get("_as_made", {}).items()
        if name in described and name in own and own[name] is not value
    }
    return {**described, **changed}


def _arguments_from(cls: type, config: dict[str, Any]) -> dict[str, Any]:
    """The arguments that `config` describes, for the constructor of `cls`.

    Keras's files name features that are not here (quantization) as not in use: what is None
    and not known to a built-in class is left out.

    Args:
        cls: A class of layers.
        config: What `get_config` returned.
    """
    from profond.layers._layer import Layer
    from profond.saving import deserialize_keras_object

    # All classes take the arguments of `Layer`.
    known = {*inspect.signature(cls).parameters, *inspect.signature(Layer.__init__).parameters}
    own = not cls.__module__.startswith("profond.")
    return {
        key: deserialize_keras_object(value) if _is_description(value) else value
        for key, value in config.items()
        if value is not None or key in known or own
    }


def noting_arguments(cls: type, init: Callable[..., None]) -> Callable[..., None]:
    """The constructor of a built-in class, which remembers its arguments.

    A user's subclass that defines `get_config` finds them in `super().get_config()`.
    """
    names = list(inspect.signature(init).parameters)[1:]

    @functools.wraps(init)
    def noting(self: Any, *args: Any, **kwargs: Any) -> None:
        # The outermost built-in class is the first to come here, and the last to leave.
        own = self.__dict__
        own.setdefault("_builtin_arguments", (cls, (args, kwargs)))
        init(self, *args, **kwargs)
        own["_as_made"] = {name: own[name] for name in names if name in own}

    return noting


def _is_description(value: Any) -> bool:
    """Whether `value` is, or holds, what `serialize_keras_object` makes of an object."""
    if isinstance(value, dict):
        return ("class_name" in value and ("config" in value or "items" in value)) or any(
            _is_description(v) for v in value.values()
        )
    return isinstance(value, list | tuple) and any(_is_description(v) for v in value)


def as_shapes(value: Any) -> Any:
    """Lists of sizes, as JSON has them, as tuples."""
    if isinstance(value, list | tuple) and all(n is None or isinstance(n, int) for n in value):
        return tuple(value)
    return (
        _tree.map_structure(lambda x: x, value)
        if not isinstance(value, list)
        else [as_shapes(v) for v in value]
    )
