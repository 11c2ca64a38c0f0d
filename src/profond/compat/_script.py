"""Run a script written for Keras, as `python SCRIPT.py` would, with profond in Keras's place."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import CodeType, ModuleType

import torch
import torch.utils._contextlib

from profond import config
from profond.compat._finder import keras_as_profond

_PACKAGE = str(Path(__file__).resolve().parent.parent) + os.sep
# What stands between two lines of ours, or a line of ours and the `call` of a layer.
_CALLERS = (torch.nn.modules.module.__file__, torch.utils._contextlib.__file__)
_INTERRUPTED = 130  # what a shell reports for a process ended by Ctrl-C


def run_script(path: str | os.PathLike[str], args: Sequence[str] = (), debug: bool = False) -> int:
    """Run a script as the main program, with profond answering to `import keras`.

    The script sees what `python SCRIPT.py ARGS` would show it: `__name__ == "__main__"`, its
    `sys.argv`, its folder as the first place to import from, and the current folder as it is. An
    error is printed as Python does, without the lines of code that belong to profond.

    Args:
        path: The script.
        args: What follows it on the command line.
        debug: Whether the lines of profond's own code are printed too.

    Returns:
        The exit code: 0, 1 after an error, or the one that the script gave to `sys.exit`.

    Raises:
        OSError: If the script cannot be read.
    """
    path = os.fspath(path)
    source = Path(path).read_bytes()
    try:
        with _as_main(path, [path, *args]) as module, keras_as_profond():
            exec(_compiled(source, path), vars(module))  # noqa: S102 - running it is the purpose
    except SystemExit as request:
        return _exit_code(request)
    except BaseException as error:
        _print_error(error, debug)
        return _INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
    return 0


def _compiled(source: bytes, path: str) -> CodeType:
    return compile(source, path, "exec", dont_inherit=True)


@contextlib.contextmanager
def _as_main(path: str, argv: list[str]) -> Iterator[ModuleType]:
    """A new `__main__` module for the script, with its `sys.argv` and `sys.path`."""
    module = ModuleType("__main__")
    module.__dict__.update(__file__=path, __builtins__=__builtins__, __cached__=None)
    kept = sys.argv, sys.path[:], sys.modules["__main__"]
    sys.argv = argv
    # The first entry is the folder of the program that started this one.
    sys.path[:1] = [str(Path(path).resolve().parent)]
    sys.modules["__main__"] = module
    try:
        yield module
    finally:
        sys.argv, sys.path[:], sys.modules["__main__"] = kept


def _exit_code(request: SystemExit) -> int:
    if request.code is None:
        return 0
    if isinstance(request.code, int):
        return request.code
    sys.stderr.write(f"{request.code}\n")
    return 1


def _print_error(error: BaseException, debug: bool) -> None:
    report = traceback.TracebackException.from_exception(error)
    if not debug and config.is_traceback_filtering_enabled():
        _leave_out_our_lines(report, set())
    sys.stdout.flush()
    sys.stderr.write("".join(report.format()))


def _leave_out_our_lines(report: traceback.TracebackException | None, seen: set[int]) -> None:
    """Keep the script's and other libraries' lines, in the causes of the error too."""
    if report is None or id(report) in seen:
        return
    seen.add(id(report))
    report.stack = traceback.StackSummary.from_list(
        [frame for frame in report.stack if not _is_ours(frame.filename)]
    )
    for inner in (report.__cause__, report.__context__, *(report.exceptions or ())):
        _leave_out_our_lines(inner, seen)


def _is_ours(filename: str) -> bool:
    return filename.startswith((_PACKAGE, "<frozen importlib")) or filename in _CALLERS
