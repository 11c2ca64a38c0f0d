"""The chapters of the notes as experiments: run them, read what they found.

A chapter is one file that makes a `Chapter`, and one line in `CHAPTERS`.
"""

from profond.tour._chapter_1 import CHAPTER as _CHAPTER_1
from profond.tour._chapter_2 import CHAPTER as _CHAPTER_2
from profond.tour._chapter_3 import CHAPTER as _CHAPTER_3
from profond.tour._chapter_4 import CHAPTER as _CHAPTER_4
from profond.tour._chapter_5 import CHAPTER as _CHAPTER_5
from profond.tour._chapter_6 import CHAPTER as _CHAPTER_6
from profond.tour._page import page
from profond.tour._run import show_all
from profond.tour._structure import Chapter, Outcome, Picture, Section, Setting, Shown, Text
from profond.tour._take import chosen_chapters, take_tour

CHAPTERS: tuple[Chapter, ...] = (
    _CHAPTER_1,
    _CHAPTER_2,
    _CHAPTER_3,
    _CHAPTER_4,
    _CHAPTER_5,
    _CHAPTER_6,
)

__all__ = [
    "CHAPTERS",
    "Chapter",
    "Outcome",
    "Picture",
    "Section",
    "Setting",
    "Shown",
    "Text",
    "chosen_chapters",
    "page",
    "show_all",
    "take_tour",
]
