"""Calling many callbacks as one: order, what they are given, and what is not called at all."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from profond import callbacks
from profond.callbacks import (
    BackupAndRestore,
    Callback,
    CallbackList,
    LambdaCallback,
    ProgbarLogger,
)
from profond.training._logs import LazyLogs
from tests.callbacks.helpers import StubModel

keras = pytest.importorskip("keras")

BATCH_HOOKS = [
    f"on_{kind}_batch_{moment}"
    for kind in ("train", "test", "predict")
    for moment in ("begin", "end")
]
OTHER_HOOKS = [
    f"on_{kind}_{moment}" for kind in ("train", "test", "predict") for moment in ("begin", "end")
]


def recorder(base, calls, hooks):
    """A callback that notes every call of `hooks`."""

    def noting(hook):
        def method(self, *args, **kwargs):
            calls.append((hook, args, kwargs))

        return method

    return type("Recorder", (base,), {hook: noting(hook) for hook in hooks})()


class Lazy(LazyLogs):
    """Logs that count how often they are read."""

    def __init__(self, **values):
        self.reads = 0

        def compute():
            self.reads += 1
            return values

        super().__init__(compute)


@given(
    hooks=st.lists(
        st.sampled_from(
            [*BATCH_HOOKS, *OTHER_HOOKS, "on_epoch_begin", "on_epoch_end", "on_batch_end"]
        ),
        unique=True,
    ),
    logs=st.one_of(st.none(), st.dictionaries(st.sampled_from("bac"), st.floats(-1, 1))),
)
def test_every_hook_reaches_the_callback_as_in_keras(hooks, logs):
    seen = []
    for library in (callbacks, keras.callbacks):
        calls: list = []
        both = library.CallbackList([recorder(library.Callback, calls, hooks)], model=StubModel())
        for hook in [*OTHER_HOOKS[0::2], *BATCH_HOOKS, *OTHER_HOOKS[1::2]]:
            arguments = (3,) if hook in BATCH_HOOKS else ()
            getattr(both, hook)(*arguments, logs)
        both.on_epoch_begin(1, logs)
        both.on_epoch_end(1, logs)
        seen.append(calls)
    assert seen[0] == seen[1]


def test_hears_tells_which_batch_hooks_do_something():
    quiet = CallbackList([Callback(), callbacks.EarlyStopping()])
    assert not any(quiet.hears(hook) for hook in BATCH_HOOKS)
    older = CallbackList([recorder(Callback, [], ["on_batch_end"])])
    assert older.hears("on_train_batch_end")
    assert not older.hears("on_train_batch_begin")
    function = CallbackList([LambdaCallback(on_test_batch_end=lambda batch, logs: None)])
    assert [hook for hook in BATCH_HOOKS if function.hears(hook)] == ["on_test_batch_end"]


def test_a_hook_assigned_before_training_is_heard():
    callback, calls = Callback(), []
    both = CallbackList([callback])
    assert not both.hears("on_train_batch_end")
    callback.on_train_batch_end = lambda batch, logs=None: calls.append(batch)
    both.on_train_begin()
    both.on_train_batch_end(5)
    assert calls == [5]


def test_lazy_logs_of_batches_are_read_for_others_only():
    class Own(BackupAndRestore):
        """Overrides nothing."""

    logs = Lazy(loss=1.0)
    silent = CallbackList([Own("folder", save_freq=99), ProgbarLogger()], verbose=2)
    silent.on_train_batch_end(0, logs)
    assert logs.reads == 0
    got = []

    class Keeps(Callback):
        def on_batch_end(self, batch, logs=None):
            got.append(logs)
            logs["added"] = logs.pop("loss") + 1.0

    functions = LambdaCallback(on_train_batch_end=lambda batch, logs: got.append(logs))
    CallbackList([Keeps(), functions]).on_train_batch_end(0, logs)
    assert logs.reads == 1
    assert [type(one) for one in got] == [dict, dict]
    assert got[1] == {"added": 2.0}  # what one adds the next sees
    assert dict(logs) == got[1]


def test_logs_are_sorted_flattened_and_made_floats():
    got = []
    both = CallbackList([LambdaCallback(on_epoch_end=lambda epoch, logs: got.append(logs))])
    both.on_epoch_end(0, {"b": torch.tensor(1.5), "a": {"inner": 2}, "c": "text", "d": [1, 2]})
    assert list(got[0].items()) == [("inner", 2.0), ("b", 1.5), ("c", "text"), ("d", [1, 2])]
    assert type(got[0]["b"]) is float


def test_what_one_adds_to_the_logs_the_next_sees():
    both = CallbackList(
        [LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(added=epoch))],
        add_history=True,
        model=StubModel(),
    )
    both.on_train_begin()
    both.on_epoch_end(4, {"loss": 1.0})
    assert both.history.history == {"loss": [1.0], "added": [4]}
    assert both.model.history is both.history


def test_backups_come_after_all_others(tmp_path):
    backup, history = callbacks.BackupAndRestore(tmp_path / "b"), callbacks.History()
    both = CallbackList([backup, [history]], add_progbar=True)
    assert [type(c).__name__ for c in both.callbacks] == [
        "History",
        "ProgbarLogger",
        "BackupAndRestore",
    ]


def test_defaults_are_not_added_twice():
    mine = callbacks.History()
    both = CallbackList([mine], add_history=True)
    assert both.history is mine
    assert len(both.callbacks) == 1


def test_parameters_and_model_are_handed_on():
    one, model = Callback(), StubModel()
    CallbackList([one], model=model, epochs=3, steps=2, verbose=0)
    assert one.model is model
    assert one.params == {"epochs": 3, "steps": 2, "verbose": 0}


def test_a_class_instead_of_an_instance_is_refused():
    with pytest.raises(TypeError, match=r"received the class EarlyStopping: write EarlyStopping\("):
        CallbackList([callbacks.EarlyStopping])


def test_anything_else_is_refused():
    with pytest.raises(
        TypeError, match=r"instances of profond.callbacks.Callback; received 'stop'"
    ):
        CallbackList(["stop"])


def test_lambda_callback_takes_every_hook():
    calls = []
    hooks = ["on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_batch_begin"]
    hooks += ["on_train_batch_end", "on_train_end", "on_test_begin"]

    def noting(hook):
        return lambda *args, **kwargs: calls.append(hook)

    callback = LambdaCallback(**{hook: noting(hook) for hook in hooks}, note="kept")
    both = CallbackList([callback])
    both.on_train_begin()
    both.on_epoch_begin(0)
    both.on_epoch_end(0)
    both.on_train_batch_begin(0)
    both.on_train_batch_end(0)
    both.on_train_end()
    both.on_test_begin()
    assert calls == hooks
    assert callback.note == "kept"


def test_lambda_callback_refuses_a_hook_that_does_not_exist():
    with pytest.raises(
        ValueError, match=r"'on_epoch_ends' is not a hook. Did you mean 'on_epoch_end'"
    ):
        LambdaCallback(on_epoch_ends=print)
