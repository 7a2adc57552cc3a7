"""Ways to edit a model, one module each, and what follows from an edit: impact and export.

METHODS is the table of them. Knows nothing about evaluations or records; importing it does not import torch.
"""

from collections.abc import Iterable
from typing import Any

from uce_core.checks import one_of
from uce_core.edits.spec import MethodSpec
from uce_core.methods import (
    adavd,
    cure,
    debias,
    double_projections,
    negative_prompt,
    oce,
    rece,
    semantic_surgery,
    speed,
    uce,
    uce_captions,
    uce_tensor,
)
from uce_core.methods.method import Method

BUILT_IN = (
    uce.METHOD,
    uce_captions.METHOD,
    uce_tensor.METHOD,
    rece.METHOD,
    double_projections.METHOD,
    cure.METHOD,
    oce.METHOD,
    speed.METHOD,
    adavd.METHOD,
    semantic_surgery.METHOD,
    negative_prompt.METHOD,
    debias.METHOD,
)
METHODS: dict[str, Method[Any]] = {method.name: method for method in BUILT_IN}


def register(method: Method[Any]) -> None:
    """Add a method from elsewhere, before the command line or the page is built."""
    METHODS[method.name] = method


def erasing() -> dict[str, Method[Any]]:
    """The methods that erase, by name."""
    return {name: method for name, method in METHODS.items() if method.spec.erases}


def debiasing() -> dict[str, Method[Any]]:
    """The methods that can debias, by name."""
    return {name: method for name, method in erasing().items() if vars(method.spec).get("leads")}


def title_of(kind: str) -> str:
    """A method's name as people write it; of one that is not here as its specs do."""
    return METHODS[kind].title if kind in METHODS else kind


def preset_names() -> list[str]:
    """Of all methods that erase."""
    return list(dict.fromkeys(name for method in erasing().values() for name in method.presets))


def method_of(spec: MethodSpec) -> Method[Any]:
    """Raises ValueError if the spec is of a method that is not here."""
    one_of("method", spec.kind or str(spec.facts().get("kind")), METHODS)
    return METHODS[spec.kind]


def preset(
    name: str, erase: Iterable[str], retain: Iterable[str] = (), method: str = uce.METHOD.name, **changes: Any
) -> Any:
    """A method's spec with a preset's settings, but for the changes. Raises ValueError for an unknown name."""
    one_of("method", method, erasing())
    one_of("preset", name, METHODS[method].presets)
    erase, retain = tuple(erase), tuple(retain)
    values = dict(METHODS[method].presets[name](erase, retain)) | changes
    return METHODS[method].spec(erase=erase, retain=retain, **values)
