"""What callbacks tell the user when asked to (`verbose=1`)."""

from profond.utils import _console


def say(message: str) -> None:
    """Write a line for the user to read, where the progress bar is."""
    _console.write(message + "\n")
