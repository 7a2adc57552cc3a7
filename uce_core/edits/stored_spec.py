"""What was asked of an edit, as files and records hold it, of whatever method."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from uce_core.checks import strip_texts
from uce_core.concepts.text_spaces import TOKENS
from uce_core.edits.debias_spec import DebiasSpec
from uce_core.edits.spec import EditSpec, ErasureSpec, MethodSpec
from uce_core.problems import Problem
from uce_core.specs import Spec, settings_in


@dataclass(frozen=True)
class UnknownSpec(MethodSpec):
    """Of a method that is not here: the edit can be applied all the same. values: as it was written."""

    values: Mapping[str, Any]

    def __post_init__(self) -> None:
        for name in ("erase", "concepts", "retain"):
            strip_texts(name, self.values.get(name, ()))

    def facts(self) -> dict[str, Any]:
        return dict(self.values)

    @property
    def edited(self) -> tuple[str, ...]:
        return tuple(self.values.get("erase", self.values.get("concepts", ())))

    @property
    def retain(self) -> tuple[str, ...]:  # type: ignore[override]
        return tuple(self.values.get("retain", ()))


def spec_from_facts(facts: Mapping[str, Any]) -> MethodSpec:
    """Of whatever kind. Raises ValueError with one sentence if the facts make no sense."""
    kind = facts.get("kind") or _kind_before(facts)
    found = Spec.kinds.get(kind) if isinstance(kind, str) else Spec
    if found is None:
        return UnknownSpec(dict(facts))
    if issubclass(found, ErasureSpec):
        facts = {"text_space": TOKENS, **facts}  # what was edited before it was said
    if not issubclass(found, MethodSpec):
        raise Problem("no_method", "{kind!r} is not a method: check where these settings come from.", kind=kind)
    return found.from_facts(facts)


def spec_from_json(text: str) -> MethodSpec:
    """Of whatever kind."""
    return spec_from_facts(settings_in(text))


def _kind_before(facts: Mapping[str, Any]) -> str:
    """Of facts that version 0.1 wrote, which did not say it."""
    if "concepts" in facts:
        return DebiasSpec.kind
    return "uce-tensor" if facts.get("technique") == "tensor" else EditSpec.kind
