"""Debiasing (Gandikota et al. 2023, arXiv 2308.14761, section 4.3): attributes of a concept moved to target ratios.

The search is in methods/debias_search.py, which also says how it went.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from uce_core.edits.debias_spec import DebiasSpec
from uce_core.methods.method import Method

if TYPE_CHECKING:
    from uce_core.edits.edit import WeightEdit
    from uce_core.methods.inputs import EditInputs


def solve(inputs: "EditInputs", spec: DebiasSpec) -> "WeightEdit":
    """The best edit that the search finds; one that changes nothing if none is better than the model as it is. Raises
    ValueError if the scorers cannot be had."""
    from uce_core.methods.debias_search import debias

    return debias(inputs.model, spec).edit


METHOD = Method(
    title="Debiasing",
    source="Gandikota et al. 2023, arXiv 2308.14761, section 4.3",
    spec=DebiasSpec,
    solve=solve,
    presets={},
)


@dataclass(frozen=True)
class Iterate:
    """What one iteration tried and saw. scales, shares: (concepts, attributes), s_j and the share of images.

    clip: of each concept, the mean CLIP score of its images with their prompt. fell: whether it fell below the start's
    (methods/debias_quality.py). Both () in records of versions that did not measure it.
    """

    scales: tuple[tuple[float, ...], ...]
    shares: tuple[tuple[float, ...], ...]
    gap: float  # the largest distance of a share from its target ratio
    clip: tuple[float, ...] = ()
    fell: tuple[bool, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Whether its edit is none, as that of the start: every s is 0, and so is U."""
        return not any(map(any, self.scales))
