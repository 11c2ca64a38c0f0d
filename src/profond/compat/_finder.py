"""Imports that say `keras` are answered by profond."""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

from profond.compat._errors import (
    OTHER_BACKEND,
    OTHER_KERAS,
    PRIVATE,
    TENSORFLOW,
    NotAvailableError,
    missing,
)
from profond.compat._modules import KerasModule, TensorFlowModule, target_of

_ROOTS = ("keras", "tensorflow")
_OTHER_KERAS = ("keras_core", "tf_keras")
# tensorboard's own sign that there is no tensorflow: without it, it would take ours for the real
# one and write its files through it, also where the script itself says only `import keras`.
_NO_TENSORFLOW = "tensorboard.compat.notf"


class KerasFinder(MetaPathFinder, Loader):
    """Find modules of Keras's names (and `tensorflow.keras`) in profond, and nothing else."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The specification of a module of Keras's name.

        Raises:
            NotAvailableError: If profond has no such module.
        """
        del path, target
        root = fullname.partition(".")[0]
        if root in _OTHER_KERAS:
            raise NotAvailableError(OTHER_KERAS.format(name=root), name=fullname)
        if root not in _ROOTS:
            return None
        if root == "tensorflow" and not _is_served(fullname):
            raise NotAvailableError(TENSORFLOW.format(name=fullname), name=fullname)
        name = fullname.removeprefix("tensorflow.")
        if name != "tensorflow" and target_of(name) is None:
            raise NotAvailableError(_why(name), name=fullname)
        return ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module; `tensorflow.keras.X` is the very module `keras.X`."""
        if spec.name == "tensorflow":
            return TensorFlowModule()
        if spec.name.startswith("tensorflow."):
            return importlib.import_module(spec.name.removeprefix("tensorflow."))
        if spec.name == "keras":
            _note_other_backend()
        target = target_of(spec.name)
        assert target is not None  # find_spec has looked
        return KerasModule(spec.name, target)

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: the module is complete."""
        del module


def _note_other_backend() -> None:
    """Say that another backend, which Keras would take at its import, is not taken here."""
    backend = os.environ.get("KERAS_BACKEND") or "torch"
    if backend != "torch":
        logging.getLogger("profond").warning(OTHER_BACKEND.format(backend=backend))


def _is_served(name: str) -> bool:
    return name == "tensorflow" or (name + ".").startswith("tensorflow.keras.")


def _why(name: str) -> str:
    """The message for `name`, which is no module here."""
    if (name + ".").startswith("keras.src."):
        return PRIVATE.format(name=name)
    parent, _, child = name.rpartition(".")
    module = importlib.import_module(parent)
    return missing(parent, child, getattr(module, "__all__", ()))


@contextlib.contextmanager
def keras_as_profond() -> Iterator[None]:
    """Let `import keras` mean profond inside the `with` block, in this process.

    Modules of the real Keras that were imported before are set aside and come back at the end.

    Example:
        >>> with keras_as_profond():
        ...     from keras.layers import Dense
        >>> Dense.__module__.startswith("profond")
        True
    """
    finder = KerasFinder()
    kept = _take_modules()
    sys.modules[_NO_TENSORFLOW] = ModuleType(_NO_TENSORFLOW)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        _take_modules()
        sys.modules.update(kept)


def _take_modules() -> dict[str, ModuleType]:
    """Take the modules of Keras's and tensorflow's names out of `sys.modules`."""
    names = [n for n in sys.modules if n.partition(".")[0] in _ROOTS or n == _NO_TENSORFLOW]
    return {name: sys.modules.pop(name) for name in names}
