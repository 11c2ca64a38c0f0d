"""What the sections of a description share: checked fields, and errors of one line each."""

from collections.abc import Iterator, Mapping
from typing import Any, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from profond._lookup import unknown


class Section(BaseModel):
    """Named settings, checked when they are made and fixed from then on."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _none_as_text(cls, values: Any) -> Any:
        """Take "none" for None where None is not the default: TOML has no word for it."""
        if not isinstance(values, Mapping):
            return values
        fields = cls.model_fields

        def is_none(name: str, value: Any) -> bool:
            told = isinstance(value, str) and value == "none"
            return told and name in fields and fields[name].default is not None

        return {name: None if is_none(name, value) else value for name, value in values.items()}

    @field_validator("*", mode="before")
    @classmethod
    def _true_is_no_number(cls, value: Any, info: Any) -> Any:
        """Refuse True and False where they are not meant; pydantic takes them for 1 and 0."""
        if isinstance(value, bool) and not _takes_bool(
            cls.model_fields[info.field_name].annotation
        ):
            raise PydanticCustomError("bool_for_number", "True and False are no numbers")
        return value

    def changed(self) -> dict[str, Any]:
        """The settings that differ from their defaults."""
        return {
            name: value
            for name, field in type(self).model_fields.items()
            if (value := getattr(self, name)) != field.default
        }


class Sections(Section):
    """Several sections together."""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """All of them from plain names, each that of a field of a section.

        Raises:
            ValueError: If a value is wrong; one line for each.
        """
        parts: dict[str, Any] = {}
        for name, field in cls.model_fields.items():
            kind = type(field.default)
            given = {key: values[key] for key in kind.model_fields if key in values}
            parts[name] = checked(kind, given)
        return cls(**parts)


def _takes_bool(annotation: Any) -> bool:
    return annotation in (bool, Any) or any(map(_takes_bool, get_args(annotation)))


def setting(default: Any, description: str, due: str, **limits: Any) -> Any:
    """A field of a section.

    Args:
        default: Its value where none is given.
        description: What it is, for `--help`, the JSON schema and the documentation.
        due: What a value must be, for messages: "`rate` must be DUE".
        **limits: What pydantic checks: `ge`, `gt`, `lt`, ...
    """
    return Field(default, description=description, json_schema_extra={"due": due}, **limits)


def checked(kind: type[Any], values: Mapping[str, Any], *, prefix: str = "") -> Any:
    """A section from plain values.

    Args:
        kind: The section's class.
        values: Its fields by name; sections within it are mappings.
        prefix: What stands before the names in messages.

    Raises:
        ValueError: If a name is unknown or a value wrong; one line for each.
    """
    try:
        return kind.model_validate(dict(values))
    except ValidationError as error:
        raise ValueError("\n".join(lines(kind, error, prefix))) from None


def lines(kind: type[Any], error: ValidationError, prefix: str = "") -> Iterator[str]:
    """One line for each thing that pydantic found wrong, in the words of our errors."""
    said: set[str] = set()
    for one in error.errors():
        path, owner, field = _follow(kind, one["loc"])
        name = prefix + ".".join(path)
        if name in said:  # each member of a union has something to say
            continue
        said.add(name)
        if one["type"] == "extra_forbidden":
            where = f" in [{prefix}{'.'.join(path[:-1])}]" if path[:-1] or prefix else ""
            yield unknown(path[-1], owner.model_fields, f"setting{where}")
        elif one["type"] == "missing":
            yield f"`{name}` must be given: {field.description}"
        elif one["type"] == "value_error":
            yield str(one.get("ctx", {}).get("error"))
        elif field is None or not field.json_schema_extra:
            yield f"[{name}] must be a table of settings; received {one['input']!r}."
        else:
            yield f"`{name}` must be {field.json_schema_extra['due']}; received {one['input']!r}."


def _follow(kind: Any, location: tuple[int | str, ...]) -> tuple[list[str], Any, Any]:
    """The names on the way to a field, the section that holds it, and the field."""
    path: list[str] = []
    owner, field = kind, None
    for part in location:
        if field is not None:
            if not (isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)):
                break  # the rest is inside the value
            owner = field.annotation
        path.append(str(part))
        field = owner.model_fields.get(str(part))
        if field is None:
            break
    return path, owner, field
