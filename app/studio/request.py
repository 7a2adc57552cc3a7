"""What a visitor asks of the studio, and what the fields begin with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from uce_core.checks import one_of
from uce_core.edits.spec import EditSpec, ErasureSpec, guided
from uce_core.generation.spec import GenerationSpec
from uce_core.methods import METHODS, erasing, title_of
from uce_core.models.families import Family

DEFAULT_SPEC = EditSpec(
    erase=("Vincent van Gogh",),
    retain=("Claude Monet", "Piet Mondrian", "Katsushika Hokusai", "Edvard Munch", "Gustav Klimt"),
)
FIRST_PROMPT, FIRST_SEED = "a house in the style of Vincent van Gogh", 7


@dataclass(frozen=True)
class EditRequest:
    """The edit that a visitor asks for. spec: None for a saved edit that does not say what it erases. saved: its
    name, used as it is if its spec is the same. model: as offered, "" for the first. visitor: the id of whose saved
    edits it may be, besides the operator's."""

    spec: ErasureSpec | None
    saved: str = ""
    strength: float = 1.0
    model: str = ""
    visitor: str = ""

    @property
    def title(self) -> str:
        """By which it is told from others beside it."""
        name = self.saved if self.saved or self.spec is None else title_of(self.spec.kind)
        return name if self.strength == 1 else f"{name} × {self.strength:g}"


def asked_of(method: str, erase: Sequence[str], retain: Sequence[str], **given: Any) -> ErasureSpec:
    """Of an erasing method, with its own defaults for all that is not given; what it does not take is left out. Raises
    ValueError if it is none, or what is asked makes no sense."""
    one_of("method", method, erasing())
    spec = METHODS[method].spec
    own = {"erase": tuple(erase), **given} | ({"retain": tuple(retain)} if spec.retains else {})
    if not guided(spec):
        own.pop("guide", None)
    found = spec(**own)
    assert isinstance(found, ErasureSpec)  # those of erasing()
    return found


def first_generation(family: Family) -> GenerationSpec:
    """What the fields begin with."""
    return GenerationSpec(FIRST_PROMPT, FIRST_SEED, family.steps, family.guidance_scale)
