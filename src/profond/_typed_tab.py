"""A tab as a person types it, in a shell or in a description."""

TYPED_TABS = ("\\t", "tab")


def typed_separator(separator: str) -> str:
    r"""The separator that is meant: `\t` in two characters and "tab" are a tab."""
    return "\t" if separator in TYPED_TABS else separator
