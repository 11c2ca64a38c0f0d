"""`profond run SCRIPT.py`: a script written for Keras, on profond."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

CONTEXT_SETTINGS = {"allow_interspersed_args": False, "ignore_unknown_options": True}
"""How the command is registered: what follows the script is the script's, options included."""


def run(
    script: Annotated[
        Path,
        typer.Argument(
            help="The script, as it is.",
            exists=True,
            dir_okay=False,
            readable=True,
            metavar="SCRIPT",
        ),
    ],
    args: Annotated[
        list[str] | None, typer.Argument(help="What the script is to find in sys.argv.")
    ] = None,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show profond's own lines in tracebacks too.")
    ] = False,
) -> None:
    """Run a script whose imports say keras (or tensorflow.keras), with profond in its place.

    Cross-entropies of a saturated softmax or sigmoid come from its logits, where Keras on PyTorch
    clips at 1e-7: on unscaled inputs, the first losses of a history may be larger than there.
    """
    with _kept_for_good():
        from profond.compat import run_script

    raise typer.Exit(run_script(script, args or [], debug=debug))


@contextmanager
def _kept_for_good() -> Iterator[None]:
    """What is imported inside is not looked through for garbage, now or later.

    It lives as long as the process: passing through the many objects of torch, again and again,
    takes a tenth of the time of a short script.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if collecting:
            gc.enable()
