"""A result on the terminal: the table of scores, the verdict, where the model is."""

from pathlib import Path
from typing import Any

from profond.experiment import Evaluation
from profond.experiment._kinds import kind_of
from profond.experiment._result import RunResult

_WIDE = 80  # columns of a terminal that holds all metrics


def show_result(result: RunResult, folder: Path, *, replaces: bool = False) -> None:
    """Print a finished run on standard output.

    Args:
        result: The run.
        folder: Where the model was kept.
        replaces: Whether an older model was there.
    """
    from rich.text import Text

    from profond._progress import duration

    console, kind = terminal(), kind_of(result.experiment)
    evaluation = result.evaluation
    title = f"{result.name}: {result.model.target.name} on {result.sizes['test']} test {kind.rows}"
    console.print(score_table(evaluation, title, console.width))
    colour = {"better": "green", "worse": "yellow"}.get(evaluation.verdict, "default")
    console.print(Text(evaluation.sentence, style=colour))
    use = kind.use.splitlines()[0].replace("FOLDER", str(folder))
    replaced = " (an older model was replaced)" if replaces else ""
    console.print(
        Text(
            f"Trained in {duration(result.seconds)}. Model, numbers and report.html are in "
            f"{folder}{replaced}\nUse it:  {use}"
        ),
        soft_wrap=True,
    )


def terminal() -> Any:
    """Where results are printed; wide, and without colours, if it is a file or a pipe."""
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=110)


def score_table(evaluation: Evaluation, title: str, width: int) -> Any:
    """The scores with their intervals, as a table for the terminal.

    Args:
        evaluation: What was measured.
        title: What stands above it.
        width: Columns of the terminal.
    """
    from rich.table import Table
    from rich.text import Text

    metric = evaluation.metric
    show = evaluation.numbers
    further = list(evaluation.scores[0].further) if width >= _WIDE else []
    better = "lower is better" if metric.lower_is_better else "higher is better"
    seeds = len(evaluation.scores[0].per_seed)
    over_seeds = f"of the mean over {seeds} seeds (Student), and " if seeds > 1 else ""
    how = "Nadeau and Bengio" if evaluation.resampled == "folds" else "bootstrap"
    over = f"{evaluation.over} ({how})"
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        caption=f"{metric.name}: {better}. 95 % intervals: {over_seeds}over {over}.",
        caption_justify="left",
    )
    table.add_column("model")
    # A number is never cut: on a narrow terminal the names are folded, and further metrics go.
    for name in (metric.name, "over seeds", f"over {evaluation.over}", *further):
        table.add_column(name, justify="right", no_wrap=True)
    for score in evaluation.scores:
        table.add_row(
            Text(score.name),
            show(score.value),
            f"± {show(score.over_seeds.half)}" if score.over_seeds else "",
            f"{show(score.over_rows.low)} to {show(score.over_rows.high)}",
            *(show.of(n, score.further[n]) if n in score.further else "" for n in further),
            style="bold" if score is evaluation.kept else None,
            end_section=score is evaluation.kept,
        )
    return table
