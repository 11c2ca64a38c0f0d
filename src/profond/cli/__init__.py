"""The command line: one subcommand per file, errors in one line."""

from profond.cli._main import main

__all__ = ["main"]
