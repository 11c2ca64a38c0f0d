"""Precision policies: in which type a layer keeps its weights and computes."""

from typing import Any

from profond._dtypes import dtype_name, torch_dtype


class DTypePolicy:
    """Element types of a layer: of its weights, and of its computation.

    Args:
        name: A float type for both (`"float32"`, `"float64"`, `"bfloat16"`, ...), or
            `"mixed_bfloat16"` / `"mixed_float16"`: weights in float32, computation in the
            other (Micikevicius et al. 2018, Mixed Precision Training).
    """

    def __init__(self, name: Any) -> None:
        if isinstance(name, str) and name.startswith("mixed_"):
            self.name = name
            self.compute_dtype = dtype_name(name.removeprefix("mixed_"))
            self.variable_dtype = "float32"
        else:
            self.name = self.compute_dtype = self.variable_dtype = dtype_name(name)
        self.torch_compute_dtype = torch_dtype(self.compute_dtype)
        self.torch_variable_dtype = torch_dtype(self.variable_dtype)

    @classmethod
    def of(cls, policy: Any) -> "DTypePolicy":
        """The policy for a name, a dtype, a saved configuration or a policy itself."""
        if isinstance(policy, cls):
            return policy
        if isinstance(policy, dict):
            return cls(policy["config"]["name"])
        return cls(policy)

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs to make the same policy."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "DTypePolicy":
        """The policy that `get_config` described."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and self.name == other.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'
