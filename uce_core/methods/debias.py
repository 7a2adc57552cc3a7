"""Debiasing (Gandikota et al. 2023, arXiv 2308.14761, section 4.3): attributes of a concept moved to target ratios.

The search is in methods/debias_search.py, which also says how it went.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from uce_core.edits.spec import DebiasSpec
from uce_core.methods.method import Method

if TYPE_CHECKING:
    from uce_core.edits.edit import Edit
    from uce_core.methods.inputs import EditInputs


def solve(inputs: "EditInputs", spec: DebiasSpec) -> "Edit":
    """The best edit that the search finds. Raises ValueError if the scorers cannot be had."""
    from uce_core.methods.debias_search import debias

    return debias(inputs.model, spec).edit


METHOD = Method(
    title="UCE debiasing",
    source="Gandikota et al. 2023, arXiv 2308.14761, section 4.3",
    spec=DebiasSpec,
    solve=solve,
    presets={},
)


@dataclass(frozen=True)
class Iterate:
    """What one iteration tried and saw. scales, shares: (concepts, attributes), s_j and the share of images."""

    scales: tuple[tuple[float, ...], ...]
    shares: tuple[tuple[float, ...], ...]
    gap: float  # the largest distance of a share from its target ratio
