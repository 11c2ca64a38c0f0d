"""Many callbacks called as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from profond import _tree
from profond.callbacks._backup_and_restore import BackupAndRestore
from profond.callbacks._callback import Callback
from profond.callbacks._history import History
from profond.callbacks._progbar_logger import ProgbarLogger
from profond.training._logs import LazyLogs

_ALIASES = {"on_train_batch_begin": "on_batch_begin", "on_train_batch_end": "on_batch_end"}


class CallbackList(Callback):
    """Call several callbacks, in order, through one object.

    Batch hooks that nobody overrides cost nothing: `hears` tells the training loop so.
    `BackupAndRestore` comes after all others, so that what it keeps is the state at the end of a
    batch or an epoch, and what it restores is not undone by another's `on_train_begin`.

    Args:
        callbacks: Callback, or list of callbacks (nested lists are flattened), or None.
        add_history: Whether to add a `History` if there is none.
        add_progbar: Whether to add a `ProgbarLogger` if there is none.
        model: The model that they act on.
        **params: Parameters of the run (`verbose`, `epochs`, `steps`).
    """

    def __init__(
        self,
        callbacks: Any = None,
        add_history: bool = False,
        add_progbar: bool = False,
        model: Any = None,
        **params: Any,
    ) -> None:
        super().__init__()
        given: list[Any] = [] if callbacks is None else _tree.flatten(callbacks)
        _check(given)
        if add_history and not any(isinstance(c, History) for c in given):
            given.append(History())
        if add_progbar and not any(isinstance(c, ProgbarLogger) for c in given):
            given.append(ProgbarLogger())
        self.callbacks: list[Any] = sorted(given, key=lambda c: isinstance(c, BackupAndRestore))
        self._hearing: dict[str, list[tuple[Callable[..., Any], bool]]] = {}
        for callback in self.callbacks:
            if isinstance(callback, BackupAndRestore):
                callback.watch(self.callbacks)
        if model is not None:
            self.set_model(model)
        self.set_params(params)

    @property
    def keeps_state(self) -> bool:
        """Whether a callback keeps the state of the training also within a pass over the data."""
        return any(isinstance(c, BackupAndRestore) and c.within_passes for c in self.callbacks)

    @property
    def history(self) -> History | None:
        """The `History` among the callbacks."""
        return next((c for c in self.callbacks if isinstance(c, History)), None)

    def set_params(self, params: dict[str, Any]) -> None:
        """Hand the parameters of the run to every callback."""
        self.params = params
        if params:
            for callback in self.callbacks:
                callback.set_params(params)

    def set_model(self, model: Any) -> None:
        """Hand the model to every callback."""
        super().set_model(model)
        if self.history is not None:
            model.history = self.history
        for callback in self.callbacks:
            callback.set_model(model)

    def hears(self, hook: str) -> bool:
        """Whether any callback does something in the batch hook named `hook`."""
        return bool(self._listeners(hook))

    def is_watched(self, *hooks: str) -> bool:
        """Whether a callback that is not profond's own does something in one of the batch hooks."""
        return any(not ours for hook in hooks for _, ours in self._listeners(hook))

    def _listeners(self, hook: str) -> list[tuple[Callable[..., Any], bool]]:
        """The bound methods named `hook` that are not empty; whether each is profond's own."""
        if hook not in self._hearing:
            names = (hook, _ALIASES.get(hook, hook))
            found = self._hearing[hook] = []
            for callback in self.callbacks:
                written = [getattr(callback, n) for n in names if _overrides(callback, n)]
                if written:
                    ours = all(_is_ours(method) for method in written)
                    found.append((getattr(callback, hook), ours))
        return self._hearing[hook]

    def _begin(self, hook: str, logs: Any) -> None:
        self._hearing.clear()  # hooks may have been assigned since the last run
        logs = _as_floats(logs)
        for callback in self.callbacks:
            getattr(callback, hook)(logs)

    def on_train_begin(self, logs: Any = None) -> None:
        """Begin the training; an interrupted one is restored when all callbacks are ready."""
        self._begin("on_train_begin", logs)

    def on_test_begin(self, logs: Any = None) -> None:
        """Begin an evaluation."""
        self._begin("on_test_begin", logs)

    def on_predict_begin(self, logs: Any = None) -> None:
        """Begin a prediction."""
        self._begin("on_predict_begin", logs)

    def _end(self, hook: str, logs: Any) -> None:
        logs = _as_floats(logs)
        for callback in self.callbacks:
            getattr(callback, hook)(logs)

    def on_train_end(self, logs: Any = None) -> None:
        """End the training."""
        self._end("on_train_end", logs)

    def on_test_end(self, logs: Any = None) -> None:
        """End an evaluation."""
        self._end("on_test_end", logs)

    def on_predict_end(self, logs: Any = None) -> None:
        """End a prediction."""
        self._end("on_predict_end", logs)

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Begin an epoch."""
        logs = _as_floats(logs)
        for callback in self.callbacks:
            callback.on_epoch_begin(epoch, logs)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """End an epoch; all callbacks see, and may add to, the same dict of floats."""
        logs = _as_floats(logs)
        for callback in self.callbacks:
            callback.on_epoch_end(epoch, logs)

    def _batch(self, hook: str, batch: int, logs: Any) -> None:
        listeners = self._listeners(hook)
        if not listeners:
            return
        if not isinstance(logs, LazyLogs):
            logs = _as_floats(logs)
        for listener, ours in listeners:
            # Profond's own look when they need to; others get a dict, which they may keep.
            listener(batch, logs=logs if ours or isinstance(logs, dict) else logs.as_dict())

    def on_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Begin a batch, for callbacks written with this hook's older name."""
        self._batch("on_batch_begin", batch, logs)

    def on_batch_end(self, batch: int, logs: Any = None) -> None:
        """End a batch, for callbacks written with this hook's older name."""
        self._batch("on_batch_end", batch, logs)

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Begin a training batch."""
        self._batch("on_train_batch_begin", batch, logs)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """End a training batch."""
        self._batch("on_train_batch_end", batch, logs)

    def on_test_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Begin an evaluation batch."""
        self._batch("on_test_batch_begin", batch, logs)

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """End an evaluation batch."""
        self._batch("on_test_batch_end", batch, logs)

    def on_predict_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Begin a prediction batch."""
        self._batch("on_predict_batch_begin", batch, logs)

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """End a prediction batch."""
        self._batch("on_predict_batch_end", batch, logs)


def _check(callbacks: Iterable[Any]) -> None:
    for callback in callbacks:
        if isinstance(callback, type):
            raise TypeError(
                f"`callbacks` must hold instances; received the class {callback.__name__}: "
                f"write {callback.__name__}(...)."
            )
        if not hasattr(callback, "on_epoch_end"):
            raise TypeError(
                "`callbacks` must hold instances of profond.callbacks.Callback; "
                f"received {callback!r} of type {type(callback).__name__}."
            )


def _overrides(callback: Any, hook: str) -> bool:
    method = getattr(callback, hook)
    return getattr(method, "__func__", method) is not getattr(Callback, hook)


def _is_ours(method: Any) -> bool:
    """Whether a hook is profond's own, which keeps no logs."""
    return (getattr(method, "__module__", None) or "").startswith("profond.")


def _as_floats(logs: Mapping[str, Any] | None) -> dict[str, Any]:
    """The logs in alphabetical order, nested ones flattened, as floats where they are numbers."""
    floats: dict[str, Any] = {}
    for name in sorted(logs or {}):
        value = logs[name]  # type: ignore[index]
        if isinstance(value, Mapping):
            floats.update(_as_floats(value))
            continue
        try:
            floats[name] = float(value)
        except (TypeError, ValueError, RuntimeError):  # not a scalar: kept as it is
            floats[name] = value
    return floats
