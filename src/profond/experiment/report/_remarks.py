"""What may be wrong, and what was decided on the way."""

from profond.experiment._on_test_rows import small_test
from profond.experiment.report._html import Section, items, paragraph, subheading
from profond.experiment.report._study import Study
from profond.experiment.report._texts import say


def remarks_section(study: Study) -> Section:
    """Warnings first, then notes."""
    result = study.result
    doubt = small_test(result)
    said = [*result.warnings, *([doubt] if doubt else [])]
    if said:
        body = items(said, "warnings")
    else:
        absent = ["none", *(["none_leaks"] if result.model.kind == "table" else [])]
        absent += [] if result.model.task == "regression" else ["none_rare"]
        absent += [] if result.evaluation.verdict == "undecided" else ["none_small"]
        body = paragraph(" ".join(map(say, absent)))
    if result.notes:
        body += subheading(say("notes")) + items(result.notes)
    return Section("warnings", say("warnings"), body)
