"""GenerationSpec: what one image is asked to be. Texts and numbers only."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar

from uce_core.checks import as_text, one_of
from uce_core.generation.samplers import SAMPLERS, check_steps
from uce_core.models.families import Family
from uce_core.problems import Problem
from uce_core.specs import Spec, setting

if TYPE_CHECKING:  # defined for type checkers alone
    from uce_core.edits.spec import MethodSpec

MAX_STEPS = 250
MAX_SEED = 2**63 - 1
MIN_SIDE, MAX_SIDE = 64, 4096  # pixels
SIZE = ("width", "height")


@dataclass(frozen=True)
class GenerationSpec(Spec):
    """What to generate. steps, guidance_scale: None for what the model's family uses. negative_prompt: what guidance
    leads away from, where it is above 1; "" for nothing in particular. width, height: in pixels, None for the model's
    native ones. sampler: one of samplers.SAMPLERS, "" for the model's own. unprompted: whether the prompt may be empty.

    Raises ValueError with one sentence for an empty prompt that is not meant, numbers out of range or a sampler that is
    not known.
    """

    kind: ClassVar[str] = "generation"

    prompt: str
    seed: int = setting(0, help="Seed of the image's noise.")
    steps: int | None = setting(None, help="Denoising steps; default: that of the model family.")
    guidance_scale: float | None = setting(
        None, help="How closely to follow the prompt; default: that of the model family."
    )

    _: KW_ONLY
    negative_prompt: str = setting("", help="What the image should not show.")
    width: int | None = setting(None, help="Width in pixels; default: the model's own.", least=MIN_SIDE, most=MAX_SIDE)
    height: int | None = setting(
        None, help="Height in pixels; default: the model's own.", least=MIN_SIDE, most=MAX_SIDE
    )
    sampler: str = setting("", help="Sampler; default: the model's own.", choices=tuple(SAMPLERS))
    unprompted: bool = False

    def __post_init__(self) -> None:
        if not as_text("prompt", self.prompt).strip() and not self.unprompted:
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
        if not as_text("negative prompt", self.negative_prompt).strip():
            self._set(negative_prompt="")
        for side in SIZE:
            _check_side(side, getattr(self, side))
        if as_text("sampler", self.sampler):
            one_of("sampler", self.sampler, SAMPLERS)
            check_steps(self.sampler, self.steps or 1)

    def facts(self) -> dict[str, Any]:
        """As JSON has it. What was added after guidance_scale is there only if it is asked for: all else is the
        same request as ever."""
        usual = {item.name: item.default for item in fields(self) if item.kw_only}
        return {name: value for name, value in super().facts().items() if name not in usual or value != usual[name]}

    def resolved(self, family: Family) -> "GenerationSpec":
        """With the family's steps and guidance scale in place of None."""
        return replace(
            self,
            steps=family.steps if self.steps is None else self.steps,
            guidance_scale=family.guidance_scale if self.guidance_scale is None else self.guidance_scale,
        )


def negative_unread(specs: Sequence[GenerationSpec], edits: Sequence["MethodSpec | None"]) -> bool:
    """Whether a negative prompt, or a method that needs guidance, is asked for where there is none: up to a scale of
    1."""
    needed = any(spec.negative_prompt for spec in specs) or any(edit.needs_guidance for edit in edits if edit)
    return needed and any(spec.guidance_scale is not None and spec.guidance_scale <= 1 for spec in specs)


def _check_side(name: str, pixels: int | None) -> None:
    """name: width or height. Raises ValueError for what no model takes; None is the model's own."""
    if pixels is not None and (not isinstance(pixels, int) or not MIN_SIDE <= pixels <= MAX_SIDE):
        raise Problem(
            "side_out_of_range",
            "{field} is {pixels}: use a whole number of pixels from {least} to {most}, or none for the model's own "
            "size.",
            field=name,
            pixels=pixels,
            least=MIN_SIDE,
            most=MAX_SIDE,
        )


AUTO, APART, ALONE, SWAPPED = "auto", "apart", "alone", "swap"
BY_TEXT = ("batch", ALONE)
PATHS = (AUTO, *BY_TEXT, APART, SWAPPED)
