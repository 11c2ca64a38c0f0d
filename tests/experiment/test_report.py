import re
import warnings
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from profond.experiment import train_table
from profond.experiment._evaluation import evaluate
from profond.experiment._on_test_rows import interval_coverage, small_test
from profond.experiment.report import report_html
from profond.experiment.report._budget import Budget
from profond.experiment.report._drawing import Drawings
from tests.experiment.helpers import SMALL, Recorder, make_table, run

VOID = {"meta", "img", "br", "hr", "link", "input"}
SECTIONS = (
    "result", "warnings", "data", "network", "training", "answers", "importance", "dependence",
    "errors", "reproduce",
)  # fmt: skip


class Tree(HTMLParser):
    """Checks that every element is closed where it should be; collects names and links."""

    def __init__(self, page):
        super().__init__()
        self.open, self.ids, self.links, self.texts = [], [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        self._attributes(dict(attrs))

    def handle_startendtag(self, tag, attrs):
        self._attributes(dict(attrs))

    def _attributes(self, found):
        self.ids += [found["id"]] if "id" in found else []
        self.links += [v for k, v in found.items() if k in ("href", "xlink:href", "src")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture(scope="module")
def pages(results):
    return {target: report_html(result) for target, result in results.items()}


@pytest.mark.parametrize("target", ["signal", "sold", "grade"])
def test_the_page_is_whole_and_stands_alone(pages, target):
    tree = Tree(pages[target])
    assert tree.open == []
    assert len(tree.ids) == len(set(tree.ids))
    assert all(link.startswith(("#", "data:image/png;base64,")) for link in tree.links)
    assert {link[1:] for link in tree.links if link.startswith("#")} <= set(tree.ids)
    for forbidden in ("<script", "@import", "<iframe", "<link"):
        assert forbidden not in pages[target]
    assert not re.search(r"url\((?!#)", pages[target])
    assert len(pages[target]) < 1_500_000


def test_all_sections_are_in_the_contents_in_their_order(pages):
    nav = pages["sold"].split("<nav")[1].split("</nav>")[0]
    assert tuple(re.findall(r'href="#(\w+)"', nav)) == SECTIONS
    assert tuple(re.findall(r'<h2 id="(\w+)"', pages["sold"])) == SECTIONS


def test_the_page_says_what_was_found(pages, results):
    page, result = pages["sold"], results["sold"]
    assert result.verdict.split(":")[0] in page
    assert "2 networks, trained in" in page
    assert "The small orange dots are the 2 networks one by one" in page
    assert "profond predict" in page
    assert "train_table(frame, target=&#x27;sold&#x27;" in page
    assert "[training]" in page  # the description
    assert "torch 2." in page
    for score in result.evaluation.scores:
        assert f"<td>{score.name}</td>" in page


def test_each_kind_of_target_has_its_pictures(pages):
    labels = {t: set(re.findall(r'aria-label="([^"]*)"', page)) for t, page in pages.items()}
    assert {"Predicted against true numbers", "Residuals by prediction"} <= labels["signal"]
    assert "Confusion matrix" not in labels["signal"]
    for target in ("sold", "grade"):
        assert {"Confusion matrix", "ROC curve", "Precision by recall"} <= labels[target]
        assert "Observed shares by predicted probability" in labels[target]
        assert "Residuals by prediction" not in labels[target]
    assert "Mean prediction by x" in labels["signal"]
    assert "Drawing of the network" in labels["signal"]


@pytest.mark.slow
def test_the_page_of_a_seed_is_the_same_again(results, monkeypatch):
    # As long as the machine is as quick as it was: it decides how many rows there are.
    monkeypatch.setattr("profond.experiment.report._study.budget_of", lambda _: Budget(0, 0, 1))
    assert report_html(results["price"]) == report_html(results["price"])


def test_one_network_is_spoken_of_as_one(table):
    page = report_html(run(table, "sold", seeds=1, epochs=4))
    assert "1 network, trained in" in page
    assert "orange dots" not in page
    assert "Student" not in page.split('id="result"')[1].split("<figure")[0]
    curves = page.split('aria-label="Loss by epoch"')[1].split("</svg>")[0]
    assert ">2<" in curves
    assert ">1.5<" not in curves  # epochs are whole


@pytest.mark.slow
def test_without_inner_validation_the_last_epoch_is_kept(table):
    for options in ({"validation_size": 0.0}, {"patience": "none"}):
        page = report_html(run(table, "signal", seeds=1, epochs=3, **options))
        assert "The last epoch is kept." in page
        assert "lowest loss" not in page


@pytest.mark.slow
def test_names_that_the_page_has_itself_are_no_trouble(table):
    frame = table[["x", "z", "town", "signal"]].set_axis(
        ["truth", "error", "predicted", "row"], axis=1
    )
    page = report_html(run(frame, "row", seeds=1, epochs=3))
    head = page.split('id="errors"')[1].split("</thead>")[0]
    assert re.findall(r"<th[^>]*>([^<]+)", head)[:4] == ["row", "true", "predicted", "error"]
    assert set(re.findall(r"<th[^>]*>([^<]+)", head)[4:]) == {"truth", "error", "predicted"}


def test_text_from_the_table_cannot_break_the_page():
    frame = make_table(200)[["x", "town", "sold"]]
    frame = frame.rename(columns={"x": "<script>alert(1)</script>"}).replace(
        {"Nice": "<b>&amp;</b>", "yes": "<i>yes</i>", "no": "\"no\" & 'no'"}
    )
    page = report_html(run(frame, "sold", epochs=1))
    assert "<script" not in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert Tree(page).open == []


def test_a_cross_validation_says_what_the_networks_had_learned(table):
    result = run(table, "signal", folds=2, repeats=2, seeds=1, epochs=3)
    assert len(result.test.rows) == 2 * len(table)
    page = report_html(result)
    assert "The final networks learned from these rows" in page
    assert "each row is shown as its first repeat predicted it" in page
    assert "95 % over folds" in page
    assert "90 % intervals" not in page
    assert interval_coverage(result) is None
    assert small_test(result) is None
    assert len(result.worst_errors(1000)) == len(table)  # each row once


def test_classes_that_the_test_part_lacks_are_told():
    frame = make_table(260)[["x", "z", "grade"]]
    frame["part"] = np.where(np.arange(260) < 200, "train", "test")
    frame.loc[(frame["part"] == "test") & (frame["grade"] == 2), "grade"] = 1
    page = report_html(run(frame, "grade", split="column", split_column="part"))
    assert "no curve: 2" in page
    assert "None (" not in page


def test_columns_as_a_chain_of_embeddings_are_drawn_as_boxes():
    frame = make_table(300)[["x", "sold"]].assign(k=[f"k{i % 41:02d}" for i in range(300)])
    page = report_html(run(frame, "sold", epochs=1, seeds=1))
    assert "The layers of each network" in page
    assert "TableEmbedding" in page


def test_a_column_without_values_in_the_test_part_is_left_out():
    frame = make_table(260)[["x", "z", "signal"]]
    frame["part"] = np.where(np.arange(260) < 200, "train", "test")
    frame.loc[frame["part"] == "test", "x"] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of what is unusual in the test rows, nothing is said
        warnings.filterwarnings("ignore", "The test part", UserWarning)
        result = train_table(frame, "signal", split="column", split_column="part", **SMALL)
        labels = re.findall(r'aria-label="Mean prediction by (\w+)"', report_html(result))
    assert labels == ["z"]


def test_no_error_is_said_to_be_none():
    frame = pd.DataFrame({"x": np.tile([-1.0, 1.0], 100)})
    frame["z"] = np.random.default_rng(0).normal(size=200)
    frame["y"] = np.where(frame["x"] > 0, "up", "down")
    result = run(frame, "y", epochs=40)
    assert result.evaluation.kept.value == 1.0
    page = report_html(result)
    assert "No test row is wrong." in page
    assert "predicts" in page.split('id="warnings"')[1].split("</section>")[0]  # the leak


@pytest.mark.slow
def test_an_open_verdict_says_how_many_rows_would_show_the_difference(results):
    opened = [r for r in results.values() if r.evaluation.verdict == "undecided"]
    assert opened
    for result in opened:
        said = small_test(result)
        assert said is None or re.match(r"The test part of 52 rows is too small for a diff", said)
    said = [small_test(result) for result in opened]
    assert any(said)
    page = report_html(opened[[bool(s) for s in said].index(True)])
    assert "is too small for a difference" in page.split('id="data"')[0]


@pytest.mark.parametrize(("target", "metric"), [("signal", "RMSE"), ("sold", "accuracy")])
def test_a_small_test_part_is_told_in_the_metric_that_is_shown(results, target, metric):
    result = results[target]
    truth, ours = result.test.truth, result.test.predictions
    # Much like the networks, so that so few rows cannot tell them apart.
    close = ours + 0.01 if metric == "RMSE" else np.vstack([1 - ours[:1], ours[1:]])
    evaluation = evaluate(result.model.task, [ours], {"close": close}, truth)
    assert evaluation.verdict == "undecided"
    test = replace(result.test, baselines={"close": close})
    said = small_test(replace(result, evaluation=evaluation, test=test))
    assert said is not None
    assert f"a difference of {abs(evaluation.difference):.3g} in the {metric}: below" in said


def test_a_decided_verdict_says_no_such_thing(results):
    decided = [r for r in results.values() if r.evaluation.verdict != "undecided"]
    assert [small_test(result) for result in decided] == [None] * len(decided)


def test_saving_tells_that_the_report_is_written(tmp_path, results):
    class Stages(Recorder):
        def __init__(self):
            super().__init__()
            self.stages = []

        def stage(self, text):
            self.stages.append(text)

    progress = Stages()
    results["signal"].save(tmp_path / "m", progress=progress)
    assert progress.stages == ["writing the report"]
    assert (tmp_path / "m" / "report.html").stat().st_size > 50_000


def test_a_place_that_cannot_be_written_is_told_before_the_report(tmp_path, results, monkeypatch):
    (tmp_path / "notes.txt").write_text("mine")
    monkeypatch.setattr("profond.experiment.report.report_html", pytest.fail)
    with pytest.raises(ValueError, match="exists and is not a kept model; it is left alone"):
        results["signal"].save(tmp_path)


# How much is computed


def test_more_time_gives_more_rows_and_repeats():
    efforts = [Budget(0.001, 1e-5, seconds).importance(20, 10_000) for seconds in (0.3, 2, 4, 9)]
    assert efforts == [(250, 3), (1000, 5), (2000, 5), (2000, 10)]
    for (rows, repeats), seconds in zip(efforts, (0.3, 2, 4, 9), strict=True):
        assert 20 * (0.001 + 1e-5 * rows * repeats) <= 0.6 * seconds


def test_no_more_rows_than_there_are():
    assert Budget(0.001, 1e-6, 5.0).importance(3, 30) == (30, 10)
    assert Budget(0.001, 1e-6, 5.0).dependence(3, 60, 30) == 30


def test_where_calls_cost_most_rows_are_not_spared():
    assert Budget(0.1, 1e-6, 1.5).importance(20, 10_000) == (2000, 10)


def test_what_would_take_far_too_long_is_left_out(results, monkeypatch):
    assert Budget(0.1, 1e-5, 1.5).importance(1000, 10_000) is None
    monkeypatch.setattr(Budget, "importance", lambda *_: None)
    page = report_html(results["signal"])
    assert "result.importance() computes it" in page
    assert 'id="dependence"' not in page
    assert "Of 5 columns" not in page.split('id="errors"')[1]


def test_the_dependence_takes_the_rows_that_it_can():
    rows = [Budget(0.01, 1e-5, seconds).dependence(6, 120, 10_000) for seconds in (0.2, 1, 1.5, 9)]
    assert rows == [50, 250, 250, 500]


def test_a_large_drawing_is_a_png():
    from matplotlib.figure import Figure

    figure = Figure()
    points = np.random.default_rng(0).normal(size=(2, 20_000))
    figure.add_subplot().plot(*points)
    draw = Drawings()
    assert 'src="data:image/png;base64,' in draw(figure, alt='"points"')
    assert 'alt="&quot;points&quot;"' in draw(figure, alt='"points"')
    small = Figure()
    small.add_subplot().plot([0, 1])
    first, second = draw(small, alt="a"), draw(small, alt="a")
    assert first.startswith("<figure><svg role=")
    assert not set(re.findall(r' id="([^"]+)"', first)) & set(re.findall(r' id="([^"]+)"', second))
    assert "<style" not in first
