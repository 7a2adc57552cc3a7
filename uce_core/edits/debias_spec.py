"""What is asked of a debiasing.

Texts and numbers only: knows nothing about vectors, models or files.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

from uce_core.checks import as_number, normalised, one_of, strip_texts, unique
from uce_core.concepts.wordings import SPANS, templates
from uce_core.edits.spec import LARGEST, LEAST, EditSpec, MethodSpec
from uce_core.problems import Problem
from uce_core.specs import setting, settings_of
from uce_core.statistics import NORMAL_95

OF_UCE = ("lam", "edit_scale", "retain_scale", "caption_scale")  # settings of a debiasing


@dataclass(frozen=True, kw_only=True)
class DebiasSpec(MethodSpec):
    """Concepts ("doctor") whose attributes ("man", "woman") are generated in target ratios, even if none are
    given.

    prompt: how a concept, an attribute, and both together ("woman doctor") are written, for the
    encoder, for generating, and for the classifier. images: of each concept in each iteration,
    from seeds that follow seed. tolerance: how far from the target ratios is still right; it includes
    the uncertainty of counting so many images. step_size: how far a target vector moves along an attribute's
    direction, in multiples of the gap. guidance_scale: None for the model family's. solved_by: the method,
    one that leads. retain, span, retain_empty: as in EditSpec; lam, edit_scale, retain_scale, too, and
    caption_scale as in methods/uce_captions.py, but of UCE alone: another method has its own defaults. Raises
    ValueError with one sentence if the request makes no sense.
    """

    kind: ClassVar[str] = "debias"
    erases: ClassVar[bool] = False

    concepts: tuple[str, ...]
    attributes: tuple[str, ...] = setting(("man", "woman"), help="Attributes to balance.", singular="attribute")
    ratios: tuple[float, ...] = setting((), help="Target share of each attribute; default: equal.", singular="ratio")
    retain: tuple[str, ...] = ()
    solved_by: str = setting("uce", help="Method that moves the concepts: uce or speed.")
    prompt: str = setting("a photo of a {}", help="How concepts and attributes are written.")
    span: str = setting("rest", help="Token positions that are a concept's vectors.", choices=SPANS)
    lam: float = setting(0.5, help="λ, weight of leaving the model's weights as they are.", least=LEAST, most=LARGEST)
    edit_scale: float = setting(1.0, help="Weight of debiased concepts.", least=LEAST, most=LARGEST)
    retain_scale: float = setting(1.0, help="Weight of each retained concept.", least=0.0, most=LARGEST)
    retain_empty: bool = setting(True, help="Retain the empty text, too.")
    caption_scale: float = setting(0.0, help="Weight of what captions in general need.", least=0.0, most=LARGEST)
    tolerance: float = setting(0.1, help="Largest accepted gap to the target share.", least=1e-6, most=1.0)
    images: int = setting(200, help="Images per concept and iteration.", least=1, most=100_000)
    iterations: int = setting(12, help="Maximum iterations.", least=1, most=1000)
    step_size: float = setting(
        1.0, help="How far target vectors move, in multiples of the gap.", least=LEAST, most=LARGEST
    )
    seed: int = setting(0, help="First seed.")
    steps: int | None = setting(None, help="Denoising steps; default: that of the model family.", least=1, most=1000)
    guidance_scale: float | None = setting(
        None, help="How closely to follow the prompt; default: that of the model family."
    )

    def __post_init__(self) -> None:
        self._set(
            **{name: unique(strip_texts(name, getattr(self, name))) for name in ("concepts", "attributes", "retain")}
        )
        ratios = tuple(self.ratios) or (1 / max(1, len(self.attributes)),) * len(self.attributes)
        self._set(ratios=tuple(as_number("ratios", ratio) for ratio in ratios))
        if not self.concepts or len(self.attributes) < 2:
            raise Problem(
                "nothing_to_debias", "There is nothing to debias: name at least one concept and two attributes."
            )
        if set(map(normalised, self.concepts)) & set(map(normalised, self.retain)):
            raise Problem(
                "debiased_and_retained", "A debiased concept cannot be retained: remove it from one of the two."
            )
        if len(self.ratios) != len(self.attributes) or min(self.ratios) < 0 or abs(sum(self.ratios) - 1) > 1e-6:
            raise Problem(
                "bad_ratios",
                "The ratios are {ratios}: give one for each of the {count} attributes, none below 0%, together 100%.",
                ratios=", ".join(f"{100 * ratio:g}%" for ratio in self.ratios),
                count=len(self.attributes),
            )
        templates(self.prompt)
        one_of("token span", self.span, SPANS)
        self._check_settings()
        self._check_uses()
        self._check_resolution()

    def uses(self, setting: str) -> bool:
        return self.solved_by == EditSpec.kind or setting not in OF_UCE

    def _check_uses(self) -> None:
        for item, _ in settings_of(type(self)):
            if not self.uses(item.name) and getattr(self, item.name) != item.default:
                raise Problem(
                    "setting_of_uce",
                    "The setting {setting} is UCE's, and {method} has its own: leave it out.",
                    setting=item.name,
                    method=self.solved_by,
                )

    def _check_resolution(self) -> None:
        if self.half_width >= self.tolerance:
            shares = max(ratio * (1 - ratio) for ratio in self.ratios)
            raise Problem(
                "too_few_images_for_tolerance",
                "With {images} images, a ratio is only accurate to ±{half_width:.1%}, but the tolerance "
                "is {tolerance:.1%}: use more than {enough} images or a larger tolerance.",
                images=self.images,
                half_width=self.half_width,
                tolerance=self.tolerance,
                enough=math.floor(NORMAL_95**2 * shares / self.tolerance**2),
            )

    @property
    def half_width(self) -> float:
        """Half the 95 % confidence interval of a share counted in so many images, at the target ratio that is
        hardest to count: 1.96·√(p(1 − p)/n), the normal approximation."""
        return NORMAL_95 * math.sqrt(max(ratio * (1 - ratio) for ratio in self.ratios) / self.images)

    @property
    def edited(self) -> tuple[str, ...]:
        return self.concepts
