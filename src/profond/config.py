"""Settings that hold for the whole process, under the names of `keras.config`."""

from typing import Any

import torch

from profond._dtypes import dtype_name, torch_dtype
from profond._policy import DTypePolicy

__all__ = [
    "backend",
    "disable_interactive_logging",
    "disable_traceback_filtering",
    "dtype_policy",
    "enable_interactive_logging",
    "enable_traceback_filtering",
    "enable_unsafe_deserialization",
    "epsilon",
    "floatx",
    "image_data_format",
    "is_interactive_logging_enabled",
    "is_traceback_filtering_enabled",
    "set_backend",
    "set_dtype_policy",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
]

_settings: dict[str, Any] = {
    "floatx": "float32",
    "epsilon": 1e-7,
    "policy": None,
    "interactive": True,
    "filtering": True,
}


def backend() -> str:
    """The name of the computing library, always `"torch"`."""
    return "torch"


def set_backend(backend: str) -> None:
    """Accept `"torch"`, the only backend there is.

    Raises:
        ValueError: For any other name.
    """
    if backend != "torch":
        raise ValueError(
            f"`backend` must be 'torch', profond's only backend; received {backend!r}."
        )


def floatx() -> str:
    """The default element type of weights and of Python floats, `"float32"` at first."""
    return _settings["floatx"]


def set_floatx(value: Any) -> None:
    """Set the default float type: `"float16"`, `"bfloat16"`, `"float32"` or `"float64"`."""
    name = dtype_name(value)
    if not torch_dtype(name).is_floating_point:
        raise ValueError(f"`value` must be a float type such as 'float32'; received {value!r}.")
    _settings["floatx"] = name


def epsilon() -> float:
    """The small number that keeps divisions and logarithms finite, 1e-7 at first."""
    return _settings["epsilon"]


def set_epsilon(value: float) -> None:
    """Set the small number that keeps divisions and logarithms finite."""
    _settings["epsilon"] = float(value)


def dtype_policy() -> DTypePolicy:
    """The policy that layers take when they are given no `dtype`."""
    return _settings["policy"] or DTypePolicy(floatx())


def set_dtype_policy(policy: Any) -> None:
    """Set the policy of layers made from now on: `"float32"`, `"mixed_bfloat16"`, ..."""
    _settings["policy"] = None if policy is None else DTypePolicy.of(policy)


def image_data_format() -> str:
    """The order of image axes, always `"channels_last"`: (batch, height, width, channels)."""
    return "channels_last"


def set_image_data_format(data_format: str) -> None:
    """Accept `"channels_last"`, the only order of axes there is.

    Raises:
        ValueError: For any other order.
    """
    if data_format != "channels_last":
        raise ValueError(
            "`data_format` must be 'channels_last', (batch, height, width, channels); "
            f"received {data_format!r}. Move the channel axis with `numpy.moveaxis`."
        )


def is_interactive_logging_enabled() -> bool:
    """Whether progress goes to the standard output (otherwise to the log)."""
    return _settings["interactive"]


def enable_interactive_logging() -> None:
    """Write progress to the standard output."""
    _settings["interactive"] = True


def disable_interactive_logging() -> None:
    """Write progress to the log instead of the standard output."""
    _settings["interactive"] = False


def is_traceback_filtering_enabled() -> bool:
    """Whether tracebacks were asked to be short; kept for scripts that set it."""
    return _settings["filtering"]


def enable_traceback_filtering() -> None:
    """Ask for short tracebacks."""
    _settings["filtering"] = True


def disable_traceback_filtering() -> None:
    """Ask for whole tracebacks."""
    _settings["filtering"] = False


def enable_unsafe_deserialization() -> None:
    """Refuse: loading a model never runs code from its file.

    Raises:
        ValueError: Always.
    """
    raise ValueError(
        "profond never runs code from a model file. Register the functions and classes that the "
        "file names with `register_keras_serializable` or pass `custom_objects`."
    )


def clear_session(free_memory: bool = True) -> None:
    """Start counting default layer names anew (`dense`, `dense_1`, ...)."""
    from profond._naming import reset_names

    del free_memory
    reset_names()


def device() -> torch.device:
    """The device that new weights and inputs are placed on."""
    from profond._tensors import default_device

    return default_device()
