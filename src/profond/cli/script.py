"""`profond script MODEL -o FILE`: a kept model as a plain Python script."""

import sys
from pathlib import Path
from typing import Annotated

import typer

EPILOG = "Example:  profond script runs/boston-PRICE -o boston.py   ·   python boston.py"


def script(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="Folder of a kept model, or a zip of it.")
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="File for the script (default: standard output)."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Which network, by its seed (default: the first).")
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="Where the table is, if not where the model was trained on it."),
    ] = None,
) -> None:
    """Write the training of one network as a plain Python script.

    The script reads the table, splits it, prepares the columns, builds the network layer by
    layer, trains it and measures it: to be read, and to be changed. On the same machine its loss
    curve is that of the run, to the last bit.
    """
    from profond._files import write_whole
    from profond.experiment import run_script

    if out is not None and out.exists():
        raise ValueError(
            f"{out} exists, and may have been changed since; give another file (--out), or remove "
            "it first."
        )
    text = run_script(model, seed=seed, data=data)
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
