"""What a spec is: a frozen dataclass of settings that names its kind and version and travels as JSON.

A field made by setting() says in one place what it means, its bounds and its choices: the command line, the fields of
the app's form and the documentation are made from that, and every value is held against it. Knows nothing about what
specs are for.
"""

import json
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, asdict, dataclass, field, fields
from functools import cache
from typing import Any, ClassVar, Self

from pydantic import TypeAdapter, ValidationError

from uce_core.checks import as_number, as_text, in_range, one_of, sound_json
from uce_core.problems import Problem

KEY = "setting"  # under which a field's metadata has its Setting


@dataclass(frozen=True, kw_only=True)
class Setting:
    """help: one line for a person. least, most: bounds of a number, None where there are none. choices: the only values
    of a text, () for any. singular: what an option of the command line that is repeated calls one of the values."""

    help: str
    least: float | None = None
    most: float | None = None
    choices: Sequence[str] = ()
    singular: str = ""


def setting(
    default: Any = MISSING,
    *,
    help: str,
    least: float | None = None,
    most: float | None = None,
    choices: Sequence[str] = (),
    singular: str = "",
) -> Any:
    """A dataclass field with a Setting."""
    return field(
        default=default, metadata={KEY: Setting(help=help, least=least, most=most, choices=choices, singular=singular)}
    )


class Spec:
    """Base of all specs. kind: names the class in JSON, and is registered when the class is defined. version: of the
    kind's fields; a reader leaves out what it does not know."""

    kind: ClassVar[str] = ""
    version: ClassVar[int] = 1
    kinds: ClassVar[dict[str, type["Spec"]]] = {}

    def __init_subclass__(cls) -> None:
        if "kind" in cls.__dict__:
            Spec.kinds[cls.kind] = cls

    def facts(self) -> dict[str, Any]:
        """As JSON has it."""
        fields: dict[str, Any] = asdict(self)  # type: ignore[call-overload]
        return {"kind": self.kind, "version": self.version} | fields

    def to_json(self) -> str:
        """Canonical: the same spec gives the same text."""
        return json.dumps(self.facts(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Text is no number here. Raises ValueError with one sentence if the facts make no sense."""
        known = {item.name for item in fields(cls)}  # type: ignore[arg-type]
        adapter: TypeAdapter[Self] = _adapter(cls)  # type: ignore[arg-type]  # mypy does not see that classes hash
        try:
            values = json.dumps({name: value for name, value in facts.items() if name in known})
            return adapter.validate_json(values, strict=True)
        except ValidationError as error:
            raise _first_fault(cls, error) from None
        except (TypeError, RecursionError):
            raise _unreadable(cls, "") from None

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls.from_facts(settings_in(text))

    def _set(self, **values: object) -> None:
        """For __post_init__, where values are put in order."""
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _check_settings(self) -> None:
        """Raises ValueError with one sentence for a number out of its bounds or a text that is no choice."""
        for item, known in settings_of(type(self)):
            value = getattr(self, item.name)
            if value is None:
                continue
            if known.least is not None and known.most is not None:
                number = in_range(item.name, value, known.least, known.most)
                if kind_of(item, type(self)) is float:
                    self._set(**{item.name: number})
            elif kind_of(item, type(self)) is float:
                self._set(**{item.name: as_number(item.name, value)})
            if known.choices:
                one_of(item.name.replace("_", " "), value, known.choices)
            elif isinstance(value, str):
                as_text(item.name, value)


def settings_in(text: str) -> dict[str, Any]:
    """A spec's JSON, of whatever kind. Raises ValueError with one sentence if it is none."""
    facts = sound_json(text)
    if not isinstance(facts, dict):
        raise _unreadable(Spec, "")
    return facts


def _first_fault(spec: type[Spec], error: ValidationError) -> Problem:
    """What a spec's own check found, or which field is not as the class says."""
    first = error.errors()[0]
    found = first.get("ctx", {}).get("error")
    return found if isinstance(found, Problem) else _unreadable(spec, ".".join(map(str, first["loc"])))


def _unreadable(spec: type[Spec], name: str) -> Problem:
    return Problem(
        "settings_unreadable",
        "These are not settings of {kind}: {field} is missing or not of its kind.",
        kind=spec.kind or "a method",
        field=name or "something",
    )


def settings_of(spec: type[Spec]) -> Iterator[tuple[Field[Any], Setting]]:
    """The fields made by setting(), in order."""
    for item in fields(spec):  # type: ignore[arg-type]
        if KEY in item.metadata:
            yield item, item.metadata[KEY]


def kind_of(item: Field[Any], spec: type[Spec]) -> type:
    """int, float, bool, str or tuple: the type of a field's values, None aside."""
    hint: Any = _hints(spec)[item.name]  # type: ignore[arg-type]  # as above
    if isinstance(hint, types.UnionType):
        options = [option for option in typing.get_args(hint) if option is not types.NoneType]
        hint = tuple if len(options) > 1 else options[0]
    found: type = typing.get_origin(hint) or hint
    return found


@cache
def _hints(spec: type[Spec]) -> dict[str, Any]:
    return typing.get_type_hints(spec)


@cache
def _adapter(spec: Any) -> TypeAdapter[Any]:
    return TypeAdapter(spec)
