"""The page: one file, well formed, in both languages, with figures that have descriptions."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from profond import figures, tour
from profond.tour import Chapter, Outcome, Picture, Section, Setting, Text
from profond.tour._page import inline, page, paragraphs
from profond.tour._run import show, show_all
from profond.tour._statements import EXACT, averages
from profond.tour._svg import to_svg
from profond.tour._take import take_tour

VOID = {"meta", "br", "hr", "img", "link", "input"}


class _Reader(HTMLParser):
    """Follows the elements, so that every one that opens is seen to close."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.images, self.lang = [], [], [], [], None

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "html":
            self.lang = found.get("lang")
        if "id" in found:
            self.ids.append(found["id"])
        self.links += [found[key] for key in ("href", "xlink:href") if found.get(key)]
        if tag == "svg":
            self.images.append(found)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def read(text):
    """The page's elements, after checks that every page must pass."""
    reader = _Reader()
    reader.feed(text)
    assert reader.open == []
    assert len(set(reader.ids)) == len(reader.ids), "identifiers must be unique"
    for link in reader.links:
        if link.startswith("data:image/png;base64,"):
            continue  # a photograph, in the page itself
        assert link.startswith("#"), f"the page must not fetch {link}"
        assert link[1:] in reader.ids, f"{link} leads nowhere"
    for address in re.findall(r"url\(([^)]*)\)", text):
        assert address.startswith("#")
        assert address[1:] in reader.ids
    assert all(image["role"] == "img" for image in reader.images)
    assert all(image["aria-labelledby"] in reader.ids for image in reader.images)
    # A style sheet inside a drawing would hold for the whole page.
    assert text.count("<style") == 1
    assert "<script" not in text
    return reader


def _example(setting):
    figure = figures.scatter(np.arange(5.0), np.arange(5.0), fit="line", lang=setting.lang)
    return Outcome(
        [Picture(figure, Text('A "line" of slope {slope}', "Une droite de pente {slope}"), EXACT)],
        {"slope": figures.numbers(figure)["slope"]},
        [(Text("slope", "pente"), "{slope:2}")],
        averages(3, log=True),
    )


CHAPTER = Chapter(
    7,
    Text("Lines", "Droites"),
    tuple(
        Section(
            key,
            Text("A line & more", "Une droite & plus"),
            Text("The slope is {slope}.", "La pente est {slope} ; voilà."),
            Text("First <b>.\n\nThen *this* with `code`.", "D'abord.\n\nPuis *ceci*."),
            "figures.scatter(x, y)",
            _example,
        )
        for key in ("one", "two")
    ),
)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_page_is_one_well_formed_file(lang):
    setting = Setting(lang=lang)
    shown = show_all([CHAPTER], setting)
    text = page([CHAPTER], shown, setting)
    reader = read(text)
    assert reader.lang == lang
    assert len(reader.images) == 2
    assert {"chapter-7", "s7-one", "s7-two"} <= set(reader.ids)
    label = {"en": "slope", "fr": "pente"}[lang]
    assert text.count(f'<th scope="row">{label}</th>') == 2
    caption = re.search(r'<figcaption id="s7-one-1">(.*?)</figcaption>', text)[1]
    assert caption == shown[0].drawings[0][0]
    assert f"<caption>{shown[0].note}</caption>" in text
    assert ("&lt;b&gt;" in text) == (lang == "en")
    assert ("<em>this</em> with <code>code</code>" in text) == (lang == "en")
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert 'name="viewport"' in text


def test_what_a_section_found_is_said_in_both_languages():
    english = show(CHAPTER, CHAPTER.sections[0], Setting(lang="en"))
    french = show(CHAPTER, CHAPTER.sections[0], Setting(lang="fr"))
    assert english.sentence == "The slope is 1.00."
    assert french.sentence == "La pente est 1,00\N{NARROW NO-BREAK SPACE}; voilà."
    assert english.findings == [("slope", "1.0")]
    assert french.drawings[0][0] == (
        "Une droite de pente 1,00 Calculé sans hasard\N{NO-BREAK SPACE}: pas d’intervalle."
    )
    assert english.note == (
        "Geometric means over 3 seeds, in brackets their 95% intervals (Student's t)."
    )


def test_an_svg_follows_the_pages_colours_and_keeps_its_identifiers_apart():
    figure = figures.scatter(np.arange(5.0), np.arange(5.0), fit="line")
    first, second = to_svg(figure, "a"), to_svg(figure, "b")
    assert first.startswith("<svg")
    assert "var(--blue)" in first
    assert "var(--ink)" in first
    assert "#0072b2" not in first.lower()
    assert 'viewBox="' in first
    assert not re.search(r'<svg[^>]* width="', first)
    assert not set(re.findall(r'id="([^"]+)"', first)) & set(re.findall(r'id="([^"]+)"', second))
    assert to_svg(figure, "a") == first  # the same figure gives the same text
    assert "<metadata" not in first


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_page_with_a_film_can_be_paused(lang):
    def run(setting):
        del setting
        series = np.sin(np.arange(40) / 4)
        moving = figures.equivariance_animation(series, most=8, frames=4)
        wide = Figure(figsize=(8, 1))
        return Outcome(
            [
                Picture(moving, Text("It moves.", "Ça bouge.")),
                Picture(wide, Text("It does not.", "Ça ne bouge pas.")),
            ],
            {},
        )

    said = Text("A film.", "Un film.")
    chapter = Chapter(7, said, (Section("film", said, said, said, "", run),))
    setting = Setting(lang=lang)
    text = page([chapter], show_all([chapter], setting), setting)
    reader = read(text)
    assert len(reader.images) == 2
    assert text.count('<label class="pause"><input type="checkbox"> Pause</label>') == 1
    assert text.count('<figure class="wide">') == 1
    assert "@keyframes frames-4" in text


def test_drawings_are_as_wide_as_they_were_drawn():
    def example(setting):
        pictures = []
        for inches in (3, 6):
            figure = Figure(figsize=(inches, 2))
            figure.text(0.5, 0.5, "a")
            pictures.append(Picture(figure, Text("A letter.", "Une lettre.")))
        return Outcome(pictures, {"slope": 1.0})

    section = replace(CHAPTER.sections[0], run=example)
    chapter = Chapter(7, CHAPTER.title, (section,))
    text = page([chapter], show_all([chapter], Setting()), Setting())
    small, large = (float(width) for width in re.findall(r'style="width: ([\d.]+)rem"', text))
    assert large == pytest.approx(2 * small, rel=0.01)


def test_scales_below_one_keep_their_digits():
    figure = Figure()
    figure.text(0.5, 0.5, "$x^2$")
    assert "0.015625" in to_svg(figure, "a")


def test_light_markup():
    assert inline("a < b *c* `d*e*`") == "a &lt; b <em>c</em> <code>d*e*</code>"
    assert inline("2 * 3 * 4") == "2 * 3 * 4"
    assert paragraphs("a\nc\n\nb") == "<p>a c</p><p>b</p>"
    assert paragraphs("a\N{NO-BREAK SPACE}: b") == "<p>a\N{NO-BREAK SPACE}: b</p>"


@pytest.mark.slow
def test_several_processes_find_what_one_finds():
    setting = Setting(lang="en", seeds=2, quick=True)
    reduced = Chapter(1, tour.CHAPTERS[0].title, tour.CHAPTERS[0].sections[1:3])
    one = show_all([reduced], setting)
    seen = []
    two = show_all(
        [reduced], setting, processes=2, report=lambda s, r: seen.append((s.key, r is None))
    )
    assert [a.drawings for a in one] == [b.drawings for b in two]
    assert [a.sentence for a in one] == [b.sentence for b in two]
    assert set(seen) == {("scatter", True), ("scatter", False), ("loss", True), ("loss", False)}


def test_chapters_are_chosen_by_number():
    assert [chapter.number for chapter in tour.chosen_chapters([4, 2])] == [2, 4]
    assert len(tour.chosen_chapters()) == 6
    with pytest.raises(ValueError, match="there is no chapter 12 in the tour; there are 1 to 6"):
        tour.chosen_chapters([1, 12])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lang": "de"}, '`lang` must be "en" or "fr"; received \'de\''),
        ({"seeds": 1}, "`seeds` must be at least 2, for an interval; received 1"),
        ({"processes": 0}, "`processes` must be at least 1; received 0"),
        ({"chapters": [9]}, "there is no chapter 9"),
    ],
)
def test_bad_tours_are_refused_before_anything_runs(options, message):
    with pytest.raises(ValueError, match=message):
        take_tour(**options)


def test_a_folder_is_no_page(tmp_path):
    with pytest.raises(ValueError, match="`out` must be a file; .* is a folder. Add a name to it"):
        take_tour([1], out=tmp_path)


def test_keys_are_unique_and_all_texts_are_there():
    for chapter in tour.CHAPTERS:
        keys = [section.key for section in chapter.sections]
        assert len(set(keys)) == len(keys)
        for section in chapter.sections:
            for text in (section.title, section.sentence, section.body):
                assert text.en.strip()
                assert text.fr.strip()
                names = [set(re.findall(r"\{(\w+)", words)) for words in (text.en, text.fr)]
                assert names[0] == names[1], (chapter.number, section.key)


LINES = [
    (chapter.number, section.key)
    for chapter in tour.CHAPTERS
    for section in chapter.sections
    if (chapter.number, section.key)
    not in {(2, "depth"), (2, "identity"), (4, "preparation"), (5, "stopping"), (5, "dropout")}
]


@pytest.mark.parametrize(("number", "key"), LINES)
def test_the_python_lines_of_a_section_run(number, key):
    section = next(s for s in tour.CHAPTERS[number - 1].sections if s.key == key)
    code = section.code.replace("epochs=20", "epochs=1").replace("steps=500", "steps=20")
    code = code.replace("updates=300, settle=100", "updates=5, settle=5").replace(
        "seeds=5", "seeds=2"
    )
    code = code.replace("widths=[1, 4, 16]", "widths=[2]")
    *first, last = code.strip().split("\n")
    scope = {}
    exec("\n".join(first), scope)
    assert isinstance(eval(last, scope), Figure)


def test_a_quick_tour_writes_a_page_in_english(tmp_path: Path):
    out = tmp_path / "pages" / "tour.html"
    shown = take_tour([1, 3], lang="en", seeds=2, quick=True, out=out)
    text = out.read_text(encoding="utf-8")
    reader = read(text)
    assert len(reader.images) == sum(len(one.drawings) for one in shown)
    assert "the rate 10⁻⁵ arrives at 3.63 (the best is 3.65)" in text
    assert "This is a quick run" in text
    # The cap of a quick run is not given out for a number of steps.
    assert "descent takes more than 2000 steps" in text
    assert "{" not in re.sub(r"<style.*?</style>|<svg.*?</svg>", "", text, flags=re.DOTALL)


_NO_PROSE = r"<style.*?</style>|<svg.*?</svg>|<pre.*?</pre>|<code.*?</code>"


@pytest.mark.slow
def test_a_quick_tour_of_everything_writes_a_page_in_french(tmp_path: Path):
    out = tmp_path / "tour.html"
    shown = take_tour(lang="fr", seeds=2, quick=True, out=out)
    assert len(shown) == sum(len(chapter.sections) for chapter in tour.CHAPTERS)
    text = out.read_text(encoding="utf-8")
    reader = read(text)
    assert reader.lang == "fr"
    assert "283, 803 et 801" in text
    assert "'" not in re.sub(r"<[^>]*>", "", re.sub(_NO_PROSE, "", text, flags=re.DOTALL))
    words = re.sub(r"<style.*?</style>|<svg.*?</svg>|<pre.*?</pre>", "", text, flags=re.DOTALL)
    assert "{" not in words
    assert not re.search(r"\b0\.\d", re.sub(r"<footer.*", "", words, flags=re.DOTALL))


def test_a_place_that_cannot_be_written_is_told_before_the_work(tmp_path, monkeypatch):
    def no_work(*arguments, **options):
        raise AssertionError

    monkeypatch.setattr("profond.tour._take.show_all", no_work)
    (tmp_path / "file").touch()
    with pytest.raises(
        OSError,
        match=r"page cannot be written to .*page\.html: .*\. Give another file \(--out\)",
    ):
        take_tour([1], out=tmp_path / "file" / "page.html")
