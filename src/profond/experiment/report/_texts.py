"""Every text of the page, in one place: HTML, with what comes from outside escaped."""

from html import escape
from typing import Any

_TEXTS = {
    # head
    "title": "{name}: {target}",
    "facts": "{kind}; {train} {called} to train on, {test} {called} to test on, {columns}, "
    "{networks}, trained in {time}.",
    "facts_folds": "{kind}; {train} {called}, each measured by networks that did not learn from "
    "it, {columns}, {networks} kept, trained in {time}.",
    "at_once": "less than a second",
    "regression": "Regression",
    "binary": "Two classes",
    "multiclass": "{count} classes",
    "contents": "Contents",
    # result
    "result": "Result",
    "result_folds": "Result of the cross-validation",
    "scores": "± is half of Student's 95 % interval of the mean over seeds: how lucky a run is. "
    "The interval over test {called} is a bootstrap: how sure the test is. It does not say how the "
    "model does on {called} of another kind.",
    "scores_one": "One network was trained: how lucky a run is, is not known. The interval over "
    "test {called} is a bootstrap: how sure the test is. It does not say how the model does on "
    "{called} of another kind.",
    "scores_folds": "± is half of Student's 95 % interval of the mean over seeds: how lucky a run "
    "is. The interval over folds is the corrected one of Nadeau and Bengio (2003), as "
    "folds share their training {called}.",
    "comparison": "Points: {metric} on the test part. Bars: 95 % over {over}.",
    "dots": " The small orange dots are the {networks} one by one.",
    "alt_comparison": "{metric} of the networks and of the baselines with their intervals",
    "over_seeds": "over seeds",
    "over": "95 % over {over}",
    "model": "model",
    # warnings
    "warnings": "Warnings",
    "none": "None.",
    "none_leaks": "No column tells the target alone.",
    "none_rare": "No class is rare.",
    "none_small": "The test part is large enough for the difference that was found.",
    "notes": "What was recognised and decided",
    # data
    "data": "The data",
    "data_rows": "{rows} rows are used, of {columns} columns.",
    "data_sample": " The pictures are drawn from {sample} of them, chosen by chance.",
    "data_whole": " No value is missing.",
    "data_order": "First the target, then the columns that are used, then the others.",
    "alt_glance": "What each column holds",
    "columns": "Columns",
    "column": "column", "kind": "kind", "missing": "missing", "different": "different values",
    "use": "use",
    "more_columns": "and {count} more columns",
    # network
    "network": "The network",
    "network_text": "{networks} of this form, from seeds {seeds}, each with {parameters} weights "
    "and biases. Their answers are averaged.",
    "network_text_one": "One network, from seed {seeds}, with {parameters} weights and biases.",
    "layer": "layer", "activation": "activation", "shape": "output shape",
    "parameters": "parameters",
    "neurons": "The network of seed {seed}. Line colour: sign of the weight; width: its size in "
    "its layer. Of large layers the first and last neurons are drawn.",
    "boxes": "The layers of each network, with the shapes of what passes.",
    "alt_network": "Drawing of the network",
    # training
    "training": "Training",
    "curves": "Bold: mean over the networks with Student's 95 % band, while all of them train; "
    "thin: each network.",
    "kept": " The dots are the epochs kept, those with the lowest loss on inner validation rows of "
    "the network's own (epochs {epochs}).",
    "kept_one": "The dot is the epoch kept, the one with the lowest loss on inner validation rows "
    "(epoch {epochs}).",
    "kept_last": " The last epoch is kept.",
    "curves_dropout": " The training loss is that with dropout.",
    "curves_folds": " These are the networks that are kept, trained on all rows after the folds.",
    "alt_curves": "Loss by epoch",
    # answers
    "answers": "Predicted and true",
    "answers_once": "Of a repeated cross-validation, each row is shown as its first repeat "
    "predicted it.",
    "confusion": "Rows: the true class; columns: the predicted one. Counts, and their share of the "
    "true class.",
    "confusion_many": "Rows: the true class; columns: the predicted one. Shade: share of the true "
    "class.",
    "most_confused": "Most often confused: {pairs}.",
    "pair": "{truth} taken for {predicted} ({count})",
    "alt_confusion": "Confusion matrix",
    "roc": "ROC: how many of the class are found, by how many of the others are taken for it.",
    "alt_roc": "ROC curve",
    "precision": "How many of those taken for the class are of it (precision), by how many of the "
    "class are found (recall).",
    "alt_precision": "Precision by recall",
    "calibrated": "How often it happens, by how likely it was said to be. The expected calibration "
    "error is {ece}; chance alone makes up to {chance} of right probabilities.",
    "temperature": " Each network's probabilities were made softer or sharper by a temperature "
    "fitted on its inner validation rows ({temperatures}; above 1 is softer).",
    "alt_calibration": "Observed shares by predicted probability",
    "scatter": "On the line, predicted and true are equal.",
    "intervals": " Bars: 90 % intervals; {coverage} of the test rows are inside.",
    "intervals_hidden": " The 90 % intervals (not drawn) hold {coverage} of the test rows.",
    "alt_scatter": "Predicted against true numbers",
    "residuals": "True less predicted. The orange points are means with their 95 % interval: away "
    "from 0 they show what could still be learned.",
    "alt_residuals": "Residuals by prediction",
    # importance
    "importance": "How much each column matters",
    "importance_text": "How much the {metric} rises when one column is shuffled among {rows} test "
    "rows ({repeats} times each; 95 % interval, for other rows). Of columns that tell the same, "
    "each alone may seem to matter little.",
    "importance_folds": "The final networks learned from these rows: this is what they use, not "
    "what helps on new rows.",
    "importance_none": "Left out, as it would take long on a table of {columns} columns: "
    "result.importance() computes it.",
    "importance_blue": "Blue: the interval lies above 0.",
    "alt_importance": "Increase of the error when each column is shuffled",
    # dependence
    "dependence": "How the answer depends on them",
    "dependence_text": "The mean prediction for {rows} test rows when one column is given the same "
    "value in all of them, for the columns that matter most. Band: Student's 95 % interval over "
    "networks. Strokes: deciles of the column.",
    "dependence_text_one": "The mean prediction for {rows} test rows when one column is given the "
    "same value in all of them, for the columns that matter most. Strokes: deciles of the column.",
    "dependence_together": "Where columns go together, some of these rows never occur.",
    "alt_dependence": "Mean prediction by {column}",
    # errors
    "errors": "The worst errors",
    "errors_numbers": "The test rows with the largest errors. Look at them one by one: is the "
    "number wrong, is the row unusual, or is there a column missing?",
    "errors_classes": "The wrong test rows whose true class was given the least probability. Look "
    "at them one by one: is the label wrong, is the row unusual, or is there a column missing?",
    "errors_none": "No test row is wrong.",
    "errors_columns": "Of {all} columns, the {shown} that matter most.",
    "row": "row", "truth": "true", "predicted": "predicted", "error": "error",
    "probability_of_truth": "probability of true",
    # series
    "series_data": "{train} series to learn from, {size}.",
    "series_examples": "Some training series of each class, and in black the mean of all of it.",
    "series_by_number": "Training series, from the smallest number to the largest.",
    "alt_series": "Examples of the series",
    "errors_series": "The wrong test series whose true class was given the least probability. Look "
    "at them one by one: is the label wrong, is the series unusual?",
    "errors_series_numbers": "The test series with the largest errors. Look at them one by one: is "
    "the number wrong, is the series unusual?",
    "finds": "What in a test series (a wrong one, if any) speaks for and against the class that "
    "the first network answers.",
    "alt_finds": "A series and what matters in it",
    "series": "series", "steps": "steps", "name": "name",
    # images
    "image_data": "{train} images to learn from; the networks see {size}.",
    "image_examples": "Some training images of each class.",
    "images_by_number": "Training images, from the smallest number to the largest.",
    "alt_images": "Examples of the images",
    "seeing": "What a network sees",
    "filters": "The filters of the first convolution of the first network.",
    "alt_filters": "Learned filters",
    "looks": "Where the first network looks for its answer, in a test image (a wrong one, if any).",
    "alt_looks": "An image and what matters in it",
    "errors_images": "The wrong test images whose true class was given the least probability. Look "
    "at them one by one: is the label wrong, is the image unusual?",
    "errors_images_numbers": "The test images with the largest errors. Look at them one by one.",
    "surest": "The wrong answers with the largest probability.",
    "image": "image",
    # reproduce
    "reproduce": "Make it again, and use it",
    "again": "The same run",
    "again_text": "On the same machine, with the same versions and number of threads, it gives the "
    "same networks.",
    "use_title": "Predict new rows",
    "description": "The description of the run",
    "description_text": "What is not in it has its default. Kept as experiment.toml.",
    "figures_text": "Every picture of this page comes from Python too: "
    "<code>result.figures.names</code> lists them, <code>result.figures.learning_curves()</code> "
    "draws one.",
    "versions": "Made with {versions}.",
}  # fmt: skip


def say(key: str, **values: Any) -> str:
    """A text with values put in, escaped: HTML."""
    return _TEXTS[key].format(**{name: escape(str(value)) for name, value in values.items()})


def plain(key: str, **values: Any) -> str:
    """A text with values put in as they are, for what escapes it later."""
    return _TEXTS[key].format(**values)


def networks(count: int) -> str:
    """How many networks."""
    return f"{count:,} network{'s' if count != 1 else ''}"


def columns(count: int) -> str:
    """How many columns."""
    return f"{count:,} column{'s' if count != 1 else ''}"
