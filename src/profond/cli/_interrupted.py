"""Ctrl-C in a command that could keep something."""


class Interrupted(Exception):
    """Ctrl-C was pressed; the text says what was kept."""
