"""`profond script MODEL | DATA -o FILE`: a run as a Python script."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from profond.cli._described_run import KindOption, SetOption, TargetOption, described_run
from profond.cli._setting_options import option_name, with_setting_options

EPILOG = (
    "Examples:  profond script runs/boston-PRICE -o boston.py   ·   python boston.py   ·   profond "
    "script walks_TRAIN.ts --architecture resnet -o walks.py   ·   profond script photos/ "
    "--epochs 30 -o photos.py"
)


@with_setting_options
def script(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="Folder of a kept model, or a zip of it; or series or images to train on, or the "
            "description of such a run (.toml, .yaml, .json).",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The file (default: standard output)."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            help="Of a model: which network, by its seed (default: of a table the first, else "
            "all). Of data: the seed of the first network."
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="Where the data are, if not where the model was trained on them."),
    ] = None,
    target: TargetOption = None,
    kind: KindOption = None,
    change: SetOption = None,
    **settings: Any,
) -> None:
    """Write a run as a Python script: to be read, and to be changed.

    Of a model of a table, the script trains one network step by step: it reads the table, splits
    it, prepares the columns, builds the network layer by layer, trains it and measures it. Of
    series and images, trained on already or not, it opens and splits them, and trains and measures
    the networks with an estimator. On the same machine the networks are those of the run, to the
    last bit.
    """
    from profond._files import write_whole

    if out is not None and out.exists():
        raise ValueError(
            f"{out} exists, and may have been changed since; give another file (--out), or remove "
            "it first."
        )
    given = {"target": target, "kind": kind, "set": change, **settings}
    text = _written(model, seed, data, {k: v for k, v in given.items() if v is not None})
    if out is None:
        sys.stdout.write(text)
        return
    try:
        write_whole(out, text)
    except OSError as error:
        raise OSError(
            f"The script cannot be written to {out}: {error.strerror or error}. Give another file "
            "(--out)."
        ) from error
    sys.stderr.write(f"the script is in {out}: python {out}\n")


def _written(what: str, seed: int | None, data: str | None, given: dict[str, Any]) -> str:
    """The script of a model, or of what is no model."""
    from profond.experiment import run_script

    if _is_model(what, given):
        if given:
            named = ", ".join(option_name(name) for name in given)
            raise ValueError(
                f"{named}: of data only, and {what} is a trained model, whose run is described. "
                "Leave it out, and change the script."
            )
        return run_script(what, seed=seed, data=data)
    if data is not None:
        raise ValueError(f"--data goes with a model, and {what} is none; leave it out.")
    target, kind, change = (given.pop(name, None) for name in ("target", "kind", "set"))
    if seed is not None:
        given["seed"] = seed
    run = described_run(what, kind=kind, target=target, settings=given, change=change)
    return run.experiment.to_script(run.source)


def _is_model(what: str, given: dict[str, Any]) -> bool:
    """Whether a model is meant: a folder or zip that holds one, or a name that is nothing."""
    from profond.data import BUNDLED
    from profond.data.images._known import KNOWN
    from profond.data.series import BUNDLED_SERIES
    from profond.experiment._folder import holds_model

    path = Path(what)
    if path.exists():
        return holds_model(path) or path.suffix == ".zip"
    return not given and what not in (*BUNDLED, *BUNDLED_SERIES, *KNOWN)
