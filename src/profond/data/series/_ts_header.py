"""The header of a `.ts` file: what it says about the series below it."""

from dataclasses import dataclass

from profond._lookup import nearest

# Tags that begin with @, in small letters, as the archives write them.
_YES_NO = ("timestamps", "missing", "univariate", "equallength", "targetlabel")
_NUMBERS = ("dimensions", "dimension", "serieslength")  # the second in the TSER archive
_OTHERS = ("problemname", "classlabel", "data")
_SPELLED = {
    "timestamps": "timeStamps",
    "equallength": "equalLength",
    "targetlabel": "targetlabel",
    "serieslength": "seriesLength",
    "problemname": "problemName",
    "classlabel": "classLabel",
}


@dataclass
class TsHeader:
    """What the header says; None where it does not.

    Attributes:
        name: Name of the set, or "".
        univariate: Whether there is one channel.
        dimensions: Number of channels.
        equal_length: Whether all series have the same number of steps.
        length: That number.
        classes: Names of the classes; None without `@classLabel true`.
        target: Whether a number to predict ends each line.
        missing: Whether it says that there are missing values.
        lines: Number of lines up to `@data`, that one included.
    """

    name: str = ""
    univariate: bool | None = None
    dimensions: int | None = None
    equal_length: bool | None = None
    length: int | None = None
    classes: tuple[str, ...] | None = None
    target: bool = False
    missing: bool | None = None
    lines: int = 0

    @property
    def labelled(self) -> bool:
        """Whether a label or a target ends each line."""
        return self.classes is not None or self.target


def read_header(text: str, file: str) -> tuple[TsHeader, int]:
    """The header of a `.ts` file.

    Args:
        text: Content of the file.
        file: What messages call it.

    Returns:
        The header, and where the data begin in `text`.

    Raises:
        ValueError: If a tag is unknown or wrong, or there is no `@data`; the message has the
            line.
    """
    header, begin = TsHeader(), 0
    while begin < len(text):
        end = text.find("\n", begin)
        end = len(text) if end < 0 else end
        line, begin = text[begin:end].strip(), end + 1
        header.lines += 1
        if not line or line.startswith(("#", "%")):
            continue
        where = f"{file}, line {header.lines}"
        if not line.startswith("@"):
            raise ValueError(
                f"{where}: the header must be lines that begin with @, up to @data; received "
                f"{line[:40]!r}."
            )
        tag, *words = line[1:].split()
        if tag.lower() == "data":
            if words:
                raise ValueError(f"{where}: @data must stand alone; received {line[:40]!r}.")
            _check(header, where)
            return header, begin
        _take(header, tag, words, where)
    raise ValueError(
        f"{file}: there must be a line @data between the header and the series; received none in "
        f"{header.lines} line(s)."
    )


def _take(header: TsHeader, tag: str, words: list[str], where: str) -> None:
    """Put what a line says into the header."""
    key = tag.lower()
    if key not in (*_YES_NO, *_NUMBERS, *_OTHERS):
        spelled = [_SPELLED.get(known, known) for known in (*_YES_NO, *_NUMBERS, *_OTHERS)]
        guess = nearest(tag, spelled)
        hint = f" Did you mean @{guess}?" if guess else f" Known are @{', @'.join(spelled)}."
        raise ValueError(f"{where}: unknown tag @{tag}.{hint}")
    if key == "problemname":
        header.name = " ".join(words)
    elif key in _NUMBERS:
        if len(words) != 1 or not words[0].isdecimal() or int(words[0]) < 1:
            raise ValueError(
                f"{where}: @{tag} must be followed by a number from 1 on; received "
                f"{' '.join(words)!r}."
            )
        if key != "serieslength":
            header.dimensions = int(words[0])
        else:
            header.length = int(words[0])
    else:
        if not words or words[0].lower() not in ("true", "false"):
            raise ValueError(
                f"{where}: @{tag} must be followed by true or false; received {' '.join(words)!r}."
            )
        _take_yes_no(header, tag, words[0].lower() == "true", words[1:], where)


def _take_yes_no(header: TsHeader, tag: str, yes: bool, words: list[str], where: str) -> None:
    key = tag.lower()
    if key == "classlabel":
        if yes and not words:
            raise ValueError(
                f"{where}: @classLabel true must be followed by the names of the classes; "
                "received none."
            )
        twice = next((word for i, word in enumerate(words) if word in words[:i]), None)
        if twice is not None:
            raise ValueError(f"{where}: @classLabel names the class {twice!r} twice.")
        header.classes = tuple(words) if yes else None
    elif key == "timestamps":
        if yes:
            raise ValueError(
                f"{where}: series with time stamps, (time, value) pairs, cannot be read; give "
                "values at equal steps."
            )
    elif key == "univariate":
        header.univariate = yes
    elif key == "equallength":
        header.equal_length = yes
    elif key == "targetlabel":
        header.target = yes
    else:
        header.missing = yes


def _check(header: TsHeader, where: str) -> None:
    """Refuse a header that contradicts itself."""
    if header.univariate and (header.dimensions or 1) > 1:
        raise ValueError(
            f"{where}: the header says @univariate true and @dimensions {header.dimensions}."
        )
    if header.target and header.classes is not None:
        raise ValueError(
            f"{where}: the header says @classLabel true and @targetlabel true; a series has a "
            "class or a number to predict."
        )
