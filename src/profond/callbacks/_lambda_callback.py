"""A callback made of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from profond._lookup import nearest
from profond.callbacks._callback import Callback


class LambdaCallback(Callback):
    """Call the given functions at the given moments.

    Args:
        on_epoch_begin: Called with `(epoch, logs)`.
        on_epoch_end: Called with `(epoch, logs)`.
        on_train_begin: Called with `(logs)`.
        on_train_end: Called with `(logs)`.
        on_train_batch_begin: Called with `(batch, logs)`.
        on_train_batch_end: Called with `(batch, logs)`.
        **kwargs: Any other hook of `Callback`, and attributes of the callback.

    Raises:
        ValueError: If a name that starts with `on_` is no hook.
    """

    def __init__(
        self,
        on_epoch_begin: Callable[..., Any] | None = None,
        on_epoch_end: Callable[..., Any] | None = None,
        on_train_begin: Callable[..., Any] | None = None,
        on_train_end: Callable[..., Any] | None = None,
        on_train_batch_begin: Callable[..., Any] | None = None,
        on_train_batch_end: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        hooks = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
        }
        for name in kwargs:
            if name.startswith("on_") and not hasattr(Callback, name):
                known = [hook for hook in dir(Callback) if hook.startswith("on_")]
                near = nearest(name, known)
                raise ValueError(
                    f"LambdaCallback: {name!r} is not a hook."
                    + (f" Did you mean {near!r}?" if near else "")
                    + f" Available: {', '.join(known)}."
                )
        for name, function in {**hooks, **kwargs}.items():
            if function is not None:
                setattr(self, name, function)
