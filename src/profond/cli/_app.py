"""The subcommands, put together."""

import importlib
import importlib.util
import inspect
from typing import Annotated

import typer

COMMANDS = (
    "train",
    "sweep",
    "search",
    "predict",
    "evaluate",
    "compare",
    "show",
    "script",
    "run",
    "tour",
    "doctor",
)
_EPILOG = (
    "Begin with:  profond train iris   ·   profond train boston   ·   "
    "profond train my.csv --target COLUMN   ·   profond train gun_point   ·   profond train photos/"
)


def build_app() -> typer.Typer:
    """The command line application with the subcommands of this package."""
    app = typer.Typer(
        name="profond",
        help="Learn with neural networks: train on a table, series or images, predict, run Keras "
        "scripts.",
        epilog=_EPILOG,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for name in COMMANDS:
        if importlib.util.find_spec(f"profond.cli.{name}") is None:
            continue
        module = importlib.import_module(f"profond.cli.{name}")
        command = getattr(module, name)
        app.command(
            name=name,
            help=_as_paragraphs(command.__doc__),
            epilog=getattr(module, "EPILOG", None),
            context_settings=getattr(module, "CONTEXT_SETTINGS", None),
        )(command)
    return app


def _as_paragraphs(docstring: str | None) -> str:
    """A docstring whose paragraphs are one line each, to be folded at the terminal's width."""
    paragraphs = inspect.cleandoc(docstring or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _show_version(asked: bool) -> None:
    if asked:
        from profond import __version__

        typer.echo(f"profond {__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show tracebacks. May stand anywhere in the line.")
    ] = False,
) -> None:
    del version, debug  # taken care of before: by the callback, and by `main`
