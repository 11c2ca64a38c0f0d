"""What tells a function from another, also in a later session."""

import dataclasses
import functools
import hashlib
import inspect
import types
from typing import Any


def fingerprint(function: Any) -> str:
    """A digest of a function's code, of its defaults, and of what is bound to it.

    Of partial functions, methods, closures and callable objects all parts count, arrays and
    tables by their contents. What the code calls by a global name is not looked at.
    """
    return hashlib.sha256(repr(_described(function, [])).encode()).hexdigest()[:16]


def _described(thing: Any, above: list[int]) -> Any:
    """A structure of plain values whose `repr` is the same for the same thing."""
    if thing is None or isinstance(thing, bool | int | float | complex | str | bytes):
        return thing
    if id(thing) in above:  # a function that refers to itself
        return "itself"
    inside = [*above, id(thing)]
    if isinstance(thing, list | tuple):
        return [type(thing).__name__, *(_described(one, inside) for one in thing)]
    if isinstance(thing, set | frozenset):  # whose order is another in each session
        return [type(thing).__name__, *sorted(repr(_described(one, inside)) for one in thing)]
    if isinstance(thing, dict):
        return [(repr(_described(k, inside)), _described(v, inside)) for k, v in thing.items()]
    if isinstance(thing, functools.partial):
        return [
            "partial",
            *(_described(p, inside) for p in (thing.func, thing.args, thing.keywords)),
        ]
    if isinstance(thing, types.MethodType):
        return ["method", _described(thing.__func__, inside), _described(thing.__self__, inside)]
    if isinstance(thing, types.FunctionType):
        cells = [_contents(cell) for cell in thing.__closure__ or ()]
        parts = (thing.__code__, thing.__defaults__, thing.__kwdefaults__, cells)
        return ["function", *(_described(part, inside) for part in parts)]
    if isinstance(thing, types.CodeType):
        return ["code", thing.co_code, thing.co_names, _described(thing.co_consts, inside)]
    if inspect.isclass(thing) or inspect.ismodule(thing) or inspect.isbuiltin(thing):
        return (
            f"{getattr(thing, '__module__', '')}.{getattr(thing, '__qualname__', thing.__name__)}"
        )
    return [_described(type(thing), inside), _state(thing, inside)]


def _contents(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not set yet
        return None


def _state(thing: Any, inside: list[int]) -> Any:
    """What an object holds: its class's call and its attributes, or all of it, pickled."""
    import torch

    if isinstance(thing, torch.Tensor):
        return _tensor(thing)
    if isinstance(thing, torch.nn.Module):
        return [_described(_own_code(thing), inside), *_module(thing)]
    attributes = getattr(thing, "__dict__", None)
    if callable(thing) and attributes is not None and not hasattr(thing, "parameters"):
        return [_described(type(thing).__call__, inside), _described(attributes, inside)]
    if dataclasses.is_dataclass(thing):
        return [(one.name, _described(getattr(thing, one.name), inside))
                for one in dataclasses.fields(thing)]  # fmt: skip
    import joblib

    try:
        return joblib.hash(thing)
    except Exception:  # noqa: BLE001 - whatever its pickling raises, its class must do
        return None


def _tensor(tensor: Any) -> list[str]:
    """The kind and the numbers of a tensor, which joblib tells by their address."""
    import torch

    plain = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
    digest = hashlib.sha256(plain.numpy().tobytes()).hexdigest()
    return [str(tensor.dtype), str(tuple(tensor.shape)), digest]


def _own_code(module: Any) -> Any:
    """What a module computes with, where its class says so."""
    return type(module).call if hasattr(type(module), "call") else type(module).forward


def _module(module: Any) -> list[Any]:
    """The layers and the weights of a module."""
    try:
        layers = repr(module.get_config())
    except (AttributeError, NotImplementedError, TypeError, ValueError):  # it has no description
        layers = repr(module)
    return [layers, *((name, _tensor(weight)) for name, weight in module.state_dict().items())]
