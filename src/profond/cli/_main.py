"""The way into the command line, and what its errors look like."""

import contextlib
import signal
import sys
import traceback
import warnings
from collections.abc import Sequence
from typing import Any

from profond.cli._app import COMMANDS, build_app
from profond.cli._interrupted import Interrupted

WRONG_USE = 2
FAILED = 1
_INTERRUPTED = 130
_OWN_DEBUG = ("run",)  # subcommands that pass the words after them on


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line.

    Exit codes: 0 done; 2 wrong use (a word, a file or a table that cannot be used); 1 the work
    failed on the way; 130 interrupted. An error is one line on standard error, several wrong
    settings one line each; `--debug` shows the traceback too.

    Args:
        arguments: The words after the program's name; those of the process when None.

    Returns:
        The exit code.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    code = _carry_out(words)
    if arguments is None:  # the process ends now: Ctrl-C must not change the code of a done work
        with contextlib.suppress(ValueError):  # not in the main thread
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    return code


def _carry_out(words: list[str]) -> int:
    command = next((word for word in words if not word.startswith("-")), "")
    debug = "--debug" in words and command not in _OWN_DEBUG
    if debug:
        words = [word for word in words if word != "--debug"]

    try:
        if command in _OWN_DEBUG:
            return int(build_app()(words, standalone_mode=False) or 0)
        with warnings.catch_warnings():
            if not debug:
                warnings.simplefilter("ignore")
                warnings.simplefilter("always", UserWarning)
                warnings.showwarning = _show_warning
            code = int(build_app()(words, standalone_mode=False) or 0)
        # typer turns Ctrl-C into this code without a word.
        return _fail("interrupted", code) if code == _INTERRUPTED else code
    except KeyboardInterrupt:
        return _fail("interrupted", _INTERRUPTED)
    except BrokenPipeError:
        return _close_pipe()
    except Exception as error:
        if debug:
            traceback.print_exc()
        return _report(error, command, debug)


def _report(error: Exception, command: str, debug: bool) -> int:
    if hasattr(error, "format_message"):  # what typer says about wrong words
        text = str(error.format_message()).strip()  # pyright: ignore[reportAttributeAccessIssue]
        if not text:  # no word was given: the help has been shown
            return WRONG_USE
        text = _with_received(text.replace("Value error, ", "").rstrip("."), error)
        stop = "" if text[-1] in "?!" else "."
        where = f"profond {command}" if command in COMMANDS else "profond"
        return _fail(f"{text}{stop} Try '{where} --help'.", WRONG_USE)
    if isinstance(error, Interrupted):
        return _fail(f"interrupted: {error}", _INTERRUPTED)
    if type(error).__name__ == "Abort":
        return _fail("interrupted", _INTERRUPTED)
    if lines := getattr(error, "lines", None):  # wrong settings
        where = f"{error.where}: " if error.where else ""  # pyright: ignore[reportAttributeAccessIssue]
        return max(_fail(f"{where}{line}", WRONG_USE) for line in lines)
    if isinstance(error, ValueError | TypeError | FileNotFoundError):
        return _fail(str(error), WRONG_USE)
    if isinstance(error, OSError | RuntimeError | ArithmeticError | ImportError):
        return _fail(str(error) or type(error).__name__, FAILED)
    hint = "" if debug else " (--debug shows where)"
    return _fail(f"unexpected {type(error).__name__}: {error}{hint}", FAILED)


def _with_received(text: str, error: Exception) -> str:
    """The message with the word that was not understood, where it leaves it out."""
    cause: Any = error.__cause__ or error.__context__
    inputs = [one.get("input") for one in cause.errors()] if hasattr(cause, "errors") else []
    received = repr(inputs[0]) if inputs else ""
    return f"{text}; received {received}" if received not in text else text


def _fail(text: str, code: int) -> int:
    line = " ".join(text.split())
    sys.stderr.write(f"profond: {line}\n")
    return code


def _close_pipe() -> int:
    """The reader of our output has gone (`profond ... | head`): leave without a word."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED


def _show_warning(message: Warning | str, *details: Any, **more: Any) -> None:
    del details, more
    sys.stderr.write(f"warning: {' '.join(str(message).split())}\n")
