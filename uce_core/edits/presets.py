"""Whole sets of choices by name: our default, and what the two versions of the published code compute."""

from collections.abc import Iterable
from typing import Any

from uce_core.checks import one_of
from uce_core.edits.spec import EditSpec

PUBLISHED: dict[str, Any] = {
    "wording": "name",
    "retain_wording": "name",
    "lam": 0.5,
    "erase_scale": 1.0,
    "retain_scale": 1.0,
    "empty_token": "start",
    "technique": "replace",
}


def published_2023(erase: Iterable[str], retain: Iterable[str] = (), **changes: Any) -> EditSpec:
    """As the authors' train_erase.py: from the last token on against all 77, the empty text retained
    too, its vectors beginning at the start token, and a retain scale that depends on how many are retained."""
    retain = tuple(retain)
    values: dict[str, Any] = {
        "guide": "",
        "span": "rest",
        "retain_span": "all",
        "retain_scale": max(0.1, 1 / (1 + len(retain))),
        "retain_empty": True,
    }
    return EditSpec(tuple(erase), retain=retain, **(PUBLISHED | values | changes))


def published_2025(erase: Iterable[str], retain: Iterable[str] = (), **changes: Any) -> EditSpec:
    """As the authors' uce_sd_erase.py: the last token only, which of an empty text is the start token."""
    values = {"guide": "art", "span": "last", "retain_empty": False}
    return EditSpec(tuple(erase), retain=tuple(retain), **(PUBLISHED | values | changes))


def default(erase: Iterable[str], retain: Iterable[str] = (), **changes: Any) -> EditSpec:
    """Ours, chosen by measurement on Atelier."""
    return EditSpec(tuple(erase), retain=tuple(retain), **changes)


PRESETS = {"default": default, "published-2023": published_2023, "published-2025": published_2025}


def preset(name: str, erase: Iterable[str], retain: Iterable[str] = (), **changes: Any) -> EditSpec:
    """An EditSpec with a preset's values, but for the changes. Raises ValueError for an unknown name."""
    one_of("preset", name, PRESETS)
    return PRESETS[name](erase, retain, **changes)
