"""Unified Concept Editing (Gandikota et al. 2023, arXiv 2308.14761), equation 7, solved once for the whole model.

The algebra is in edits/closed_form.py, its derivation in docs/derivation.md. Presets compute what the two versions of
the published code compute.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from uce_core.edits.spec import EditSpec
from uce_core.methods.method import Method

if TYPE_CHECKING:
    from uce_core.edits.edit import Edit
    from uce_core.methods.inputs import EditInputs

PUBLISHED: dict[str, Any] = {
    "wording": "name",
    "retain_wording": "name",
    "lam": 0.5,
    "erase_scale": 1.0,
    "retain_scale": 1.0,
    "empty_token": "start",
    "text_space": "tokens",
}


def solve(inputs: "EditInputs", spec: EditSpec) -> "Edit":
    """Raises ValueError if the equations cannot be solved."""
    from uce_core.edits.closed_form import solve

    return inputs.edited(
        lambda space: solve(*space.erased, space.retained, spec.lam, spec.erase_scale, spec.retain_scale)
    )


def default(erase: Sequence[str], retain: Sequence[str]) -> Mapping[str, Any]:
    """Ours, chosen by measurement on Atelier: those of EditSpec."""
    return {}


def published_2023(erase: Sequence[str], retain: Sequence[str]) -> Mapping[str, Any]:
    """As the authors' train_erase.py: from the last token on against all 77, the empty text retained
    too, its vectors beginning at the start token, and a retain scale that depends on how many are retained."""
    return PUBLISHED | {
        "guide": "",
        "span": "rest",
        "retain_span": "all",
        "retain_scale": max(0.1, 1 / (1 + len(retain))),
        "retain_empty": True,
    }


def published_2025(erase: Sequence[str], retain: Sequence[str]) -> Mapping[str, Any]:
    """As the authors' uce_sd_erase.py: the last token only, which of an empty text is the start token."""
    return PUBLISHED | {"guide": "art", "span": "last", "retain_empty": False}


METHOD = Method(
    title="UCE",
    source="Gandikota et al. 2023, arXiv 2308.14761",
    spec=EditSpec,
    solve=solve,
    presets={"default": default, "published-2023": published_2023, "published-2025": published_2025},
)
