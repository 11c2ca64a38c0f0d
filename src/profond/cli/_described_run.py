"""The run that the words of a command describe: the argument DATA, and its options."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from profond.experiment._kind import Kind
    from profond.experiment._run_description import RunDescription

DATA_HELP = (
    "A table: CSV, TSV, Parquet or Excel file (text may be gzipped). Time series: .ts, "
    "NAME_TRAIN.tsv, .npz. Images: a folder with a folder for each class. A bundled set (boston, "
    "iris, gun_point, digits), or the description of an experiment (.toml, .yaml, .json)."
)
KindOption = Annotated[
    str | None,
    typer.Option(
        "--kind", help="Kind of DATA: table, series or images (by default what it looks like)."
    ),
]
TargetOption = Annotated[
    str | None,
    typer.Option(
        "--target",
        "-t",
        help="Column to predict (bundled sets have a usual one); of series and images what the "
        "labels are called.",
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="SECTION.NAME=VALUE",
        help="Any setting of an experiment, like training.learning_rate=0.01; may be repeated.",
    ),
]


@dataclass(frozen=True)
class DescribedRun:
    """A run before it begins.

    Attributes:
        kind: The kind of its data.
        experiment: Its description, with what the data say of the target.
        source: Where the data are.
        opened: The data, as the kind's `open` gives them.
    """

    kind: "Kind"
    experiment: "RunDescription"
    source: str
    opened: Any

    @property
    def name(self) -> str:
        """`NAME-TARGET` with only characters that every file system takes."""
        name = f"{self.opened.name}-{self.experiment.data.target}"
        plain = "".join(c if c.isalnum() or c in "._-" else "_" for c in name)
        return plain.strip("._") or "model"


def described_run(
    data: str,
    *,
    kind: str | None,
    target: str | None,
    settings: Mapping[str, Any],
    change: list[str] | None,
    quick: bool = False,
) -> DescribedRun:
    """Put together what was typed, and open the data.

    Args:
        data: The data, or the file that describes the run.
        kind: Their kind; guessed when None.
        target: What is predicted.
        settings: Settings by plain name.
        change: Those of `--set`.
        quick: Whether to take the settings of a first look.

    Raises:
        ValueError: If a setting or the data cannot be used.
        FileNotFoundError: If there are no such data.
    """
    from profond.cli._setting_options import parse_set
    from profond.experiment._kinds import kind_of

    experiment, source = described(data, kind)
    _check_of_kind(data, experiment, settings)
    given = dict(settings)
    if target is not None:
        given["target"] = target
    first_look = {k: v for k, v in experiment.quick.items() if k not in given} if quick else {}
    experiment = experiment.with_settings(first_look | given | parse_set(change or []))
    about = kind_of(experiment)
    opened = about.open(experiment, source)
    return DescribedRun(about, about.described(experiment, opened), source, opened)


def _check_of_kind(data: str, experiment: "RunDescription", settings: Mapping[str, Any]) -> None:
    """Refuse options of another kind of data.

    Raises:
        ValueError: If there is one.
    """
    from profond.cli._setting_options import option_name
    from profond.experiment._kinds import NAMES, description_class

    strange = [name for name in settings if name not in experiment.plain_names()]
    if not strange:
        return
    kinds = [k for k in NAMES if set(strange) <= set(description_class(k).plain_names())]
    of = f" of {' and '.join(kinds)} only," if kinds else " not of one kind of data,"
    raise ValueError(
        f"{', '.join(map(option_name, strange))}:{of} and {data} is taken for {experiment.kind}. "
        "Leave it out, or say what the data are (--kind)."
    )


def described(data: str, kind: str | None = None) -> tuple["RunDescription", str]:
    """The run that a file describes, or one with all defaults; and where its data are.

    Args:
        data: The file, or the data themselves.
        kind: Their kind; guessed when None.
    """
    from profond.experiment import Experiment
    from profond.experiment._files import SUFFIXES
    from profond.experiment._kinds import description_class, guessed_kind

    path = Path(data)
    if path.suffix.lower() not in SUFFIXES:
        return description_class(kind or guessed_kind(data))(), data
    if kind is not None:
        raise ValueError(f"--kind is that of data; {data} describes a run, and says it itself.")
    experiment = Experiment.from_file(path)
    source = experiment.data.source
    if source is None:
        raise ValueError(f"{data} must name the data: source = ... in the section [data].")
    # As the command line sees it; else beside the description.
    beside = path.parent / source
    return experiment, str(beside) if not Path(source).exists() and beside.exists() else source
