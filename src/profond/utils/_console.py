"""The one place that writes for people to read: to the standard output, or to the log."""

import logging
import sys

from profond import config

_log = logging.getLogger("profond")


def write(message: str) -> None:
    """Write `message`, as it is, to the standard output; to the log if that is switched off.

    `config.disable_interactive_logging` sends it to the logger `profond`, at level INFO.
    """
    if not config.is_interactive_logging_enabled():
        line = message.strip()
        if line:
            _log.info("%s", line)
        return
    try:
        sys.stdout.write(message)
    except UnicodeEncodeError:  # a console without the bar's character
        encoding = sys.stdout.encoding or "utf-8"
        plain = message.replace("━", "=").replace("─", "-").replace("│", "|")
        sys.stdout.write(plain.encode(encoding, errors="replace").decode(encoding))
    sys.stdout.flush()


def redraws() -> bool:
    """Whether the standard output can show a line in the place of the last one."""
    if not config.is_interactive_logging_enabled():
        return False
    terminal = hasattr(sys.stdout, "isatty") and sys.stdout.isatty()
    return terminal or "ipykernel" in sys.modules
