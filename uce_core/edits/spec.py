"""What is asked of an edit: EditSpec and DebiasSpec.

Texts and numbers only: knows nothing about vectors, models or files.
"""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any

from uce_core.checks import as_number, in_range, normalised, one_of, tidy, unique
from uce_core.concepts.wordings import EMPTY_TOKENS, SPANS, templates
from uce_core.problems import Problem

TECHNIQUES = ("replace", "tensor")
LARGEST = 1e6
STEPS, GUIDANCE_SCALE = 20, 3.0  # to draw with on Atelier; families.py knows those of other models
NORMAL_95 = 1.96  # standard deviations that hold 95 % of a normal distribution


@dataclass(frozen=True)
class EditSpec:
    """What to erase, what it shall become, and what must stay.

    erase, retain: concepts; stripped of outer and doubled spaces, without empty and repeated ones
    (case and spaces don't count). guide: what the erased become, one text for all or one for each;
    "" is the unconditional text. wording: how a concept is written for the encoder (concepts.WORDINGS,
    or a text with one {}). span: which token positions are its vectors. retain_wording, retain_span:
    the same for what is retained; "" for as erased. retain_empty: retain the empty text too, which
    classifier-free guidance reads at every step. empty_token: which token an empty text's last is,
    "end" or "start". lam, erase_scale, retain_scale: λ, e and r of closed_form. technique: "replace"
    sends the erased where the guide goes; "tensor" is the first published code's alternative.

    Raises ValueError with one sentence if the request makes no sense.
    """

    erase: tuple[str, ...]
    guide: str | tuple[str, ...] = "art"
    retain: tuple[str, ...] = ()
    wording: str = "name"
    span: str = "all"
    lam: float = 5.0
    erase_scale: float = 1.0
    retain_scale: float = 1.0
    retain_empty: bool = True
    retain_wording: str = ""
    retain_span: str = ""
    empty_token: str = "end"
    technique: str = "replace"

    def __post_init__(self) -> None:
        erase, guides = _paired(self.erase, self.guide)
        retain = unique(tidy("retain", self.retain))
        self._set(erase=erase, guide=guides[0] if len(set(guides)) == 1 else guides, retain=retain)
        both = {normalised(concept) for concept in erase} & {normalised(concept) for concept in retain}
        if both:
            shared = next(concept for concept in erase if normalised(concept) in both)
            raise Problem("{concept!r} is in both lists: remove it from erase or from retain.", concept=shared)
        self._check_choices()
        self._check_numbers()

    def _set(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _check_choices(self) -> None:
        for wording in (self.wording, self.retain_wording or self.wording):
            templates(wording)
        for span in (self.span, self.retain_span or self.span):
            one_of("token span", span, SPANS)
        one_of("empty token", self.empty_token, EMPTY_TOKENS)
        one_of("technique", self.technique, TECHNIQUES)

    def _check_numbers(self) -> None:
        for name, least in (("lam", 1e-6), ("erase_scale", 1e-6), ("retain_scale", 0.0)):
            self._set(**{name: in_range(name, getattr(self, name), least, LARGEST)})

    @property
    def guides(self) -> tuple[str, ...]:
        """One for each erased concept."""
        return (self.guide,) * len(self.erase) if isinstance(self.guide, str) else self.guide

    @property
    def edited(self) -> tuple[str, ...]:
        """The concepts that the edit is about."""
        return self.erase

    def to_json(self) -> str:
        """Canonical JSON: the same spec gives the same text."""
        return canonical(self)

    @classmethod
    def from_json(cls, text: str) -> "EditSpec":
        return cls(**known_values(cls, text))


@dataclass(frozen=True)
class DebiasSpec:
    """Concepts ("doctor") whose attributes ("man", "woman") shall be drawn in wished ratios, even if none are given.

    prompt: how a concept, an attribute, and both together ("woman doctor") are written, for the
    encoder, for drawing, and for the classifier. images: drawn for each concept in each iteration,
    from seeds that follow seed. tolerance: how far from the wished ratios is still right; it includes
    the uncertainty of counting so many images. step_size: how far a target moves along an attribute's
    direction, in multiples of the gap. retain, span, lam, edit_scale, retain_scale, retain_empty: as
    in EditSpec. Raises ValueError with one sentence if the request makes no sense.
    """

    concepts: tuple[str, ...]
    attributes: tuple[str, ...] = ("man", "woman")
    ratios: tuple[float, ...] = ()
    retain: tuple[str, ...] = ()
    prompt: str = "a photo of a {}"
    span: str = "rest"
    lam: float = 0.5
    edit_scale: float = 1.0
    retain_scale: float = 1.0
    retain_empty: bool = True
    tolerance: float = 0.1
    images: int = 200
    iterations: int = 12
    step_size: float = 1.0
    seed: int = 0
    steps: int = 10
    guidance_scale: float = GUIDANCE_SCALE

    def __post_init__(self) -> None:
        for name in ("concepts", "attributes", "retain"):
            object.__setattr__(self, name, unique(tidy(name, getattr(self, name))))
        ratios = tuple(self.ratios) or (1 / max(1, len(self.attributes)),) * len(self.attributes)
        object.__setattr__(self, "ratios", tuple(as_number("ratios", ratio) for ratio in ratios))
        if not self.concepts or len(self.attributes) < 2:
            raise Problem("There is nothing to debias: name at least one concept and two attributes.")
        if set(map(normalised, self.concepts)) & set(map(normalised, self.retain)):
            raise Problem("What is debiased cannot be retained: remove it from one of the lists.")
        if len(self.ratios) != len(self.attributes) or min(self.ratios) < 0 or abs(sum(self.ratios) - 1) > 1e-6:
            raise Problem(
                "The ratios are {ratios}: give one for each of {count} attributes, none below 0%, together 100%.",
                ratios=", ".join(f"{100 * ratio:g}%" for ratio in self.ratios),
                count=len(self.attributes),
            )
        templates(self.prompt)
        one_of("token span", self.span, SPANS)
        for name, least, most in (
            ("lam", 1e-6, LARGEST),
            ("edit_scale", 1e-6, LARGEST),
            ("retain_scale", 0.0, LARGEST),
            ("step_size", 1e-6, LARGEST),
            ("tolerance", 1e-6, 1.0),
            ("images", 1, 100_000),
            ("iterations", 1, 1000),
        ):
            in_range(name, getattr(self, name), least, most)
        self._check_resolution()

    def _check_resolution(self) -> None:
        if self.half_width >= self.tolerance:
            shares = max(ratio * (1 - ratio) for ratio in self.ratios)
            raise Problem(
                "With {images} images a share is known to ±{half_width:.1%} only, and the tolerance is "
                "{tolerance:.1%}: use more than {enough} images, or a larger tolerance.",
                images=self.images,
                half_width=self.half_width,
                tolerance=self.tolerance,
                enough=math.floor(NORMAL_95**2 * shares / self.tolerance**2),
            )

    @property
    def half_width(self) -> float:
        """Half the 95 % confidence interval of a share counted in so many images, at the wished ratio that is
        hardest to count: 1.96·√(p(1 − p)/n), the normal approximation."""
        return NORMAL_95 * math.sqrt(max(ratio * (1 - ratio) for ratio in self.ratios) / self.images)

    @property
    def edited(self) -> tuple[str, ...]:
        return self.concepts

    def to_json(self) -> str:
        return canonical(self)

    @classmethod
    def from_json(cls, text: str) -> "DebiasSpec":
        return cls(**known_values(cls, text))


AnySpec = EditSpec | DebiasSpec


def canonical(spec: AnySpec) -> str:
    return json.dumps(asdict(spec), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def known_values(kind: type, text: str) -> dict[str, Any]:
    known = {item.name for item in fields(kind)}
    return {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in json.loads(text).items()
        if key in known
    }


def spec_from_json(text: str) -> AnySpec:
    """Whichever of the two wrote the text."""
    return DebiasSpec.from_json(text) if "concepts" in json.loads(text) else EditSpec.from_json(text)


def _paired(erase: Iterable[str], guide: str | Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Concepts and their guides, one each, repetitions dropped."""
    concepts = tidy("erase", erase)
    guides = tidy("guide", (guide,) if isinstance(guide, str) else guide)
    if len(guides) == 1:
        guides *= len(concepts)
    if len(guides) != len(concepts):
        raise Problem(
            "There are {guides} guides for {concepts} concepts to erase: give one guide, or one for each.",
            guides=len(guides),
            concepts=len(concepts),
        )
    pairs: dict[str, tuple[str, str]] = {}
    for concept, target in zip(concepts, guides, strict=True):
        if not concept:
            continue
        if normalised(target) == normalised(concept):
            raise Problem("The guide {guide!r} is what you erase: choose another guide.", guide=target)
        kept = pairs.setdefault(normalised(concept), (concept, target))
        if normalised(kept[1]) != normalised(target):
            raise Problem("{concept!r} is to become two guides: give it one.", concept=kept[0])
    if not pairs:
        raise Problem("There is nothing to erase: name at least one artist or concept.")
    return tuple(concept for concept, _ in pairs.values()), tuple(target for _, target in pairs.values())
