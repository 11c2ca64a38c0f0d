"""What a tour is made of: chapters, sections, and what a section finds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from matplotlib.figure import Figure

from profond.figures import Animation
from profond.figures._canvas import Language


@dataclass(frozen=True)
class Text:
    """The same thing said in English and in French.

    In templates, `{name}` is replaced by the number of that name as one writes it in the
    language, or by the text of that name, which may be a template too; see
    `profond.tour._words.Said` for what may follow a colon.

    Attributes:
        en: English.
        fr: French.
    """

    en: str
    fr: str

    def of(self, lang: Language) -> str:
        """The text in `lang`."""
        return self.fr if lang == "fr" else self.en


@dataclass(frozen=True)
class Setting:
    """How a section is to be run.

    Attributes:
        lang: Language of the figures' words.
        seeds: Seeds of what is trained network by network.
        quick: Whether to do with less (fewer seeds and steps), to see that all works.
    """

    lang: Language = "en"
    seeds: int = 5
    quick: bool = False

    def pick(self, usual: Any, quick: Any) -> Any:
        """One of two values: the usual one, or the smaller one of a quick run."""
        return quick if self.quick else usual

    @property
    def many(self) -> int:
        """Seeds of what is trained all at once, which costs little: twice as many."""
        return 2 * self.seeds


@dataclass(frozen=True)
class Picture:
    """A figure and what it shows: read under it, and told to those who do not see it.

    Attributes:
        figure: The figure, or one that moves.
        caption: What it shows, a template.
        basis: Over what its lines are, if they are trained or drawn at random.
    """

    figure: Figure | Animation
    caption: Text
    basis: Text | None = None


@dataclass(frozen=True)
class Outcome:
    """What a section found.

    Attributes:
        pictures: Its figures, in order.
        numbers: Numbers for the templates: floats, whole numbers, `Estimate`s, texts.
        findings: What the summary lists: label to the template of its value.
        note: Over what these numbers are, a template.
    """

    pictures: Sequence[Picture]
    numbers: Mapping[str, Any]
    findings: Sequence[tuple[Text, str]] = ()
    note: Text | None = None


@dataclass(frozen=True)
class Section:
    """One experiment of a chapter.

    Attributes:
        key: Short name, for links; unique in its chapter.
        title: Title.
        sentence: What was found, in one sentence; a template.
        body: What the figures show, in plain words; a template, paragraphs apart by empty lines.
        code: Lines of Python to start from: a figure of this kind, smaller and on other settings
            where that makes it quicker.
        run: Does the experiment.
        cost: Seconds it takes on one core, about; the progress bar goes by it.
    """

    key: str
    title: Text
    sentence: Text
    body: Text
    code: str
    run: Callable[[Setting], Outcome]
    cost: float = 1.0


@dataclass(frozen=True)
class Chapter:
    """A chapter of the notes.

    Attributes:
        number: Its number in the notes.
        title: Title.
        sections: Its experiments, in the notes' order.
    """

    number: int
    title: Text
    sections: Sequence[Section] = field(default_factory=tuple)


@dataclass(frozen=True)
class Shown:
    """A section that was run, in words and drawings: what a page is made from.

    Attributes:
        chapter: Number of its chapter.
        key: Name of the section.
        title: Title.
        sentence: What was found.
        body: What the figures show.
        code: Lines of Python to start from.
        findings: Label and value of each number found.
        note: Over what these numbers are; "" if there is nothing to say.
        drawings: Caption and SVG of each figure.
        seconds: Time taken.
    """

    chapter: int
    key: str
    title: str
    sentence: str
    body: str
    code: str
    findings: Sequence[tuple[str, str]]
    note: str
    drawings: Sequence[tuple[str, str]]
    seconds: float
