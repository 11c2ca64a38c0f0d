"""Lists and dicts that keep the layers put into them known to torch.

`nn.Module` registers what is assigned to an attribute, but looks into no list. A layer's
attributes of type list and dict become these, which tell their owner of every change.
"""

from collections.abc import Callable
from typing import Any

from torch import nn


def _telling(method: Callable[..., Any]) -> Callable[..., Any]:
    """`method` of list or dict, followed by telling the owner."""

    def changed(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = method(self, *args, **kwargs)
        owner = getattr(self, "_owner", None)  # absent while a copy is being put together
        if owner is not None:
            owner._register_collection(self._attribute, self)
        return result

    changed.__name__ = method.__name__
    return changed


class TrackedList(list[Any]):
    """A list that tells its owner, a layer, when it changes."""

    _owner: Any
    _attribute: str

    def __reduce__(self) -> Any:
        return list, (list(self),)

    def __deepcopy__(self, memo: dict[int, Any]) -> "TrackedList":
        return _copied(self, memo, TrackedList([_deepcopy(item, memo) for item in self]))


class TrackedDict(dict[Any, Any]):
    """A dict that tells its owner, a layer, when it changes."""

    _owner: Any
    _attribute: str

    def __reduce__(self) -> Any:
        return dict, (dict(self),)

    def __deepcopy__(self, memo: dict[int, Any]) -> "TrackedDict":
        items = {key: _deepcopy(value, memo) for key, value in self.items()}
        return _copied(self, memo, TrackedDict(items))


for _name in ("append", "extend", "insert", "pop", "remove", "clear", "reverse", "sort"):
    setattr(TrackedList, _name, _telling(getattr(list, _name)))
for _name in ("__setitem__", "__delitem__", "__iadd__"):
    setattr(TrackedList, _name, _telling(getattr(list, _name)))
for _name in ("__setitem__", "__delitem__", "pop", "popitem", "clear", "update", "setdefault"):
    setattr(TrackedDict, _name, _telling(getattr(dict, _name)))


def _deepcopy(item: Any, memo: dict[int, Any]) -> Any:
    import copy

    return copy.deepcopy(item, memo)


def _copied(old: Any, memo: dict[int, Any], new: Any) -> Any:
    """`new`, owned by the copy of the owner of `old`, if that is being copied too."""
    owner = memo.get(id(old._owner))
    if owner is not None:
        new._owner, new._attribute = owner, old._attribute
    memo[id(old)] = new
    return new


def tracked(value: Any, owner: Any, attribute: str) -> Any:
    """A plain list or dict as one that tells `owner`; anything else as it is."""
    if type(value) is list:
        value = TrackedList(value)
    elif type(value) is dict:
        value = TrackedDict(value)
    else:
        return value
    value._owner, value._attribute = owner, attribute
    return value


class Holder(nn.Module):
    """The place in torch's tree of modules for what a list, tuple or dict holds."""


def holder_of(collection: Any) -> Holder | None:
    """A `Holder` of the modules and weights anywhere inside `collection`; None without any."""
    holder = Holder()
    items = collection.items() if isinstance(collection, dict) else enumerate(collection)
    for key, item in items:
        name = str(key).replace(".", "_")
        if isinstance(item, nn.Module):
            holder._modules[name] = item
        elif isinstance(item, nn.Parameter):
            holder._parameters[name] = item
        elif isinstance(item, list | tuple | dict):
            inner = holder_of(item)
            if inner is not None:
                holder._modules[name] = inner
    return holder if holder._modules or holder._parameters else None
