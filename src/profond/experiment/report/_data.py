"""The table at a glance: what each column holds, and what was made of it."""

import numpy as np

from profond.experiment._result import TableResult
from profond.experiment.report._html import Section, paragraph, subheading, table
from profond.experiment.report._study import TableStudy
from profond.experiment.report._texts import plain, say

_DRAWN = 20  # columns with a picture
_MOST = 100  # columns in the table


def data_section(study: TableStudy) -> Section:
    """Pictures of the columns, and a table of them."""
    result = study.result
    rows = result.sizes["train"]
    rows += 0 if result.cross_validated else result.sizes["test"]
    text = say("data_rows", rows=f"{rows:,}", columns=f"{len(result.profile):,}")
    if len(result.sample) < rows:
        text += say("data_sample", sample=f"{len(result.sample):,}")
    if not np.any(result.profile["missing"]):
        text += say("data_whole")
    body = (
        paragraph(text)
        + study.draw(
            result.figures.columns_at_a_glance(most=_DRAWN),
            say("data_order"),
            alt=plain("alt_glance"),
            tall=True,
        )
        + subheading(say("columns"))
        + _columns(result)
    )
    return Section("data", say("data"), body)


def _columns(result: TableResult) -> str:
    profile = result.profile
    shown = profile.head(_MOST).copy()
    shown["different"] = [f"{count:,}" for count in shown["different"]]
    shown["missing"] = [f"{share:.1%}" if share else "" for share in shown["missing"]]
    names = ["column", "kind", "missing", "different", "use"]
    if not np.any(profile["missing"]):
        names.remove("missing")
    more = ""
    if len(profile) > _MOST:
        more = paragraph(say("more_columns", count=f"{len(profile) - _MOST:,}"), "small")
    rows = shown[names].itertuples(index=False)
    right = [i for i, name in enumerate(names) if name in ("missing", "different")]
    return table([plain(name) for name in names], rows, numeric=right) + more
