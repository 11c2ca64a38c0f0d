"""Objects to JSON-able descriptions and back, in Keras 3's form."""

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import torch

from profond._dtypes import dtype_name
from profond._lookup import nearest

T = TypeVar("T")

_objects_by_name: dict[str, Any] = {}
_names_by_object: dict[Any, str] = {}
_scopes: list[dict[str, Any]] = []

# The packages that a file may name. Looked up by name in `__all__`: nothing else is reachable.
_NAMESPACES = (
    "layers",
    "models",
    "activations",
    "initializers",
    "regularizers",
    "constraints",
    "losses",
    "metrics",
    "optimizers",
    "optimizers.schedules",
    "callbacks",
    "random",
)


# Classes that Keras exports from none of its public packages, and where it has them.
_NOT_PUBLIC_IN_KERAS = {"Functional": "keras.src.models.functional"}


def register_keras_serializable(
    package: str = "Custom", name: str | None = None
) -> Callable[[T], T]:
    """Decorator: let saved models name this class or function, as `package>name`.

    Args:
        package: Prefix that keeps names of different origin apart.
        name: Name in the file; the object's own by default.

    Returns:
        A decorator that returns its argument.

    Raises:
        ValueError: If a class has no `get_config`.
    """

    def register(thing: T) -> T:
        registered = f"{package}>{name or thing.__name__}"  # type: ignore[attr-defined]
        if inspect.isclass(thing) and not hasattr(thing, "get_config"):
            raise ValueError(
                f"a class to be saved must have a `get_config` method; {thing.__name__} has none."
            )
        _objects_by_name[registered] = thing
        _names_by_object[thing] = registered
        return thing

    return register


def get_registered_name(obj: Any) -> str:
    """The name that `obj` is registered under, or its own."""
    return _names_by_object.get(obj, getattr(obj, "__name__", str(obj)))


def get_registered_object(
    name: str,
    custom_objects: Mapping[str, Any] | None = None,
    module_objects: Mapping[str, Any] | None = None,
) -> Any | None:
    """What is registered under `name`, or given under it; None if nothing is."""
    for table in (custom_objects or {}, *reversed(_scopes), _objects_by_name, module_objects or {}):
        if name in table:
            return table[name]
    return None


def get_custom_objects() -> dict[str, Any]:
    """The table of registered objects itself; what is put in is found by name."""
    return _objects_by_name


@contextmanager
def custom_object_scope(custom_objects: Mapping[str, Any]) -> Iterator[None]:
    """Inside the `with`, names of `custom_objects` are known to every deserialization."""
    _scopes.append(dict(custom_objects))
    try:
        yield
    finally:
        _scopes.pop()


CustomObjectScope = custom_object_scope


def namespace_of(cls: type) -> str | None:
    """The public namespace (`"layers"`) that exports `cls`, or None."""
    if not cls.__module__.startswith("profond."):
        return None
    for namespace in _NAMESPACES:
        if cls.__module__.startswith(f"profond.{namespace.split('.')[0]}"):
            module = importlib.import_module(f"profond.{namespace}")
            if getattr(module, cls.__name__, None) is cls:
                return namespace
    return None


def serialize_keras_object(obj: Any) -> Any:
    """A JSON-able description of `obj`, in Keras 3's form.

    Args:
        obj: None, a number, string, array, tensor, dtype, list, tuple, dict, function, or an
            object with `get_config`.

    Raises:
        TypeError: If `obj` is none of these.
    """
    if obj is None or isinstance(obj, bool | int | float | str):
        return obj
    if isinstance(obj, dict):
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    if isinstance(obj, tuple):
        return tuple(serialize_keras_object(x) for x in obj)  # a list in JSON, as with Keras
    if isinstance(obj, list):
        return [serialize_keras_object(item) for item in obj]
    if isinstance(obj, np.generic):
        return obj.item()
    if isinstance(obj, np.ndarray | torch.Tensor) and not hasattr(obj, "get_config"):
        from profond._tensors import convert_to_numpy

        array = convert_to_numpy(obj)
        kind = "__tensor__" if isinstance(obj, torch.Tensor) else "__numpy__"
        return {"class_name": kind, "config": {"value": array.tolist(), "dtype": array.dtype.name}}
    if isinstance(obj, torch.dtype):
        return dtype_name(obj)
    if inspect.isfunction(obj) or inspect.isbuiltin(obj):
        if obj.__name__ == "<lambda>":
            raise TypeError(
                "a lambda cannot be saved: its code would have to run when the file is loaded. "
                "Write a named function and register it with `register_keras_serializable`."
            )
        return {
            "module": "builtins",
            "class_name": "function",
            "config": obj.__name__,
            "registered_name": get_registered_name(obj),
        }
    if hasattr(obj, "get_config") and not inspect.isclass(obj):
        return _describe(obj)
    raise TypeError(
        f"{type(obj).__name__} cannot be saved: it has no `get_config` method. Add one that "
        "returns the arguments of its constructor."
    )


def _describe(obj: Any) -> dict[str, Any]:
    """The description of an object with `get_config`."""
    cls = type(obj)
    namespace = namespace_of(cls)
    config = obj.get_config()
    description = {
        "module": f"keras.{namespace}" if namespace else cls.__module__,
        "class_name": cls.__name__,
        "config": {key: serialize_keras_object(value) for key, value in config.items()},
        "registered_name": None if namespace else get_registered_name(cls),
    }
    if namespace == "models" and cls.__name__ in _NOT_PUBLIC_IN_KERAS:
        description["module"] = _NOT_PUBLIC_IN_KERAS[cls.__name__]
        description["registered_name"] = cls.__name__
    if hasattr(obj, "get_build_config"):
        build_config = obj.get_build_config()
        if build_config:
            description["build_config"] = serialize_keras_object(build_config)
    if getattr(obj, "compiled", False) and hasattr(obj, "get_compile_config"):
        compile_config = obj.get_compile_config()
        if compile_config:
            description["compile_config"] = serialize_keras_object(compile_config)
    return description


def deserialize_keras_object(
    config: Any, custom_objects: Mapping[str, Any] | None = None, safe_mode: bool = True
) -> Any:
    """The object that `serialize_keras_object` described.

    Args:
        config: The description.
        custom_objects: Classes and functions by name, beside the registered ones.
        safe_mode: Accepted for Keras's sake; code in a file is never run.

    Raises:
        ValueError: If a class or function is not known; the message says how to make it so.
    """
    del safe_mode
    if isinstance(config, list | tuple):
        return type(config)(deserialize_keras_object(item, custom_objects) for item in config)
    if not isinstance(config, dict):
        return config
    if "class_name" not in config:
        return {k: deserialize_keras_object(v, custom_objects) for k, v in config.items()}
    class_name = config["class_name"]
    if class_name == "__tuple__":
        return tuple(deserialize_keras_object(x, custom_objects) for x in config["items"])
    if class_name in ("__numpy__", "__tensor__"):
        array = np.array(config["config"]["value"], dtype=config["config"]["dtype"])
        return torch.from_numpy(array) if class_name == "__tensor__" else array
    if class_name == "__lambda__":
        raise ValueError(
            "the file holds a Python lambda, which profond does not run. Rebuild the model in "
            "code with a named function, and load its weights only."
        )
    if class_name == "function":
        name = config.get("registered_name") or config["config"]
        function = get_registered_object(name, custom_objects)
        if function is None:
            function = get_registered_object(config["config"], custom_objects)
        return function if function is not None else _builtin_function(config["config"])
    if class_name == "DTypePolicy":
        from profond._policy import DTypePolicy

        return DTypePolicy.of(config)
    cls = find_class(config, custom_objects)
    return build_object(cls, config, custom_objects)


def find_class(config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> type:
    """The class that a description names.

    Raises:
        ValueError: If it is neither built in, registered nor given.
    """
    class_name, registered = config["class_name"], config.get("registered_name")
    for name in (registered, class_name):
        if name:
            found = get_registered_object(name, custom_objects)
            if found is not None:
                return found
    module = str(config.get("module") or "")
    names: list[str] = []
    for namespace in _namespaces(module):
        table = importlib.import_module(f"profond.{namespace}")
        found = getattr(table, class_name, None) if class_name in table.__all__ else None
        if inspect.isclass(found):
            return found
        names += table.__all__
    guess = nearest(class_name, names)
    raise ValueError(
        f"Unknown class {registered or class_name!r} of module {module or None!r} in the "
        f"description of a saved object.{f' Did you mean {guess!r}?' if guess else ''} If it is "
        "your own, register it with `@profond.saving.register_keras_serializable()` before "
        "loading, or pass `custom_objects={...}`."
    )


def _namespaces(module: str) -> tuple[str, ...]:
    """The packages in which a class of a module of Keras is to be found."""
    if module and module.split(".")[0] not in ("keras", "profond"):
        return ()
    # "keras.layers" and "keras.src.layers.core.dense" say which; "keras" alone does not.
    parts = module.removeprefix("keras.src.").removeprefix("keras.").removeprefix("profond.")
    fitting = [name for name in _NAMESPACES if f"{parts}.".startswith(f"{name}.")]
    return tuple(sorted(fitting, key=len, reverse=True)) or _NAMESPACES


def build_object(cls: Any, config: Mapping[str, Any], custom_objects: Any = None) -> Any:
    """An instance of `cls` from its description, built and compiled if it says how."""
    if not hasattr(cls, "from_config"):
        return cls(**deserialize_keras_object(config.get("config") or {}, custom_objects))
    with custom_object_scope(custom_objects or {}):
        instance = cls.from_config(dict(config.get("config") or {}))
        build_config = config.get("build_config")
        if build_config and hasattr(instance, "build_from_config"):
            instance.build_from_config(deserialize_keras_object(build_config))
        compile_config = config.get("compile_config")
        if compile_config and hasattr(instance, "compile_from_config"):
            instance.compile_from_config(compile_config)
    return instance


def _builtin_function(name: str) -> Any:
    """A function of profond's own by its public name."""
    for namespace in ("activations", "losses", "metrics", "initializers", "ops"):
        module = importlib.import_module(f"profond.{namespace}")
        if name in module.__all__:
            return getattr(module, name)
    raise ValueError(
        f"Unknown function {name!r} in the description of a saved object. If it is your own, "
        "register it with `@profond.saving.register_keras_serializable()` before loading, or "
        f"pass `custom_objects={{{name!r}: ...}}`."
    )
