"""What a layer requires of its input: axes, sizes, element type."""

from typing import Any

from profond._dtypes import dtype_name


class InputSpec:
    """Requirement on one input of a layer, checked at each call.

    Args:
        dtype: Element type, or None for any.
        shape: Size of each axis, None where any size will do (the batch included).
        ndim: Number of axes.
        max_ndim: Largest number of axes.
        min_ndim: Smallest number of axes.
        axes: `{axis: size}` for single axes.
        allow_last_axis_squeeze: Whether a last axis of size 1 may be missing or added.
        name: Name of the input, for messages.
        optional: Whether None may be given.
    """

    def __init__(
        self,
        dtype: Any = None,
        shape: Any = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict[int, int | None] | None = None,
        allow_last_axis_squeeze: bool = False,
        name: str | None = None,
        optional: bool = False,
    ) -> None:
        self.dtype = None if dtype is None else dtype_name(dtype)
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None and ndim is None else ndim
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.axes = {int(axis): size for axis, size in (axes or {}).items()}
        self.allow_last_axis_squeeze = allow_last_axis_squeeze
        self.name = name
        self.optional = optional
        self._sizes = tuple((axis, n) for axis, n in self.axes.items() if n is not None)

    def fits(self, x: Any) -> bool:
        """Whether `x` meets the requirement."""
        shape = x.shape
        ndim = len(shape)
        if self.shape is not None:
            wanted = self.shape
            if self.allow_last_axis_squeeze:
                shape = shape[:-1] if ndim and shape[-1] == 1 else shape
                wanted = wanted[:-1] if wanted and wanted[-1] == 1 else wanted
            if len(wanted) != len(shape):
                return False
            for want, have in zip(wanted, shape, strict=True):
                if want is not None and have is not None and want != have:
                    return False
        elif self.ndim is not None and ndim != self.ndim:
            return False
        if self.min_ndim is not None and ndim < self.min_ndim:
            return False
        if self.max_ndim is not None and ndim > self.max_ndim:
            return False
        for axis, size in self._sizes:
            if not -ndim <= axis < ndim or shape[axis] not in (size, None):
                return False
        return self.dtype is None or dtype_name(x.dtype) == self.dtype

    def requirement(self) -> str:
        """The requirement in words."""
        parts = []
        if self.shape is not None:
            parts.append(f"shape {self.shape}")
        elif self.ndim is not None:
            parts.append(f"{self.ndim} axes")
        if self.min_ndim is not None:
            parts.append(f"at least {self.min_ndim} axes")
        if self.max_ndim is not None:
            parts.append(f"at most {self.max_ndim} axes")
        parts += [f"size {size} on axis {axis}" for axis, size in self._sizes]
        if self.dtype is not None:
            parts.append(f"dtype {self.dtype}")
        return ", ".join(parts)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "dtype": self.dtype,
            "shape": self.shape,
            "ndim": self.ndim,
            "max_ndim": self.max_ndim,
            "min_ndim": self.min_ndim,
            "axes": self.axes,
        }

    def __repr__(self) -> str:
        return f"InputSpec({self.requirement() or 'anything'})"


def check_inputs(spec: Any, inputs: Any, layer: str) -> None:
    """Refuse inputs that do not meet the requirement of the layer named `layer`.

    Raises:
        ValueError: With the layer's name, its requirement and the shape received.
    """
    from profond import _tree

    specs = _tree.flatten(spec)
    if isinstance(spec, dict) and isinstance(inputs, dict):
        missing = sorted(set(spec) - set(inputs))
        if missing:
            raise ValueError(
                f"the layer {layer!r} requires inputs named {sorted(spec)}; "
                f"{missing} missing from {sorted(inputs)}."
            )
        inputs = {name: inputs[name] for name in spec}
    leaves = _tree.flatten(inputs)
    if len(leaves) != len(specs):
        raise ValueError(
            f"the layer {layer!r} requires {len(specs)} input(s); received {len(leaves)}."
        )
    for position, (one, x) in enumerate(zip(specs, leaves, strict=True)):
        if one is None or (x is None and one.optional):
            continue
        if x is None or not hasattr(x, "shape"):
            raise ValueError(
                f"the inputs of the layer {layer!r} must be tensors; received {x!r} of type "
                f"{type(x).__name__}."
            )
        if not one.fits(x):
            which = "the input" if len(specs) == 1 else f"input {position}"
            name = f" {one.name!r}" if one.name else ""
            raise ValueError(
                f"{which}{name} of the layer {layer!r} must have {one.requirement()}; received "
                f"shape {tuple(x.shape)} and dtype {dtype_name(x.dtype)}."
            )
