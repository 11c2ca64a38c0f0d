"""Pictures that move, as one SVG whose frames the page's style shows in turn."""

import re
from collections.abc import Iterable

from profond.figures import Animation
from profond.tour._svg import to_svg

_DEFINED = r'<(path|clipPath|pattern)\b[^>]*?\bid="([^"]+)"[^>]*?(?:/>|>.*?</\1>)'

STYLE = """
.film > g { visibility: hidden; animation-duration: var(--turn);
  animation-timing-function: step-end; animation-iteration-count: infinite; }
.pause { font-size: .85rem; color: var(--soft); margin-top: .4rem; cursor: pointer; }
figure:has(.pause :checked) .film > g { animation-play-state: paused; }
@media print { .pause { display: none; } .film > g { animation: none !important; }
  .film > g.still { visibility: visible; } }
@media (prefers-reduced-motion: reduce) { .pause { display: none; }
  .film > g { animation: none !important; } .film > g.still { visibility: visible; } }
"""


def film(animation: Animation, prefix: str) -> str:
    """All frames as one `<svg>` element; without the page's style, the still one is seen.

    Args:
        animation: The moving picture.
        prefix: Put before every identifier, so that several drawings can stand in one page.

    Returns:
        The element. What frames have in common (letters, markers) is there once.
    """
    shared: dict[str, str] = {}

    def collect(block: re.Match[str]) -> str:
        for element in re.finditer(_DEFINED, block[0], flags=re.DOTALL):
            shared.setdefault(element[2], element[0])
        return ""

    opening, frames = "", []
    turn = animation.frames * animation.seconds
    for index in range(animation.frames):
        # One prefix for all: a marker has one name in every frame, which depends on its shape.
        text = to_svg(animation.frame(index), prefix)
        start = text.index(">") + 1
        opening = opening or text[:start]
        body = re.sub(r"<defs>.*?</defs>\s*", collect, text[start : -len("</svg>")], flags=re.S)
        body = re.sub(r"<!--.*?-->\s*", "", body, flags=re.DOTALL)
        body = re.sub(r' id="[^"]*"', "", body)
        still = ' class="still"' if index == animation.still else ""
        delay = f"{index * animation.seconds - turn:.3f}".rstrip("0").rstrip(".")
        frames.append(f'<g{still} style="animation-delay: {delay}s">{body.strip()}</g>')
    kind = f"film frames-{animation.frames}"
    return (
        f"{opening}<defs>{''.join(shared.values())}</defs>"
        f'<g class="{kind}" style="--turn: {turn:g}s">{"".join(frames)}</g></svg>'
    )


def film_style(drawings: Iterable[str]) -> str:
    """What the page's style must say for the films among its drawings; "" if there are none."""
    counts = {int(n) for svg in drawings for n in re.findall(r'class="film frames-(\d+)"', svg)}
    if not counts:
        return ""
    # Each frame ends a moment early: two are never seen at once, however times are rounded.
    turns = "".join(
        f".frames-{n} > g {{ animation-name: frames-{n}; }}\n"
        f"@keyframes frames-{n} {{ 0% {{ visibility: visible; }} "
        f"{100 / n - 0.001:.4f}%, 100% {{ visibility: hidden; }} }}\n"
        for n in sorted(counts)
    )
    return STYLE + turns


def moves(svg: str) -> bool:
    """Whether a drawing is a film."""
    return 'class="film' in svg
