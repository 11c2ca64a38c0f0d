"""A whole tour: which chapters, how, and the page that is kept."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from profond._files import write_whole
from profond.figures._canvas import Language
from profond.tour._page import page
from profond.tour._run import Report, show_all
from profond.tour._structure import Chapter, Setting, Shown


def chosen_chapters(numbers: Iterable[int] | None = None) -> list[Chapter]:
    """The chapters of these numbers, in the notes' order; all of them by default.

    Raises:
        ValueError: If there is no such chapter.
    """
    from profond.tour import CHAPTERS

    wanted = set(numbers or ())
    known = {chapter.number for chapter in CHAPTERS}
    for number in sorted(wanted - known):
        raise ValueError(
            f"there is no chapter {number} in the tour; there are {min(known)} to {max(known)}."
        )
    return [chapter for chapter in CHAPTERS if not wanted or chapter.number in wanted]


def _check_place(out: Path) -> None:
    """Refuse a place where no page can be written before minutes of work are done for it."""
    if out.is_dir():
        raise ValueError(f"`out` must be a file; {str(out)!r} is a folder. Add a name to it.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out.parent):
            pass
    except OSError as error:
        raise OSError(
            f"The page cannot be written to {out}: {error.strerror or error}. Give another file "
            "(--out)."
        ) from error


def take_tour(
    chapters: Iterable[int] | None = None,
    *,
    lang: Language = "en",
    seeds: int = 5,
    quick: bool = False,
    out: str | os.PathLike[str] | None = None,
    processes: int = 1,
    report: Report | None = None,
) -> list[Shown]:
    """Run the experiments of some chapters of the notes, and write the page that shows them.

    Args:
        chapters: Numbers of the chapters; all by default.
        lang: "en" or "fr".
        seeds: Seeds of each training, >= 2, so that there is an interval.
        quick: Do with less, to see that all works; the numbers are rough.
        out: HTML file to write; None for none.
        processes: Processes that share the work, >= 1.
        report: Called with a section and None as it begins, then with what it found.

    Returns:
        What each section found, in order.

    Raises:
        ValueError: If a chapter or language is unknown, or `seeds` or `processes` too small.
        OSError: If the page cannot be written.
    """
    if lang not in ("en", "fr"):
        raise ValueError(f'`lang` must be "en" or "fr"; received {lang!r}.')
    if seeds < 2:
        raise ValueError(f"`seeds` must be at least 2, for an interval; received {seeds}.")
    if processes < 1:
        raise ValueError(f"`processes` must be at least 1; received {processes}.")
    selected = chosen_chapters(chapters)
    if out is not None:
        _check_place(Path(out))
    setting = Setting(lang=lang, seeds=seeds, quick=quick)
    shown = show_all(selected, setting, processes=processes, report=report)
    if out is not None:
        write_whole(out, page(selected, shown, setting))
    return shown
