"""SPEED (Li et al. 2025, arXiv 2503.07392): value projections are edited in the null space of what is retained, which
is first reduced to what the edit would move most and then varied.

Which vectors those are depends on each projection, so the edit has a right factor for every one of them
(edits/null_space.py, edits/layered.py); its derivation is in docs/methods.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from uce_core.concepts.wordings import SPANS
from uce_core.edits.spec import LARGEST, LEAST, ErasureSpec
from uce_core.methods.method import Method
from uce_core.problems import Problem
from uce_core.specs import setting

if TYPE_CHECKING:
    from uce_core.edits.layered import LayeredEdit
    from uce_core.methods.inputs import EditInputs


@dataclass(frozen=True, kw_only=True)
class SpeedSpec(ErasureSpec):
    """As ErasureSpec; the spans are ours, by measurement (docs/methods.md). lam, invariant_slack: s and λ of
    edits/null_space.py. The rest is its Prior; the noise of augmentation is normal, with the standard deviation
    augmentation_noise."""

    kind: ClassVar[str] = "speed"
    leads: ClassVar[bool] = True

    span: str = setting("rest", help="Token positions that are a concept's vectors.", choices=SPANS)
    retain_span: str = setting("last", help="Token positions of a retained concept; empty: those of an erased one.")
    lam: float = setting(1.0, help="s, weight of leaving the model's weights as they are.", least=LEAST, most=LARGEST)
    null_threshold: float = setting(
        0.1, help="Mean square of the retained vectors below which a direction is edited.", least=1e-9, most=LARGEST
    )
    influence_filter: bool = setting(True, help="Retain in each layer only what it would move most.")
    augmentations: int = setting(
        10, help="Variations of each retained vector that are retained, too.", least=0, most=100
    )
    augmentation_noise: float = setting(1.0, help="Size of the variations.", least=0.0, most=LARGEST)
    augmentation_seed: int = setting(0, help="Seed of the variations.", least=0, most=1_000_000)
    invariant_slack: float = setting(
        0.0, help="λ, how far what all prompts share may move; 0 for not at all.", least=0.0, most=LARGEST
    )


def solve(inputs: "EditInputs", spec: SpeedSpec) -> "LayeredEdit":
    """Raises ValueError if the model has no value projections that read the text, the vectors are not finite, or what
    is retained leaves nothing to edit."""
    import torch

    from uce_core.edits.layered import LayeredEdit
    from uce_core.edits.null_space import Erasure, Prior, right_factor

    values, invariants = inputs.value_projections, inputs.invariants
    erasure = Erasure.of(*inputs.erased, len(inputs.concepts))
    size = len(inputs.retained), spec.augmentations
    random = torch.Generator().manual_seed(spec.augmentation_seed)
    noise = spec.augmentation_noise * torch.randn(size, dtype=torch.float64, generator=random)
    prior = Prior(inputs.retained, noise, spec.influence_filter, spec.null_threshold)
    found = {}
    for name, weight in values.items():
        used = prior.used(weight.double().cpu(), erasure)
        found[name] = right_factor(erasure, used, invariants, spec.lam, spec.invariant_slack).float()
    if not any(map(torch.any, found.values())):
        raise Problem(
            "no_null_space",
            "What is retained leaves no direction to edit: retain less, or use a larger null threshold.",
        )
    return LayeredEdit(u=erasure.u.float(), v=found, spec=spec, text_encoder=inputs.text_encoder)


PUBLISHED: dict[str, Any] = {
    "wording": "name",
    "retain_wording": "name",
    "text_space": "tokens",
    "augmentations": 10,
    "augmentation_noise": 1.0,
}


def published_few(erase: Sequence[str], retain: Sequence[str]) -> Mapping[str, Any]:
    """As the authors' code has it for a few styles and objects: where nothing is named, the empty text is retained."""
    return PUBLISHED | {
        "guide": "art",
        "span": "last",
        "retain_span": "last" if retain else "rest",
        "retain_empty": not retain,
        "empty_token": "start",
        "lam": 1.0,
        "null_threshold": 0.1,
        "influence_filter": True,
        "invariant_slack": 0.0,
    }


def published_many(erase: Sequence[str], retain: Sequence[str]) -> Mapping[str, Any]:
    """As the authors' code has it for 10 to 100 people."""
    return {
        **published_few(erase, retain),
        "guide": "person",
        "lam": 0.05,
        "null_threshold": 1e-4,
        "influence_filter": False,
    }


def published_nudity(erase: Sequence[str], retain: Sequence[str]) -> Mapping[str, Any]:
    """As the authors' code has it for nudity: of all tokens from the word on."""
    return {
        **published_few(erase, retain),
        "guide": "",
        "span": "rest",
        "empty_token": "end",
        "lam": 0.7,
        "invariant_slack": 0.5,
    }


METHOD = Method(
    title="SPEED",
    source="Li et al. 2025, arXiv 2503.07392",
    spec=SpeedSpec,
    solve=solve,
    presets={
        "default": lambda erase, retain: {},
        "published-few": published_few,
        "published-many": published_many,
        "published-nudity": published_nudity,
    },
)
