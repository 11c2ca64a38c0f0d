"""Python code laid out in lines of bounded width, one argument a line where a call is too long."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 100
_INDENT = 4


@dataclass(frozen=True)
class Group:
    """A call, list, tuple or dict: what may be broken into lines.

    Attributes:
        opening: What stands before the items, with the bracket: `Dense(`.
        items: The items, each with the words before it (`units=`) and its code.
        closing: The bracket, and what follows it: `)(x)`.
        tall: Whether it stands on several lines even where one would do.
    """

    opening: str
    items: Sequence[tuple[str, "Code"]]
    closing: str
    tall: bool = False


Code = str | Group


def call(function: str, *items: Code, after: str = "", **named: Code) -> Group:
    """A call of a function; `after` follows its closing bracket."""
    arguments = [("", item) for item in items] + [(f"{k}=", v) for k, v in named.items()]
    return Group(f"{function}(", arguments, f"){after}")


def lay_out(code: Code, *, before: str = "", after: str = "", indent: int = 0) -> str:
    """The code with line breaks, as formatters set them.

    Args:
        code: What to lay out.
        before: What stands before it in its line: `model = `.
        after: What follows it: a comma, or a comment.
        indent: Spaces before each line.

    Returns:
        One line or several, none longer than 100 characters if the code can be broken.
    """
    margin = " " * indent
    line = f"{margin}{before}{_flat(code)}{after}"
    if isinstance(code, str) or not code.items:
        return line
    if len(line) <= WIDTH and not _is_tall(code):
        return line
    inside = f"{' ' * (indent + _INDENT)}{_inside(code)}"
    if len(inside) <= WIDTH and not _is_tall(code) and code.opening[-1] == "(":
        return "\n".join(
            [f"{margin}{before}{code.opening}", inside, f"{margin}{code.closing}{after}"]
        )
    comma = "" if len(code.items) == 1 and code.opening != "(" else ","
    items = [
        lay_out(item, before=name, after=comma, indent=indent + _INDENT)
        for name, item in code.items
    ]
    return "\n".join([f"{margin}{before}{code.opening}", *items, f"{margin}{code.closing}{after}"])


def _flat(code: Code) -> str:
    if isinstance(code, str):
        return code
    alone = "," if code.opening == "(" and len(code.items) == 1 else ""
    return f"{code.opening}{_inside(code)}{alone}{code.closing}"


def _inside(code: Group) -> str:
    return ", ".join(f"{name}{_flat(item)}" for name, item in code.items)


def _is_tall(code: Code) -> bool:
    return isinstance(code, Group) and (code.tall or any(_is_tall(item) for _, item in code.items))
