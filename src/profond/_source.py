"""Objects as the Python code that makes them, from their `get_config`."""

import inspect
import re
from collections.abc import Mapping
from typing import Any

from profond import _families
from profond._layout_of_code import Code, Group, lay_out
from profond._naming import snake_case

# Shown even where they are the default: what a reader looks for first.
_SHOWN = {"learning_rate", "monitor", "patience"}
# Classes whose first argument says all, given by its place though it has a default.
_FIRST_BY_PLACE = {"regularizers": "", "initializers": "Constant"}
_STANDARD = {"math", "sys"}  # modules that are imported before the others


class Source:
    """Writes objects as calls of their constructors, and collects the imports.

    Only the arguments that differ from the defaults are written; those without a default by
    their place.

    Args:
        known: Code for some numbers, by class and number: with `{("Constant", 0.5): "start"}`,
            `Constant(0.5)` is written as `Constant(start)`.
    """

    def __init__(self, known: Mapping[tuple[str, float], str] | None = None) -> None:
        self.known = dict(known or {})
        self._imports: dict[str, set[str]] = {}

    def use(self, module: str, name: str) -> str:
        """Import a name, and say how to write it.

        A name that is taken by another module is written with its module's: `layers.Identity`.
        """
        if any(name in names for other, names in self._imports.items() if other != module):
            package, _, last = module.rpartition(".")
            return f"{self.use(package, last)}.{name}"
        self._imports.setdefault(module, set()).add(name)
        return name

    def module(self, name: str) -> None:
        """Import a module as a whole: "numpy as np"."""
        self._imports.setdefault(name, set())

    @property
    def names(self) -> set[str]:
        """What is imported by name."""
        return {name for names in self._imports.values() for name in names}

    def imports(self) -> str:
        """The lines that import what was used."""
        blocks = []
        for standard in (True, False):
            modules = [m for m in self._imports if (m.split(".")[0] in _STANDARD) is standard]
            whole = sorted(m for m in modules if not self._imports[m])
            named = sorted(m for m in modules if self._imports[m])
            found = [f"import {m}" for m in whole] + [self._from(m) for m in named]
            if found:
                blocks.append("\n".join(found))
        return "\n\n".join(blocks)

    def _from(self, module: str) -> str:
        names = sorted(self._imports[module], key=_order_of_import)
        line = f"from {module} import {', '.join(names)}"
        if len(line) <= 100:
            return line
        return lay_out(Group("(", [("", n) for n in names], ")", tall=True),
                       before=f"from {module} import ")  # fmt: skip

    def object(self, obj: Any) -> Code:
        """An object of profond's own as a call of its constructor.

        Raises:
            ValueError: If its class is not profond's own, or an argument cannot be written.
        """
        from profond.saving._objects import namespace_of, serialize_keras_object

        namespace = namespace_of(type(obj))
        if namespace is None:
            raise ValueError(_not_ours(type(obj).__name__))
        if hasattr(obj, "get_config"):
            return self.value(serialize_keras_object(obj))
        names = [p for p in inspect.signature(type(obj)).parameters if hasattr(obj, p)]
        return self.make(type(obj), namespace, {name: getattr(obj, name) for name in names})

    def value(self, value: Any, owner: str = "") -> Code:
        """A plain value, or the description of an object, as code.

        Args:
            value: What `serialize_keras_object` gives.
            owner: The class that it is an argument of.

        Raises:
            ValueError: If there is no code for it.
        """
        if isinstance(value, int | float) and (owner, value) in self.known:
            return self.known[owner, value]
        if isinstance(value, dict) and "class_name" in value:
            return self._described(value)
        if isinstance(value, list | tuple):
            ends = "[]" if isinstance(value, list) else "()"
            return Group(ends[0], [("", self.value(item)) for item in value], ends[1])
        if isinstance(value, dict):
            return Group("{", [(f"{literal(k)}: ", self.value(v)) for k, v in value.items()], "}")
        return literal(value)

    def _described(self, value: Mapping[str, Any]) -> Code:
        from profond.saving._objects import namespace_of

        name, config = value["class_name"], value.get("config")
        if name in ("__numpy__", "__tensor__"):
            assert config is not None
            self.module("numpy as np")
            array = Group("np.array(", [("", self.value(config["value"])),
                                        ("dtype=", literal(config["dtype"]))], ")")  # fmt: skip
            if name == "__numpy__":
                return array
            return Group(f"{self.use('torch', 'from_numpy')}(", [("", array)], ")")
        if name == "function":
            if ">" in str(value.get("registered_name")):  # the user's, whatever its name
                raise ValueError(_not_ours(str(config)))
            return self._function(str(config))
        if name == "DTypePolicy":
            return literal((config or {})["name"])
        cls = _class_of(value)
        namespace = namespace_of(cls)
        if namespace is None:
            raise ValueError(_not_ours(str(name)))
        return self.make(cls, namespace, config or {})

    def _function(self, name: str) -> Code:
        from profond import activations, losses, metrics

        if name in activations.__all__:
            return literal(name)
        for module in (losses, metrics):
            if name in module.__all__:
                return self.use(module.__name__, name)
        raise ValueError(_not_ours(name))

    def make(self, cls: Any, namespace: str, config: Mapping[str, Any]) -> Group:
        """The call that makes an object of a class.

        Args:
            cls: The class.
            namespace: The package of profond that has it.
            config: Its arguments by name, as `get_config` gives them.
        """
        name = cls.__name__
        first = _FIRST_BY_PLACE.get(namespace)
        by_place = first is not None and first in ("", name)
        items: list[tuple[str, Code]] = []
        parameters = inspect.signature(cls).parameters
        for parameter in parameters.values():
            if parameter.name not in config or parameter.kind is parameter.VAR_KEYWORD:
                by_place = False
                continue
            value = config[parameter.name]
            required = parameter.default is parameter.empty
            in_place = (by_place or required) and parameter.kind is not parameter.KEYWORD_ONLY
            shown = namespace == "regularizers" and len(parameters) == 1  # `L2(0.01)`
            if not (required or shown) and _is_default(
                parameter.name, value, parameter.default, cls
            ):
                by_place = False
                continue
            # By place only as long as nothing before it was left out.
            in_place = in_place and len(items) == list(parameters).index(parameter.name)
            if namespace == "optimizers.schedules" and items:
                in_place = False  # numbers whose meaning their places do not tell
            code = self.value(value, name)
            items.append(("" if in_place else f"{parameter.name}=", code))
            by_place = False
        for key, value in config.items():  # what every layer takes
            if key not in parameters and not _is_default(key, value, None, cls):
                items.append((f"{key}=", self.value(value, name)))
        return Group(f"{self.use(f'profond.{namespace}', name)}(", items, ")")


def literal(value: Any) -> str:
    """A plain value as code, text in double quotes.

    Raises:
        ValueError: If it is none.
    """
    if isinstance(value, str):
        text = repr(value)
        if text[0] == "'" and '"' not in value:
            text = f'"{text[1:-1]}"'
        return text
    if isinstance(value, float) and not (-float("inf") < value < float("inf")):
        return f'float("{value}")'
    if isinstance(value, slice):
        return f"slice({literal(value.start)}, {literal(value.stop)}, {literal(value.step)})"
    if value is None or value is Ellipsis or isinstance(value, bool | int | float):
        return "..." if value is Ellipsis else repr(value)
    raise ValueError(
        f"There is no plain code for {value!r} of type {type(value).__name__}; give numbers, "
        "texts, lists, arrays and profond's own objects."
    )


def is_default_name(name: str | None, class_name: str) -> bool:
    """Whether an object got its name by counting: `dense`, `dense_1`, ..."""
    return name is None or bool(re.fullmatch(rf"{re.escape(snake_case(class_name))}(_\d+)?", name))


def _is_default(name: str, value: Any, default: Any, cls: type) -> bool:
    """Whether an argument may be left out."""
    if name in _SHOWN:
        return False
    if name == "name" and (default is None or default is inspect.Parameter.empty):
        return is_default_name(value, cls.__name__)
    if name == "trainable":
        return value is True
    if name == "dtype":
        from profond.config import floatx

        return value is None or value == floatx()
    if name == "activation" and default in (None, "linear"):
        return value in (None, "linear")
    if isinstance(value, dict) and "class_name" in value and isinstance(default, str):
        return _is_called(value, default)
    plain = _families.serialize(default)
    if name == "axis" and value == [plain]:
        return True
    same_kind = isinstance(value, bool) == isinstance(plain, bool)
    return same_kind and _as_lists(value) == _as_lists(plain)


def _is_called(value: Mapping[str, Any], name: str) -> bool:
    """Whether an object is what a name means: "zeros" and `Zeros()`."""
    if value["class_name"] == "function":
        return value["config"] == name and ">" not in str(value.get("registered_name"))
    cls = _class_of(value)
    if name not in (cls.__name__, snake_case(cls.__name__)):
        return False
    try:
        return cls().get_config() == value.get("config")
    except TypeError:  # it has no default
        return False


def _class_of(value: Mapping[str, Any]) -> type:
    """The class that a description names.

    Raises:
        ValueError: If it is neither profond's nor registered.
    """
    from profond.saving._objects import find_class

    try:
        return find_class(value)
    except ValueError:  # to register it, as that says, would bring no code
        raise ValueError(_not_ours(str(value["class_name"]))) from None


def _as_lists(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_as_lists(item) for item in value]
    return value


def _not_ours(name: str) -> str:
    return (
        f"{name} is not one of profond's own, and its code is not known here; write the model by "
        "hand, or keep it with `model.save`."
    )


def _order_of_import(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, as linters sort them."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2
    return kind, name
