"""What networks take of data, whatever their kind."""

from typing import Any


def encoded_rows(preprocessor: Any, data: Any) -> Any:
    """The encoded rows: an array, or of images in files an object that reads them when asked.

    Args:
        preprocessor: A fitted one. Where it has `rows`, what is larger than memory need not be
            whole in it; else there is `transform`.
        data: What it takes.
    """
    by_rows = getattr(preprocessor, "rows", None)
    return preprocessor.transform(data) if by_rows is None else by_rows(data)
