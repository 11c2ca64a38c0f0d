"""Modules that show profond under Keras's names, and say clearly what they lack."""

from __future__ import annotations

import importlib
from collections.abc import MutableSequence
from types import ModuleType
from typing import Any

from profond.compat._contexts import device, name_scope
from profond.compat._errors import TENSORFLOW, missing
from profond.compat._names import KERAS_VERSION, MODULES, TOP_LEVEL_FUNCTIONS


class KerasModule(ModuleType):
    """A module of Keras's name whose content is that of one of profond's modules.

    Args:
        name: Keras's name of the module.
        target: The module that has what this one shows.
    """

    def __init__(self, name: str, target: ModuleType) -> None:
        super().__init__(name, target.__doc__)
        self.__path__: MutableSequence[str] = []
        self._target = target
        names = set(getattr(target, "__all__", ()))
        if name == "keras":
            # profond's own packages (figures, estimators, ...) are no part of Keras.
            names = {n for n in names if n[0].isupper()} | set(TOP_LEVEL_FUNCTIONS)
            self.__version__ = KERAS_VERSION
            self.version = lambda: KERAS_VERSION
            self.device, self.name_scope = device, name_scope
        prefix = f"{name}."
        names |= {key.removeprefix(prefix) for key in MODULES if key.startswith(prefix)}
        self.__all__ = sorted(n for n in names if "." not in n)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if name not in self.__all__:
            raise AttributeError(missing(self.__name__, name, self.__all__))
        if target_of(f"{self.__name__}.{name}") is not None:
            return importlib.import_module(f"{self.__name__}.{name}")
        value = getattr(self._target, name)
        setattr(self, name, value)
        return value

    def __dir__(self) -> list[str]:
        return sorted({*self.__all__, *vars(self)})


class TensorFlowModule(ModuleType):
    """A `tensorflow` that has nothing but `keras`."""

    def __init__(self) -> None:
        super().__init__("tensorflow", "tensorflow.keras, served by profond.")
        self.__path__: MutableSequence[str] = []

    def __getattr__(self, name: str) -> Any:
        if name == "keras":
            return importlib.import_module("keras")
        raise AttributeError(TENSORFLOW.format(name=f"tensorflow.{name}"))


def target_of(name: str) -> ModuleType | None:
    """The module that answers to Keras's module `name`; None if `name` is no module here."""
    if name in MODULES:
        return importlib.import_module(MODULES[name])
    # A module inside a served one, such as keras.datasets.mnist.
    parent, _, child = name.rpartition(".")
    if parent in MODULES and parent != "keras":
        target = importlib.import_module(MODULES[parent])
        if child in getattr(target, "__all__", ()):
            value = getattr(target, child)
            return value if isinstance(value, ModuleType) else None
    return None
