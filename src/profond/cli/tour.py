"""`profond tour [1 2 ...]`: the experiments of the notes, run and shown."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from profond.tour import Section, Shown

EPILOG = "Examples:  profond tour   ·   profond tour 1 4 --lang fr   ·   profond tour 5 --seeds 10"


def tour(
    chapters: Annotated[
        list[int] | None,
        typer.Argument(metavar="[CHAPTER]...", help="Numbers of chapters; all by default."),
    ] = None,
    lang: Annotated[
        Literal["en", "fr"], typer.Option("--lang", "-l", help="Language of the page.")
    ] = "en",
    out: Annotated[Path, typer.Option("--out", "-o", help="HTML file to write.")] = Path(
        "profond-tour.html"
    ),
    seeds: Annotated[
        int | None,
        typer.Option(help="Seeds of each training, at least 2 (default: 5, or 3 with --quick)."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Less of everything: see that it works, in seconds.")
    ] = False,
    processes: Annotated[
        int | None,
        typer.Option(help="Processes that share the work (default: one per core, at most 4)."),
    ] = None,
) -> None:
    """Run the experiments of the course notes and write one page that shows them.

    Each figure of the chapters is computed anew, over several seeds; the numbers found are
    listed here and explained on the page, which is a single file.
    """
    from rich.console import Console

    from profond.tour import chosen_chapters, take_tour

    selected = chosen_chapters(chapters)
    workers = min(4, os.cpu_count() or 1) if processes is None else processes
    screen = Console(stderr=True)
    with _Progress(screen, [one for chapter in selected for one in chapter.sections], lang) as bar:
        shown = take_tour(
            chapters,
            lang=lang,
            seeds=(3 if quick else 5) if seeds is None else seeds,
            quick=quick,
            out=out,
            processes=workers,
            report=bar.report,
        )
    _summary(Console(), shown, out, lang)


class _Progress:
    """A bar on a terminal; in a log, a line per section."""

    def __init__(
        self, screen: "Console", sections: Sequence["Section"], lang: Literal["en", "fr"]
    ) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._screen = screen
        self._lang: Literal["en", "fr"] = lang
        self._running: list[Section] = []
        self._done = 0
        self._count = len(sections)
        self._bar = Progress(
            BarColumn(bar_width=24),
            TextColumn("{task.fields[done]}/{task.fields[count]}"),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
            console=screen,
            transient=True,
            disable=not screen.is_terminal,
        )
        self._task = self._bar.add_task(
            "", total=sum(one.cost for one in sections), done=0, count=self._count
        )

    def __enter__(self) -> "_Progress":
        self._bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def report(self, section: "Section", shown: "Shown | None") -> None:
        """A section begins, or has ended."""
        if shown is None:
            self._running.append(section)
        else:
            self._running.remove(section)
            self._done += 1
            self._bar.advance(self._task, section.cost)
            if not self._screen.is_terminal:
                self._screen.print(
                    f"{self._done}/{self._count}  {shown.title} ({shown.seconds:.1f} s)",
                    highlight=False,
                )
        names = ", ".join(one.title.of(self._lang) for one in self._running)
        self._bar.update(self._task, description=names, done=self._done)


def _summary(
    console: "Console", shown: Sequence["Shown"], out: Path, lang: Literal["en", "fr"]
) -> None:
    """What was found: a sentence and the numbers of each section."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    french = lang == "fr"
    chapter = None
    for one in shown:
        if one.chapter != chapter:
            chapter = one.chapter
            word = "Chapitre" if french else "Chapter"
            console.rule(Text(f"{word} {chapter}", style="bold"), align="left")
        console.print(Text(one.title, style="bold"))
        console.print(Text(one.sentence))
        table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for label, value in one.findings:
            table.add_row(Text(label, style="dim"), Text(value))
        console.print(Padding(table, (0, 0, 1, 2)))
    wrote = "Page écrite :" if french else "Page written:"
    console.print(f"{wrote} {out}", highlight=False, soft_wrap=True)
