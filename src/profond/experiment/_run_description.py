"""What the description of a run is, whatever the kind of data."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import ValidationError

from profond.estimators._section import Section, lines, setting


class WrongSettings(ValueError):
    """What is wrong in a description, a line for each setting.

    Args:
        lines: The lines.
        where: The file that they are in.
    """

    def __init__(self, lines: list[str], where: str = "") -> None:
        self.lines, self.where = lines, where
        text = "\n".join(lines)
        super().__init__(f"{where}: {text}" if where else text)


class Seeds(Section):
    """How often the same is trained, each time with other luck."""

    count: int = setting(5, "Networks to train.", "a whole number of at least 1", ge=1)
    first: int = setting(0, "Seed of the first; the next have the next numbers.",
                         "a whole number of at least 0", ge=0)  # fmt: skip

    @property
    def all(self) -> list[int]:
        """The seed of each network."""
        return [self.first + i for i in range(self.count)]


class RunDescription(Section):
    """A run described once, in sections; those of a kind of data are fields of its class.

    Every kind has the sections `data` (with `source`, `name` and `target`), `split`,
    `preprocessing`, `network`, `training` and `seeds`.
    """

    kind: ClassVar[str]
    quick: ClassVar[dict[str, Any]]  # settings of a first look, by plain name
    if TYPE_CHECKING:  # a field of each class, with a type of its own
        data: Any
        split: Any
        preprocessing: Any
        network: Any
        training: Any
        seeds: Any

    def __init__(self, **sections: Any) -> None:
        try:
            super().__init__(**sections)
        except ValidationError as error:
            raise WrongSettings(list(lines(type(self), error))) from None

    @property
    def settings(self) -> Any:
        """What an estimator knows of it."""
        raise NotImplementedError

    @property
    def default_space(self) -> dict[str, Any]:
        """What a search looks through when nothing is said: a range or choices for each setting.

        See `space` of `profond.trials.search`.
        """
        raise NotImplementedError

    @classmethod
    def plain_names(cls) -> dict[str, str]:
        """The plain name of each setting, to its section and name."""
        names = {
            name: f"{section}.{name}"
            for section in cls.model_fields
            if section not in ("split", "seeds")
            for name in section_class(cls, section).model_fields
            if (section, name) != ("data", "kind")
        }
        own = {f"split_{name}": f"split.{name}" for name in ("column", "seed")}
        own |= {"split": "split.kind", "seeds": "seeds.count", "seed": "seeds.first"}
        own |= {name: f"split.{name}" for name in ("test_size", "folds", "repeats")}
        known = section_class(cls, "split").model_fields
        return names | {
            name: place
            for name, place in own.items()
            if place.startswith("seeds.") or place.removeprefix("split.") in known
        }

    @classmethod
    def of(cls, **settings: Any) -> Self:
        """A description from settings by plain names (`epochs=100, seeds=3, split_seed=1`).

        Raises:
            ValueError: If a name is unknown or a value wrong.
        """
        return cls().with_settings(settings)

    def with_settings(self, settings: Mapping[str, Any]) -> Self:
        """The same run with other settings.

        Args:
            settings: By plain name, or by section and name ("training.epochs").

        Raises:
            ValueError: If a name is unknown or a value wrong.
        """
        sections, names = self.to_sections(), self.plain_names()
        for name, value in settings.items():
            section, _, field = names.get(name, name).partition(".")
            if section not in type(self).model_fields or not field:
                from profond._lookup import unknown

                known = [*names, *names.values()]
                if "." in name:  # the plain names are no help with a section
                    known = list(names.values())
                raise ValueError(unknown(name, known, "setting"))
            sections.setdefault(section, {})[field] = value
        return type(self)(**sections)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> "RunDescription":
        """A description from a TOML, YAML or JSON file, of the kind that `data.kind` says.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it cannot be read, or a name or value in it is wrong.
            ImportError: If it is YAML and PyYAML is not installed.
        """
        from profond.experiment._files import read_sections
        from profond.experiment._kinds import described_by

        try:
            return described_by(read_sections(Path(path)))
        except WrongSettings as error:
            raise WrongSettings(error.lines, str(path)) from None
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None

    def to_sections(self) -> dict[str, dict[str, Any]]:
        """The settings as plain values in sections; what is None, and empty sections, left out."""
        dumped = self.model_dump(mode="json", exclude_none=True)
        # An empty list says the same as no word about it.
        kept = {
            section: {k: v for k, v in values.items() if v != []}
            for section, values in dumped.items()
        }
        for section, values in dumped.items():  # an empty list that is no default says something
            changed = getattr(self, section).changed()
            kept[section] |= {k: v for k, v in values.items() if v == [] and k in changed}
        nones = self._none_by_choice()
        for section, names in nones.items():
            kept[section].update(dict.fromkeys(names, "none"))
        return {section: values for section, values in kept.items() if values}

    def _none_by_choice(self) -> dict[str, list[str]]:
        """Settings that are None where their default is not."""
        chosen: dict[str, list[str]] = {}
        for section in type(self).model_fields:
            part = getattr(self, section)
            for name, value in part.changed().items():
                if value is None:
                    chosen.setdefault(section, []).append(name)
        return chosen

    def to_toml(self) -> str:
        """The description as `from_file` reads it."""
        import tomli_w

        return tomli_w.dumps(self.to_sections())

    def to_script(self, data: str | os.PathLike[str] | None = None) -> str:
        """A Python script that does the run with an estimator, to be read and changed.

        It is written for series and images; the script of a table is made from a trained model
        (`run_script`).

        Args:
            data: Path or name of the data, in the place of `data.source`.

        Raises:
            ValueError: If there are none, the data cannot be learned from, or they are a table.
            FileNotFoundError: If there is no such file.
        """
        from profond.experiment._script import described_script

        return described_script(self, data)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The JSON schema of a description: for editors, forms and other programs.

        It holds for a file too: where None is not the default, "none" stands for it, as TOML has
        no word for it.
        """
        schema = cls.model_json_schema()
        for section in schema["$defs"].values():
            for field in section.get("properties", {}).values():
                if {"type": "null"} in field.get("anyOf", []) and field["default"] is not None:
                    field["anyOf"].append({"const": "none"})
        return schema

    def run(
        self,
        data: Any = None,
        *,
        verbose: bool = True,
        progress: Any = None,
        folder: str | os.PathLike[str] | None = None,
    ) -> Any:
        """Train, measure, and give back the result.

        Args:
            data: What to learn from, in the place of `data.source`.
            verbose: Whether to show progress on standard error.
            progress: A display of your own, in the place of that one.
            folder: Where to keep the result. A run with a folder that is interrupted or killed can
                be taken up again: `resume_training(folder)`, `profond train --resume FOLDER`.

        Returns:
            The result: `table()`, `verdict`, `predict(...)`, `save(folder)`.

        Raises:
            ValueError: If the data or a setting are not usable; the message says what to do.
            FileNotFoundError: If there is no such file.
            RuntimeError: If training fails.
            OSError: If the result cannot be kept in `folder`.
            TrainingInterrupted: If Ctrl-C was pressed, with what was trained.
        """
        from profond.experiment._run import run_experiment

        return run_experiment(self, data, verbose=verbose, progress=progress, folder=folder)


def section_class(kind: type[RunDescription], name: str) -> type[Section]:
    """The class of a section of a kind of description."""
    found: Any = kind.model_fields[name].annotation
    return found
