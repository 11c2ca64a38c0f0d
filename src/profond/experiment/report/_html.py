"""The pieces that the page is put together from. Text from outside is escaped here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

_LONGEST = 60  # characters of a cell


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        anchor: Its name in the page's address.
        title: Its heading, escaped.
        body: Its content, HTML; a section without any is left out.
    """

    anchor: str
    title: str
    body: str

    def __str__(self) -> str:
        heading = f'<h2 id="{self.anchor}">{self.title}</h2>'
        return f"<section>\n{heading}\n{self.body}\n</section>"


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of text that is HTML already; nothing where the text is empty."""
    mark = f' class="{kind}"' if kind else ""
    return f"<p{mark}>{text}</p>\n" if text else ""


def subheading(text: str) -> str:
    """A heading inside a section, of text that is HTML already."""
    return f"<h3>{text}</h3>\n"


def items(texts: Iterable[str], kind: str = "") -> str:
    """A list of sentences from outside."""
    mark = f' class="{kind}"' if kind else ""
    return f"<ul{mark}>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>\n"


def code(text: str, *, long: bool = False) -> str:
    """Text as it is typed; a long one stands in two columns, where there is room."""
    return f"<pre{' class=long' if long else ''}>{escape(text)}</pre>\n"


def beside(*figures: str) -> str:
    """Figures side by side where there is room."""
    return f'<div class="pair">\n{"".join(figures)}</div>\n' if any(figures) else ""


def cut(value: Any, most: int = _LONGEST) -> str:
    """A value as one line of at most so many characters."""
    text = " ".join(str(value).split())
    return text if len(text) <= most else text[: most - 1] + "…"


def label(value: Any) -> str:
    """A class as its owner wrote it: 1, where a table with gaps has made it 1.0."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    numeric: Iterable[int] = (),
    kept: int | None = None,
) -> str:
    """A table of values from outside.

    Args:
        head: Headings.
        rows: Cells, as many each as headings.
        numeric: Places of the columns that are set to the right.
        kept: Place of the row that is set off.
    """
    right = set(numeric)

    def cells(kind: str, values: Sequence[Any]) -> str:
        return "".join(
            f"<{kind}{' class=n' if i in right else ''}>{escape(cut(value))}</{kind}>"
            for i, value in enumerate(values)
        )

    body = "\n".join(
        f"<tr{' class=kept' if i == kept else ''}>{cells('td', row)}</tr>"
        for i, row in enumerate(rows)
    )
    return (
        f'<div class="wide"><table><thead><tr>{cells("th", head)}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>\n"
    )
