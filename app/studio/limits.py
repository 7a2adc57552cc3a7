"""What visitors may ask for at a time, as the operator decides. Knows nothing about widgets or models."""

from collections.abc import Sequence
from dataclasses import dataclass

from uce_core import DebiasSpec, EditSpec, GenerationSpec
from uce_core.problems import Problem


@dataclass(frozen=True)
class Limits:
    """pictures: that one press of a button may draw, before and after counted. steps: of a picture. waiting: requests
    in the queue, of all visitors together. upload: megabytes of a file. concepts: erased and retained by one edit."""

    pictures: int = 5_000
    steps: int = 100
    waiting: int = 32
    upload: int = 200  # a published edit of Stable Diffusion 2.x has 102
    concepts: int = 2_000

    def check_pictures(self, count: int) -> None:
        """Raises ValueError with one sentence if that is too many."""
        if count > self.pictures:
            raise Problem(
                "This would draw up to {count} pictures, and at most {most} are drawn at a time here: ask for fewer.",
                count=count,
                most=self.pictures,
            )

    def check_drawings(self, drawings: Sequence[GenerationSpec]) -> None:
        """Each is drawn twice, by the original model and by the edited one."""
        self.check_pictures(2 * len(drawings))
        steps = max((drawing.steps for drawing in drawings), default=0)
        if steps > self.steps:
            raise Problem("steps is {steps}: use a whole number from 1 to {most}.", steps=steps, most=self.steps)

    def check_concepts(self, spec: EditSpec) -> None:
        """Raises ValueError with one sentence if the edit would keep everyone else waiting."""
        count = len(spec.erase) + len(spec.retain)
        if count > self.concepts:
            raise Problem(
                "These are {count} concepts to erase and retain, and at most {most} are taken here: name fewer.",
                count=count,
                most=self.concepts,
            )

    def check_debiasing(self, spec: DebiasSpec) -> None:
        """Of its last iteration: it may end before."""
        self.check_pictures(len(spec.concepts) * spec.images * (spec.iterations + 1))
