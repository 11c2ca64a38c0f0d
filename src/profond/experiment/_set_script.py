"""A run on series or images as a short Python script of the public interface."""

import inspect
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from profond._layout_of_code import Code, Group, call, lay_out
from profond._source import Source, literal
from profond.experiment._rows import Rows

_TEXT = 96
_ALWAYS = ("architecture", "epochs", "learning_rate")  # shown where they are the default, too


@dataclass(frozen=True)
class Words:
    """What a kind of data calls its things in a script.

    Attributes:
        rows: The data: "series", "images".
        module: Where `opener` is.
        opener: The function that opens them.
        estimators: The estimator of classes, and that of numbers.
    """

    rows: str
    module: str
    opener: str
    estimators: tuple[str, str]


def set_script(
    rows: Rows, words: Words, source: str, options: Mapping[str, Any], seed: int | None = None
) -> str:
    """A script that opens and splits the data, trains the networks and measures them.

    Args:
        rows: The rows of the run, checked and split.
        words: What the kind of data calls its things.
        source: Where the data are.
        options: What `words.opener` is told beside that.
        seed: Of the only network to train; all those of the run when None.
    """
    return _Script(rows, words, source, options, seed).text()


class _Script:
    """Writes the script, one method for each of its sections.

    Args:
        rows: The rows of the run.
        words: What the kind of data calls its things.
        source: Where the data are.
        options: What opens them is told beside that.
        seed: Of the only network, or None.
    """

    def __init__(
        self,
        rows: Rows,
        words: Words,
        source: str,
        options: Mapping[str, Any],
        seed: int | None,
    ) -> None:
        self.rows, self.words, self.opened_from, self.options = rows, words, source, options
        self.experiment = rows.experiment
        self.seeds = self.experiment.seeds.all if seed is None else [seed]
        self.source = Source()
        for module in ("sys", "numpy as np"):
            self.source.module(module)

    @property
    def _tested(self) -> bool:
        """Whether there is a test part: a cross-validation keeps networks that learn from all."""
        return self.experiment.split.folds is None

    def text(self) -> str:
        """The whole script."""
        sections = [self._open(), self._split(), self._train(), self._test(), self._keep()]
        body = "\n\n".join(section for section in sections if section)
        return f"{self._head()}\n{self.source.imports()}\n\n{body}\n"

    def _head(self) -> str:
        import torch

        from profond import __version__
        from profond.experiment._reproduce import command_line

        what = f"On the command line: {command_line(self.opened_from, self.experiment)}"
        said = (
            f"On the same machine, with profond {__version__} and torch {torch.__version__}, the "
            "networks are those of that run, to the last bit. The name of a folder after that of "
            "the script keeps them there, for `profond predict`."
        )
        return "\n".join(
            [
                f'"""A run of profond on {self.words.rows}: networks, trained and measured."""',
                "",
                *_comment(what),
                *_comment(said),
                "",
            ]
        )

    def _open(self) -> str:
        items: list[tuple[str, Code]] = [("", literal(self.opened_from))]
        items += [(f"{name}=", literal(v)) for name, v in self.options.items() if v is not None]
        opener = self.source.use(self.words.module, self.words.opener)
        return lay_out(Group(f"{opener}(", items, ")"), before=f"{self.words.rows} = ")

    def _split(self) -> str:
        from profond.experiment._labelled_rows import says_its_parts

        split, called = self.experiment.split, self.words.rows
        if not self._tested:
            said = (
                f"All {called} are learned from: how good the networks are, the run measures in a "
                "cross-validation, on other networks."
            )
            return "\n".join([*_comment(said), f"train = np.arange(len({called}))"])
        labels = [("classes=", f"{called}.labels")] if self.rows.classes is not None else []
        if says_its_parts(self.rows.data) and split.kind != "random":
            lines = [f"# Those that the {called} themselves say are the test part are kept aside."]
            marks = self.source.use("profond.data", "split_by_marks")
            names = '("train", "validation")'
            lines.append(f"train, test = {marks}({called}.part, train={names})")
        else:
            lines = ["# Some are kept aside, to measure on."]
            items: list[tuple[str, Code]] = [
                ("", f"len({called})"), ("", literal(split.test_size)),
                ("seed=", literal(split.seed)), *labels,
            ]  # fmt: skip
            function = self.source.use("profond.data", "split_rows")
            lines.append(lay_out(Group(f"{function}(", items, ")"), before="train, test = "))
        limit = self.experiment.data.max_rows
        if limit is None or len(self.rows.splits[0][0]) < limit:  # there were no more of them
            return "\n".join(lines)
        items = [("", "len(train)"), ("", f"{limit} / len(train)"), ("seed=", literal(split.seed))]
        items += [(name, f"{code}[train]") for name, code in labels]
        drawn = Group(f"{self.source.use('profond.data', 'split_rows')}(", items, ")")
        return "\n".join(
            [
                *lines,
                f"if len(train) > {limit}:",
                lay_out(drawn, before="_, drawn = ", indent=4),
                "    train = train[drawn]",
            ]
        )

    def _train(self) -> str:
        from profond import estimators

        name = self.words.estimators[self.rows.classes is None]
        parameters = inspect.signature(getattr(estimators, name)).parameters
        items: dict[str, Code] = {}
        for section in ("network", "preprocessing", "training"):
            for field, value in getattr(self.experiment, section).model_dump().items():
                if field not in parameters:  # the output of a regression
                    continue
                if field in _ALWAYS or value != parameters[field].default:
                    items[field] = self.source.value(value)
        items |= {
            "seeds": literal(len(self.seeds)),
            "random_state": literal(self.seeds[0]),
            "verbose": "True",
        }
        ordered = [(f"{each}=", items[each]) for each in parameters if each in items]
        estimator = self.source.use("profond.estimators", name)
        ends = f"seed {self.seeds[0]}"
        if len(self.seeds) > 1:
            ends = f"seeds {self.seeds[0]} to {self.seeds[-1]}"
        called = self.words.rows
        return "\n".join(
            [
                f"# {_counted(len(self.seeds))}, with the {ends}.",
                lay_out(Group(f"{estimator}(", ordered, ")", tall=True), before="model = "),
                lay_out(call("model.fit", f"{called}.take(train)", f"{called}.labels[train]")),
            ]
        )

    def _test(self) -> str:
        if not self._tested:
            return ""
        called = self.words.rows
        asked, truth = f"model.predict({called}.take(test))", f"{called}.labels[test]"
        if self.rows.classes is None:
            return (
                "# The error on the test part.\n"
                f"errors = {asked} - {truth}\n"
                'print(f"RMSE on the test part: {np.sqrt(np.mean(errors**2)):.6g}")'
            )
        return (
            "# The share of right answers on the test part.\n"
            f"answers = {asked}\n"
            f'print(f"accuracy on the test part: {{np.mean(answers == {truth}):.6g}}")'
        )

    def _keep(self) -> str:
        return "if len(sys.argv) > 1:\n    model.save(sys.argv[1])"


def opened_by_name(source: str | None, called: str, of: str) -> str:
    """Where the data of a script are.

    Args:
        source: Where they are; None or "" if they came from memory.
        called: What they are called.
        of: Folder of the kept model.

    Raises:
        ValueError: If they came from memory.
    """
    if not source:
        raise ValueError(
            f"The {called} of {of} were given in memory, where a script does not find them; keep "
            "them in a file, and say where it is (--data)."
        )
    return source


def _counted(count: int) -> str:
    return "One network" if count == 1 else f"{count} networks, whose answers are averaged"


def _comment(text: str) -> list[str]:
    return textwrap.wrap(
        text, _TEXT, initial_indent="# ", subsequent_indent="# ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
