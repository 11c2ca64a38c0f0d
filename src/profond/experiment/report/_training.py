"""How the training went."""

from profond.experiment.report._html import Section
from profond.experiment.report._study import Study
from profond.experiment.report._texts import plain, say


def training_section(study: Study) -> Section:
    """The learning curves."""
    result = study.result
    several = len(result.model.networks) > 1
    caption = say("curves") if several else ""
    if "val_loss" in result.history and result.experiment.training.patience is not None:
        epochs = ", ".join(map(str, result.best_epochs))
        caption += say("kept" if several else "kept_one", epochs=epochs)
    else:
        caption += say("kept_last")
    if getattr(result.experiment.network, "dropout", 0):
        caption += say("curves_dropout")
    if result.cross_validated:
        caption += say("curves_folds")
    figure = result.figures.learning_curves()
    return Section(
        "training", say("training"), study.draw(figure, caption, alt=plain("alt_curves"))
    )
