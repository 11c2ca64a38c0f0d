"""Pictures that move: a figure per frame, kept as GIF, PNG or WebP, shown in a notebook."""

import base64
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from profond._files import write_whole
from profond.figures._checks import positive, whole

_FORMATS = {".gif": "GIF", ".png": "PNG", ".webp": "WEBP"}


class Animation:
    """Frames that are drawn when they are asked for.

    The last line of a notebook cell shows it; `save` writes it. `frame(i)` is a figure like any
    other, for a report on paper.

    Args:
        draw: Takes a frame's number, from 0, and gives its figure; all of one size.
        frames: Number of frames, >= 1.
        seconds: Time that each is seen, > 0.
        still: The frame that stands for all where nothing moves, on paper.
    """

    def __init__(
        self, draw: Callable[[int], Figure], *, frames: int, seconds: float = 0.15, still: int = 0
    ) -> None:
        self._draw = draw
        self.frames = whole(frames, "frames")
        self.seconds = positive(seconds, "seconds")
        self.still = self._checked(still, "still")

    def _checked(self, index: int, name: str) -> int:
        if whole(index, name, least=0) >= self.frames:
            raise ValueError(
                f"`{name}` must be below the number of frames, {self.frames}; received {index}."
            )
        return index

    def frame(self, index: int) -> Figure:
        """The figure of one frame.

        Raises:
            ValueError: If there is no such frame.
        """
        return self._draw(self._checked(index, "index"))

    def save(self, path: str | os.PathLike[str], *, dpi: float = 100) -> None:
        """Write all frames to one file, which repeats without end.

        Args:
            path: File; its ending gives the format: .gif, .png (animated) or .webp.
            dpi: Pixels per inch.

        Raises:
            ValueError: If the ending is another one, or `dpi` is not above 0.
        """
        ending = Path(path).suffix.lower()
        if ending not in _FORMATS:
            raise ValueError(
                f"`path` must end in {', '.join(_FORMATS)}; received {os.fspath(path)!r}. For one "
                "picture, save a frame: animation.frame(0).savefig(path)."
            )
        write_whole(path, self._encoded(_FORMATS[ending], positive(dpi, "dpi")))

    def _encoded(self, kind: str, dpi: float) -> bytes:
        """All frames in one image file."""
        from PIL import Image

        pictures = []
        for index in range(self.frames):
            drawn = io.BytesIO()
            self.frame(index).savefig(drawn, format="png", dpi=dpi)
            pictures.append(Image.open(drawn).convert("RGB"))
        out = io.BytesIO()
        # GIF counts time in hundredths of a second, Pillow in thousandths.
        options: dict[str, Any] = {"save_all": True, "append_images": pictures[1:], "loop": 0}
        pictures[0].save(out, format=kind, duration=round(1000 * self.seconds), **options)
        return out.getvalue()

    def _repr_html_(self) -> str:
        """The moving picture, for a notebook."""
        encoded = base64.b64encode(self._encoded("PNG", 100)).decode()
        return f'<img src="data:image/png;base64,{encoded}">'
