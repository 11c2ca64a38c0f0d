"""Figures as SVG for a page: text drawn as outlines, colours left to the page's style."""

import io
import re

import matplotlib
from matplotlib.figure import Figure

from profond.figures import _canvas
from profond.figures._neurons import OFF

# Colours that a page may set anew, for a dark background.
COLOURS = {
    _canvas.INK: "--ink",
    _canvas.SOFT: "--soft",
    _canvas.GRID: "--grid",
    _canvas.PAPER: "--paper",
    _canvas.BLUE: "--blue",
    _canvas.VERMILION: "--vermilion",
    _canvas.GREEN: "--green",
    _canvas.ORANGE: "--orange",
    _canvas.PURPLE: "--purple",
    _canvas.SKY: "--sky",
    OFF: "--off",
}


def to_svg(figure: Figure, prefix: str) -> str:
    """The figure as an `<svg>` element to stand in a page.

    Args:
        figure: The figure.
        prefix: Put before every identifier, so that several figures can stand in one page.

    Returns:
        The element, without a fixed size: it fills the width it is given.
    """
    out = io.StringIO()
    # Outlines rather than fonts: the drawing is the same wherever the page is read.
    with matplotlib.rc_context({"svg.fonttype": "path", "svg.hashsalt": prefix}):
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    # Its style sheet (`*{...}`) would hold for the whole page; what it says is inherited as well.
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>\s*", "", text, flags=re.DOTALL)
    text = text.replace("<svg", '<svg stroke-linejoin="round" stroke-linecap="butt"', 1)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', text)
    text = re.sub(r'(href=")#', rf"\1#{prefix}-", text)
    text = re.sub(r"url\(#", f"url(#{prefix}-", text)
    text = re.sub(r'<svg([^>]*?) width="[^"]*"', r"<svg\1", text, count=1)
    text = re.sub(r'<svg([^>]*?) height="[^"]*"', r"<svg\1", text, count=1)
    for colour, name in COLOURS.items():
        text = re.sub(rf"{colour}\b", f"var({name})", text, flags=re.IGNORECASE)
    # Positions need two decimals, not six: a third of the size goes. Scales below 1 keep all.
    return re.sub(r"(?<![\d.])([1-9]\d*\.\d{2})\d+", r"\1", text).strip()
