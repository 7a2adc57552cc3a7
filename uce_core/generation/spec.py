"""GenerationSpec: what one image is asked to be. Texts and numbers only."""

import math
from dataclasses import dataclass

from uce_core.edits.spec import GUIDANCE_SCALE, STEPS
from uce_core.problems import Problem

MAX_STEPS = 250


@dataclass(frozen=True)
class GenerationSpec:
    """What to draw. Raises ValueError with one sentence for an empty prompt or numbers out of range."""

    prompt: str
    seed: int = 0
    steps: int = STEPS
    guidance_scale: float = GUIDANCE_SCALE

    def __post_init__(self) -> None:
        if not self.prompt.strip():
            raise Problem("The prompt is empty: write what to draw.")
        if not isinstance(self.steps, int) or not 1 <= self.steps <= MAX_STEPS:
            raise Problem("steps is {steps}: use a whole number from 1 to {most}.", steps=self.steps, most=MAX_STEPS)
        if not math.isfinite(self.guidance_scale) or not 0 <= self.guidance_scale <= 50:
            raise Problem("The guidance scale is {value}: use a number from 0 to 50.", value=self.guidance_scale)
        if not isinstance(self.seed, int) or not 0 <= self.seed < 2**63:
            raise Problem("The seed is {seed}: use a whole number from 0 to 9223372036854775807.", seed=self.seed)
