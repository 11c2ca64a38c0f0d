"""`keras.mixed_precision`: the names from before `keras.config.set_dtype_policy`."""

from profond._policy import DTypePolicy
from profond.config import dtype_policy, set_dtype_policy

Policy = DTypePolicy
global_policy = dtype_policy
set_global_policy = set_dtype_policy

__all__ = [
    "DTypePolicy",
    "Policy",
    "dtype_policy",
    "global_policy",
    "set_dtype_policy",
    "set_global_policy",
]
