"""Running the sections of a tour, on several processes if asked."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import active_children, get_context

from profond.figures import Animation
from profond.tour._film import film
from profond.tour._structure import Chapter, Picture, Section, Setting, Shown, Text
from profond.tour._svg import to_svg
from profond.tour._words import fill, typeset

Report = Callable[[Section, Shown | None], None]


def show(chapter: Chapter, section: Section, setting: Setting) -> Shown:
    """Do the experiment of a section, and say and draw what it found."""
    began = time.perf_counter()
    outcome = section.run(setting)
    lang = setting.lang

    def said(*texts: Text | None) -> str:
        words = " ".join(text.of(lang) for text in texts if text is not None)
        return fill(words, outcome.numbers, lang)

    return Shown(
        chapter=chapter.number,
        key=section.key,
        title=typeset(section.title.of(lang), lang),
        sentence=said(section.sentence),
        body=said(section.body),
        code=section.code,
        findings=[
            (said(label), fill(value, outcome.numbers, lang)) for label, value in outcome.findings
        ],
        note=said(outcome.note),
        drawings=[
            (
                said(picture.caption, picture.basis),
                _drawn(picture, f"c{chapter.number}-{section.key}-{index}"),
            )
            for index, picture in enumerate(outcome.pictures)
        ],
        seconds=time.perf_counter() - began,
    )


def _drawn(picture: Picture, prefix: str) -> str:
    """The picture as SVG."""
    if isinstance(picture.figure, Animation):
        return film(picture.figure, prefix)
    return to_svg(picture.figure, prefix)


def show_all(
    chapters: Sequence[Chapter],
    setting: Setting,
    *,
    processes: int = 1,
    report: Report | None = None,
) -> list[Shown]:
    """Run all sections of some chapters.

    Args:
        chapters: The chapters.
        setting: How to run them.
        processes: Processes that share the sections, >= 1; with 1, all is done in this one.
        report: Called with a section and None as it begins (with several processes, as it is
            handed out), then with what it found.

    Returns:
        What was found, in the chapters' order.
    """
    tell: Report = report or (lambda section, shown: None)
    work = [(chapter, section) for chapter in chapters for section in chapter.sections]
    if processes == 1 or len(work) < 2:
        found = []
        for chapter, section in work:
            tell(section, None)
            found.append(show(chapter, section, setting))
            tell(section, found[-1])
        return found
    done = dict(_shared(work, setting, min(processes, len(work)), tell))
    return [done[index] for index in range(len(work))]


def _shared(
    work: Sequence[tuple[Chapter, Section]], setting: Setting, processes: int, tell: Report
) -> Iterator[tuple[int, Shown]]:
    """Results with their place in `work`, as they come; the long ones begin first."""
    # Fresh processes: a fork of one that has used torch's threads may never end.
    others = set(active_children())
    pool = ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=_begin)
    waiting = sorted(range(len(work)), key=lambda index: -work[index][1].cost)
    running: dict[Future[Shown], int] = {}
    try:
        while waiting or running:
            while waiting and len(running) < processes:
                index = waiting.pop(0)
                chapter, section = work[index]
                tell(section, None)
                running[pool.submit(_show_named, chapter.number, section.key, setting)] = index
            ready, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in ready:
                index = running.pop(future)
                shown = future.result()
                tell(work[index][1], shown)
                yield index, shown
    except BaseException:
        # Interrupted or failed: what the processes still compute is of no use to anybody.
        for process in set(active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _begin() -> None:
    """How a process of its own begins: one thread, and quiet when it is interrupted."""
    import torch

    torch.set_num_threads(1)  # the other cores have their own processes
    signal.signal(signal.SIGINT, lambda number, frame: os._exit(130))


def _show_named(number: int, key: str, setting: Setting) -> Shown:
    """`show`, with the section found by name: functions of a section need not travel."""
    from profond.tour import CHAPTERS

    chapter = next(chapter for chapter in CHAPTERS if chapter.number == number)
    section = next(section for section in chapter.sections if section.key == key)
    return show(chapter, section, setting)
