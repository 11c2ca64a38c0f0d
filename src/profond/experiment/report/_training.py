"""How the training went."""

from profond.experiment.report._html import Section
from profond.experiment.report._study import Study
from profond.experiment.report._texts import plain, say


def training_section(study: Study) -> Section:
    """The learning curves."""
    result = study.result
    several = len(result.model.networks) > 1
    epochs = ", ".join(map(str, result.best_epochs))
    caption = say("curves" if several else "curves_one", epochs=epochs)
    if result.experiment.network.dropout:
        caption += say("curves_dropout")
    if result.cross_validated:
        caption += say("curves_folds")
    figure = result.figures.learning_curves()
    return Section(
        "training", say("training"), study.draw(figure, caption, alt=plain("alt_curves"))
    )
