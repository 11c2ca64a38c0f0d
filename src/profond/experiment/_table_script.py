"""One network of a kept model as a plain Python script, against the layers of profond."""

import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from profond._layout_of_code import Code, Group, call, lay_out
from profond._source import Source, literal
from profond.data import BUNDLED, ClassTarget, NumberTarget
from profond.estimators import TableModel
from profond.estimators._members import RESTART, Trainer, TrainingPart
from profond.experiment._schema import Experiment

FRAME_FILE = "table.parquet"  # of a table that came from no file
_NO_FILE = "a data frame"
_TEXT = 96


@dataclass(frozen=True)
class _Kept:
    """What a script is written from.

    Attributes:
        model: The kept model.
        experiment: The description of its run.
        place: Which of its networks, from 0.
        source: Where the table is; None if it came from no file.
    """

    model: TableModel
    experiment: Experiment
    place: int
    source: str | None

    @property
    def seed(self) -> int:
        """The seed of the network."""
        return self.model.seeds[self.place]

    @property
    def rows(self) -> int:
        """The rows of the training part."""
        return self.model.metrics["rows"]["train"]

    @property
    def held_out(self) -> int:
        """How many of them the network held out."""
        return self.model.metrics["held_out"][self.place]

    @property
    def restarts(self) -> int:
        """How many fresh starts the network took."""
        return self.model.metrics["restarts"][self.place]

    @property
    def trainer(self) -> Trainer:
        """What trained it, without any row."""
        layout = self.model.preprocessor.layout
        nothing = np.zeros((0, layout.width), np.float32)
        part = TrainingPart(nothing, np.zeros(0), self.model.target, layout)
        return Trainer(part, self.experiment.settings)


def table_script(
    model: TableModel,
    experiment: Experiment,
    source: str | None,
    *,
    of: str,
    seed: int | None = None,
    moved: bool = False,
) -> str:
    """A script that trains one network of a kept model again, step by step.

    Args:
        model: The kept model.
        experiment: The description of its run.
        source: Where the table is; None if it came from no file.
        of: The folder of the model, for messages.
        seed: The seed of the network; the first one when None.
        moved: Whether `source` is not where the run found it.

    Raises:
        ValueError: If the run was not finished by this version.
        FileNotFoundError: If the table is not there.
    """
    if "held_out" not in model.metrics:
        raise ValueError(
            f"{of} must be the model of a finished run of this version, whose seeds can be "
            "trained again; it was interrupted, kept by an estimator or by an older profond. "
            "Train it anew: `profond train`."
        )
    if source == _NO_FILE and not moved:
        source = None
    if source is not None and source not in BUNDLED and not Path(source).is_file():
        raise FileNotFoundError(
            f"There is no file {source!r}, the table of {of}. Say where it is now (--data)."
        )
    place = 0 if seed is None else model.seeds.index(seed)
    return _Script(_Kept(model, experiment, place, source)).text()


class _Script:
    """Writes the script, one method for each of its sections.

    Args:
        kept: What it is about.
    """

    def __init__(self, kept: _Kept) -> None:
        self.kept, self.experiment = kept, kept.experiment
        self.target = kept.model.target
        self.tested = self.experiment.split.folds is None
        training = self.experiment.training
        self.learned = kept.rows - kept.held_out
        steps = kept.trainer.steps(self.learned)
        rows = "fitting" if kept.held_out else "train"
        self.steps = f"EPOCHS * math.ceil(len({rows}) / BATCH_SIZE)"
        known: dict[tuple[str, float], str] = {(name, steps): self.steps for name in _schedules()}
        if isinstance(self.target, NumberTarget):
            known["Constant", self.target.start] = "target.start"
        self.batch = training.batch_rows(self.learned)
        self.source = Source(known)
        for module in ("sys", "numpy as np", "pandas as pd"):
            self.source.module(module)

    def text(self) -> str:
        """The whole script."""
        sections = [
            self._constants(),
            self._threads(),
            self._table(),
            self._split(),
            self._columns(),
            self._learned(),
            self._weights(),
            self._inner_split(),
            self._network(),
            self._compile(),
            self._fit(),
            self._curve(),
            self._test(),
        ]
        body = "\n\n".join(section for section in sections if section)
        if self.steps in body:
            self.source.module("math")
        return f"{self._head()}\n{self.source.imports()}\n\n{body}\n"

    def _head(self) -> str:
        import torch

        from profond import __version__
        from profond.experiment._reproduce import command_line

        command = command_line(self.kept.source or FRAME_FILE, self.experiment)
        said = (
            f"On the same machine, with profond {__version__} and torch {torch.__version__}, the "
            "losses are those of the run, to the last bit. The name of a file after that of the "
            "script (history.csv) keeps them there."
        )
        return "\n".join(
            [
                '"""One network of a run of profond on a table, step by step."""',
                "",
                *_comment(f"The network of seed {self.kept.seed} of: {command}"),
                *_comment(said),
                "",
            ]
        )

    def _constants(self) -> str:
        lines = [
            f"TARGET = {literal(self.target.name)}",
            f"SEED = {self.kept.seed}",
            f"EPOCHS = {self.experiment.training.epochs}",
            f"BATCH_SIZE = {self.batch}",
        ]
        if isinstance(self.target, ClassTarget):
            lines.append(lay_out(self.source.value(list(self.target.classes)), before="CLASSES = "))
        return "\n".join(lines)

    def _threads(self) -> str:
        threads = self.kept.trainer.threads(self.kept.rows)
        self.source.module("torch")
        if threads == 1:
            return (
                "# A network this small is fastest on one thread; several would also add numbers "
                "in\n# another order, which changes their last bits.\n"
                "torch.set_num_threads(1)"
            )
        return (
            "# As many threads as the run had: another number would add numbers in another order,\n"
            "# which changes their last bits.\n"
            f"torch.set_num_threads(min(torch.get_num_threads(), {threads}))"
        )

    def _table(self) -> str:
        data, split = self.experiment.data, self.experiment.split
        source = self.kept.source
        options: dict[str, Code] = {}
        if data.missing:
            options["missing"] = self.source.value(list(data.missing))
        if source is not None and source not in BUNDLED:
            options["names"] = "[TARGET]"
        options |= {k: literal(v) for k, v in self.experiment.reading.given.items()}
        opened = Group(
            f"{self.source.use('profond.data', 'open_table')}(",
            [("", literal(source or FRAME_FILE)), *((f"{k}=", v) for k, v in options.items())],
            ")",
        )
        lines = ["# The table: the rows whose target is known."]
        if source is None:
            lines += _comment(
                "The run was given a data frame. Keep the same one for this script with "
                f'`frame.to_parquet("{FRAME_FILE}")`, or put the name of its file here.'
            )
        lines += [
            lay_out(opened, before="table = "),
            "frame = table.frame[table.frame[TARGET].notna()]",
        ]
        other = [split.column] if split.kind in ("group", "column") and split.column else []
        out = [("", "TARGET"), *(("", literal(name)) for name in (*data.drop, *other))]
        dropped = Group("frame.drop(", [("columns=", Group("[", out, "]"))], ")")
        lines.append(lay_out(dropped, before="columns = "))
        if not isinstance(self.target, ClassTarget):
            return "\n".join([*lines, 'y = frame[TARGET].to_numpy("float64")'])
        labels = "frame[TARGET]"
        if _have_unit(self.target):  # 4 kg is a class here, not the number 4
            labels = "table.labels[TARGET][frame.index]"
        return "\n".join([*lines, f"y = np.array([CLASSES.index(label) for label in {labels}])"])

    def _split(self) -> str:
        split, data = self.experiment.split, self.experiment.data
        lines = []
        if split.kind == "group":
            lines.append(f"groups = frame[{literal(split.column)}].to_numpy()")
        if split.kind == "time":
            times = "np.arange(len(y))"
            if split.column is not None:
                times = f"frame[{literal(split.column)}].to_numpy()"
            lines.append(f"order = {times}")
        if not self.tested:
            said = (
                "All rows are learned from: how good the networks are, the run measured in a "
                "cross-validation, on other networks."
            )
            return "\n".join([*_comment(said), *lines, "train = np.arange(len(y))"])
        if split.kind == "column":
            marks = self.source.use("profond.data", "split_by_marks")
            lines.append(f"train, test = {marks}(frame[{literal(split.column)}])")
        else:
            items: list[tuple[str, Code]] = [("", "len(y)"), ("", literal(split.test_size))]
            if split.kind != "time":
                items.append(("seed=", literal(split.seed)))
            lines.append(self._parting("train, test", items, rows=""))
        if data.max_rows is not None:
            items = [("", "len(train)"), ("", f"{data.max_rows} / len(train)"),
                     ("seed=", literal(split.seed))]  # fmt: skip
            drawn = Group(
                f"{self.source.use('profond.data', 'split_rows')}(",
                items + ([("classes=", "y[train]")] if self._has_classes else []),
                ")",
            )
            lines += [
                f"if len(train) > {data.max_rows}:",
                lay_out(drawn, before="_, drawn = ", indent=4),
                "    train = train[drawn]",
            ]
        said = "Rows to learn from, and rows to measure on."
        return "\n".join([f"# {said}", *lines])

    @property
    def _has_classes(self) -> bool:
        return isinstance(self.target, ClassTarget)

    def _parting(self, names: str, items: list[tuple[str, Code]], rows: str) -> str:
        """A call of `split_rows` that goes by what the run's split goes by."""
        kind = self.experiment.split.kind
        if self._has_classes and kind != "time":
            items.append(("classes=", f"y{rows}"))
        if kind in ("group", "time"):
            word = "groups" if kind == "group" else "order"
            items.append((f"{word}=", f"{word}{rows}"))
        function = self.source.use("profond.data", "split_rows")
        return lay_out(Group(f"{function}(", items, ")"), before=f"{names} = ")

    def _columns(self) -> str:
        import inspect

        preprocessor = self.source.use("profond.data", "TablePreprocessor")
        chosen, missing = self.experiment.preprocessing, self.experiment.data.missing
        given = {"missing": missing, **chosen.model_dump()}
        from profond.data import TablePreprocessor

        defaults = inspect.signature(TablePreprocessor.fit).parameters
        items: list[tuple[str, Code]] = [
            ("", "columns.iloc[train]"), ("readings=", "table.readings")
        ]  # fmt: skip
        for name, value in given.items():
            if value != defaults[name].default:
                plain = list(value) if isinstance(value, tuple) else value
                items.append((f"{name}=", self.source.value(plain)))
        lines = [
            "# Columns to numbers: measured on the training rows only.",
            lay_out(Group(f"{preprocessor}.fit(", items, ")"), before="preprocessor = "),
            "x_train = preprocessor.transform(columns.iloc[train])",
        ]
        if self.tested:
            lines.append("x_test = preprocessor.transform(columns.iloc[test])")
        return "\n".join(lines)

    def _learned(self) -> str:
        if isinstance(self.target, NumberTarget):
            fit = f"{self.source.use('profond.data', 'NumberTarget')}.fit"
            words = f"y[train], TARGET, non_negative={self.target.non_negative}"
            what = "y / scale (the standard deviation of the training rows)"
            if not self.target.non_negative:
                what = "(y - centre) / scale (mean and standard deviation of the training rows)"
            return (
                f"# The network learns {what}.\ntarget = {fit}({words})\n"
                "y_train = target.encode(y[train])"
            )
        if self.target.task == "binary":
            return (
                "# One output: the probability of the second class.\n"
                'y_train = y[train].astype("float32")[:, None]'
            )
        return "# One output for each class.\ny_train = y[train]"

    def _weights(self) -> str:
        from profond.estimators._class_weights import class_weights

        given = self.experiment.training.class_weight
        if given is None or not isinstance(self.target, ClassTarget):
            return ""
        if isinstance(given, str):
            lines = [
                "counts = np.bincount(y[train], minlength=len(CLASSES))",
                "class_weights = len(train) / (len(CLASSES) * np.maximum(counts, 1))",
            ]
        else:
            values = class_weights(given, self.target, np.zeros(0, np.int64)).astype(float)
            numbers = self.source.value(values.tolist())
            lines = [lay_out(call("np.array", numbers), before="class_weights = ")]
        return "\n".join(
            [
                "# Rows weigh in the loss as their class does.",
                *lines,
                'weights = class_weights.astype("float32")[y[train]]',
            ]
        )

    def _inner_split(self) -> str:
        if not self.kept.held_out:
            return ""
        size = literal(self.experiment.training.validation_size)
        items: list[tuple[str, Code]] = [("", "len(train)"), ("", size)]
        if self.experiment.split.kind != "time":
            items.append(("seed=", "SEED"))
        return (
            "# Some of the training rows decide when to stop.\n"
            f"{self._parting('fitting, validation', items, '[train]')}"
        )

    def _network(self) -> str:
        from profond._randomness import seeded
        from profond.estimators._network import build_network
        from profond.models._code import model_statements

        trainer = self.kept.trainer
        with seeded(0):  # its weights are not used
            self.network = build_network(
                self.target, trainer.part.layout, self.experiment.settings,
                trainer.steps(self.learned),
            )  # fmt: skip
        seed = self.source.use("profond.utils", "set_random_seed")
        lines = ["# The network, with weights drawn from the seed."]
        if self.kept.restarts:
            lines += _comment(
                f"The first {self.kept.restarts} start(s) of this seed ended with an output that "
                "is 0 for all rows and learns no more: this is the next one."
            )
            lines.append(f"{seed}(SEED + {self.kept.restarts} * {RESTART:_})")
        else:
            lines.append(f"{seed}(SEED)")
        lines.append(model_statements(self.network, self.source, taken=_VARIABLES))
        for place, layer in enumerate(self.network.layers):
            if _adapts(layer):
                words = "  # measures the training rows"
                lines.append(f"model.layers[{place}].adapt(x_train){words}")
        return "\n".join(lines)

    def _compile(self) -> str:
        network = self.network
        lines = [
            "# How it learns.",
            lay_out(self.source.object(network.optimizer), before="optimizer = "),
        ]
        left_out = network.optimizer._excluded_names
        if left_out:
            names = self.source.value(left_out.split("|"))
            call_of = call("optimizer.exclude_from_weight_decay", var_names=names, after="")
            lines.append(lay_out(call_of))
        given = network.get_compile_config() or {}
        items = [("optimizer=", "optimizer")]
        items += [(f"{k}=", self.source.value(given[k])) for k in ("loss", "metrics")]
        return "\n".join([*lines, lay_out(Group("model.compile(", items, ")"))])

    def _fit(self) -> str:
        rows = "[fitting]" if self.kept.held_out else ""
        weighted = self.experiment.training.class_weight is not None
        said = ["# The training."]
        items: list[tuple[str, Code]] = [
            ("", f"x_train{rows}"),
            ("", f"y_train{rows}"),
            ("batch_size=", "BATCH_SIZE"),
            ("epochs=", "EPOCHS"),
            ("verbose=", "0"),
        ]
        if self.kept.held_out:
            names = ["x_train", "y_train", *(["weights"] if weighted else [])]
            parts = Group("(", [("", f"{name}[validation]") for name in names], ")")
            items.append(("validation_data=", parts))
            watching = self.kept.trainer.callbacks()
            callbacks = [("", self.source.object(one)) for one in watching]
            for one in watching:
                what = (type(one).__doc__ or "").partition("\n")[0].replace(" (notes 5.1)", "")
                said += _comment(f"{type(one).__name__}: {what[:1].lower()}{what[1:]}")
            if callbacks:
                items.append(("callbacks=", Group("[", callbacks, "]")))
        if weighted:
            items.append(("sample_weight=", f"weights{rows}"))
        fit = lay_out(Group("model.fit(", items, ")", tall=True), before="history = ")
        return "\n".join([*said, fit])

    def _curve(self) -> str:
        return (
            "# The loss curve.\n"
            "curve = pd.DataFrame(history.history)\n"
            "curve.index += 1\n"
            "print(curve.tail())\n"
            "if len(sys.argv) > 1:\n"
            '    curve.to_csv(sys.argv[1], index_label="epoch")'
        )

    def _test(self) -> str:
        if not self.tested:
            return ""
        asked = "model.predict(x_test, verbose=0)"
        if not self._has_classes:
            return (
                f"# The error on the test part, in the unit of the target.\n"
                f"errors = target.decode({asked}) - y[test]\n"
                'print(f"RMSE on the test part: {np.sqrt(np.mean(errors**2)):.6g}")'
            )
        chosen = f"{asked}[:, 0] > 0.5" if self.target.task == "binary" else f"{asked}.argmax(1)"
        return (
            f"# The share of right answers on the test part.\n"
            f"answers = {chosen}\n"
            'print(f"accuracy on the test part: {np.mean(answers == y[test]):.6g}")'
        )


# What the sections before and after the network call their values.
_VARIABLES = (
    "answers class_weights columns counts curve drawn errors fitting frame groups history marks "
    "optimizer order preprocessor table target test train validation weights x_test x_train y "
    "y_train"
).split()


def _schedules() -> list[str]:
    from profond.optimizers import schedules

    return list(schedules.__all__)


def _adapts(layer: Any) -> bool:
    """Whether a layer learns something from the training rows before the training."""
    return bool(getattr(layer, "adapts", hasattr(layer, "adapt")))


def _have_unit(target: ClassTarget) -> bool:
    """Whether labels like "4 kg" were read as numbers of a unit, beside the labels."""
    import pandas as pd

    from profond.data._conversion import convert_text_columns

    if not all(isinstance(label, str) for label in target.classes):
        return False
    _, found, _ = convert_text_columns(pd.DataFrame({"labels": list(target.classes)}))
    return any(reading.unit for reading in found.values())


def _comment(text: str) -> list[str]:
    return textwrap.wrap(
        text, _TEXT, initial_indent="# ", subsequent_indent="# ", break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip
