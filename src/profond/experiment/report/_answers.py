"""What is predicted for what is true, on the test rows."""

from profond.experiment._on_test_rows import interval_coverage
from profond.experiment.report._html import Section, beside, label, paragraph
from profond.experiment.report._study import Study
from profond.experiment.report._texts import plain, say
from profond.figures import numbers

_LEVEL = 0.9  # of the intervals
_CELLS = 20  # classes up to which a confusion matrix has its counts
_BARS = 300  # test rows up to which intervals are drawn: more would hide the points
_SMALL = 6  # classes up to which it is small enough to stand beside another picture
_PAIRS = 5  # of confused classes


def answers_section(study: Study) -> Section:
    """Of a regression scatter and residuals; of classes confusions, curves and calibration."""
    regression = study.result.model.task == "regression"
    body = _numbers(study) if regression else _classes(study)
    if study.repeated:
        body = paragraph(say("answers_once"), "small") + body
    return Section("answers", say("answers"), body)


def _numbers(study: Study) -> str:
    result, draw = study.result, study.draw
    coverage = interval_coverage(result, _LEVEL)
    shown = coverage is not None and result.sizes["test"] <= _BARS
    scatter = result.figures.predicted_against_true(level=_LEVEL if shown else None)
    caption = say("scatter")
    if coverage is not None:
        share = f"{100 * coverage:.0f} %"
        caption += say("intervals" if shown else "intervals_hidden", coverage=share)
    return draw(scatter, caption, alt=plain("alt_scatter")) + draw(
        result.figures.residuals(), say("residuals"), alt=plain("alt_residuals")
    )


def _classes(study: Study) -> str:
    result, draw = study.result, study.draw
    pictures = result.figures
    confusion = pictures.confusion_matrix()
    many = len(result.model.classes) > _CELLS
    caption = say("confusion_many" if many else "confusion")
    pairs = numbers(confusion)["confusions"][:_PAIRS] if len(result.model.classes) > 2 else []
    if pairs:
        texts = [plain("pair", truth=label(t), predicted=label(p), count=n) for t, p, n in pairs]
        caption += " " + say("most_confused", pairs="; ".join(texts))
    calibration = pictures.calibration()
    found = numbers(calibration)
    said = say("calibrated", ece=f"{found['ece']:.3f}", chance=f"{found['ece_by_chance']:.3f}")
    softened = sorted({f"{t:.2f}" for t in result.model.temperatures})
    if softened != ["1.00"]:
        ends = softened if len(softened) == 1 else [softened[0], softened[-1]]
        said += say("temperature", temperatures=" to ".join(ends))
    drawn = [
        draw(confusion, caption, alt=plain("alt_confusion"), tall=many),
        draw(calibration, said, alt=plain("alt_calibration")),
    ]
    curves = [
        draw(pictures.roc_curve(), say("roc"), alt=plain("alt_roc")),
        draw(pictures.precision_recall_curve(), say("precision"), alt=plain("alt_precision")),
    ]
    few = len(result.model.classes) <= _SMALL
    return (beside(*drawn) if few else "".join(drawn)) + beside(*curves)
