"""GenerationSpec: what one image is asked to be. Texts and numbers only."""

from dataclasses import dataclass, replace
from typing import ClassVar

from uce_core.checks import as_text
from uce_core.models.families import Family
from uce_core.problems import Problem
from uce_core.specs import Spec, setting

MAX_STEPS = 250
MAX_SEED = 2**63 - 1


@dataclass(frozen=True)
class GenerationSpec(Spec):
    """What to generate. steps, guidance_scale: None for what the model's family uses.

    Raises ValueError with one sentence for an empty prompt or numbers out of range.
    """

    kind: ClassVar[str] = "generation"

    prompt: str
    seed: int = setting(0, help="Seed of the image's noise.")
    steps: int | None = setting(None, help="Denoising steps; default: that of the model family.")
    guidance_scale: float | None = setting(
        None, help="How closely to follow the prompt; default: that of the model family."
    )

    def __post_init__(self) -> None:
        if not as_text("prompt", self.prompt).strip():
            raise Problem("prompt_empty", "The prompt is empty: write what to generate.")
        if self.steps is not None and (not isinstance(self.steps, int) or not 1 <= self.steps <= MAX_STEPS):
            raise Problem(
                "steps_out_of_range",
                "steps is {steps}: use a whole number from 1 to {most}.",
                steps=self.steps,
                most=MAX_STEPS,
            )
        scale = self.guidance_scale
        if scale is not None and (not isinstance(scale, int | float) or not 0 <= scale <= 50):
            raise Problem(
                "guidance_scale_out_of_range", "The guidance scale is {value}: use a number from 0 to 50.", value=scale
            )
        self._set(guidance_scale=None if scale is None else float(scale))
        if not isinstance(self.seed, int) or not 0 <= self.seed <= MAX_SEED:
            raise Problem(
                "seed_out_of_range",
                "The seed is {seed}: use a whole number from 0 to 9223372036854775807.",
                seed=self.seed,
            )

    def resolved(self, family: Family) -> "GenerationSpec":
        """With the family's steps and guidance scale in place of None."""
        return replace(
            self,
            steps=family.steps if self.steps is None else self.steps,
            guidance_scale=family.guidance_scale if self.guidance_scale is None else self.guidance_scale,
        )


ALONE, SWAPPED = "alone", "swap"
BY_TEXT = ("batch", "apart", ALONE)
PATHS = ("auto", *BY_TEXT, SWAPPED)
