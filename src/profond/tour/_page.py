"""The tour as one HTML file: nothing is fetched, it reads on a phone, on paper, light or dark."""

import re
from collections.abc import Sequence
from html import escape

from profond.figures._canvas import Language
from profond.tour._film import film_style, moves
from profond.tour._structure import Chapter, Setting, Shown, Text
from profond.tour._words import fill, typeset

_TITLE = Text("A tour of deep learning", "Un tour de l'apprentissage profond")
_LEAD = Text(
    "Each figure below was computed when this page was made, by `profond tour`, on the tables and "
    "with the networks of Romain Tavenard's course notes *Introduction au Deep Learning*. Numbers "
    "in the text are the measured ones. What is trained is trained from several seeds, and a "
    "range in brackets is the 95% confidence interval of the number before it. Captions and the "
    "notes under tables say over how many seeds, and which figures show a single training.",
    "Chaque figure ci-dessous a été calculée au moment où cette page a été faite, par "
    "`profond tour`, sur les tables et avec les réseaux du cours de Romain Tavenard, "
    "*Introduction au Deep Learning*. Les nombres du texte sont ceux qui ont été mesurés. Ce qui "
    "est entraîné l'est à partir de plusieurs graines, et des bornes entre parenthèses sont "
    "l'intervalle de confiance à 95 % du nombre qui précède. Les légendes et les notes sous les "
    "tableaux disent sur combien de graines, et quelles figures ne montrent qu'un entraînement.",
)
_QUICK = Text(
    "This is a quick run, with few seeds and short trainings: the numbers are rough.",
    "Ceci est un parcours rapide, avec peu de graines et des entraînements courts : les nombres "
    "sont approximatifs.",
)
_WORDS = {
    "contents": Text("Contents", "Sommaire"),
    "chapter": Text("Chapter", "Chapitre"),
    "measured": Text("What was measured", "Ce qui a été mesuré"),
    "code": Text("Try it in Python", "À essayer en Python"),
    "pause": Text("Pause", "Pause"),
    "made": Text("Made by profond", "Fait par profond"),
}

_WIDE = 6.5  # inches of a drawing that takes the whole width
_INCH = 5.55  # an inch of a drawing, in rem: two drawings of five inches stand side by side

_STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --soft: #6e7781; --grid: #d0d7de;
  --paper: #ffffff; --card: #f6f8fa; --blue: #0072b2; --vermilion: #d55e00; --green: #009e73;
  --orange: #e69f00; --purple: #cc79a7; --sky: #56b4e9; --off: #a8b0b8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9198a1; --grid: #30363d;
  --paper: #0d1117; --card: #161b22; --blue: #4da3e0; --vermilion: #ff8a3d; --green: #2fc99b;
  --orange: #f0b840; --purple: #e39bc3; --sky: #7cc8f2; --off: #59636e; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem 1rem 4rem; max-width: 62rem; background: var(--paper);
  color: var(--ink); font: 1.05rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  overflow-wrap: break-word; }
h1 { font-size: 2rem; line-height: 1.2; margin: 1.5rem 0 .5rem; }
h2 { font-size: 1.5rem; margin: 3.5rem 0 1rem; padding-top: .75rem;
  border-top: 2px solid var(--grid); }
h3 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; }
p { max-width: 44rem; margin: .6rem 0; }
.found { font-weight: 600; border-left: 4px solid var(--blue); padding-left: .8rem; }
a { color: var(--blue); }
nav ol { padding-left: 1.2rem; } nav > ol > li { margin: .4rem 0; font-weight: 600; }
nav ol ol { list-style: none; padding-left: 0; font-weight: 400; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem; margin: 1rem 0; }
figure { margin: 0; padding: .75rem; border: 1px solid var(--grid); border-radius: .5rem;
  flex: 1 1 min(100%, 24rem); display: flex; flex-direction: column; }
figure svg { display: block; max-width: 100%; height: auto; margin: auto; }
figure:only-child { max-width: 36rem; }
figure.wide { flex-basis: 100%; max-width: none; overflow-x: auto; }
figure.wide svg { min-width: 32rem; }
figcaption { margin-top: .5rem; font-size: .9rem; line-height: 1.45; }
table { border-collapse: collapse; width: 100%; max-width: 44rem; font-size: .95rem; }
th, td { padding: .35rem .5rem; border-bottom: 1px solid var(--grid); vertical-align: top; }
th { text-align: left; font-weight: 400; }
td { text-align: right; font-variant-numeric: tabular-nums; width: 45%; }
caption { caption-side: bottom; text-align: left; padding: .4rem .5rem; color: var(--soft);
  font-size: .9rem; }
details { margin: .8rem 0; max-width: 44rem; } summary { cursor: pointer; color: var(--soft); }
pre { background: var(--card); padding: .75rem; border-radius: .5rem; overflow-x: auto;
  font-size: .85rem; line-height: 1.45; }
code { font-family: ui-monospace, SFMono-Regular, Consolas, monospace; font-size: .92em; }
footer { margin-top: 4rem; color: var(--soft); font-size: .9rem; }
@media print { :root { --ink: #000; --soft: #555; --grid: #ccc; --paper: #fff; --card: #fff;
    --blue: #0072b2; --vermilion: #d55e00; --green: #009e73; --orange: #e69f00;
    --purple: #cc79a7; --sky: #56b4e9; --off: #a8b0b8; }
  body { max-width: none; font-size: 10pt; padding: 0; } nav, details { display: none; }
  figure, table, .found { break-inside: avoid; } h2, h3 { break-after: avoid; }
  figure.wide svg { min-width: 0; }
  figure { flex-basis: 8cm; } }
"""


def page(chapters: Sequence[Chapter], shown: Sequence[Shown], setting: Setting) -> str:
    """The page.

    Args:
        chapters: The chapters shown, for their titles.
        shown: What was found, in order.
        setting: How it was run; gives the language.

    Returns:
        An HTML document in one piece.
    """
    from profond import __version__

    lang = setting.lang
    word = {name: text.of(lang) for name, text in _WORDS.items()}
    title = _TITLE.of(lang)
    moving = film_style(svg for one in shown for _, svg in one.drawings)
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="{lang}">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}{moving}</style>",
        "</head>",
        "<body>",
        f"<header><h1>{escape(title)}</h1>",
        paragraphs(fill(_LEAD.of(lang), {"seeds": setting.seeds}, lang)),
        paragraphs(typeset(_QUICK.of(lang), lang)) if setting.quick else "",
        "</header>",
        _contents(chapters, shown, lang, word),
        "<main>",
    ]
    for chapter in chapters:
        heading = f"{word['chapter']} {chapter.number} · {chapter.title.of(lang)}"
        parts.append(f'<h2 id="chapter-{chapter.number}">{escape(typeset(heading, lang))}</h2>')
        parts += [_section(one, word) for one in shown if one.chapter == chapter.number]
    parts += [
        "</main>",
        f"<footer>{word['made']} {escape(__version__)}.</footer>",
        "</body>",
        "</html>",
        "",
    ]
    return "\n".join(part for part in parts if part or part == "")


def _contents(
    chapters: Sequence[Chapter], shown: Sequence[Shown], lang: Language, word: dict[str, str]
) -> str:
    """Links to chapters and sections."""
    items = []
    for chapter in chapters:
        links = "".join(
            f'<li><a href="#{_anchor(one)}">{escape(one.title)}</a></li>'
            for one in shown
            if one.chapter == chapter.number
        )
        title = escape(typeset(chapter.title.of(lang), lang))
        items.append(
            f'<li value="{chapter.number}"><a href="#chapter-{chapter.number}">{title}</a>'
            f"<ol>{links}</ol></li>"
        )
    return f'<nav aria-label="{word["contents"]}"><ol>{"".join(items)}</ol></nav>'


def _anchor(one: Shown) -> str:
    """The identifier of a section."""
    return f"s{one.chapter}-{one.key}"


def _section(one: Shown, word: dict[str, str]) -> str:
    """One experiment: what was found, its figures, what they show, its numbers, its code."""
    figures = "".join(
        _figure(f"{_anchor(one)}-{index}", caption, svg, word)
        for index, (caption, svg) in enumerate(one.drawings, start=1)
    )
    rows = "".join(
        f'<tr><th scope="row">{inline(label)}</th><td>{inline(value)}</td></tr>'
        for label, value in one.findings
    )
    note = f"<caption>{inline(one.note)}</caption>" if one.note else ""
    table = (
        f'<table aria-label="{word["measured"]}">{note}<tbody>{rows}</tbody></table>'
        if rows
        else ""
    )
    code = (
        f"<details><summary>{word['code']}</summary>"
        f"<pre><code>{escape(one.code.strip())}</code></pre></details>"
        if one.code
        else ""
    )
    return (
        f'<section id="{_anchor(one)}"><h3>{inline(one.title)}</h3>\n'
        f'<p class="found">{inline(one.sentence)}</p>\n'
        f'<div class="figures">{figures}</div>\n{paragraphs(one.body)}\n{table}{code}</section>'
    )


def _figure(name: str, caption: str, svg: str, word: dict[str, str]) -> str:
    """A drawing over its caption, as wide as it was drawn: texts have one size on all of them."""
    wide = float(re.search(r'viewBox="0 0 ([\d.]+)', svg)[1]) / 72  # type: ignore[index]
    described = f'<svg role="img" aria-labelledby="{name}" style="width: {_INCH * wide:.1f}rem"'
    pause = (
        f'<label class="pause"><input type="checkbox"> {word["pause"]}</label>'
        if moves(svg)
        else ""
    )
    opening = '<figure class="wide">' if wide > _WIDE else "<figure>"
    return (
        f"{opening}{svg.replace('<svg', described, 1)}{pause}"
        f'<figcaption id="{name}">{inline(caption)}</figcaption></figure>'
    )


def paragraphs(text: str) -> str:
    """Paragraphs, apart by empty lines in the text."""
    # Only plain spaces and line ends are folded: firm spaces stay firm.
    parts = (re.sub(r"[ \n]+", " ", part) for part in text.strip().split("\n\n"))
    return "".join(f"<p>{inline(part)}</p>" for part in parts)


def inline(text: str) -> str:
    """Text for HTML: `code` between backticks and *emphasis* between stars."""
    parts = re.split(r"`([^`]+)`", escape(text, quote=False))
    parts[::2] = [re.sub(r"\*([^*\s][^*]*)\*", r"<em>\1</em>", part) for part in parts[::2]]
    parts[1::2] = [f"<code>{part}</code>" for part in parts[1::2]]
    return "".join(parts)
