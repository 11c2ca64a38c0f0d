"""Ends of a command that are told in a way of their own."""


class Interrupted(Exception):
    """Ctrl-C was pressed; the text says what was kept."""


class WrongWords(Exception):
    """The words of the command line do not make a command."""

    def format_message(self) -> str:
        """The text, where the parser's own errors have it."""
        return str(self)
