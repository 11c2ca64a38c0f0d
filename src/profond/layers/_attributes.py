"""A layer's attributes: what is assigned to a layer is registered, and found in its place."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from torch import nn

from profond import _tree
from profond._policy import DTypePolicy
from profond._symbolic import Node
from profond.layers._tracking import Holder, holder_of, tracked

if TYPE_CHECKING:
    from profond.layers._layer import Layer


class Attributes(nn.Module):
    """Knows the weights, layers and metrics among a layer's attributes, and their paths.

    The fields below are made in the constructor of `Layer`.
    """

    name: str
    built: bool
    dtype_policy: DTypePolicy
    _trainable: bool
    _path: str | None
    _own_metrics: dict[str, Any]
    _nodes: list[Node]

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
            raise without_init(self)
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
            if isinstance(value, Attributes):
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
            elif isinstance(leaf, Attributes):
                self._place(leaf)

    def _place(self, layer: "Attributes") -> None:
        """Put a layer that is in no other one under this one, for the paths of its weights."""
        if layer._path is None:
            layer._move_to(f"{self.path}/{layer.name}")

    def _move_to(self, path: str) -> None:
        """Take a path, with the layers inside this one."""
        before, self._path = self.path, path
        for child in self._sublayers():
            if isinstance(child, Attributes) and child._path == f"{before}/{child.name}":
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

    def _sublayers(self) -> Iterator[nn.Module]:
        """Layers and torch modules directly inside this one, each once."""
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
        found: list[Any] = [self] if include_self else []
        for child in self._sublayers():
            if isinstance(child, Attributes):
                found += child._flatten_layers() if recursive else [child]
        return list({id(layer): layer for layer in found}.values())

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


class _Missing:
    """Stands on the class for what torch's constructor puts on every instance."""

    def __get__(self, layer: Any, owner: type) -> Any:
        raise AttributeError if layer is None else without_init(layer)


# A call looks here first: one message in the place of torch's.
Attributes._backward_hooks = _Missing()  # type: ignore[assignment]


def without_init(layer: Any) -> RuntimeError:
    """The error for a class whose constructor did not call the base's."""
    return RuntimeError(
        f"call `super().__init__()` first in the constructor of {type(layer).__name__}."
    )
