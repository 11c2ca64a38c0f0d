"""`profond sweep DATA`: which learning rates train, and from which it diverges."""

from pathlib import Path
from typing import Annotated, Any

import typer

from profond.cli._described_run import (
    DATA_HELP,
    DescribedRun,
    KindOption,
    SetOption,
    TargetOption,
    described_run,
)
from profond.cli._reading_options import (
    Decimal,
    Encoding,
    Header,
    Separator,
    Sheet,
    reading_options,
)
from profond.cli._setting_options import with_setting_options

EPILOG = (
    "Examples:  profond sweep boston   ·   profond sweep sales.csv --target price -o s.svg   ·  "
    " profond sweep iris --trainings 9 --low 1e-4 --high 1e-1   ·   profond sweep walks_TRAIN.ts "
    "--architecture resnet   ·   profond sweep photos/"
)
_SUFFIXES = (".png", ".svg", ".pdf")


@with_setting_options
def sweep(
    data: Annotated[
        str,
        typer.Argument(metavar="DATA", help=DATA_HELP),
    ],
    target: TargetOption = None,
    kind: KindOption = None,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The figure: .png, .svg or .pdf.")
    ] = Path("sweep.png"),
    low: Annotated[
        float | None, typer.Option("--low", help="Least rate (1e-6; with --trainings 1e-5).")
    ] = None,
    high: Annotated[
        float | None, typer.Option("--high", help="Greatest rate (10; with --trainings 1).")
    ] = None,
    steps: Annotated[
        int | None, typer.Option("--steps", help="Steps from the least to the greatest rate (200).")
    ] = None,
    trainings: Annotated[
        int | None,
        typer.Option(
            "--trainings",
            help="Train to the end with so many rates, in the place of the quick test, and show "
            "the validation loss of each.",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", help="Processes of --trainings (default: one per core)."),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="Where --trainings keeps results, to go on after a stop."),
    ] = None,
    lang: Annotated[str, typer.Option("--lang", "-l", help="Language of the figure: en, fr.")] = (
        "en"
    ),
    change: SetOption = None,
    separator: Separator = None,
    decimal: Decimal = None,
    encoding: Encoding = None,
    header: Header = None,
    sheet: Sheet = None,
    **settings: Any,
) -> None:
    """Try learning rates on the network that `profond train` would train.

    The rate grows from step to step, and the loss is drawn against it: it falls into a valley, then
    breaks away. Repeated over seeds. Only the training part is used.

    With --trainings, networks are trained to the end with several rates, and their validation loss
    is drawn: slower, and what counts.
    """
    from profond.cli._figure_files import check_place
    from profond.experiment._reproduce import command_line
    from profond.figures._canvas import speaker

    if out.suffix.lower() not in _SUFFIXES:
        raise ValueError(f"--out must end in {', '.join(_SUFFIXES)}; received {str(out)!r}.")
    speaker(lang)  # type: ignore[arg-type]  # refuses other languages before the work
    _check_options(trainings, steps, workers=workers, folder=folder)
    check_place(out)
    given = reading_options(separator, decimal, encoding, header, sheet) | settings
    run = described_run(data, kind=kind, target=target, settings=given, change=change)
    if trainings is None:
        experiment, suggestion = _range(run, out, lang, low, high, steps)
    else:
        ends = 1e-5 if low is None else low, 1.0 if high is None else high
        experiment, suggestion = _whole(
            run, out, lang, (*ends, trainings), workers=workers, folder=folder
        )
    if suggestion is not None:
        rounded = float(f"{suggestion:.2g}")
        chosen = experiment.with_settings({"learning_rate": rounded})
        typer.echo(f"Train with it:  {command_line(run.source, chosen)}")


def _check_options(trainings: int | None, steps: int | None, **of_trainings: Any) -> None:
    """Refuse what would have no effect, and too few rates."""
    if trainings is None:
        given = [f"--{name}" for name, value in of_trainings.items() if value is not None]
        if given:
            raise ValueError(f"Leave out {', '.join(given)}: only --trainings takes that.")
        return
    if steps is not None:
        raise ValueError("Leave out --steps, or --trainings: whole trainings have epochs.")
    if trainings < 2:
        raise ValueError(f"--trainings must be 2 or more rates; received {trainings}.")


def _range(
    run: DescribedRun,
    out: Path,
    lang: Any,
    low: float | None,
    high: float | None,
    steps: int | None,
) -> tuple[Any, float | None]:
    """The range test; the experiment with its target, and the rate suggested."""
    from profond.cli._figure_files import save_figure
    from profond.trials._sweep_experiment import sweep_part, training_part

    experiment, trainer = training_part(run.experiment, run.opened)
    options = {"low": low, "high": high, "steps": steps}
    given = {name: value for name, value in options.items() if value is not None}
    found = sweep_part(experiment, trainer, **given)
    save_figure(found.plot(lang=lang), out)
    typer.echo(f"{_capital(str(found))}.")
    typer.echo(f"The figure is in {out}.")
    return experiment, found.suggestion if found.suggestion == found.suggestion else None


def _whole(
    run: DescribedRun, out: Path, lang: Any, rates: tuple[float, float, int], **how: Any
) -> tuple[Any, float | None]:
    """Whole trainings with several rates; the experiment with its target, and the best rate."""
    from profond.cli._figure_files import save_figure
    from profond.cli._interrupted import Interrupted
    from profond.trials import sweep_trainings

    try:
        found = sweep_trainings(run.experiment, run.opened, rates=rates, **how)
    except KeyboardInterrupt as pressed:
        if how["folder"] is None:
            raise
        raise Interrupted(
            f"the trainings that were finished are kept in {how['folder']}; the same command goes "
            "on from there."
        ) from pressed
    save_figure(found.plot(lang=lang), out)
    typer.echo(str(found))
    typer.echo(f"The figure is in {out}.")
    return found.experiment, found.best


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
