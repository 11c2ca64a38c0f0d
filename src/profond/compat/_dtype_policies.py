"""`keras.dtype_policies`."""

from typing import Any

from profond._policy import DTypePolicy
from profond.config import dtype_policy

FloatDTypePolicy = DTypePolicy

__all__ = ["DTypePolicy", "FloatDTypePolicy", "deserialize", "get", "serialize"]


def get(identifier: Any) -> DTypePolicy:
    """The policy for a name, a dtype, a description or a policy; the default one for None."""
    return dtype_policy() if identifier is None else DTypePolicy.of(identifier)


def serialize(dtype_policy: DTypePolicy) -> dict[str, Any]:
    """The description of a policy."""
    return {
        "module": "keras",
        "class_name": "DTypePolicy",
        "config": dtype_policy.get_config(),
        "registered_name": None,
    }


def deserialize(config: dict[str, Any], custom_objects: Any = None) -> DTypePolicy:
    """The policy that `serialize` described."""
    del custom_objects
    return DTypePolicy.of(config)
