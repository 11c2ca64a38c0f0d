"""The report of a run: one HTML page without anything from outside."""

from html import escape

from profond._progress import duration
from profond.experiment import _pictures as pictures
from profond.experiment._evaluation import Score
from profond.experiment._reproduce import command_line, python_call
from profond.experiment._result import TableResult

_STYLE = """
body { font: 16px/1.55 system-ui, sans-serif; color: #1f2933; background: #fff;
  max-width: 760px; margin: 2.5rem auto; padding: 0 1.2rem; }
h1 { font-size: 1.7rem; margin-bottom: .2rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; }
.under { color: #616e7c; margin-top: 0; }
.verdict { border-left: 5px solid #8a94a3; background: #f5f7fa; padding: .8rem 1.1rem; }
.verdict.better { border-color: #2f855a; } .verdict.worse { border-color: #c05621; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; border-bottom: 2px solid #cbd2d9; }
td { border-bottom: 1px solid #e4e7eb; } th, td { padding: .35rem .9rem .35rem 0; }
td.n, th.n { text-align: right; } tr.kept td { font-weight: 600; }
.small { font-size: .88rem; color: #52606d; }
pre { background: #f5f7fa; padding: .8rem 1rem; overflow-x: auto; font-size: .85rem;
  white-space: pre-wrap; }
svg { max-width: 100%; height: auto; } figure { margin: .6rem 0; }
.wide { overflow-x: auto; }
@media print { body { margin: 0; max-width: none; } h2, figure, table { break-inside: avoid; } }
"""


def report_html(result: TableResult) -> str:
    """The page: verdict, scores, pictures, columns, remarks, and how to make it again."""
    model, evaluation = result.model, result.evaluation
    kind = {
        "regression": "Regression",
        "binary": "Two classes",
        "multiclass": f"{len(model.classes)} classes",
    }[model.task]
    title = f"{result.name}: {model.target.name}"
    answers = "Predicted and true" if model.task == "regression" else "Which class for which"
    remarks = [*result.warnings, *result.notes]
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title><style>{_STYLE}</style></head><body>
<h1>{escape(title)}</h1>
<p class="under">{kind}; {result.sizes["train"]} rows to train on, {result.sizes["test"]} rows to
test on, {len(model.preprocessor.columns)} columns, {_networks(len(model.networks))}, trained in
{duration(result.seconds)}.</p>
<p class="verdict {evaluation.verdict}">{escape(evaluation.sentence)}</p>
<h2>Result on the test part</h2>
{_scores(result)}
<p class="small">± is half of Student's 95 % interval of the mean over seeds: how lucky a run is.
The interval over test rows is a bootstrap: how sure the test is. It does not say how the model
does on rows of another kind.</p>
<figure>{pictures.comparison(result)}</figure>
{_dots(result)}<h2>Training</h2>
<figure>{pictures.learning_curves(result)}</figure>
<p class="small">One thin line per network. Each keeps the weights of its epoch with the lowest
loss on inner validation rows of its own (epochs {", ".join(map(str, result.best_epochs))}).</p>
<h2>{answers}</h2>
<figure>{pictures.answers(result)}</figure>
<h2>Columns</h2>
<div class="wide">{_columns(result)}</div>
<h2>Remarks</h2>
<ul>{"".join(f"<li>{escape(text)}</li>" for text in remarks) or "<li>none</li>"}</ul>
<h2>Make it again, and use it</h2>
<pre>{escape(_again(result))}</pre>
</body></html>
"""


def _networks(count: int) -> str:
    return f"{count} network{'s' if count > 1 else ''}"


def _dots(result: TableResult) -> str:
    if len(result.model.networks) < 2:
        return ""
    return (
        '<p class="small">Bars: 95 % over test rows. The small orange dots are the '
        f"{_networks(len(result.model.networks))} one by one.</p>\n"
    )


def _scores(result: TableResult) -> str:
    show = result.evaluation.numbers
    further = list(result.evaluation.scores[0].further)
    kept = result.evaluation.kept

    def row(score: Score) -> str:
        cells = [
            show(score.value),
            f"± {show(score.over_seeds.half)}" if score.over_seeds else "",
            f"{show(score.over_rows.low)} to {show(score.over_rows.high)}",
            *(
                show.of(name, score.further[name]) if name in score.further else ""
                for name in further
            ),
        ]
        numbers = "".join(f'<td class="n">{escape(cell)}</td>' for cell in cells)
        mark = ' class="kept"' if score is kept else ""
        return f"<tr{mark}><td>{escape(score.name)}</td>{numbers}</tr>"

    names = [
        result.evaluation.metric.name,
        "over seeds",
        f"95 % over {result.evaluation.resampled}",
        *further,
    ]
    head = "".join(f'<th class="n">{escape(name)}</th>' for name in names)
    body = "".join(row(score) for score in result.evaluation.scores)
    return f'<div class="wide"><table><tr><th>model</th>{head}</tr>{body}</table></div>'


def _columns(result: TableResult) -> str:
    lines = []
    for name, kind, missing, different, use in result.profile.itertuples(index=False):
        lines.append(
            f"<tr><td>{escape(str(name))}</td><td>{escape(str(kind))}</td>"
            f'<td class="n">{missing:.1%}</td><td class="n">{different}</td>'
            f"<td>{escape(str(use))}</td></tr>"
        )
    return (
        '<table><tr><th>column</th><th>kind</th><th class="n">missing</th>'
        f'<th class="n">different</th><th>use</th></tr>{"".join(lines)}</table>'
    )


def _again(result: TableResult) -> str:
    if result.source == "a data frame":
        again = f"from profond.experiment import train_table\n{python_call(result.experiment)}"
    else:
        again = command_line(result.source, result.experiment)
    return f"{again}\n\nprofond predict FOLDER NEW_ROWS.csv -o predictions.csv"
