"""Figures as part of the page: SVG inside it, or a PNG where the SVG would be large."""

import base64
import io
import itertools
import re
from html import escape
from typing import Any

_RC: Any = {"svg.fonttype": "none", "svg.hashsalt": "profond", "font.family": "sans-serif"}
_LARGEST = 250_000  # characters of an SVG
_DPI = 160
_DPI_INSIDE = 150  # of what is drawn as pixels within an SVG
_PLACES = re.compile(r'(\bid="|xlink:href="#|href="#|url\(#)')
_FAMILIES = re.compile(r"'DejaVu Sans'(?:, [^;\"]*?)?sans-serif")


class Drawings:
    """Puts figures into one page; each gets names of its own for the parts of its SVG."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def __call__(self, figure: Any, caption: str = "", *, alt: str, tall: bool = False) -> str:
        """A figure as HTML.

        Args:
            figure: A matplotlib figure.
            caption: What stands below, HTML already.
            alt: What it shows, for those who cannot see it; text.
            tall: Whether it may fill a page on paper.
        """
        picture = self._svg(figure, alt)
        if len(picture) > _LARGEST:
            picture = _png(figure, alt)
        below = f"<figcaption>{caption}</figcaption>" if caption else ""
        return f"<figure{' class=tall' if tall else ''}>{picture}{below}</figure>\n"

    def _svg(self, figure: Any, alt: str) -> str:
        from matplotlib import rc_context

        text = io.StringIO()
        with rc_context(_RC):
            # Without date and names of programs the page of a seed is always the same.
            figure.savefig(text, format="svg", metadata={"Date": None}, dpi=_DPI_INSIDE)
        svg = text.getvalue()
        svg = svg[svg.index("<svg") :]  # without the XML prologue, to stand inside HTML
        svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
        # Its style would hold for the whole page: it is that of the lines inside.
        svg = re.sub(r'\s*<defs>\s*<style type="text/css">.*?</defs>', "", svg, flags=re.DOTALL)
        svg = _FAMILIES.sub("sans-serif", svg)
        svg = _PLACES.sub(rf"\g<1>f{next(self._numbers)}-", svg)
        label = f'role="img" aria-label="{escape(alt)}" style="stroke-linejoin: round"'
        return svg.replace("<svg", f"<svg {label}", 1)


def _png(figure: Any, alt: str) -> str:
    from matplotlib import rc_context

    picture = io.BytesIO()
    with rc_context(_RC):
        figure.savefig(picture, format="png", metadata={"Software": None}, dpi=_DPI)
    content = base64.b64encode(picture.getvalue()).decode()
    width = round(96 * figure.get_figwidth())
    return f'<img src="data:image/png;base64,{content}" width="{width}" alt="{escape(alt)}">'
