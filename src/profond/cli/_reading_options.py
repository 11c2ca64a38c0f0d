"""The options that say how a file is written, the same in `train` and `predict`."""

from typing import Annotated, Any

import typer

from profond._typed_tab import typed_separator

_PANEL = "Reading the file"

Separator = Annotated[
    str | None,
    typer.Option("--separator", help="Between two fields (detected).", rich_help_panel=_PANEL),
]
Decimal = Annotated[
    str | None, typer.Option("--decimal", help="Decimal mark (detected).", rich_help_panel=_PANEL)
]
Encoding = Annotated[
    str | None, typer.Option("--encoding", help="Encoding (detected).", rich_help_panel=_PANEL)
]
Header = Annotated[
    bool | None,
    typer.Option(
        "--header/--no-header",
        help="Whether the first row holds names (detected).",
        rich_help_panel=_PANEL,
    ),
]
Sheet = Annotated[
    str | None, typer.Option("--sheet", help="Sheet of an Excel file.", rich_help_panel=_PANEL)
]


def reading_options(
    separator: str | None,
    decimal: str | None,
    encoding: str | None,
    header: bool | None,
    sheet: str | None,
) -> dict[str, Any]:
    """The options that were given, as `open_table` takes them."""
    given = {
        "separator": None if separator is None else typed_separator(separator),
        "decimal": decimal,
        "encoding": encoding,
        "header": header,
        "sheet": sheet,
    }
    return {name: value for name, value in given.items() if value is not None}
